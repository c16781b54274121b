//! Footnotes that are gathered below a text, with links back.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, TagEnd};
use pulldown_cmark_escape::escape_html;

/// The footnotes of one text.
#[derive(Default)]
pub(super) struct Footnotes<'e> {
    uses: HashMap<CowStr<'e>, Uses>,
    notes: Vec<Note<'e>>,
}

/// How often a footnote is referred to, and where it stands among the others.
#[derive(Clone, Copy)]
struct Uses {
    number: usize,
    count: usize,
}

/// A footnote's name and content.
pub(super) struct Note<'e> {
    pub(super) name: CowStr<'e>,
    pub(super) events: Vec<Event<'e>>,
}

impl<'e> Footnotes<'e> {
    /// The HTML of the next reference to `name`. Footnotes are numbered by their first one.
    pub(super) fn refer(&mut self, name: CowStr<'e>) -> String {
        let escaped = escape(&name);
        let number = self.uses.len() + 1;
        let uses = self.uses.entry(name).or_insert(Uses { number, count: 0 });
        uses.count += 1;
        let Uses { number, count } = uses;
        format!(
            "<sup class=\"footnote-reference\" id=\"fr-{escaped}-{count}\">\
             <a href=\"#fn-{escaped}\">{number}</a></sup>"
        )
    }

    /// Takes in a footnote's content.
    pub(super) fn define(&mut self, note: Note<'e>) {
        self.notes.push(note);
    }

    /// All footnotes that are referred to, in the order of their numbers; as Zola does it, the list
    /// is there even if those of the text are all unused.
    pub(super) fn into_events(mut self) -> Vec<Event<'e>> {
        if self.notes.is_empty() {
            return Vec::new();
        }
        let uses = &self.uses;
        self.notes.retain(|note| uses.contains_key(&note.name));
        self.notes
            .sort_by_key(|note| uses.get(&note.name).map(|uses| uses.number));
        let mut events = vec![html(
            "<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n",
        )];
        for note in self.notes {
            // A second note of the same name gets no links back: they would lead to the first.
            let count = self
                .uses
                .get_mut(&note.name)
                .map_or(0, |uses| std::mem::take(&mut uses.count));
            let name = escape(&note.name);
            let links = html(links_back(&name, count));
            events.push(html(format!("<li id=\"fn-{name}\">")));
            let mut content = note.events;
            let last = content.pop_if(|last| *last == Event::End(TagEnd::Paragraph));
            events.append(&mut content);
            events.push(links);
            events.extend(last);
            events.push(html("</li>\n"));
        }
        events.push(html("</ol>\n</section>\n"));
        events
    }
}

fn links_back(name: &str, count: usize) -> String {
    (1..=count)
        .map(|nth| match nth {
            1 => format!(" <a href=\"#fr-{name}-1\">↩</a>"),
            _ => format!(" <a href=\"#fr-{name}-{nth}\">↩{nth}</a>"),
        })
        .collect()
}

fn html<'e>(text: impl Into<CowStr<'e>>) -> Event<'e> {
    Event::Html(text.into())
}

