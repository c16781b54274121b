//! What each question is answered, as a digest: two runs that agree on it would render the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::{
    ask::{self, Digest, List, Noting, Question, digest, digest_value},
    field::{Field, Fields},
    functions,
    world::{Document, World},
};
use crate::idle;

impl World {
    /// The answer to `question`.
    pub(super) fn answer(&self, question: &Question) -> Digest {
        ask::some(self.answered(question))
    }

    fn answered(&self, question: &Question) -> Digest {
        match question {
            Question::Settings => self.arranged.order.settings,
            Question::Colours => self.arranged.order.colours,
            Question::Template(name) => self.engine.bounded_view(name).digest,
            Question::Shortcodes => digest(self.engine.written("shortcodes/")),
            Question::Permalink(path) => digest(self.addresses.permalink(path)),
            Question::Files => self.arranged.order.files,
            Question::Document { doc, fields, near } => {
                match self.arranged.order.ids.document(*doc) {
                    Some(document) => self.digest_document(document, *fields, *near),
                    None => 0,
                }
            }
            Question::Listing { list, fields, near } => self.digest_list(list, *fields, *near),
            Question::File(path, phase) => {
                let asked = || functions::stamp(self, path);
                ask::during(*phase, Noting::Off, asked).0
            }
            Question::Call(name, arguments, phase) => {
                let asked = || functions::call(self, name, arguments);
                digest_answer(&ask::during(*phase, Noting::Off, asked).0)
            }
        }
    }

    fn digest_document(&self, document: Document, fields: Fields, near: Option<Fields>) -> Digest {
        let mut hasher = DefaultHasher::new();
        self.hash_fields(document, fields, &mut hasher);
        let (Some(near), Document::Page(number)) = (near, document) else {
            return hasher.finish();
        };
        if fields.has_any(Fields::NEIGHBOURS) {
            let [retired, _] = self.neighbours_names(number);
            retired
                .map(|names| names.map(Field::number))
                .hash(&mut hasher);
            let place = self.library.pages.get(number);
            let neighbours = place.map_or([None, None], |place| [place.lower, place.higher]);
            for neighbour in neighbours.map(|page| page.map(Document::Page)) {
                let doc = neighbour.and_then(|page| self.arranged.order.ids.of(page));
                doc.hash(&mut hasher);
                neighbour
                    .into_iter()
                    .for_each(|page| self.hash_fields(page, near, &mut hasher));
            }
        }
        hasher.finish()
    }

    fn hash_fields(&self, document: Document, fields: Fields, hasher: &mut DefaultHasher) {
        idle::step();
        let kept = self.kept(document);
        let head = self.arranged.head(document, |field| {
            self.field(document, field).as_ref().map_or(0, digest_value)
        });
        for field in fields.iter() {
            match (field, kept) {
                (Field::WordCount, _) => self.measure(document).0.hash(hasher),
                (Field::ReadingTime, _) => self.measure(document).1.hash(hasher),
                (Field::Toc, Some(kept)) => kept.toc.hash(hasher),
                (Field::Summary, Some(kept)) => kept.summary.hash(hasher),
                (Field::Content, Some(kept)) => kept.content.hash(hasher),
                (Field::Backlinks, _) => digest_value(&self.backlinks(document)).hash(hasher),
                (field, _) => {
                    let group = field.group();
                    let digest = group.and_then(|group| head?.get(group));
                    digest.hash(hasher);
                }
            }
        }
    }

    fn digest_list(&self, list: &List, fields: Fields, near: Option<Fields>) -> Digest {
        let mut hasher = DefaultHasher::new();
        let pages = |pages: &[usize], hasher: &mut DefaultHasher| {
            pages.len().hash(hasher);
            for document in pages.iter().copied().map(Document::Page) {
                self.arranged.order.ids.of(document).hash(hasher);
                self.digest_document(document, fields, near).hash(hasher);
            }
        };
        match list {
            List::Section(_) | List::Term(_) => {
                let listed = self.lists(list).into_iter().next();
                listed.into_iter().for_each(|list| pages(list, &mut hasher));
            }
            List::Taxonomy(names) => {
                let [lang, kind] = &**names;
                let with_pages = fields.has(Field::Pages);
                for term in self.library.terms(lang, kind) {
                    (&term.name, &term.slug, &term.path, term.pages.len()).hash(&mut hasher);
                    let listed = Some(&term.pages).filter(|_| with_pages);
                    listed.into_iter().for_each(|list| pages(list, &mut hasher));
                }
            }
        }
        hasher.finish()
    }

    /// The pages of a list, or of each of its lists.
    pub(super) fn lists(&self, list: &List) -> Vec<&[usize]> {
        match list {
            List::Section(doc) => {
                let document = self.arranged.order.ids.document(*doc);
                let place = document.and_then(|document| match document {
                    Document::Section(number) => self.library.sections.get(number),
                    Document::Page(_) => None,
                });
                place.into_iter().map(|place| &*place.pages).collect()
            }
            List::Term(names) => {
                let [lang, kind, slug] = &**names;
                let mut terms = self.library.terms(lang, kind).iter();
                let term = terms.find(|term| term.slug == *slug);
                term.into_iter().map(|term| &*term.pages).collect()
            }
            List::Taxonomy(names) => {
                let [lang, kind] = &**names;
                let terms = self.library.terms(lang, kind).iter();
                terms.map(|term| &*term.pages).collect()
            }
        }
    }
}

/// A digest of what a function gave.
pub(super) fn digest_answer(answer: &Result<Value, String>) -> Digest {
    match answer {
        Ok(value) => digest_value(value),
        Err(why) => digest((why, "not given")),
    }
}
