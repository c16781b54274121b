//! What may be answered otherwise in a site that is in the same order and has the same templates: few of
//! the many questions need to be asked again.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    arranged::TEXTUAL,
    ask::{Phase, Question},
    field::{Field, Fields},
    last::Last,
    said::{self, Sorting},
    world::{Document, World},
};

/// What is otherwise than in the last run.
pub(super) struct Changes<'w> {
    world: &'w World,
    /// In each document that differs.
    documents: HashMap<Document, Fields>,
    /// Those next to them.
    near: HashSet<Document>,
    /// In any.
    fields: Fields,
}

impl<'w> Changes<'w> {
    /// What differs in files, as far as it is known before texts are rendered.
    pub(super) fn of_files(world: &'w World, last: &Last) -> Self {
        let mut changes = Self {
            world,
            documents: HashMap::new(),
            near: HashSet::new(),
            fields: Fields::default(),
        };
        let by = Sorting::of(&world.source.sections);
        for document in last.differing(world) {
            changes.add(document, difference(world, last, (document, by)));
        }
        changes
    }

    /// Adds what differs in texts, now that they are rendered, and in who links to whom.
    #[must_use]
    pub(super) fn with_texts(mut self, last: &Last) -> Self {
        let world = self.world;
        for document in world.looked_at.get().into_iter().flatten() {
            let pair = world.kept(*document).zip(last.text(*document));
            let fields = pair.map_or(Fields::ALL, |(now, before)| now.difference(before));
            self.add(*document, fields);
        }
        let is_linked = Arc::ptr_eq(&last.links, world.links.get().unwrap_or(&last.links));
        // Who is linked to sees the titles of those who link.
        if !is_linked || self.fields.has(Field::Title) {
            self.fields.add(Field::Backlinks);
        }
        self
    }

    fn add(&mut self, document: Document, fields: Fields) {
        if fields == Fields::default() {
            return;
        }
        self.fields = self.fields.and(fields);
        let known = self.documents.entry(document).or_default();
        *known = known.and(fields);
        if let Document::Page(number) = document
            && let Some(place) = self.world.library.pages.get(number)
        {
            let near = [place.lower, place.higher].into_iter().flatten();
            self.near.extend(near.map(Document::Page));
        }
    }

    /// Whether a text may be answered `question` otherwise.
    pub(super) fn may_touch_text(&self, question: &Question) -> bool {
        match question {
            Question::File(_, phase) | Question::Call(_, _, phase) => *phase == Phase::Texts,
            // A text asks for no other text, and what those are is not known yet.
            Question::Document { fields, near, .. } | Question::Listing { fields, near, .. } => {
                let read = fields.and(near.unwrap_or_default());
                !read.has_any(Fields::OF_TEXT) && self.may_touch(question)
            }
            question => self.may_touch(question),
        }
    }

    /// Whether a document may be answered `question` otherwise. What follows from the order of the site,
    /// templates and the configuration is as it was.
    pub(super) fn may_touch(&self, question: &Question) -> bool {
        match question {
            Question::Settings
            | Question::Colours
            | Question::Template(_)
            | Question::Shortcodes
            | Question::Permalink(_)
            | Question::Files => false,
            Question::Document { doc, fields, near } => {
                let document = self.world.arranged.order.ids.document(*doc);
                document.is_none_or(|document| self.touches(document, *fields, *near))
            }
            Question::Listing { list, fields, near } => {
                let read = fields.and(near.unwrap_or_default());
                self.fields.has_any(read)
                    && self
                        .world
                        .lists(list)
                        .into_iter()
                        .flatten()
                        .any(|page| self.touches(Document::Page(*page), *fields, *near))
            }
            Question::File(_, phase) | Question::Call(_, _, phase) => *phase == Phase::Documents,
        }
    }

    fn touches(&self, document: Document, fields: Fields, near: Option<Fields>) -> bool {
        let of_itself = self.documents.get(&document);
        of_itself.is_some_and(|changed| changed.has_any(fields))
            || fields.has(Field::Backlinks) && self.fields.has(Field::Backlinks)
            || near.is_some_and(|near| self.fields.has_any(near)) && self.near.contains(&document)
    }
}

/// What differs in the file of a document.
fn difference(world: &World, last: &Last, (document, by): (Document, Sorting)) -> Fields {
    let said = match document {
        Document::Page(number) => {
            let pair = last.pages.get(number).zip(world.source.pages.get(number));
            pair.and_then(|(a, b)| {
                let said = said::page_difference(a, b, by)?;
                Some((said, a.body.hash() == b.body.hash()))
            })
        }
        Document::Section(number) => {
            let pair = last
                .sections
                .get(number)
                .zip(world.source.sections.get(number));
            pair.and_then(|(a, b)| {
                let said = said::section_difference(a, b)?;
                Some((said, a.body.hash() == b.body.hash()))
            })
        }
    };
    let before_texts = TEXTUAL.without(Fields::OF_TEXT);
    match said {
        Some((said, true)) => said,
        Some((said, false)) => said.and(before_texts),
        None => Fields::ALL,
    }
}
