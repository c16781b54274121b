//! What stands before `<!-- more -->`.

use pulldown_cmark::{Event, TagEnd, html};

/// Where a text is cut.
pub(super) struct Mark {
    /// How many of the text's events stand before it.
    pub(super) events: usize,
    /// What is open there, outermost first.
    pub(super) open: Vec<TagEnd>,
}

impl Mark {
    /// Whether something is cut in two.
    pub(super) fn cuts(&self) -> bool {
        !self.open.is_empty()
    }
}

/// Whether a piece of raw HTML is the mark.
pub(super) fn is_mark(html: &str) -> bool {
    html.split("<!--").skip(1).any(|comment| {
        let word = comment.trim_start();
        let (word, rest) = word.split_at_checked(4).unwrap_or_default();
        word.eq_ignore_ascii_case("more") && rest.trim_start().starts_with("-->")
    })
}

/// The HTML of `events` up to the mark, but for those at `left_out` (in ascending order), with
/// `cutoff` where something was cut; None if there is nothing.
pub(super) fn cut(
    events: &[Event<'_>],
    left_out: &[usize],
    mark: &Mark,
    cutoff: &str,
) -> Option<String> {
    let mut left_out = left_out.iter().peekable();
    let kept = events.iter().take(mark.events).enumerate();
    let kept = kept.filter(|(at, _)| left_out.next_if(|out| *out == at).is_none());
    let mut summary = String::new();
    html::push_html(&mut summary, kept.map(|(_, event)| event.clone()));
    summary.truncate(summary.trim_end().len());
    if summary.is_empty() {
        return None;
    }
    if mark.cuts() {
        summary.push_str(cutoff);
    }
    for end in mark.open.iter().rev() {
        summary.push_str(closing_tag(*end));
    }
    Some(summary)
}

fn closing_tag(end: TagEnd) -> &'static str {
    match end {
        TagEnd::Paragraph => "</p>\n",
        TagEnd::Heading(level) => HEADING_ENDS
            .get(level as usize - 1)
            .copied()
            .unwrap_or_default(),
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::FootnoteDefinition => "</div>\n",
        TagEnd::DefinitionList => "</dl>\n",
        TagEnd::DefinitionListTitle => "</dt>\n",
        TagEnd::DefinitionListDefinition => "</dd>\n",
        TagEnd::Table => "</tbody></table>\n",
        TagEnd::TableHead => "</tr></thead><tbody>\n",
        TagEnd::TableRow => "</tr>\n",
        TagEnd::TableCell => "</td>",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::Strikethrough => "</del>",
        TagEnd::Superscript => "</sup>",
        TagEnd::Subscript => "</sub>",
        TagEnd::Link => "</a>",
        TagEnd::HtmlBlock | TagEnd::CodeBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => "",
    }
}

const HEADING_ENDS: [&str; 6] = [
    "</h1>\n", "</h2>\n", "</h3>\n", "</h4>\n", "</h5>\n", "</h6>\n",
];

#[cfg(test)]
mod tests {
    use super::super::testing::rendered;
    use super::*;

    #[test]
    fn knows_the_mark() {
        for (html, expected) in [
            ("<!-- more -->", true),
            ("<!--more-->", true),
            ("<!--  MORE\t-->\n", true),
            ("<div><!-- more --></div>", true),
            ("<!-- x --> <!-- more -->", true),
            ("<!-- moremore -->", false),
            ("<!-- more", false),
            ("<!--mör-->", false),
            ("<!--", false),
            ("more", false),
        ] {
            assert_eq!(is_mark(html), expected, "{html}");
        }
    }

    #[test]
    fn ends_at_the_mark() {
        for (markdown, html, summary) in [
            (
                "one\n\n<!-- more -->\n\ntwo\n",
                "<p>one</p>\n<span id=\"continue-reading\"></span>\n<p>two</p>\n",
                Some("<p>one</p>"),
            ),
            (
                "one <!-- more --> two\n",
                "<p>one <span id=\"continue-reading\"></span> two</p>\n",
                Some("<p>one&hellip;\n</p>\n"),
            ),
            (
                "one[^1]\n\n<!--more-->\n\ntwo\n\n[^1]: note\n",
                "<p>one<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></p>\n<span id=\"continue-reading\"></span>\n<p>two</p>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>note</p>\n</div>\n",
                Some("<p>one</p>"),
            ),
            (
                "one\n<!-- more -->\ntwo\n",
                "<p>one</p>\n<span id=\"continue-reading\"></span>\n<p>two</p>\n",
                Some("<p>one</p>"),
            ),
            (
                "- a\n- b <!-- more -->\n- c\n",
                "<ul>\n<li>a</li>\n<li>b <span id=\"continue-reading\"></span></li>\n<li>c</li>\n</ul>\n",
                Some("<ul>\n<li>a</li>\n<li>b&hellip;\n</li>\n</ul>\n"),
            ),
            (
                "one\n\n<!-- more -->\n\ntwo\n\n<!-- more -->\n\nthree\n",
                "<p>one</p>\n<span id=\"continue-reading\"></span>\n<p>two</p>\n<!-- more -->\n<p>three</p>\n",
                Some("<p>one</p>"),
            ),
            (
                "one\n\n<!--  more  -->\n\ntwo <!-- more -->\n",
                "<p>one</p>\n<span id=\"continue-reading\"></span>\n<p>two <!-- more --></p>\n",
                Some("<p>one</p>"),
            ),
            (
                "<!-- more -->\n\ntwo",
                "<span id=\"continue-reading\"></span>\n<p>two</p>\n",
                None,
            ),
            (
                "`<!-- more -->` a\n\n    <!-- more -->\n\n<div><!-- more --></div>\n",
                "<p><code>&lt;!-- more --&gt;</code> a</p>\n<pre><code>&lt;!-- more --&gt;\n</code></pre>\n<span id=\"continue-reading\"></span>",
                Some(
                    "<p><code>&lt;!-- more --&gt;</code> a</p>\n<pre><code>&lt;!-- more --&gt;\n</code></pre>",
                ),
            ),
            (
                "a[^1] <!-- more --> x\n\n[^1]: t\n",
                "<p>a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup> <span id=\"continue-reading\"></span> x</p>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>t</p>\n</div>\n",
                Some("<p>a&hellip;\n</p>\n"),
            ),
        ] {
            let rendered = rendered(markdown);
            assert_eq!(rendered.html, html, "{markdown}");
            assert_eq!(rendered.summary.as_deref(), summary, "{markdown}");
        }
    }

