//! Headings on the walk.

use pulldown_cmark::{CowStr, Event, HeadingLevel, TagEnd};

use super::super::Heading;
use super::super::headings::{opening_link, tag};
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
