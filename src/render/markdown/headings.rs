//! Headings: unique ids, and links to themselves.

use std::collections::{HashMap, HashSet};

use pulldown_cmark::CowStr;
use pulldown_cmark_escape::escape_html;

use crate::site::{SlugMode, slugify};

/// The ids of one text. Those that the author wrote come before those made from titles, wherever
/// they stand.
pub(super) struct Ids {
    mode: SlugMode,
    taken: HashSet<String>,
    /// The next suffix to try, by what was to be suffixed.
    suffixes: HashMap<String, usize>,
}

impl Ids {
    /// `written` are the ids that the author wrote.
    pub(super) fn new(mode: SlugMode, written: HashSet<String>) -> Self {
        Self {
            mode,
            taken: written,
            suffixes: HashMap::new(),
        }
    }

    /// An id for a heading named `title`.
    pub(super) fn claim(&mut self, title: &str) -> String {
        let plain = match self.mode {
            SlugMode::On => slugify(title, SlugMode::On),
            SlugMode::Off | SlugMode::Safe => title.replace(|c: char| c.is_ascii_whitespace(), "_"),
        };
        if self.taken.insert(plain.clone()) {
            return plain;
        }
        let suffix = self.suffixes.entry(plain.clone()).or_insert(1);
        loop {
            let id = format!("{plain}-{suffix}");
            *suffix += 1;
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// The opening tag of a heading.
pub(super) fn tag(level: u8, id: &str, classes: &[CowStr<'_>]) -> String {
    let mut tag = format!("<h{level} id=\"");
    escape_html(&mut tag, id).expect(GROWS);
    for (nth, class) in classes.iter().enumerate() {
        tag.push_str(if nth == 0 { "\" class=\"" } else { " " });
        escape_html(&mut tag, class).expect(GROWS);
    }
    tag.push_str("\">");
    tag
}

/// The `<a ...>` of a rendered anchor, to stand around a whole heading.
pub(super) fn opening_link(anchor: &str) -> Option<&str> {
    let start = anchor.find("<a ")?;
    let link = anchor.get(start..)?;
    link.get(..=link.find('>')?)
}

const GROWS: &str = "a string can always grow";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        let mut ids = Ids::new(SlugMode::On, ["b".into(), "b-1".into()].into());
        for (title, expected) in [
            ("b", "b-2"),
            ("B", "b-3"),
            ("Hello  World!", "hello-world"),
            ("", ""),
            ("!!!", "-1"),
            ("?", "-2"),
            ("日本語", "ri-ben-yu"),
            ("“Q” it’s – x", "q-it-s-x"),
            ("h ❤️", "h-heart"),
        ] {
            assert_eq!(ids.claim(title), expected, "{title}");
        }
    }

    #[test]
    fn ids_may_keep_their_letters() {
        let mut ids = Ids::new(SlugMode::Off, HashSet::new());
        assert_eq!(ids.claim("Ünï A (b)  \tx"), "Ünï_A_(b)___x");
    }
}
