//! What a text or a document asks of its site while it is rendered: each question is noted, so that the
//! next time it need only be rendered again if one is answered otherwise.
//!
//! Knows how questions are noted and kept; what they are answered is in `answer`.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::field::Fields;

/// A question to the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// The configuration.
    Settings,
    /// The grammars and themes that code is painted with.
    Colours,
    /// A template, with all that it reaches.
    Template(Arc<str>),
    /// Whether templates of these names are there, sorted: of all shortcodes.
    Shortcodes,
    /// The URL of a file below `content/`.
    Permalink(Arc<str>),
    /// The names of all files below `content/`, of which the nearest may be suggested.
    Files,
    /// Fields of a page or section; those of its neighbours with `near`.
    Document {
        doc: Doc,
        fields: Fields,
        near: Option<Fields>,
    },
    /// Fields of all that are in a list, in its order.
    Listing {
        list: List,
        fields: Fields,
        near: Option<Fields>,
    },
    /// The content of a file of the site, by the path a template names it by.
    File(Arc<str>, Phase),
    /// What a function gives for these arguments (JSON).
    Call(&'static str, Arc<str>, Phase),
}

/// A page or a section, by a number that it keeps from publish to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Doc(pub(super) u32);

/// A list of pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum List {
    /// Of a section.
    Section(Doc),
    /// Of a term: language, taxonomy, slug.
    Term(Arc<[String; 3]>),
    /// Of each term of a taxonomy, with the terms: language, taxonomy.
    Taxonomy(Arc<[String; 2]>),
}

/// How far rendering is: some answers are not known earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// Markdown becomes HTML.
    Texts,
    /// Templates become documents.
    Documents,
}

/// 64 bits that stand for an answer: two that differ have different ones, but for an accident that no site
/// lives long enough to meet. Good within one process only.
pub(super) type Digest = u64;

/// What was noted while something was rendered.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) questions: HashSet<Question, BuildHasherDefault<DefaultHasher>>,
    /// The images that were ordered.
    pub(super) images: Vec<Arc<str>>,
}

struct Turn {
    phase: Phase,
    /// What the templates that are being rendered can read of what they fetch.
    others: Fields,
    /// Whether templates are given all there is, read or not, since something went wrong.
    is_whole: bool,
    /// None if nobody will render again.
    notes: Option<Notes>,
}

thread_local! {
    /// What is being rendered on this thread; what it was begun for comes before it.
    static TURNS: RefCell<Vec<Turn>> = const { RefCell::new(Vec::new()) };
}

/// Does `work` in `phase`, and gives what it asked, if that is noted.
pub(super) fn during<T>(
    phase: Phase,
    noting: Noting,
    work: impl FnOnce() -> T,
) -> (T, Option<Notes>) {
    let notes = (noting == Noting::On).then(Notes::default);
    let is_whole = false;
    turn(
        Turn {
            phase,
            others: Fields::ALL,
            is_whole,
            notes,
        },
        work,
    )
}

/// The same with all that templates could be given, so that it can be told what they lack.
pub(super) fn wholly<T>(
    phase: Phase,
    noting: Noting,
    work: impl FnOnce() -> T,
) -> (T, Option<Notes>) {
    let notes = (noting == Noting::On).then(Notes::default);
    let is_whole = true;
    turn(
        Turn {
            phase,
            others: Fields::ALL,
            is_whole,
            notes,
        },
        work,
    )
}

fn turn<T>(turn: Turn, work: impl FnOnce() -> T) -> (T, Option<Notes>) {
    TURNS.with_borrow_mut(|turns| turns.push(turn));
    let over = Over;
    let done = work();
    std::mem::forget(over);
    let turn = TURNS.with_borrow_mut(Vec::pop);
    (done, turn.and_then(|turn| turn.notes))
}

/// Whether questions are noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noting {
    On,
    Off,
}

/// Ends a turn that panics.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        TURNS.with_borrow_mut(Vec::pop);
    }
}

