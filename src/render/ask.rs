//! What a text or a document asks of its site while it is rendered: each question is noted, so that the
//! next time it need only be rendered again if one is answered otherwise.
//!
//! Knows how questions are noted and kept; what they are answered is in `answer`.

mod digest;
mod questions;

use std::{
    cell::RefCell,
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

pub(super) use self::{
    digest::{digest, digest_value, some},
    questions::{Answers, Asking, Questions},
};
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
    /// Fields of all that are in a list, in its order; those of their neighbours with `near`.
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

impl Question {
    /// About what it takes in memory beside itself.
    fn inner_bytes(&self) -> usize {
        let list = |list: &List| match list {
            List::Section(_) => 0,
            List::Term(names) => {
                size_of_val(&**names) + names.iter().map(String::len).sum::<usize>()
            }
            List::Taxonomy(names) => {
                size_of_val(&**names) + names.iter().map(String::len).sum::<usize>()
            }
        };
        match self {
            Self::Template(name)
            | Self::Permalink(name)
            | Self::File(name, _)
            | Self::Call(_, name, _) => name.len(),
            Self::Listing { list: of, .. } => list(of),
            Self::Settings
            | Self::Colours
            | Self::Shortcodes
            | Self::Files
            | Self::Document { .. } => 0,
        }
    }
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
    given: Given,
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
    turn(phase, noting, noting.given(), work)
}

/// The same with all that templates could be given, so that it can be told what they lack.
pub(super) fn wholly<T>(
    phase: Phase,
    noting: Noting,
    work: impl FnOnce() -> T,
) -> (T, Option<Notes>) {
    turn(phase, noting, Given::All, work)
}

fn turn<T>(
    phase: Phase,
    noting: Noting,
    given: Given,
    work: impl FnOnce() -> T,
) -> (T, Option<Notes>) {
    let turn = Turn {
        phase,
        others: Fields::ALL,
        given,
        notes: (noting == Noting::On).then(Notes::default),
    };
    TURNS.with_borrow_mut(|turns| turns.push(turn));
    let over = Over;
    let done = work();
    std::mem::forget(over);
    let turn = TURNS.with_borrow_mut(Vec::pop);
    (done, turn.and_then(|turn| turn.notes))
}

/// What templates are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// What they can read.
    Readable,
    /// All there is, read or not, since something went wrong.
    All,
}

/// Whether questions are noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noting {
    On,
    Off,
    /// Not; and templates are given all there is, read or not. It must make no difference.
    #[cfg(test)]
    Wholly,
}

impl Noting {
    fn given(self) -> Given {
        match self {
            Self::On | Self::Off => Given::Readable,
            #[cfg(test)]
            Self::Wholly => Given::All,
        }
    }
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
    TURNS.with_borrow(|turns| turns.last().is_none_or(|turn| turn.given == Given::All))
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
