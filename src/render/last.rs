//! What the last run that was published asked, was answered, and made.

mod parts;
mod users;

use std::{collections::HashMap, fmt, mem, sync::Arc};

use bytes::Bytes;
use once_cell::sync::OnceCell;

use self::users::Users;
pub(super) use self::{
    parts::{Image, Job, Key, Kind, Seldom, Text},
    users::User,
};
use super::{
    arranged::Arranged,
    ask::{Answers, Digest, Questions},
    engine::Engine,
    links::Links,
    outcome::Sorted,
    world::{Document, World},
};
use crate::site::{PageSource, SectionSource};

/// A run, as far as the next one may need it. Texts are numbered as documents are: the pages, and then the
/// sections; jobs in the order in which they were made.
pub(super) struct Last {
    pub(super) arranged: Arc<Arranged>,
    pub(super) engine: Arc<Engine>,
    pub(super) pages: Vec<Arc<PageSource>>,
    pub(super) sections: Vec<Arc<SectionSource>>,
    texts: Vec<Arc<Text>>,
    /// The documents with whose texts something is wrong.
    pub(super) troubled: Vec<Document>,
    pub(super) questions: Questions,
    users: Users,
    pub(super) jobs: Jobs,
    by_key: OnceCell<HashMap<Key, u32>>,
    pub(super) sorted: Sorted,
    pub(super) images: HashMap<Arc<str>, Arc<Image>>,
    pub(super) indexes: (Digest, HashMap<String, Bytes>),
    pub(super) links: Arc<Links>,
}

/// Documents, as they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Jobs {
    pub(super) all: Vec<Arc<Job>>,
    /// How many of them are of pages; they come first.
    pub(super) of_pages: usize,
}

impl fmt::Debug for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Last")
            .field("texts", &self.texts.len())
            .field("jobs", &self.jobs.all.len())
            .field("questions", &self.questions.len())
            .finish_non_exhaustive()
    }
}

impl Last {
    /// About what it takes in memory, beside the files and the pages themselves.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.texts.iter().map(|text| text.bytes());
        let jobs = self.jobs.all.iter().map(|job| job.bytes());
        let indexes = self.indexes.1.values().map(Bytes::len);
        let each: usize = texts.chain(jobs).chain(indexes).sum();
        let sources = (self.pages.len() + self.sections.len()) * size_of::<Arc<PageSource>>();
        each + sources
            + self.arranged.bytes()
            + self.questions.bytes()
            + self.users.bytes()
            + self.links.backlinks.bytes()
    }

    /// The text of a document of this run.
    pub(super) fn text(&self, document: Document) -> Option<&Arc<Text>> {
        self.texts.get(self.number(document))
    }

    fn number(&self, document: Document) -> usize {
        match document {
            Document::Page(number) => number,
            Document::Section(number) => self.pages.len() + number,
        }
    }

    /// The document that has the text of this number.
    pub(super) fn document(&self, text: u32) -> Document {
        let number = text as usize;
        match number.checked_sub(self.pages.len()) {
            None => Document::Page(number),
            Some(section) => Document::Section(section),
        }
    }

    /// The documents of `world`, in the same order, whose files differ.
    pub(super) fn differing<'w>(&'w self, world: &'w World) -> impl Iterator<Item = Document> + 'w {
        let pages = self.pages.iter().zip(&world.source.pages).enumerate();
        let pages = pages.filter(|(_, (a, b))| !Arc::ptr_eq(a, b));
        let pages = pages.map(|(number, _)| Document::Page(number));
        let sections = self.sections.iter().zip(&world.source.sections).enumerate();
        let sections = sections.filter(|(_, (a, b))| !Arc::ptr_eq(a, b));
        pages.chain(sections.map(|(number, _)| Document::Section(number)))
    }

    /// Who asked the question of this number.
    pub(super) fn users(&self, question: u32) -> impl Iterator<Item = User> {
        self.users.of_question(question)
    }

    /// The job with this key, most likely number `place`, and its number.
    pub(super) fn job(&self, key: &Key, place: usize) -> Option<(u32, &Arc<Job>)> {
        let there = self.jobs.all.get(place).filter(|job| job.key == *key);
        there.map(|job| (place as u32, job)).or_else(|| {
            let by_key = self.by_key.get_or_init(|| {
                let jobs = self.jobs.all.iter().enumerate();
                jobs.map(|(number, job)| (job.key.clone(), number as u32))
                    .collect()
            });
            let number = *by_key.get(key)?;
            Some((number, self.jobs.all.get(number as usize)?))
        })
    }

    /// Whether the same texts and documents, by their numbers, asked the same questions in the run `before`.
    fn asks_as(&self, before: &Self) -> bool {
        let mut texts = self.texts.iter().zip(&before.texts);
        let mut jobs = self.jobs.all.iter().zip(&before.jobs.all);
        self.texts.len() == before.texts.len()
            && self.jobs.all.len() == before.jobs.all.len()
            && texts.all(|(a, b)| Arc::ptr_eq(a, b) || a.questions == b.questions)
            && jobs.all(|(a, b)| Arc::ptr_eq(a, b) || a.questions == b.questions)
    }

    /// Copies what was made one by one, between much that was needed for a while only: so that the pages of
    /// memory that it lies in are few and full.
    fn gather(&mut self) {
        let texts = self.texts.iter().map(|text| Arc::new(Text::clone(text)));
        let jobs = self.jobs.all.iter().map(|job| Arc::new(Job::clone(job)));
        // All are copied before any of them goes: a copy would only take the place of the one before it.
        let copies: (Vec<_>, Vec<_>) = (texts.collect(), jobs.collect());
        (self.texts, self.jobs.all) = copies;
        self.questions.gather();
    }

    /// Forgets the questions that nothing on the air asked, once they are many.
    fn tidy(&mut self) {
        let mut is_asked = vec![false; self.questions.len()];
        let texts = self.texts.iter().map(|text| &text.questions);
        let lists = texts.chain(self.jobs.all.iter().map(|job| &job.questions));
        for number in lists.flat_map(|list| list.iter()) {
            let is_asked = is_asked.get_mut(*number as usize);
            is_asked.into_iter().for_each(|is_asked| *is_asked = true);
        }
        let asked = is_asked.iter().filter(|is_asked| **is_asked).count();
        if self.questions.len() < FORGET_FROM || asked * 2 > self.questions.len() {
            return;
        }
        let numbers = self.questions.retain(&is_asked);
        let renumbered = |list: &[u32]| -> Box<[u32]> {
            let each = list
                .iter()
                .filter_map(|number| numbers.get(*number as usize));
            each.copied().collect()
        };
        for text in &mut self.texts {
            let text = Arc::make_mut(text);
            text.questions = renumbered(&text.questions);
        }
        for job in &mut self.jobs.all {
            let job = Arc::make_mut(job);
            job.questions = renumbered(&job.questions);
        }
    }
}