    #[test]
    fn ends_at_a_mark_inside_of_something() {
        for (markdown, html, summary) in [
            (
                "- a[^1]\n- b\n\n  <!-- more -->\n\n[^1]: x",
                "<ul>\n<li>\n<p>a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></p>\n</li>\n<li>\n<p>b</p>\n<span id=\"continue-reading\"></span></li>\n</ul>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>x</p>\n</div>\n",
                Some("<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>&hellip;\n</li>\n</ul>\n"),
            ),
            (
                "1. a\n\n   > b **c <!-- more --> d**\n",
                "<ol>\n<li>\n<p>a</p>\n<blockquote>\n<p>b <strong>c <span id=\"continue-reading\"></span> d</strong></p>\n</blockquote>\n</li>\n</ol>\n",
                Some(
                    "<ol>\n<li>\n<p>a</p>\n<blockquote>\n<p>b <strong>c&hellip;\n</strong></p>\n</blockquote>\n</li>\n</ol>\n",
                ),
            ),
            (
                "   <!-- more -->",
                "   <span id=\"continue-reading\"></span>",
                None,
            ),
            (
                "x\n\n <!-- more --> <!-- more -->",
                "<p>x</p>\n <span id=\"continue-reading\"></span>",
                Some("<p>x</p>"),
            ),
            (
                "> a\n> <!-- more -->\n> b",
                "<blockquote>\n<p>a</p>\n<span id=\"continue-reading\"></span>\n<p>b</p>\n</blockquote>\n",
                Some("<blockquote>\n<p>a</p>&hellip;\n</blockquote>\n"),
            ),
            (
                "a *b <!-- more --> c* d",
                "<p>a <em>b <span id=\"continue-reading\"></span> c</em> d</p>\n",
                Some("<p>a <em>b&hellip;\n</em></p>\n"),
            ),
            (
                "[^1]: def\n\na[^1] b\n\n<!-- more -->\n\nc",
                "<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>def</p>\n</div>\n<p>a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup> b</p>\n<span id=\"continue-reading\"></span>\n<p>c</p>\n",
                Some(
                    "<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>def</p>\n</div>\n<p>a b</p>",
                ),
            ),
            (
                "a\n\n<!-- more --> x\n\nb",
                "<p>a</p>\n<span id=\"continue-reading\"></span>\n<p>b</p>\n",
                Some("<p>a</p>"),
            ),
            (
                "a\n\n<!-- more\n-->\n\nb",
                "<p>a</p>\n<!-- more\n-->\n<p>b</p>\n",
                None,
            ),
            (
                "<div>\n\nx\n\n<!-- more -->\n\n</div>",
                "<div>\n<p>x</p>\n<span id=\"continue-reading\"></span></div>",
                Some("<div>\n<p>x</p>"),
            ),
        ] {
            let rendered = rendered(markdown);
            assert_eq!(rendered.html, html, "{markdown}");
            assert_eq!(rendered.summary.as_deref(), summary, "{markdown}");
        }
    }

    #[test]
    fn closes_what_it_cuts() {
        for (markdown, summary) in [
            ("# a <!-- more --> b", "<h1 id=\"a-b\">a&hellip;\n</h1>\n"),
            (
                "[a <!-- more --> b](http://x.y)",
                "<p><a rel=\"external\" href=\"http://x.y\">a&hellip;\n</a></p>\n",
            ),
            (
                "|a|\n|-|\n|b <!-- more --> c|",
                "<table><thead><tr><th>a</th></tr></thead><tbody>\n\
                 <tr><td>b&hellip;\n</td></tr>\n</tbody></table>\n",
            ),
        ] {
            assert_eq!(rendered(markdown).summary.as_deref(), Some(summary));
        }
    }
}
