//! Why a template can't be parsed, in words: the parser knows only what it would have liked to see.

use std::error::Error as _;

use super::tags::{Tag, tags};
use crate::site::{Problem, TemplateSource};

/// The problem of a template that can't be parsed.
pub(super) fn problem(template: &TemplateSource, error: &tera::Error) -> Problem {
    let cause = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let text = &template.text;
    let offset = place(&cause).and_then(|(line, column)| offset_of(text, line, column));
    let slip = slip(text, offset);
    let Some(Slip {
        offset,
        what,
        way_out,
    }) = slip
    else {
        let what = format!("the template can't be parsed: {}", reason(&cause));
        let problem = Problem::error(what).in_file(template.file.as_str());
        return match (offset, cause.split('`').nth(1)) {
            (Some(offset), _) => problem.at_offset(text, offset),
            // What stands there twice is told without a place.
            (None, Some(name)) => match text.rfind(name) {
                Some(offset) => problem.at_offset(text, offset),
                None => problem,
            },
            (None, None) => problem,
        };
    };
    Problem::error(what)
        .in_file(template.file.as_str())
        .at_offset(text, offset)
        .way_out(way_out)
}

/// A mistake that many make.
struct Slip {
    offset: usize,
    what: String,
    way_out: String,
}

/// What of all that is commonly written wrong is wrong here; `offset` is where the parser stopped.
fn slip(text: &str, offset: Option<usize>) -> Option<Slip> {
    let tags = tags(text);
    let failing = offset.and_then(|offset| {
        let begun = tags.iter().rev().find(|tag| tag.start <= offset)?;
        (offset <= begun.end).then_some(begun)
    });
    let of_tag = failing.and_then(|tag| unclosed_tag(tag).or_else(|| wrong_word(tag)));
    of_tag.or_else(|| unbalanced(&tags)).or_else(|| {
        let (tag, offset) = failing.zip(offset)?;
        foreign(text, tag, offset)
    })
}

/// A `{{` or `{%` whose end is missing: it would reach into the next one.
fn unclosed_tag(tag: &Tag<'_>) -> Option<Slip> {
    let runs_on = tag.inner.contains("{{")
        || tag.inner.contains("{%")
        || tag.inner.contains('\n') && tag.inner.contains('<');
    (!tag.is_closed || runs_on && !tag.inner.contains(['"', '\''])).then(|| {
        let (opening, closing) = match tag.is_block {
            true => ("{%", "%}"),
            false => ("{{", "}}"),
        };
        Slip {
            offset: tag.start,
            what: format!("this `{opening}` is never closed"),
            way_out: format!("close it with `{closing}`, on the same line as a rule"),
        }
    })
}

/// Words of other template languages, and tags out of their place.
fn wrong_word(tag: &Tag<'_>) -> Option<Slip> {
    let keyword = tag.keyword();
    let is_else_if = keyword == "else"
        && tag
            .inner
            .trim_start_matches("else")
            .trim_start()
            .starts_with("if");
    let (what, way_out) = match keyword {
        "else" if is_else_if => ("there is no `else if`", "write `{% elif ... %}`".to_owned()),
        "elseif" | "elsif" => ("there is no such word", "write `{% elif ... %}`".to_owned()),
        "end" => (
            "there is no `end` here",
            "write what ends: `{% endif %}`, `{% endfor %}`, ...".to_owned(),
        ),
        "import" => (
            "`import` stands at the top of a template",
            "move it up, right after `extends` if there is one".to_owned(),
        ),
        "extends" => (
            "`extends` is the first thing in a template",
            "move it to the very top".to_owned(),
        ),
        "include" | "if" | "for" | "set" | "block" | "macro" => return None,
        word if tag.is_block && !KEYWORDS.contains(&word) => {
            let near = crate::site::nearest(word, KEYWORDS);
            let way_out = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "there are `if`, `for`, `set`, `block`, `include`, `macro`, `filter`, `raw`, ...".to_owned(),
            };
            return Some(Slip {
                offset: tag.start,
                what: format!("there is no tag `{word}`"),
                way_out,
            });
        }
        _ => return None,
    };
    Some(Slip {
        offset: tag.start,
        what: what.to_owned(),
        way_out,
    })
}