/// What one run found out. It is not known before somebody says that the site stayed as it was meanwhile:
/// a file that changed between two looks would be known for what it is not.
pub(crate) struct Learned {
    pub(super) world: Arc<World>,
    pub(super) answers: Answers,
    pub(super) jobs: Jobs,
    pub(super) sorted: Sorted,
    pub(super) images: HashMap<Arc<str>, Arc<Image>>,
    pub(super) indexes: (Digest, HashMap<String, Bytes>),
    pub(super) links: Arc<Links>,
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Learned").finish_non_exhaustive()
    }
}

impl Learned {
    /// What is to be known of the run.
    pub(super) fn into_last(self) -> Last {
        let Self {
            world,
            answers,
            jobs,
            ..
        } = self;
        let texts = world
            .documents()
            .filter_map(|document| world.kept(document).cloned());
        let texts: Vec<Arc<Text>> = texts.collect();
        let troubled = world.documents().zip(&texts);
        let troubled = troubled.filter(|(_, text)| !text.problems().is_empty());
        let troubled = troubled.map(|(document, _)| document).collect();
        let (pages, sections) = (world.source.pages.clone(), world.source.sections.clone());
        let (arranged, engine) = (Arc::clone(&world.arranged), Arc::clone(&world.engine));
        let before = world.last.clone();
        drop(world);
        let is_first = before.is_none();
        // As a rule nobody else has it any more.
        let (mut questions, before) = match before.map(Arc::try_unwrap) {
            None => (Questions::default(), None),
            Some(Ok(mut last)) => (mem::take(&mut last.questions), Some(last)),
            Some(Err(last)) => (last.questions.clone(), None),
        };
        let asked_before = questions.len();
        questions.update(answers);
        let has_new_questions = questions.len() != asked_before;
        let mut last = Last {
            arranged,
            engine,
            pages,
            sections,
            texts,
            troubled,
            questions,
            users: Users::default(),
            jobs,
            by_key: OnceCell::new(),
            sorted: self.sorted,
            images: self.images,
            indexes: self.indexes,
            links: self.links,
        };
        // After most edits the same are asked by the same.
        let as_before = before.filter(|before| !has_new_questions && last.asks_as(before));
        last.users = match as_before {
            Some(before) => before.users,
            None => {
                last.tidy();
                if is_first {
                    last.gather();
                }
                Users::of(last.questions.len(), &last.texts, &last.jobs.all)
            }
        };
        last
    }
}

const FORGET_FROM: usize = 10_000;
