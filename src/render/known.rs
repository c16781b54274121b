//! What is kept of a site from one publish to the next.

use std::{collections::HashMap, fmt, sync::Arc};

use super::{
    arranged::Arranged,
    ask::Doc,
    engine::Engine,
    functions,
    last::{Last, Learned},
    markdown::Shelf,
    world::Document,
};
use crate::site::{ColourSource, ContentFile, Problem, Source, TemplateSource};

/// The memory of one site. A new one knows nothing: all is rendered.
#[derive(Default)]
pub(crate) struct Known {
    numbers: Numbers,
    engines: Vec<KnownEngine>,
    shelf: Option<KnownShelf>,
    arranged: Option<Arc<Arranged>>,
    last: Option<Arc<Last>>,
    bytes: usize,
}

/// An engine, the templates it was made of, and what is wrong with them.
struct KnownEngine {
    templates: Vec<Arc<TemplateSource>>,
    engine: Arc<Engine>,
    problems: Vec<Problem>,
}

/// What code is painted with, what that was made of, and what is wrong with it.
struct KnownShelf {
    colours: Vec<Arc<ColourSource>>,
    shelf: Arc<Shelf>,
    problems: Vec<Problem>,
}

/// The lasting number of each file below `content/`.
#[derive(Default)]
pub(super) struct Numbers {
    by_file: HashMap<Arc<str>, u32>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl Known {
    /// The engine of the templates of `source`, and what is wrong with them.
    pub(super) fn engine(&mut self, source: &Source) -> (Arc<Engine>, Vec<Problem>) {
        let mut known = self.engines.iter();
        if let Some(known) = known.find(|known| known.templates == source.templates) {
            return (Arc::clone(&known.engine), known.problems.clone());
        }
        let (mut engine, problems) = Engine::of(source);
        functions::register(&mut engine);
        let engine = Arc::new(engine);
        // That of the last run, too: it may be wanted again.
        self.engines.retain(|known| {
            let last = self.last.as_ref();
            last.is_some_and(|last| Arc::ptr_eq(&last.engine, &known.engine))
        });
        self.engines.push(KnownEngine {
            templates: source.templates.clone(),
            engine: Arc::clone(&engine),
            problems: problems.clone(),
        });
        (engine, problems)
    }

    /// What the code of `source` is painted with, and what is wrong with that.
    pub(super) fn shelf(&mut self, source: &Source) -> (Arc<Shelf>, Vec<Problem>) {
        if let Some(known) = &self.shelf
            && known.colours == source.colours
        {
            return (Arc::clone(&known.shelf), known.problems.clone());
        }
        let (shelf, problems) = Shelf::of(&source.colours);
        let shelf = Arc::new(shelf);
        self.shelf = Some(KnownShelf {
            colours: source.colours.clone(),
            shelf: Arc::clone(&shelf),
            problems: problems.clone(),
        });
        (shelf, problems)
    }

    /// `source` in its order.
    pub(super) fn arranged(&mut self, source: &Source) -> Arc<Arranged> {
        // Where the last attempt failed, the one before it may be what the site is like again.
        let known = self
            .last
            .iter()
            .map(|last| &last.arranged)
            .chain(&self.arranged);
        let arranged = Arranged::of(source, known, &mut self.numbers);
        self.arranged = Some(Arc::clone(&arranged));
        arranged
    }

    /// The last run that was learned.
    pub(super) fn last(&self) -> Option<Arc<Last>> {
        self.last.clone()
    }

    /// Takes in what a run made, and forgets what is not there any more.
    pub(crate) fn learn(&mut self, learned: Learned) {
        self.last = None;
        let last = learned.into_last();
        self.bytes = last.bytes();
        self.last = Some(Arc::new(last));
    }

    /// About what it takes in memory: of the last run that it learned of.
    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes
    }
}

impl Numbers {
    /// The numbers of what is in `source`.
    pub(super) fn ids(&mut self, source: &Source) -> Ids {
        let mut of = |file: &ContentFile| {
            let next = self.by_file.len() as u32;
            let number = self.by_file.entry(file.shared_path()).or_insert(next);
            Doc(*number)
        };
        let pages: Vec<Doc> = source.pages.iter().map(|page| of(&page.file)).collect();
        let sections = source.sections.iter();
        let sections: Vec<Doc> = sections.map(|section| of(&section.file)).collect();
        let mut documents = vec![None; self.by_file.len()];
        let mut place = |docs: &[Doc], kind: fn(usize) -> Document| {
            for (number, doc) in docs.iter().enumerate() {
                let slot = documents.get_mut(doc.0 as usize);
                slot.into_iter().for_each(|slot| *slot = Some(kind(number)));
            }
        };
        place(&pages, Document::Page);
        place(&sections, Document::Section);
        Ids {
            pages,
            sections,
            documents,
        }
    }
}

/// Numbers of pages and sections that last longer than a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ids {
    pages: Vec<Doc>,
    sections: Vec<Doc>,
    documents: Vec<Option<Document>>,
}

impl Ids {
    /// About what they take in memory, with the numbers they come from.
    pub(super) fn bytes(&self) -> usize {
        // A table is between half and all full.
        let entry = 2 * (size_of::<(Arc<str>, u32)>() + 1);
        let docs = size_of_val(&*self.pages) + size_of_val(&*self.sections);
        docs + self.documents.len() * (size_of::<Option<Document>>() + entry)
    }

    pub(super) fn of(&self, document: Document) -> Option<Doc> {
        match document {
            Document::Page(number) => self.pages.get(number).copied(),
            Document::Section(number) => self.sections.get(number).copied(),
        }
    }

    pub(super) fn document(&self, doc: Doc) -> Option<Document> {
        self.documents.get(doc.0 as usize).copied().flatten()
    }
}