/// Notes a question of what is being rendered.
pub(super) fn note(question: impl FnOnce() -> Question) {
    let is_noting =
        TURNS.with_borrow(|turns| turns.last().is_some_and(|turn| turn.notes.is_some()));
    if is_noting {
        let question = question();
        with_notes(|notes| {
            notes.questions.insert(question);
        });
    }
}

/// Notes that an image was ordered.
pub(super) fn note_image(name: &str) {
    with_notes(|notes| notes.images.push(name.into()));
}

fn with_notes(on: impl FnOnce(&mut Notes)) {
    TURNS.with_borrow_mut(|turns| {
        if let Some(notes) = turns.last_mut().and_then(|turn| turn.notes.as_mut()) {
            on(notes);
        }
    });
}

/// Whether what is being rendered on this thread is given all there is.
pub(super) fn is_whole() -> bool {
    TURNS.with_borrow(|turns| turns.last().is_none_or(|turn| turn.is_whole))
}

/// What the template that is being rendered on this thread can read of what it fetches.
pub(super) fn others() -> Fields {
    TURNS.with_borrow(|turns| turns.last().map_or(Fields::ALL, |turn| turn.others))
}

/// Does `work` for a template that can read `others` of what it fetches.
pub(super) fn reading<T>(others: Fields, work: impl FnOnce() -> T) -> T {
    let exchange = |others: Fields| {
        TURNS.with_borrow_mut(|turns| {
            let turn = turns.last_mut();
            turn.map_or(others, |turn| std::mem::replace(&mut turn.others, others))
        })
    };
    let before = exchange(others);
    let done = work();
    exchange(before);
    done
}

/// How far what is being rendered on this thread is.
pub(super) fn phase() -> Phase {
    TURNS.with_borrow(|turns| turns.last().map_or(Phase::Documents, |turn| turn.phase))
}

/// Every question that anything on the air asked, by number, with its answer then and now.
#[derive(Debug, Clone, Default)]
pub(super) struct Questions {
    numbers: HashMap<Question, u32, BuildHasherDefault<DefaultHasher>>,
    asked: Vec<(Question, Digest)>,
}

/// The questions of one run: those of before, which may have another answer now, and new ones.
pub(super) struct Asking<'k> {
    before: &'k Questions,
    /// The answers of now, by number; 0 for what nobody asked yet.
    now: Vec<AtomicU64>,
    /// A lock, held to look a question up.
    new: Mutex<Questions>,
}

impl<'k> Asking<'k> {
    pub(super) fn of(before: &'k Questions) -> Self {
        let now = || AtomicU64::new(0);
        Self {
            before,
            now: std::iter::repeat_with(now)
                .take(before.asked.len())
                .collect(),
            new: Mutex::default(),
        }
    }

    /// Whether each question of `numbers` is answered as it was.
    pub(super) fn agree(&self, numbers: &[u32], answer: impl Fn(&Question) -> Digest) -> bool {
        numbers.iter().all(|number| self.agrees(*number, &answer))
    }

    fn agrees(&self, number: u32, answer: impl Fn(&Question) -> Digest) -> bool {
        let at = number as usize;
        let (Some((question, then)), Some(now)) = (self.before.asked.get(at), self.now.get(at))
        else {
            return false;
        };
        let known = now.load(Ordering::Relaxed);
        let answered = match known {
            0 => answer(question),
            known => known,
        };
        if known == 0 {
            now.store(answered, Ordering::Relaxed);
        }
        answered == *then
    }

    /// The numbers of those questions of before that have another answer now. What `may_differ` does not
    /// think of is not asked.
    pub(super) fn differing(
        &self,
        may_differ: impl Fn(&Question) -> bool + Sync,
        answer: impl Fn(&Question) -> Digest + Sync,
    ) -> Vec<u32> {
        let asked = self.before.asked.par_iter().enumerate();
        let suspects = asked.filter(|(_, (question, _))| may_differ(question));
        let suspects = suspects.map(|(number, _)| number as u32);
        suspects
            .filter(|number| !self.agrees(*number, &answer))
            .collect()
    }

