//! Headings on the walk.

use pulldown_cmark::{CowStr, Event, HeadingLevel, TagEnd};

use super::super::headings::{opening_link, tag};
use super::super::toc::Heading;
use super::Walk;
use crate::site::InsertAnchor;

/// A heading until it ends.
pub(super) struct OpenHeading<'e> {
    level: HeadingLevel,
    id: Option<CowStr<'e>>,
    classes: Vec<CowStr<'e>>,
    title: String,
    /// Where in `out` its tag goes.
    at: usize,
}

impl<'e> Walk<'e> {
    /// Its tag has to wait for its title.
    pub(super) fn start_heading(
        &mut self,
        level: HeadingLevel,
        id: Option<CowStr<'e>>,
        classes: Vec<CowStr<'e>>,
    ) {
        self.heading = Some(OpenHeading {
            level,
            id,
            classes,
            title: String::new(),
            at: self.out.len(),
        });
        self.html("".into());
    }

    /// Takes in a part of a heading's title, if one is open.
    pub(super) fn title_part(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        }
    }

    pub(super) fn end_heading(&mut self) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let level = heading.level as u8;
        let id = match heading.id {
            Some(id) => id.to_string(),
            None => self.ids.claim(&heading.title),
        };
        let (before, after) = self.anchor(&id, level);
        let mut start = tag(level, &id, &heading.classes);
        start.push_str(&before);
        if let Some(waiting) = self.out.get_mut(heading.at) {
            *waiting = Event::Html(start.into());
        }
        if !after.is_empty() {
            self.html(after.into());
        }
        self.out.push(Event::End(TagEnd::Heading(heading.level)));
        self.toc.push(Heading {
            level,
            permalink: format!("{}#{id}", self.text.permalink),
            id,
            title: heading.title,
            children: Vec::new(),
        });
    }

    /// What stands before and after a heading's content to link to it.
    fn anchor(&mut self, id: &str, level: u8) -> (String, String) {
        let nothing = (String::new(), String::new());
        if self.text.insert_anchor == InsertAnchor::None {
            return nothing;
        }
        let anchor = match self.world.anchor_link(id, level) {
            Ok(anchor) => anchor,
            Err(problem) => {
                self.tell_all([problem]);
                return nothing;
            }
        };
        match self.text.insert_anchor {
            InsertAnchor::Left => (anchor, String::new()),
            InsertAnchor::Right => (String::new(), anchor),
            InsertAnchor::Heading => match opening_link(&anchor) {
                Some(link) => (link.to_owned(), "</a>".to_owned()),
                None => nothing,
            },
            InsertAnchor::None => nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Site, page, rendered, toc};
    use super::super::super::{Text, render};
    use super::*;
    use crate::site::{Markdown, SlugMode};

    #[test]
    fn ids_and_markup() {
        for (markdown, html) in [
            (
                "# Hello *World* `x` [l](http://a.b)\n\ntext\n\n## Hello\n\n## Hello\n\n### x {#my .c1 .c2}\n\n# A\n",
                "<h1 id=\"hello-world-x-l\">Hello <em>World</em> <code>x</code> <a rel=\"external\" href=\"http://a.b\">l</a></h1>\n<p>text</p>\n<h2 id=\"hello\">Hello</h2>\n<h2 id=\"hello-1\">Hello</h2>\n<h3 id=\"my\" class=\"c1 c2\">x</h3>\n<h1 id=\"a\">A</h1>\n",
            ),
            (
                "#\n\n# \n\n# !!!\n\n# ünï \n\n# a {#b}\n\n# b\n\n# a<b>x</b>",
                "<h1 id=\"\"></h1>\n<h1 id=\"-1\"></h1>\n<h1 id=\"-2\">!!!</h1>\n<h1 id=\"uni\">ünï</h1>\n<h1 id=\"b\">a</h1>\n<h1 id=\"b-1\">b</h1>\n<h1 id=\"ax\">a<b>x</b></h1>\n",
            ),
            (
                "Setext *x*\n=====\n\nother\n---\n",
                "<h1 id=\"setext-x\">Setext <em>x</em></h1>\n<h2 id=\"other\">other</h2>\n",
            ),
            (
                "# img ![alt *x*](a.png) end\n\n# foot[^1]\n\n[^1]: note\n",
                "<h1 id=\"img-alt-x-end\">img <img src=\"https://example.org/p/a.png\" alt=\"alt x\" /> end</h1>\n<h1 id=\"foot\">foot<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></h1>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>note</p>\n</div>\n",
            ),
            (
                "# hi {.cls}\n\n# hi {key=val #x data-a=\"b c\"}\n\n# hi &amp; \"q\" <c\n",
                "<h1 id=\"hi\" class=\"cls\">hi</h1>\n<h1 id=\"x\">hi</h1>\n<h1 id=\"hi-q-c\">hi &amp; \"q\" &lt;c</h1>\n",
            ),
            (
                "# b\n\n# a {#b}\n\n# b\n\n# c {#b}\n\n# b {#b-1}\n",
                "<h1 id=\"b-2\">b</h1>\n<h1 id=\"b\">a</h1>\n<h1 id=\"b-3\">b</h1>\n<h1 id=\"b\">c</h1>\n<h1 id=\"b-1\">b</h1>\n",
            ),
            (
                "a\nb *c*\n===\n\n> # in quote\n\n- # in list\n  x\n\n1. a\n\n   ## two\n",
                "<h1 id=\"ab-c\">a\nb <em>c</em></h1>\n<blockquote>\n<h1 id=\"in-quote\">in quote</h1>\n</blockquote>\n<ul>\n<li><h1 id=\"in-list\">in list</h1>\nx</li>\n</ul>\n<ol>\n<li>\n<p>a</p>\n<h2 id=\"two\">two</h2>\n</li>\n</ol>\n",
            ),
            (
                "# a `b<c` &copy; :smile: <span class=\"x\">y</span>\n\n# [t](@/target.md \"x\") **b** ~~s~~\n\n# A  B   C\n\n# snake_case-Thing.js v1.2\n\n# 日本語\n\n# emoji 😀 x\n",
                "<h1 id=\"a-b-c-c-smile-y\">a <code>b&lt;c</code> © :smile: <span class=\"x\">y</span></h1>\n<h1 id=\"t-b-s\"><a href=\"https://example.org/target/\" title=\"x\">t</a> <strong>b</strong> <del>s</del></h1>\n<h1 id=\"a-b-c\">A  B   C</h1>\n<h1 id=\"snake-case-thing-js-v1-2\">snake_case-Thing.js v1.2</h1>\n<h1 id=\"ri-ben-yu\">日本語</h1>\n<h1 id=\"emoji-grinning-x\">emoji 😀 x</h1>\n",
            ),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn table_of_contents() {
        for (markdown, expected) in [
            (
                "#### four\n\n## two\n\n### three\n\n# one\n\n### 3\n\n### 3b\n\n## 2\n",
                "[{\"level\":4,\"id\":\"four\",\"permalink\":\"https://example.org/p/#four\",\"title\":\"four\",\"children\":[]},{\"level\":2,\"id\":\"two\",\"permalink\":\"https://example.org/p/#two\",\"title\":\"two\",\"children\":[{\"level\":3,\"id\":\"three\",\"permalink\":\"https://example.org/p/#three\",\"title\":\"three\",\"children\":[]}]},{\"level\":1,\"id\":\"one\",\"permalink\":\"https://example.org/p/#one\",\"title\":\"one\",\"children\":[{\"level\":3,\"id\":\"3\",\"permalink\":\"https://example.org/p/#3\",\"title\":\"3\",\"children\":[]},{\"level\":3,\"id\":\"3b\",\"permalink\":\"https://example.org/p/#3b\",\"title\":\"3b\",\"children\":[]},{\"level\":2,\"id\":\"2\",\"permalink\":\"https://example.org/p/#2\",\"title\":\"2\",\"children\":[]}]}]",
            ),
            (
                "a\nb *c*\n===\n\n> # in quote\n\n- # in list\n  x\n\n1. a\n\n   ## two\n",
                "[{\"level\":1,\"id\":\"ab-c\",\"permalink\":\"https://example.org/p/#ab-c\",\"title\":\"ab c\",\"children\":[]},{\"level\":1,\"id\":\"in-quote\",\"permalink\":\"https://example.org/p/#in-quote\",\"title\":\"in quote\",\"children\":[]},{\"level\":1,\"id\":\"in-list\",\"permalink\":\"https://example.org/p/#in-list\",\"title\":\"in list\",\"children\":[{\"level\":2,\"id\":\"two\",\"permalink\":\"https://example.org/p/#two\",\"title\":\"two\",\"children\":[]}]}]",
            ),
            (
                "# img ![alt *x*](a.png) end\n\n# foot[^1]\n\n[^1]: note\n",
                "[{\"level\":1,\"id\":\"img-alt-x-end\",\"permalink\":\"https://example.org/p/#img-alt-x-end\",\"title\":\"img alt x end\",\"children\":[]},{\"level\":1,\"id\":\"foot\",\"permalink\":\"https://example.org/p/#foot\",\"title\":\"foot\",\"children\":[]}]",
            ),
        ] {
            let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            assert_eq!(toc(&rendered(markdown)), expected, "{markdown}");
        }
    }

    #[test]
    fn links_to_themselves() {
        let settings = Markdown::default();
        let text = "# A *b*\n\n## x {#id .c}\n";
        for (insert_anchor, expected) in [
            (
                InsertAnchor::Left,
                "<h1 id=\"a-b\">\n<i><a class=\"q\" href=\"#a-b\"><b>1</b></a></i>\nA <em>b</em></h1>\n\
                 <h2 id=\"id\" class=\"c\">\n<i><a class=\"q\" href=\"#id\"><b>2</b></a></i>\nx</h2>\n",
            ),
            (
                InsertAnchor::Right,
                "<h1 id=\"a-b\">A <em>b</em>\n<i><a class=\"q\" href=\"#a-b\"><b>1</b></a></i>\n</h1>\n\
                 <h2 id=\"id\" class=\"c\">x\n<i><a class=\"q\" href=\"#id\"><b>2</b></a></i>\n</h2>\n",
            ),
            (
                InsertAnchor::Heading,
                "<h1 id=\"a-b\"><a class=\"q\" href=\"#a-b\">A <em>b</em></a></h1>\n\
                 <h2 id=\"id\" class=\"c\"><a class=\"q\" href=\"#id\">x</a></h2>\n",
            ),
        ] {
            let text = Text {
                insert_anchor,
                ..page(text, &settings)
            };
            assert_eq!(render(&text, &Site).html, expected);
        }
    }

    #[test]
    fn ids_as_they_are() {
        let settings = Markdown::default();
        let text = Text {
            slug_anchors: SlugMode::Off,
            ..page(
                "# Ünï (b) & \"q\" \n\n#  two  spaces\n\n# x\n\n# X\n",
                &settings,
            )
        };
        let rendered = render(&text, &Site);
        assert_eq!(
            rendered.html,
            "<h1 id=\"Ünï_(b)_&amp;_&quot;q&quot;\">Ünï (b) &amp; \"q\"</h1>\n\
             <h1 id=\"two__spaces\">two  spaces</h1>\n\
             <h1 id=\"x\">x</h1>\n<h1 id=\"X\">X</h1>\n"
        );
        let expected = ["Ünï_(b)_&_\"q\"", "two__spaces", "x", "X"];
        assert_eq!(rendered.anchors, expected);
    }
}
