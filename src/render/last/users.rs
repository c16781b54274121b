//! Who asked which question in the last run.

use std::sync::Arc;

use super::{Job, Text};

/// Who asked each question.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Where the users of each question begin in `all`.
    from: Vec<u32>,
    /// See [`User::code`].
    all: Vec<u32>,
}

/// Something that asks, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum User {
    Text(u32),
    Job(u32),
}

impl User {
    /// Half of what it is as it is: there are many.
    fn code(self) -> u32 {
        match self {
            Self::Text(number) => number * 2,
            Self::Job(number) => number * 2 + 1,
        }
    }

    fn of(code: u32) -> Self {
        match code % 2 {
            0 => Self::Text(code / 2),
            _ => Self::Job(code / 2),
        }
    }
}

impl Users {
    /// What they take in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.from) + size_of_val(&*self.all)
    }

    /// Who asked the question of this number.
    pub(super) fn of_question(&self, question: u32) -> impl Iterator<Item = User> {
        let at = question as usize;
        let bounds = self.from.get(at).zip(self.from.get(at + 1));
        let users = bounds.and_then(|(from, to)| self.all.get(*from as usize..*to as usize));
        users.unwrap_or_default().iter().map(|code| User::of(*code))
    }

    /// Those of so many questions, by the lists of `texts` and `jobs`.
    pub(super) fn of(questions: usize, texts: &[Arc<Text>], jobs: &[Arc<Job>]) -> Self {
        let texts = texts.iter().enumerate();
        let texts = texts.map(|(n, text)| (User::Text(n as u32), &text.questions));
        let jobs = jobs.iter().enumerate();
        let jobs = jobs.map(|(n, job)| (User::Job(n as u32), &job.questions));
        let asked = || {
            let all = texts.clone().chain(jobs.clone());
            all.flat_map(|(user, list)| list.iter().map(move |number| (*number as usize, user)))
        };
        let mut from = vec![0_u32; questions + 1];
        for (number, _) in asked() {
            from.get_mut(number + 1)
                .into_iter()
                .for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for count in &mut from {
            sum += *count;
            *count = sum;
        }
        let mut next = from.clone();
        let mut all = vec![0; sum as usize];
        for (number, user) in asked() {
            if let Some(next) = next.get_mut(number) {
                all.get_mut(*next as usize)
                    .into_iter()
                    .for_each(|slot| *slot = user.code());
                *next += 1;
            }
        }
        Self { from, all }
    }
}
