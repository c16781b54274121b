//! Code blocks become HTML, in colours if the site wants them.
//!
//! Knows grammars and themes; knows nothing of Markdown. The markup is that of Zola, so that style
//! sheets written for it fit; which words get which colour is up to other grammars and themes.
//!
//! **Invariant:** a site without code in a language loads no grammar, one without colours no theme.
//! **Invariant:** no code keeps a render busy: what is too long stays plain.

mod css;
mod fence;
mod kinds;
mod languages;
mod paint;
mod shelf;
mod textmate;
mod theme_file;
mod themes;
mod written;

use std::sync::Arc;

pub(super) use fence::Fence;
pub(crate) use shelf::Shelf;

use crate::site::{HighlightStyle, Highlighting, Markdown};
use kinds::{CODE_CLASS, MARKED_CLASS, NUMBER_CLASS};
use paint::Painter;
use shelf::Language;
use themes::{Palette, Palettes};

/// The whole `<pre>` for `code`, and what to tell its author if its language is not known.
pub(super) fn block(
    code: &str,
    fence: &Fence,
    (settings, shelf): (&Markdown, &Shelf),
) -> (String, Option<String>) {
    let Some(highlighting) = &settings.highlighting else {
        return (plain(code, fence), None);
    };
    let written = fence.language.as_deref().unwrap_or_default();
    let named = shelf.language(written);
    let complaint = named.is_none().then(|| languages::complaint(written));
    let language = named.unwrap_or(languages::PLAIN);
    let palettes = palettes(highlighting, shelf);
    (coloured(code, fence, language, &palettes), complaint)
}

/// The style sheet for pages that carry their colours in classes.
pub(in crate::render) fn stylesheet(theme: &str, shelf: &Shelf) -> String {
    kinds::stylesheet(&shelf.palette(theme))
}

/// What to tell the author of a site whose theme does not exist; another one stands in for it.
pub(in crate::render) fn check_theme(theme: &str, shelf: &Shelf) -> Option<String> {
    shelf.theme_complaint(theme)
}

/// Without highlighting, annotations have no effect.
fn plain(code: &str, fence: &Fence) -> String {
    // `plain` names no language: it is how Zola says that there is none.
    let language = fence.language.as_deref().filter(|name| *name != "plain");
    let attribute = language.map(|name| format!(" data-lang=\"{}\"", escape(name)));
    let attribute = attribute.unwrap_or_default();
    format!("<pre><code{attribute}>{}</code></pre>\n", escape(code))
}

fn coloured(code: &str, fence: &Fence, language: Language<'_>, palettes: &Palettes<'_>) -> String {
    let data = fence.data.iter();
    let data: String = data
        .map(|(key, value)| format!(" data-{key}=\"{}\"", escape(value)))
        .collect();
    let lines = lines(code, fence, language, palettes).join("\n");
    let attributes = pre_attributes(palettes);
    let name = escape(language.name);
    format!("<pre {attributes}><code data-lang=\"{name}\"{data}>{lines}</code></pre>")
}

/// The theme, or the light and the dark one; none if a style sheet has the colours.
fn palettes<'s>(settings: &Highlighting, shelf: &'s Shelf) -> Vec<Arc<Palette<'s>>> {
    match settings.style {
        HighlightStyle::Class => Vec::new(),
        HighlightStyle::Inline => std::iter::once(settings.theme.as_str())
            .chain(settings.dark_theme.as_deref())
            .map(|theme| shelf.palette(theme))
            .collect(),
    }
}

fn pre_attributes(palettes: &Palettes<'_>) -> String {
    let ink = css::of_all(palettes, |palette| Some(palette.foreground));
    let paper = css::of_all(palettes, |palette| Some(palette.background));
    let (Some(ink), Some(paper)) = (ink, paper) else {
        return format!("class=\"{BLOCK_CLASS} {CODE_CLASS}\"");
    };
    let scheme = if palettes.len() > 1 {
        "color-scheme: light dark; "
    } else {
        ""
    };
    format!("class=\"{BLOCK_CLASS}\" style=\"{scheme}color: {ink}; background-color: {paper};\"")
}

/// The lines that are shown, as HTML.
fn lines(
    code: &str,
    fence: &Fence,
    language: Language<'_>,
    palettes: &Palettes<'_>,
) -> Vec<String> {
    let mut painter = Painter::new(language.grammar, palettes);
    let numbers = fence
        .numbers_from
        .map(|first| Numbers::new(first, code, palettes));
    let plain = format!("class=\"{LINE_CLASS}\"");
    let marked = marked_attributes(palettes);
    let mut lines = Vec::new();
    for (index, line) in code.split_inclusive('\n').enumerate() {
        // A hidden line is painted too: it may open what is closed below.
        let painted = painter.line(line);
        if fence.hides(index + 1) {
            continue;
        }
        let attributes = if fence.marks(index + 1) {
            &marked
        } else {
            &plain
        };
        let number = numbers.as_ref().map(|numbers| numbers.cell(index));
        let number = number.unwrap_or_default();
        lines.push(format!("<span {attributes}>{number}{painted}</span>"));
    }
    lines
}

