//! What is kept of a site from one publish to the next: what each text and each document asked, what it
//! was answered, and what was made of it.

use std::{collections::HashMap, fmt, sync::Arc};

use bytes::Bytes;

use super::{
    arranged::Arranged,
    ask::{Answers, Digest, Doc, Questions, digest},
    engine::Engine,
    functions,
    markdown::{InternalLink, Rendered, Shelf},
    outcome::Placed,
    world::{Document, World},
};
use crate::site::{ColourSource, Problem, Source, TemplateSource};

/// The memory of one site. A new one knows nothing: all is rendered.
#[derive(Default)]
pub(crate) struct Known {
    /// The lasting number of each file below `content/`.
    numbers: HashMap<String, u32>,
    pub(super) engine: Option<(Vec<Arc<TemplateSource>>, Arc<Engine>, Vec<Problem>)>,
    pub(super) shelf: Option<(Vec<Arc<ColourSource>>, Arc<Shelf>, Vec<Problem>)>,
    pub(super) arranged: Option<Arc<Arranged>>,
    pub(super) indexes: Option<(Digest, HashMap<String, Bytes>)>,
    pub(super) questions: Questions,
    pub(super) texts: HashMap<Doc, Arc<Text>>,
    pub(super) jobs: HashMap<Key, Arc<Job>>,
    pub(super) images: HashMap<Arc<str>, Arc<Image>>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("texts", &self.texts.len())
            .field("jobs", &self.jobs.len())
            .field("questions", &self.questions.len())
            .finish_non_exhaustive()
    }
}

/// What one run found out. It is not known before somebody says that the site stayed as it was meanwhile:
/// a file that changed between two looks would be known for what it is not.
#[derive(Debug)]
pub(crate) struct Learned {
    answers: Answers,
    texts: HashMap<Doc, Arc<Text>>,
    jobs: HashMap<Key, Arc<Job>>,
    images: HashMap<Arc<str>, Arc<Image>>,
    indexes: (Digest, HashMap<String, Bytes>),
}

impl Learned {
    pub(super) fn of(
        world: &World,
        answers: Answers,
        done: Vec<(Key, Arc<Job>)>,
        images: HashMap<Arc<str>, Arc<Image>>,
        indexes: (Digest, HashMap<String, Bytes>),
    ) -> Self {
        let texts = world.documents().filter_map(|document| {
            let kept = world.slot(document)?.kept()?;
            Some((world.ids.of(document)?, Arc::clone(kept)))
        });
        Self {
            answers,
            texts: texts.collect(),
            jobs: done.into_iter().collect(),
            images,
            indexes,
        }
    }
}

/// What is known of a text.
#[derive(Debug)]
pub(super) struct Text {
    /// What it was rendered from besides what it asked.
    pub(super) terms: Digest,
    pub(super) questions: Box<[u32]>,
    pub(super) measured: (usize, usize),
    pub(super) toc: Digest,
    pub(super) summary: Digest,
    pub(super) content: Digest,
    pub(super) links: Box<[InternalLink]>,
    /// A digest of each, sorted.
    pub(super) anchors: Box<[Digest]>,
    pub(super) problems: Box<[Problem]>,
    pub(super) images: Box<[Arc<str>]>,
}

impl Text {
    pub(super) fn of(
        rendered: &Rendered,
        terms: Digest,
        measured: (usize, usize),
        questions: Box<[u32]>,
        images: Vec<Arc<str>>,
    ) -> Self {
        let mut anchors: Box<[Digest]> = rendered.anchors.iter().map(digest).collect();
        anchors.sort_unstable();
        Self {
            terms,
            questions,
            measured,
            toc: digest(&rendered.toc),
            summary: digest(&rendered.summary),
            content: digest(&rendered.html),
            links: rendered.internal_links.clone().into(),
            anchors,
            problems: rendered.problems.clone().into(),
            images: images.into(),
        }
    }
}

/// What a document is known by from publish to publish.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) kind: Kind,
    /// A file or a path, whatever tells those of one kind apart.
    pub(super) name: Box<str>,
    /// The number of a pager.
    pub(super) index: usize,
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Page,
    Section,
    Redirect,
    TermList,
    Term,
    Feed,
    Sitemap,
    /// What every site has.
    Common,
    Asset,
    Made,
}

