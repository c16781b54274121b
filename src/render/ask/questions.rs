//! Questions by number, with what they were answered the last time and what they are answered now.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rayon::prelude::*;

use super::{Digest, Notes, Question};
use crate::idle;

/// Every question that anything on the air asked, by number, with its answer then and now.
#[derive(Debug, Clone, Default)]
pub(in crate::render) struct Questions {
    /// By the digests of the questions: there are many, and one copy of each is enough.
    numbers: HashMap<Digest, u32, BuildHasherDefault<AsItIs>>,
    asked: Vec<(Question, Digest)>,
}

/// What hashes a digest: it is as good as a hash.
#[derive(Debug, Clone, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("digests are numbers");
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// The questions of one run: those of before, which may have another answer now, and new ones.
pub(in crate::render) struct Asking<'k> {
    before: &'k Questions,
    /// The answers of now, by number; 0 for what nobody asked yet.
    now: Vec<AtomicU64>,
    /// A lock, held to look a question up.
    new: Mutex<Questions>,
}

impl<'k> Asking<'k> {
    pub(in crate::render) fn of(before: &'k Questions) -> Self {
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
    pub(in crate::render) fn agree(
        &self,
        numbers: &[u32],
        answer: impl Fn(&Question) -> Digest,
    ) -> bool {
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
    pub(in crate::render) fn differing(
        &self,
        may_differ: impl Fn(&Question) -> bool + Sync,
        answer: impl Fn(&Question) -> Digest + Sync,
    ) -> Vec<u32> {
        let asked = self.before.asked.par_iter().enumerate();
        let suspects = asked.filter(|(_, (question, _))| {
            idle::step();
            may_differ(question)
        });
        let suspects = suspects.map(|(number, _)| number as u32);
        suspects
            .filter(|number| !self.agrees(*number, &answer))
            .collect()
    }

    /// The numbers of the questions in `notes`, each answered by now.
    pub(in crate::render) fn number(
        &self,
        notes: Notes,
        answer: impl Fn(&Question) -> Digest,
    ) -> Box<[u32]> {
        let mut numbers: Vec<u32> = notes
            .questions
            .into_iter()
            .map(|question| self.number_one(question, &answer))
            .collect();
        numbers.sort_unstable();
        numbers.into()
    }

    fn number_one(&self, question: Question, answer: impl Fn(&Question) -> Digest) -> u32 {
        if let Some(number) = self.before.number(&question) {
            self.agrees(number, answer);
            return number;
        }
        let known = self.unheard_of().number(&question);
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
    pub(in crate::render) fn finish(self) -> Answers {
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
pub(in crate::render) struct Answers {
    now: Vec<Digest>,
    new: Questions,
}

impl Questions {
    fn number(&self, question: &Question) -> Option<u32> {
        self.numbers.get(&super::digest(question)).copied()
    }

    fn add(&mut self, question: Question, answer: Digest) -> u32 {
        let next = self.asked.len() as u32;
        let number = *self.numbers.entry(super::digest(&question)).or_insert(next);
        if number == next {
            self.asked.push((question, answer));
        }
        number
    }

    /// Takes in what a run that was published found out.
    pub(in crate::render) fn update(&mut self, Answers { now, new }: Answers) {
        for ((_, then), now) in self.asked.iter_mut().zip(now) {
            if now != 0 {
                *then = now;
            }
        }
        self.numbers.reserve(new.asked.len());
        self.asked.reserve_exact(new.asked.len());
        for (question, digest) in new.asked {
            self.add(question, digest);
        }
    }

    /// About what they take in memory.
    pub(in crate::render) fn bytes(&self) -> usize {
        // A table is between half and all full.
        let entry = 2 * (size_of::<(Digest, u32)>() + 1);
        let inner = self
            .asked
            .iter()
            .map(|(question, _)| question.inner_bytes());
        self.asked.len() * (size_of::<(Question, Digest)>() + entry) + inner.sum::<usize>()
    }

    /// Copies what was noted one by one: see `Last::gather`.
    pub(in crate::render) fn gather(&mut self) {
        let copied = |(question, answer): &(Question, Digest)| {
            let question = match question {
                Question::Permalink(path) => Question::Permalink((&**path).into()),
                other => other.clone(),
            };
            (question, *answer)
        };
        let copies: Vec<_> = self.asked.iter().map(copied).collect();
        self.asked = copies;
    }

    pub(in crate::render) fn len(&self) -> usize {
        self.asked.len()
    }

    /// Keeps the questions of which `is_asked` has the number, and gives each its new one.
    pub(in crate::render) fn retain(&mut self, is_asked: &[bool]) -> Vec<u32> {
        let before = std::mem::take(self);
        let kept = before.asked.into_iter().zip(is_asked);
        kept.map(|((question, digest), is_asked)| match is_asked {
            true => self.add(question, digest),
            false => u32::MAX,
        })
        .collect()
    }
}
