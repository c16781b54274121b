//! The sheets that were made last, with all that they were made of.

use std::{
    collections::BTreeMap,
    io,
    path::{Component, Path},
};

use bytes::Bytes;

use super::{
    talk::Question,
    worker::{self, Program},
};
use crate::site::{CompiledSass, Files, Hash, SassSource};

/// The sheets of a site, as they came from its files at one time.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) compiled: Vec<CompiledSass>,
    sources: Vec<SassSource>,
    asked: Asked,
    /// Whether each sheet came to its end by itself: what took too long may be faster next time.
    ended: bool,
}

/// What was asked of the files while sheets were made, and what the answers were.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// None for a no.
    answers: BTreeMap<Question, Option<Hash>>,
    /// Whether one question had two answers, or there were more than are kept.
    torn: bool,
}

impl Kept {
    /// Makes the sheets of `sources`, by processes of `program`.
    pub(super) fn of(files: &Files, sources: &[SassSource], program: &Program) -> Self {
        let mut asked = Asked::default();
        let (compiled, ended) = worker::compile(program, sources, &mut |question| {
            asked.answer(files, question)
        });
        Self {
            compiled,
            sources: sources.to_owned(),
            asked,
            ended,
        }
    }

    /// Whether the same would come of these sources.
    pub(super) fn is_of(&self, files: &Files, sources: &[SassSource]) -> bool {
        let mut answers = self.asked.answers.iter();
        self.sources == sources
            && answers.all(|(question, before)| hash(&answer(files, question)) == *before)
    }

    /// Whether it may be used again.
    pub(super) fn may_stay(&self) -> bool {
        self.ended && !self.asked.torn
    }
}

impl Asked {
    fn answer(&mut self, files: &Files, question: Question) -> io::Result<Bytes> {
        let answer = answer(files, &question);
        let now = hash(&answer);
        self.torn |= self.answers.len() >= ANSWERS_MAX;
        if !self.torn {
            let first = self.answers.entry(question).or_insert(now);
            self.torn = *first != now;
        }
        answer
    }
}

fn hash(answer: &io::Result<Bytes>) -> Option<Hash> {
    answer.as_ref().ok().map(|bytes| Hash::of(bytes))
}

fn answer(files: &Files, question: &Question) -> io::Result<Bytes> {
    let (path, found): (_, fn(&Path) -> bool) = match question {
        Question::Read(path) => return files.read(path),
        Question::IsFile(path) => (path, Path::is_file),
        Question::IsDir(path) => (path, Path::is_dir),
    };
    let mut parts = Path::new(path).components();
    let is_inside = parts.all(|part| matches!(part, Component::Normal(_)));
    match is_inside && found(&files.root.join(path)) {
        true => Ok(Bytes::new()),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Each part that is imported takes about a dozen.
const ANSWERS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn sheets_stay_for_as_long_as_all_answers_do() {
        let folder = tempfile::tempdir().unwrap();
        let text = Arc::new(Mutex::new("one"));
        let shown = Arc::clone(&text);
        let files = Files::new(folder.path().to_owned(), move |_| {
            Ok(Bytes::from_static(shown.lock().unwrap().as_bytes()))
        });
        let mut asked = Asked::default();
        let mut ask = |question| asked.answer(&files, question).is_ok();
        assert!(ask(Question::Read("sass/a.scss".into())));
        assert!(!ask(Question::IsFile("sass/b.scss".into())));
        assert!(!ask(Question::IsDir("../".into())));
        let kept = Kept {
            compiled: Vec::new(),
            sources: Vec::new(),
            asked,
            ended: true,
        };
        assert!(kept.may_stay() && kept.is_of(&files, &[]));

        *text.lock().unwrap() = "two";
        assert!(!kept.is_of(&files, &[]));
        *text.lock().unwrap() = "one";
        assert!(kept.is_of(&files, &[]));
        std::fs::create_dir(folder.path().join("sass")).unwrap();
        std::fs::write(folder.path().join("sass/b.scss"), "").unwrap();
        assert!(!kept.is_of(&files, &[]));
    }

    #[test]
    fn what_changed_meanwhile_is_not_kept() {
        let count = Mutex::new(0_u8);
        let files = Files::new("/nowhere".into(), move |_| {
            *count.lock().unwrap() += 1;
            Ok(Bytes::copy_from_slice(&[*count.lock().unwrap()]))
        });
        let mut asked = Asked::default();
        for torn in [false, true] {
            asked.answer(&files, Question::Read("a".into())).unwrap();
            assert_eq!(asked.torn, torn);
        }
    }
}