/// What is opened and not closed, or closed and not opened.
fn unbalanced(tags: &[Tag<'_>]) -> Option<Slip> {
    let mut open: Vec<&Tag<'_>> = Vec::new();
    for tag in tags {
        let keyword = tag.keyword();
        if is_opening(tag) {
            open.push(tag);
            continue;
        }
        let Some(ended) = keyword
            .strip_prefix("end")
            .filter(|ended| OPENING.contains(ended))
        else {
            continue;
        };
        match open.pop() {
            Some(opened) if opened.keyword() == ended => {}
            Some(opened) => {
                let began = opened.keyword();
                return Some(Slip {
                    offset: tag.start,
                    what: format!("`{keyword}` stands where `end{began}` should"),
                    way_out: format!("close `{{% {} %}}` first, or mend this one", opened.inner),
                });
            }
            None => {
                return Some(Slip {
                    offset: tag.start,
                    what: format!("`{keyword}` closes nothing"),
                    way_out: format!(
                        "take it away, or write the `{{% {ended} ... %}}` that it was to close"
                    ),
                });
            }
        }
    }
    let unclosed = open.pop()?;
    let keyword = unclosed.keyword();
    Some(Slip {
        offset: unclosed.start,
        what: format!("this `{keyword}` is never closed"),
        way_out: format!("close it with `{{% end{keyword} %}}`"),
    })
}

fn is_opening(tag: &Tag<'_>) -> bool {
    // The text of a `raw` was not looked at, nor its end.
    OPENING.contains(&tag.keyword())
}

/// How other languages say it, at the place where the parser stopped.
fn foreign(text: &str, tag: &Tag<'_>, offset: usize) -> Option<Slip> {
    let rest = text.get(offset..tag.end)?.trim_start();
    let before = text.get(tag.start..offset)?.trim_end();
    let called = before.strip_suffix('(').map(|before| {
        let name = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_'));
        name.into_iter().next().unwrap_or_default()
    });
    let (what, way_out) = if rest.starts_with("&&") {
        ("there is no `&&`", "write `and`".to_owned())
    } else if rest.starts_with("||") {
        ("there is no `||`", "write `or`".to_owned())
    } else if rest.starts_with('!') {
        ("there is no `!`", "write `not`".to_owned())
    } else if rest.starts_with('?') {
        (
            "there is no `? :`",
            "write `{% if ... %}...{% else %}...{% endif %}`".to_owned(),
        )
    } else if rest.starts_with("::") {
        (
            "a macro is called with its arguments in parentheses",
            "write `name::macro()`".to_owned(),
        )
    } else {
        let name = called.filter(|name| !name.is_empty() && !rest.starts_with(')'))?;
        let way_out = match name {
            "default" => "write `default(value=...)`".to_owned(),
            name => format!("write its name before it: `{name}(name=...)`"),
        };
        return Some(Slip {
            offset,
            what: "an argument has no name".to_owned(),
            way_out,
        });
    };
    Some(Slip {
        offset,
        what: what.to_owned(),
        way_out,
    })
}

/// The line and column that a parser's message names as `--> 3:14`.
fn place(message: &str) -> Option<(usize, usize)> {
    let (_, after) = message.split_once("--> ")?;
    let mut numbers = after.split(|c: char| !c.is_ascii_digit());
    let line = numbers.next()?.parse().ok()?;
    Some((line, numbers.next()?.parse().ok()?))
}

/// The byte of a line and column, both from 1.
fn offset_of(text: &str, line: usize, column: usize) -> Option<usize> {
    let lines = text.split_inclusive('\n');
    let start: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..)?;
    let inside = rest.char_indices().nth(column.saturating_sub(1));
    Some(start + inside.map_or(rest.len(), |(at, _)| at))
}

/// The last line of a parser's message: what it expected.
fn reason(message: &str) -> String {
    let last = message
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or(message);
    super::mistake::sentence(last.trim().trim_start_matches("= "))
}

/// What has an end of its own.
const OPENING: [&str; 5] = ["block", "filter", "for", "if", "macro"];

const KEYWORDS: [&str; 22] = [
    "block",
    "break",
    "continue",
    "elif",
    "else",
    "endblock",
    "endfilter",
    "endfor",
    "endif",
    "endmacro",
    "endraw",
    "extends",
    "filter",
    "for",
    "if",
    "import",
    "include",
    "macro",
    "raw",
    "set",
    "set_global",
    "super",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_slips_are_told_as_such() {
        for (text, line, what) in [
            (
                "a\n{% if x %}\n{% for y in z %}{% endfor %}\n",
                2,
                "this `if` is never closed",
            ),
            ("a\n{% endfor %}\n", 2, "`endfor` closes nothing"),
            (
                "{% if a %}\n{% for b in c %}\n{% endif %}{% endfor %}",
                3,
                "`endif` stands where `endfor` should",
            ),
            ("a\n{{ page.title }\n<p>\n", 2, "this `{{` is never closed"),
            (
                "a\n{{ page.title }\n{{ b }}",
                2,
                "this `{{` is never closed",
            ),
            (
                "{% if a %}x{% else if b %}y{% endif %}",
                1,
                "there is no `else if`",
            ),
            ("{% if a && b %}{% endif %}", 1, "there is no `&&`"),
            ("{% if !b %}{% endif %}", 1, "there is no `!`"),
            ("{{ a ? b : c }}", 1, "there is no `? :`"),
            ("{{ get_url('x') }}", 1, "an argument has no name"),
            (
                "x {% import 'm.html' as m %}",
                1,
                "`import` stands at the top of a template",
            ),
            ("x {% fro a in b %}{% endfor %}", 1, "there is no tag `fro`"),
        ] {
            let template = TemplateSource {
                name: "a.html".into(),
                file: "templates/a.html".into(),
                text: text.into(),
            };
            let error = tera::Template::new("a.html", None, text).unwrap_err();
            let told = problem(&template, &error);
            assert_eq!(
                (told.line, told.what.as_str()),
                (Some(line), what),
                "{text}"
            );
        }
    }

    #[test]
    fn the_parser_says_where() {
        assert_eq!(place(" --> 3:14\n"), Some((3, 14)));
        assert_eq!(offset_of("ä\nbö c\n", 2, 3), Some(6));
    }
}