fn marked_attributes(palettes: &Palettes<'_>) -> String {
    if palettes.is_empty() {
        return format!("class=\"{LINE_CLASS} {MARKED_CLASS}\"");
    }
    let paper = css::of_all(palettes, |palette| palette.marked);
    let style = paper.map(|paper| format!(" style=\"background-color: {paper};\""));
    format!("class=\"{LINE_CLASS}\"{}", style.unwrap_or_default())
}

/// Line numbers, all as wide as the widest.
struct Numbers {
    first: i64,
    width: usize,
    style: String,
}

impl Numbers {
    fn new(first: i64, code: &str, palettes: &Palettes<'_>) -> Self {
        let ink = css::of_all(palettes, |palette| palette.numbers);
        let style = ink.map(|ink| format!(" style=\"color: {ink};\""));
        let mut numbers = Self {
            first,
            width: 0,
            style: style.unwrap_or_default(),
        };
        let last = numbers.at(code.lines().count().saturating_sub(1));
        numbers.width = first.to_string().len().max(last.to_string().len());
        numbers
    }

    fn at(&self, index: usize) -> i64 {
        self.first.saturating_add_unsigned(index as u64)
    }

    fn cell(&self, index: usize) -> String {
        let (number, width, style) = (self.at(index), self.width, &self.style);
        format!(
            "<span aria-hidden=\"true\" class=\"{NUMBER_CLASS}\"{style}>{number:>width$}</span>"
        )
    }
}

/// Text as it may stand in HTML, in an attribute too.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for part in text.split_inclusive(['&', '<', '>', '"', '\'']) {
        let (before, entity) = match part.as_bytes().last() {
            Some(b'&') => (1, "&amp;"),
            Some(b'<') => (1, "&lt;"),
            Some(b'>') => (1, "&gt;"),
            Some(b'"') => (1, "&quot;"),
            Some(b'\'') => (1, "&#39;"),
            _ => (0, ""),
        };
        escaped += part.get(..part.len() - before).unwrap_or_default();
        escaped += entity;
    }
    escaped
}