/// What is known of a document.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) terms: Digest,
    pub(super) questions: Box<[u32]>,
    pub(super) placed: Placed,
    pub(super) problems: Box<[Problem]>,
    pub(super) images: Box<[Arc<str>]>,
}

/// An image in another size.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) placed: Placed,
    pub(super) problem: Option<Problem>,
}

impl Known {
    /// The engine of the templates of `source`, and what is wrong with them.
    pub(super) fn engine(&mut self, source: &Source) -> (Arc<Engine>, Vec<Problem>) {
        if let Some((templates, engine, problems)) = &self.engine
            && *templates == source.templates
        {
            return (Arc::clone(engine), problems.clone());
        }
        let (mut engine, problems) = Engine::of(source);
        functions::register(&mut engine);
        let engine = Arc::new(engine);
        let kept = (
            source.templates.clone(),
            Arc::clone(&engine),
            problems.clone(),
        );
        self.engine = Some(kept);
        (engine, problems)
    }

    /// What the code of `source` is painted with, and what is wrong with that.
    pub(super) fn shelf(&mut self, source: &Source) -> (Arc<Shelf>, Vec<Problem>) {
        if let Some((colours, shelf, problems)) = &self.shelf
            && *colours == source.colours
        {
            return (Arc::clone(shelf), problems.clone());
        }
        let (shelf, problems) = Shelf::of(&source.colours);
        let shelf = Arc::new(shelf);
        self.shelf = Some((source.colours.clone(), Arc::clone(&shelf), problems.clone()));
        (shelf, problems)
    }

    /// The lasting numbers of what is in `source`.
    pub(super) fn ids(&mut self, source: &Source) -> Ids {
        let mut of = |relative: &str| {
            if let Some(number) = self.numbers.get(relative) {
                return Doc(*number);
            }
            let next = self.numbers.len() as u32;
            self.numbers.insert(relative.to_owned(), next);
            Doc(next)
        };
        let pages: Vec<Doc> = source
            .pages
            .iter()
            .map(|page| of(&page.file.relative))
            .collect();
        let sections = source
            .sections
            .iter()
            .map(|section| of(&section.file.relative));
        let sections: Vec<Doc> = sections.collect();
        let mut documents = vec![None; self.numbers.len()];
        let mut place = |docs: &[Doc], kind: fn(usize) -> Document| {
            for (number, doc) in docs.iter().enumerate() {
                if let Some(slot) = documents.get_mut(doc.0 as usize) {
                    *slot = Some(kind(number));
                }
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

    /// Takes in what a run made, and forgets what is not there any more.
    pub(crate) fn learn(&mut self, learned: Learned) {
        self.questions.update(learned.answers);
        self.texts = learned.texts;
        self.jobs = learned.jobs;
        self.images = learned.images;
        self.indexes = Some(learned.indexes);
        self.tidy();
    }

    /// Forgets the questions that nothing on the air asked, once they are many.
    fn tidy(&mut self) {
        let lists = || {
            let texts = self.texts.values().map(|text| &text.questions);
            texts.chain(self.jobs.values().map(|job| &job.questions))
        };
        let mut is_asked = vec![false; self.questions.len()];
        for number in lists().flat_map(|list| list.iter()) {
            if let Some(is_asked) = is_asked.get_mut(*number as usize) {
                *is_asked = true;
            }
        }
        let asked = is_asked.iter().filter(|is_asked| **is_asked).count();
        if self.questions.len() < FORGET_FROM || asked * 2 > self.questions.len() {
            return;
        }
        let numbers = self.questions.retain(&is_asked);
        let renumbered = |list: &[u32]| {
            let each = list
                .iter()
                .filter_map(|number| numbers.get(*number as usize).copied());
            let mut list: Box<[u32]> = each.collect();
            list.sort_unstable();
            list
        };
        for text in self.texts.values_mut() {
            let questions = renumbered(&text.questions);
            // Nobody else has it between two runs.
            if let Some(text) = Arc::get_mut(text) {
                text.questions = questions;
            }
        }
        for job in self.jobs.values_mut() {
            let questions = renumbered(&job.questions);
            if let Some(job) = Arc::get_mut(job) {
                job.questions = questions;
            }
        }
    }
}

/// Numbers of pages and sections that last longer than a run.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pages: Vec<Doc>,
    sections: Vec<Doc>,
    documents: Vec<Option<Document>>,
}

impl Ids {
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

const FORGET_FROM: usize = 10_000;
