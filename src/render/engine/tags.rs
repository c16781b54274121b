//! Where the tags of a template stand: the engine's own tree does not say.

/// A `{{ ... }}` or `{% ... %}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    /// The byte at which it begins.
    pub(super) start: usize,
    /// The byte after it.
    pub(super) end: usize,
    /// What stands between its marks, without white space around it.
    pub(super) inner: &'t str,
    /// `{% ... %}`.
    pub(super) is_block: bool,
    /// Whether it has its closing mark; one that has not takes all that follows.
    pub(super) is_closed: bool,
}

impl<'t> Tag<'t> {
    /// The keyword of a `{% ... %}`: `if`, `endfor`; empty for a `{{ ... }}`.
    pub(super) fn keyword(&self) -> &'t str {
        match self.is_block {
            true => self.inner.split([' ', '\t', '\r', '\n', '(']).next(),
            false => None,
        }
        .unwrap_or_default()
    }
}

/// The tags of `text`, but for those in comments and between `raw` and `endraw`.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut at = 0;
    while let Some((start, mark)) = next_mark(text, at) {
        if mark == Mark::Comment {
            at = after(text, start, "#}");
            continue;
        }
        let tag = tag(text, start, mark);
        at = tag.end;
        if tag.keyword() == "raw" {
            at = end_of_raw(text, at);
        }
        tags.push(tag);
    }
    tags
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Block,
    Comment,
    Value,
}

fn next_mark(text: &str, from: usize) -> Option<(usize, Mark)> {
    let pairs = text.as_bytes().get(from..)?.windows(2);
    pairs.enumerate().find_map(|(at, pair)| {
        let mark = match pair {
            b"{%" => Mark::Block,
            b"{#" => Mark::Comment,
            b"{{" => Mark::Value,
            _ => return None,
        };
        Some((from + at, mark))
    })
}

/// The byte after the next `end`, or the end of all.
fn after(text: &str, from: usize, end: &str) -> usize {
    let found = text.get(from..).and_then(|rest| rest.find(end));
    found.map_or(text.len(), |at| from + at + end.len())
}

fn end_of_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some((start, mark)) = next_mark(text, at) {
        let tag = tag(text, start, mark);
        if mark == Mark::Block && tag.keyword() == "endraw" {
            return tag.end;
        }
        at = start + 2;
    }
    text.len()
}

/// The tag that begins at `start`. Its end does not stand in a string.
fn tag(text: &str, start: usize, mark: Mark) -> Tag<'_> {
    let is_block = mark == Mark::Block;
    let closing = if is_block { "%}" } else { "}}" };
    let mut quote = None;
    let inner_start = start + 2;
    let mut end = None;
    for (at, found) in text.get(inner_start..).unwrap_or_default().char_indices() {
        match quote {
            Some(open) if found == open => quote = None,
            Some(_) => {}
            None if matches!(found, '"' | '\'' | '`') => quote = Some(found),
            None if text
                .get(inner_start + at..)
                .is_some_and(|rest| rest.starts_with(closing)) =>
            {
                end = Some(inner_start + at);
                break;
            }
            None => {}
        }
    }
    let inner = text.get(inner_start..end.unwrap_or(text.len()));
    Tag {
        start,
        end: end.map_or(text.len(), |end| end + 2),
        inner: inner
            .unwrap_or_default()
            .trim_matches(|c: char| c == '-' || c.is_whitespace()),
        is_block,
        is_closed: end.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_text() {
        for (text, expected) in [
            ("a {{ b }} {%- if c -%}", vec!["b", "if c"]),
            ("{# {{ a }} #}{{ b }}", vec!["b"]),
            (
                "{% raw %}{{ a }}{% end %}{% endraw %}{{ b }}",
                vec!["raw", "b"],
            ),
            ("{{ f(a=\"}}\") }}{{ '%}' }}", vec!["f(a=\"}}\")", "'%}'"]),
            ("{{ a }\n{{ b }}", vec!["a }\n{{ b"]),
            ("ä{{é", vec!["é"]),
            ("{", vec![]),
        ] {
            let found: Vec<_> = tags(text).iter().map(|tag| tag.inner).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(tags("{%if(a)%}")[0].keyword(), "if");
        assert!(!tags("{{ \"a }}")[0].is_closed);
    }
}