/// On every `<pre>` with highlighting.
const BLOCK_CLASS: &str = "giallo";
/// On every line.
const LINE_CLASS: &str = "giallo-l";

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn settings(style: HighlightStyle, theme: &str, dark: Option<&str>) -> Markdown {
        let highlighting = Highlighting {
            style,
            theme: theme.into(),
            dark_theme: dark.map(str::to_owned),
            ..Highlighting::default()
        };
        Markdown {
            highlighting: Some(highlighting),
            ..Markdown::default()
        }
    }

    fn html(info: &str, code: &str, settings: &Markdown) -> String {
        block(code, &Fence::parse(info), (settings, &Shelf::default())).0
    }

    /// The text of `html` without its tags, and with `[...]` for line numbers.
    fn text(html: &str) -> String {
        let mut text = String::new();
        let mut rest = html;
        while let Some((before, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').unwrap();
            text += before;
            if tag.contains("aria-hidden") {
                let (number, after) = after.split_once("</span>").unwrap();
                text += &format!("[{number}]");
                rest = after;
            } else {
                rest = after;
            }
        }
        text + rest
    }

    #[test]
    fn without_highlighting_code_is_only_escaped() {
        let cases = [
            (
                "",
                "plain <x> & \"q\" 's'\n",
                "<pre><code>plain &lt;x&gt; &amp; &quot;q&quot; &#39;s&#39;\n</code></pre>\n",
            ),
            (
                "rust,linenos,hl_lines=1 3,hide_lines=2,name=foo.rs",
                "a\nb\n",
                "<pre><code data-lang=\"rust\">a\nb\n</code></pre>\n",
            ),
            (
                "rust  foo bar",
                "x\n",
                "<pre><code data-lang=\"rust  foo bar\">x\n</code></pre>\n",
            ),
            (
                "linenos",
                "x\n",
                "<pre><code data-lang=\"\">x\n</code></pre>\n",
            ),
            (
                "\"q<",
                "x\n",
                "<pre><code data-lang=\"&quot;q&lt;\">x\n</code></pre>\n",
            ),
            ("rust", "", "<pre><code data-lang=\"rust\"></code></pre>\n"),
        ];
        for (info, code, expected) in cases {
            assert_eq!(html(info, code, &Markdown::default()), expected, "{info}");
        }
    }

    #[test]
    fn blocks_are_built_as_zola_builds_them() {
        let one = settings(HighlightStyle::Inline, "github-dark", None);
        let two = settings(HighlightStyle::Inline, "github-light", Some("github-dark"));
        let class = settings(HighlightStyle::Class, "nord", None);
        let pre = "<pre class=\"giallo\" style=\"color: #E1E4E8; background-color: #24292E;\">";
        let cases = [
            (&one, "", "x <\n\ny", format!("{pre}<code data-lang=\"plain\"><span class=\"giallo-l\">x &lt;</span>\n<span class=\"giallo-l\"></span>\n<span class=\"giallo-l\">y</span></code></pre>")),
            (&one, "RS,name=a b", "", format!("{pre}<code data-lang=\"rust\" data-name=\"a b\"></code></pre>")),
            (&one, "text,hl_lines=1", "x\n", format!("{pre}<code data-lang=\"plain\"><span class=\"giallo-l\" style=\"background-color: #2B3036;\">x</span></code></pre>")),
            (&two, "mermaid", "x\n", "<pre class=\"giallo\" style=\"color-scheme: light dark; color: light-dark(#24292E, #E1E4E8); background-color: light-dark(#FFFFFF, #24292E);\"><code data-lang=\"mermaid\"><span class=\"giallo-l\">x</span></code></pre>".into()),
            (&class, "linenos,hl_lines=1", "x\n", "<pre class=\"giallo z-code\"><code data-lang=\"plain\"><span class=\"giallo-l z-hl\"><span aria-hidden=\"true\" class=\"giallo-ln\">1</span>x</span></code></pre>".into()),
            (&class, "rust", "// <\n", "<pre class=\"giallo z-code\"><code data-lang=\"rust\"><span class=\"giallo-l\"><span class=\"z-comment\">// &lt;</span></span></code></pre>".into()),
        ];
        for (settings, info, code, expected) in cases {
            assert_eq!(html(info, code, settings), expected, "{info}");
        }
    }

    #[test]
    fn annotations_choose_lines_and_numbers() {
        let class = settings(HighlightStyle::Class, "nord", None);
        let cases = [
            ("rust,linenos,linenostart=20,hide_lines=2", "[20]a\n[22]c"),
            ("rust,hide_lines=1-2 5,linenos", "[3]c"),
            ("rust,hide_lines=1-3", ""),
            ("rust,linenos,linenostart=-1", "[-1]a\n[ 0]b\n[ 1]c"),
            ("rust,linenos,linenostart=9", "[ 9]a\n[10]b\n[11]c"),
        ];
        for (info, expected) in cases {
            assert_eq!(text(&html(info, "a\nb\nc\n", &class)), expected, "{info}");
        }
    }

    #[test]
    fn colours_never_change_the_text() {
        let all = [
            settings(HighlightStyle::Inline, "nord", None),
            settings(HighlightStyle::Inline, "one-light", Some("dracula")),
            settings(HighlightStyle::Class, "nord", None),
        ];
        let cases = [
            (
                "rust",
                "fn main() {\n    /* <a>\n b */ println!(\"ü\");\n}\n",
            ),
            (
                "html",
                "<a>\n<script>\nlet x = `${\"</span>\"}`;\n</script>\n",
            ),
            ("yaml", "a: [1, 'x']\n\n# c\n"),
            ("md", "# a\n```rust\nx\n```\n"),
            ("sh", "cat <<EOF\n$a\nEOF\n"),
        ];
        for (info, code) in cases {
            for settings in &all {
                let html = html(info, code, settings);
                assert_eq!(text(&html), escape(code.trim_end_matches('\n')), "{info}");
                assert!(
                    html.contains("<span style=\"color: ") || html.contains("<span class=\"z-"),
                    "{html}"
                );
            }
        }
    }

    #[test]
    fn unknown_languages_are_told() {
        let class = settings(HighlightStyle::Class, "nord", None);
        let told = |info: &str| block("x", &Fence::parse(info), (&class, &Shelf::default())).1;
        assert!(
            told("nolang")
                .unwrap()
                .starts_with("there is no grammar for the language `nolang`")
        );
        assert_eq!(
            (told("rust"), told(""), told("mermaid")),
            (None, None, None)
        );
        assert_eq!(
            block(
                "x",
                &Fence::parse("nolang"),
                (&Markdown::default(), &Shelf::default())
            )
            .1,
            None
        );
    }

    #[test]
    fn hostile_code_does_not_hang() {
        let class = settings(HighlightStyle::Class, "nord", None);
        let cases = [
            ("rust", "(".repeat(200_000)),
            ("rust", format!("{}\n", "((\"a".repeat(300)).repeat(20)),
            ("md", format!("{}\n", "[*_`".repeat(250)).repeat(20)),
            ("html", "<a <b <!--\n".repeat(5_000)),
            ("js", format!("{}\n", "/a(b|".repeat(200)).repeat(20)),
        ];
        for (info, code) in cases {
            let start = Instant::now();
            html(info, &code, &class);
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{info} {:?}",
                start.elapsed()
            );
        }
    }
}