    /// The numbers of the questions in `notes`, each answered by now.
    pub(super) fn number(&self, notes: Notes, answer: impl Fn(&Question) -> Digest) -> Box<[u32]> {
        let mut numbers: Vec<u32> = notes
            .questions
            .into_iter()
            .map(|question| self.number_one(question, &answer))
            .collect();
        numbers.sort_unstable();
        numbers.into()
    }

    fn number_one(&self, question: Question, answer: impl Fn(&Question) -> Digest) -> u32 {
        if let Some(number) = self.before.numbers.get(&question) {
            self.agrees(*number, answer);
            return *number;
        }
        let known = self.unheard_of().numbers.get(&question).copied();
        let number = known.unwrap_or_else(|| {
            // Out of the lock: to answer may take a while, and may ask in turn.
            let digest = answer(&question);
            self.unheard_of().add(question, digest)
        });
        number + self.now.len() as u32
    }

    fn unheard_of(&self) -> MutexGuard<'_, Questions> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answers of now, and the questions that are new.
    pub(super) fn finish(self) -> Answers {
        Answers {
            now: self.now.into_iter().map(AtomicU64::into_inner).collect(),
            new: self
                .new
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// What a run was answered: by number, and what nobody asked before.
#[derive(Debug)]
pub(super) struct Answers {
    now: Vec<Digest>,
    new: Questions,
}

impl Questions {
    fn add(&mut self, question: Question, digest: Digest) -> u32 {
        let next = self.asked.len() as u32;
        let number = *self.numbers.entry(question.clone()).or_insert(next);
        if number == next {
            self.asked.push((question, digest));
        }
        number
    }

    /// Takes in what a run that was published found out.
    pub(super) fn update(&mut self, Answers { now, new }: Answers) {
        for ((_, then), now) in self.asked.iter_mut().zip(now) {
            if now != 0 {
                *then = now;
            }
        }
        for (question, digest) in new.asked {
            self.add(question, digest);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.asked.len()
    }

    /// Keeps the questions of which `is_asked` has the number, and gives each its new one.
    pub(super) fn retain(&mut self, is_asked: &[bool]) -> Vec<u32> {
        let before = std::mem::take(self);
        let kept = before.asked.into_iter().zip(is_asked);
        kept.map(|((question, digest), is_asked)| match is_asked {
            true => self.add(question, digest),
            false => u32::MAX,
        })
        .collect()
    }
}

/// The digest of anything that can be hashed.
pub(super) fn digest(what: impl Hash) -> Digest {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// An answer as it is noted: 0 stands for none.
pub(super) fn some(digest: Digest) -> Digest {
    digest.max(1)
}

/// The digest of a value.
pub(super) fn digest_value(value: &Value) -> Digest {
    let mut hasher = DefaultHasher::new();
    hash_value(value, &mut hasher);
    hasher.finish()
}

/// The digest of a table.
pub(super) fn digest_map(map: &Map<String, Value>) -> Digest {
    let mut hasher = DefaultHasher::new();
    hash_map(map, &mut hasher);
    hasher.finish()
}

// Its order shows where a template goes through it.
fn hash_map(map: &Map<String, Value>, hasher: &mut DefaultHasher) {
    (5_u8, map.len()).hash(hasher);
    for (key, value) in map {
        key.hash(hasher);
        hash_value(value, hasher);
    }
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(flag) => (1_u8, flag).hash(hasher),
        Value::Number(number) => (2_u8, number).hash(hasher),
        Value::String(text) => (3_u8, text).hash(hasher),
        Value::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            items.iter().for_each(|item| hash_value(item, hasher));
        }
        Value::Object(map) => hash_map(map, hasher),
    }
}
