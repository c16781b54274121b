//! Text and raw HTML on the walk, with the placeholders of shortcodes in them.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::super::emoji;
use super::super::shortcode::{Piece, pieces};
use super::super::summary::{Mark, is_mark};
use super::Walk;

impl<'e> Walk<'e> {
    pub(super) fn plain(&mut self, text: CowStr<'e>) {
        if self.code.is_some() {
            let text = self.filled(text);
            if let Some(code) = &mut self.code {
                code.text.push_str(&text);
            }
            return;
        }
        self.each_piece(text, |walk, text| {
            let text = walk.with_emoji(text);
            walk.title_part(&text);
            walk.out.push(Event::Text(text));
        });
    }

    pub(super) fn code_span(&mut self, code: CowStr<'e>) {
        let code = self.filled(code);
        self.title_part(&code);
        self.out.push(Event::Code(code));
    }

    /// Raw HTML, which `kind` makes an event again.
    pub(super) fn raw(&mut self, html: CowStr<'e>, kind: fn(CowStr<'e>) -> Event<'e>) {
        if self.mark.is_none() && self.around_notes.is_empty() && is_mark(&html) {
            let open = self.open.iter().copied();
            self.mark = Some(Mark {
                events: self.out.len(),
                open: open.filter(|end| *end != TagEnd::HtmlBlock).collect(),
            });
            self.html(CONTINUE_READING.into());
            return;
        }
        self.each_piece(html, |walk, html| walk.out.push(kind(html)));
    }

    /// Whether the paragraph that ends here holds nothing but the HTML of one shortcode.
    pub(super) fn is_lone_insert(&self) -> bool {
        self.inserted == Some(self.out.len())
            && matches!(
                self.out.as_slice(),
                [.., Event::Start(Tag::Paragraph), Event::Html(_)]
            )
    }

    pub(super) fn unwrap_insert(&mut self) {
        let insert = self.out.pop();
        self.out.pop();
        self.out.extend(insert);
    }

    /// Hands each piece of `text` between shortcodes to `take`, and writes the shortcodes' HTML.
    fn each_piece(&mut self, text: CowStr<'e>, take: impl Fn(&mut Self, CowStr<'e>)) {
        let inserts = &self.expanded.inserts;
        if inserts.is_empty() {
            return take(self, text);
        }
        for piece in pieces(&text) {
            match piece {
                Piece::Text(part) if part.len() == text.len() => take(self, text.clone()),
                Piece::Text(part) => take(self, part.to_owned().into()),
                Piece::Insert(nth) => {
                    let insert = inserts.get(nth).map_or("", String::as_str);
                    self.html(insert.into());
                    self.inserted = Some(self.out.len());
                }
            }
        }
    }

    /// `text` with what its shortcodes gave, for places where that is no HTML.
    pub(super) fn filled(&self, text: CowStr<'e>) -> CowStr<'e> {
        if self.expanded.inserts.is_empty() {
            return text;
        }
        let mut filled = String::new();
        for piece in pieces(&text) {
            match piece {
                Piece::Text(part) if part.len() == text.len() => return text.clone(),
                Piece::Text(part) => filled.push_str(part),
                Piece::Insert(nth) => {
                    let insert = self.expanded.inserts.get(nth);
                    filled.push_str(insert.map_or("", |html| html.trim()));
                }
            }
        }
        filled.into()
    }

    pub(super) fn with_emoji(&self, text: CowStr<'e>) -> CowStr<'e> {
        if !self.text.settings.render_emoji {
            return text;
        }
        match emoji::replace(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(replaced) => replaced.into(),
        }
    }
}

const CONTINUE_READING: &str = "<span id=\"continue-reading\"></span>";

#[cfg(test)]
mod tests {
    use super::super::super::testing::{rendered, toc};

    #[test]
    fn shortcodes_stand_where_they_are_used() {
        for (markdown, html) in [
            (
                "{{ h() }} {{ h() }}\n\n{{ h() }}\n{{ h() }}\n\na {{ h() }}\n\n{{ h() }} a\n\n**{{ h() }}** x\n",
                "<p><b>H1</b> <b>H2</b></p>\n<p><b>H3</b>\n<b>H4</b></p>\n<p>a <b>H5</b></p>\n<p><b>H6</b> a</p>\n<p><strong><b>H7</b></strong> x</p>\n",
            ),
            (
                "- {{ h() }}\n- a {{ h() }}\n\n> {{ h() }}\n\n1. {{ div() }}\n\n   x\n",
                "<ul>\n<li><b>H1</b></li>\n<li>a <b>H2</b></li>\n</ul>\n<blockquote>\n<b>H3</b></blockquote>\n<ol>\n<li><div class=\"d\">1</div>\n<p>x</p>\n</li>\n</ol>\n",
            ),
            (
                "a{{ h() }}b_{{ h() }}_ *{{ h() }}*c **a{{ h() }}**b\n",
                "<p>a<b>H1</b>b_<b>H2</b>_ *<b>H3</b>*c **a<b>H4</b>**b</p>\n",
            ),
            (
                "| a | b |\n|-|-|\n| {{ h() }} | {{ mid() }} |\n",
                "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td><b>H1</b></td><td>id1</td></tr>\n</tbody></table>\n",
            ),
            (
                "x\n{{ h() }}\ny\n\nx\n{% body() %}\nq\n{% end %}\ny\n",
                "<p>x\n<b>H1</b>\ny</p>\n<p>x\n<aside>q</aside>\ny</p>\n",
            ),
            (
                "text {{ mh() }} text\n",
                "<p>text ## Heading 1</p>\n<p>text <em>e</em>\ntext</p>\n",
            ),
            (
                "{{ h() }}[^1]\n\n[^1]: {{ h() }}\n",
                "<p><b>H1</b><sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></p>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup><b>H2</b></div>\n",
            ),
            (
                "&lt;{{ h() }}&gt; \\{{ h() }} {{ h() }}\\\n",
                "<p>&lt;<b>H1</b>&gt; <b>H2</b> <b>H3</b>\\</p>\n",
            ),
            (
                "<b title=\"{{ h() }}\">q</b>",
                "<p><b title=\"<b>H1</b>\">q</b></p>\n",
            ),
            ("<div>{{ h() }}</div>", "<div><b>H1</b></div>"),
            ("<div>\n{{ h() }}\n</div>", "<div>\n<b>H1</b>\n</div>"),
            ("<b>{{ h() }}</b>", "<p><b><b>H1</b></b></p>\n"),
            ("<!-- {{ h() }} -->", "<!-- <b>H1</b> -->"),
            (
                "a\n<div>{{ h() }}{{ h() }}</div>",
                "<p>a</p>\n<div><b>H1</b><b>H2</b></div>",
            ),
            (" {{ h() }} ", "<b>H1</b>"),
            ("{{ mid() }}{{ h() }}", "<p>id1<b>H1</b></p>\n"),
            ("{{ h() }}<br>", "<p><b>H1</b><br></p>\n"),
            (
                "{{ m() }}\n{{ m() }}",
                "<p><strong>M1</strong>\n<strong>M2</strong></p>\n",
            ),
            (
                "one {{ h() }}\n\n{{ div() }}\n\n<!-- more -->\n\n{{ h() }}",
                "<p>one <b>H1</b></p>\n<div class=\"d\">1</div><span id=\"continue-reading\"></span><b>H2</b>",
            ),
            (
                "{{ multi() }}\n\na {{ multi() }} b\n\n{{ empty() }}\n\ny\n",
                "<div>\n\n<p>one</p>\n\n    indented\n</div>\n<p>a <div>\n\n<p>one</p>\n\n    indented\n\
                 </div>\n b</p>\n<p>y</p>\n",
            ),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn where_html_is_none_it_is_text() {
        for (markdown, html) in [
            (
                "`{{ h() }}`\n\n    {{ h() }}\n",
                "<p><code>&lt;b&gt;H1&lt;/b&gt;</code></p>\n\
                 <pre><code>&lt;b&gt;H2&lt;/b&gt;\n</code></pre>\n",
            ),
            (
                "[{{ h() }}]({{ empty() }}#a \"{{ h() }}\") ![a{{ h() }}]({{ mid() }}.png)",
                "<p><a href=\"https://example.org/p/#a\" title=\"&lt;b&gt;H2&lt;/b&gt;\"><b>H1</b></a> \
                 <img src=\"https://example.org/p/id1.png\" alt=\"a\" /></p>\n",
            ),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn headings_from_shortcodes() {
        for (markdown, expected) in [
            (
                "{{ mh() }}\n\n## Heading 1\n\n{{ mh() }}\n",
                "[{\"level\":2,\"id\":\"heading-1\",\"permalink\":\"https://example.org/p/#heading-1\",\"title\":\"Heading 1\",\"children\":[]},{\"level\":2,\"id\":\"heading-1-1\",\"permalink\":\"https://example.org/p/#heading-1-1\",\"title\":\"Heading 1\",\"children\":[]},{\"level\":2,\"id\":\"heading-2\",\"permalink\":\"https://example.org/p/#heading-2\",\"title\":\"Heading 2\",\"children\":[]}]",
            ),
            (
                "# {{ h() }}\n\n## a {{ m() }} b {#x-{{ mid() }}}\n",
                "[{\"level\":1,\"id\":\"\",\"permalink\":\"https://example.org/p/#\",\"title\":\"\",\"children\":[{\"level\":2,\"id\":\"x-id1\",\"permalink\":\"https://example.org/p/#x-id1\",\"title\":\"a M1 b\",\"children\":[]}]}]",
            ),
        ] {
            let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            assert_eq!(toc(&rendered(markdown)), expected, "{markdown}");
        }
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let markdown = "{{ mh(\n) }}\n\n{{ nope() }}\n\n[a](@/no.md)\n";
        let problems = rendered(markdown).problems;
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(7), Some(9)], "{problems:?}");
        let shown = problems.last().and_then(|last| last.excerpt.as_deref());
        assert_eq!(shown, Some("[a](@/no.md)"));
    }
}