fn escape(name: &str) -> String {
    let mut escaped = String::new();
    escape_html(&mut escaped, name).expect("a string can always grow");
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::testing::{rendered, rendered_with};

    #[test]
    fn where_they_are_written() {
        for (markdown, html) in [
            (
                "a[^x] b[^y] c[^x]\n\n[^x]: note x\n[^y]: note y\n    more\n\n    para\n[^z]: unused\n",
                "<p>a<sup class=\"footnote-reference\"><a href=\"#x\">1</a></sup> b<sup class=\"footnote-reference\"><a href=\"#y\">2</a></sup> c<sup class=\"footnote-reference\"><a href=\"#x\">1</a></sup></p>\n<div class=\"footnote-definition\" id=\"x\"><sup class=\"footnote-definition-label\">1</sup>\n<p>note x</p>\n</div>\n<div class=\"footnote-definition\" id=\"y\"><sup class=\"footnote-definition-label\">2</sup>\n<p>note y\nmore</p>\n<p>para</p>\n</div>\n<div class=\"footnote-definition\" id=\"z\"><sup class=\"footnote-definition-label\">3</sup>\n<p>unused</p>\n</div>\n",
            ),
            (
                "[^x]: before\n\na[^x]\n\nafter [^a b] [^ünï]\n\n[^a b]: w\n[^ünï]: ```rust\n    x\n    ```\n",
                "<div class=\"footnote-definition\" id=\"x\"><sup class=\"footnote-definition-label\">1</sup>\n<p>before</p>\n</div>\n<p>a<sup class=\"footnote-reference\"><a href=\"#x\">1</a></sup></p>\n<p>after <sup class=\"footnote-reference\"><a href=\"#a b\">2</a></sup> <sup class=\"footnote-reference\"><a href=\"#ünï\">3</a></sup></p>\n<div class=\"footnote-definition\" id=\"a b\"><sup class=\"footnote-definition-label\">2</sup>\n<p>w</p>\n</div>\n<div class=\"footnote-definition\" id=\"ünï\"><sup class=\"footnote-definition-label\">3</sup><pre><code data-lang=\"rust\">x\n</code></pre>\n</div>\n",
            ),
            (
                "# h[^1]\n\n[^1]: # hh\n",
                "<h1 id=\"h\">h<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></h1>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup><h1 id=\"hh\">hh</h1>\n</div>\n",
            ),
            (
                "a[^2] b[^1]\n\n[^1]: one\n[^2]: two\n\n    > q\n",
                "<p>a<sup class=\"footnote-reference\"><a href=\"#2\">1</a></sup> b<sup class=\"footnote-reference\"><a href=\"#1\">2</a></sup></p>\n<div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">2</sup>\n<p>one</p>\n</div>\n<div class=\"footnote-definition\" id=\"2\"><sup class=\"footnote-definition-label\">1</sup>\n<p>two</p>\n<blockquote>\n<p>q</p>\n</blockquote>\n</div>\n",
            ),
            ("a[^none]", "<p>a[^none]</p>\n"),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn a_lone_reference_stays_in_its_paragraph() {
        let rendered = rendered_with("[^1]\n\n[^1]: x", |settings| {
            settings.bottom_footnotes = true
        });
        let start = "<p><sup class=\"footnote-reference\" id=\"fr-1-1\">";
        assert!(rendered.html.starts_with(start), "{}", rendered.html);
    }

    #[test]
    fn a_list_may_be_empty() {
        let rendered = rendered_with("a\n\n[^1]: x", |settings| settings.bottom_footnotes = true);
        let expected = "<p>a</p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n</ol>\n</section>\n";
        assert_eq!(rendered.html, expected);
    }

    #[test]
    fn at_the_bottom() {
        for (markdown, html) in [
            (
                "a[^x] b[^y] c[^x]\n\n[^x]: note x\n[^y]: note y\n    more\n\n    para\n[^z]: unused\n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-x-1\"><a href=\"#fn-x\">1</a></sup> b<sup class=\"footnote-reference\" id=\"fr-y-1\"><a href=\"#fn-y\">2</a></sup> c<sup class=\"footnote-reference\" id=\"fr-x-2\"><a href=\"#fn-x\">1</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-x\">\n<p>note x <a href=\"#fr-x-1\">↩</a> <a href=\"#fr-x-2\">↩2</a></p>\n</li>\n<li id=\"fn-y\">\n<p>note y\nmore</p>\n<p>para <a href=\"#fr-y-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
            ("a[^none]", "<p>a[^none]</p>\n"),
            (
                "[^x]: before\n\na[^x]\n\nafter [^a b] [^ünï]\n\n[^a b]: w\n[^ünï]: ```rust\n    x\n    ```\n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-x-1\"><a href=\"#fn-x\">1</a></sup></p>\n<p>after <sup class=\"footnote-reference\" id=\"fr-a b-1\"><a href=\"#fn-a b\">2</a></sup> <sup class=\"footnote-reference\" id=\"fr-ünï-1\"><a href=\"#fn-ünï\">3</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-x\">\n<p>before <a href=\"#fr-x-1\">↩</a></p>\n</li>\n<li id=\"fn-a b\">\n<p>w <a href=\"#fr-a b-1\">↩</a></p>\n</li>\n<li id=\"fn-ünï\"><pre><code data-lang=\"rust\">x\n</code></pre>\n <a href=\"#fr-ünï-1\">↩</a></li>\n</ol>\n</section>\n",
            ),
            (
                "a[^1]\n\n<!-- more -->\n\nb[^2]\n\n[^1]: one[^3]\n[^2]: two\n[^3]: three [l](http://a.b)\n\n    - list\n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">1</a></sup></p>\n<span id=\"continue-reading\"></span>\n<p>b<sup class=\"footnote-reference\" id=\"fr-2-1\"><a href=\"#fn-2\">2</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\">\n<p>one<sup class=\"footnote-reference\" id=\"fr-3-1\"><a href=\"#fn-3\">3</a></sup> <a href=\"#fr-1-1\">↩</a></p>\n</li>\n<li id=\"fn-2\">\n<p>two <a href=\"#fr-2-1\">↩</a></p>\n</li>\n<li id=\"fn-3\">\n<p>three <a rel=\"external\" href=\"http://a.b\">l</a></p>\n<ul>\n<li>list</li>\n</ul>\n <a href=\"#fr-3-1\">↩</a></li>\n</ol>\n</section>\n",
            ),
            (
                "# h[^1]\n\n[^1]: # hh\n",
                "<h1 id=\"h\">h<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">1</a></sup></h1>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\"><h1 id=\"hh\">hh</h1>\n <a href=\"#fr-1-1\">↩</a></li>\n</ol>\n</section>\n",
            ),
            (
                "a[^2] b[^1]\n\n[^1]: one\n[^2]: two\n\n    > q\n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-2-1\"><a href=\"#fn-2\">1</a></sup> b<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">2</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-2\">\n<p>two</p>\n<blockquote>\n<p>q</p>\n</blockquote>\n <a href=\"#fr-2-1\">↩</a></li>\n<li id=\"fn-1\">\n<p>one <a href=\"#fr-1-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
            (
                "a[^1]\n\n[^1]: one[^3]\n\nb[^2]\n\n[^2]: two\n\n[^3]: three\n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">1</a></sup></p>\n<p>b<sup class=\"footnote-reference\" id=\"fr-2-1\"><a href=\"#fn-2\">3</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\">\n<p>one<sup class=\"footnote-reference\" id=\"fr-3-1\"><a href=\"#fn-3\">2</a></sup> <a href=\"#fr-1-1\">↩</a></p>\n</li>\n<li id=\"fn-3\">\n<p>three <a href=\"#fr-3-1\">↩</a></p>\n</li>\n<li id=\"fn-2\">\n<p>two <a href=\"#fr-2-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
            (
                "a[^1]\n\n[^1]: \n",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">1</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\"> <a href=\"#fr-1-1\">↩</a></li>\n</ol>\n</section>\n",
            ),
            (
                "[^1]: unused one[^2]\n[^2]: two\n\na",
                "<p>a</p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-2\">\n<p>two <a href=\"#fr-2-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
            (
                "- a[^1]\n  [^1]: in list\n",
                "<ul>\n<li>a<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">1</a></sup></li>\n</ul>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\">\n<p>in list <a href=\"#fr-1-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
            (
                "a[^A] b[^a]\n\n[^a]: x",
                "<p>a<sup class=\"footnote-reference\" id=\"fr-A-1\"><a href=\"#fn-A\">1</a></sup> b<sup class=\"footnote-reference\" id=\"fr-a-1\"><a href=\"#fn-a\">2</a></sup></p>\n<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-a\">\n<p>x <a href=\"#fr-a-1\">↩</a></p>\n</li>\n</ol>\n</section>\n",
            ),
        ] {
            let rendered = rendered_with(markdown, |settings| settings.bottom_footnotes = true);
            assert_eq!(rendered.html, html, "{markdown}");
        }
    }
}
