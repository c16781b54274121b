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

    /// All footnotes that are referred to, in the order of their numbers.
    pub(super) fn into_events(mut self) -> Vec<Event<'e>> {
        let uses = &self.uses;
        self.notes.retain(|note| uses.contains_key(&note.name));
        self.notes
            .sort_by_key(|note| uses.get(&note.name).map(|uses| uses.number));
        if self.notes.is_empty() {
            return Vec::new();
        }
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
