//! What is known of files that were read before: what they were made to, and what was wrong with them.
//!
//! **Invariant:** what is made of a file depends on nothing but its content, its path and what the memory
//! was made for; whoever knows that this is another now forgets the memory.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use rayon::prelude::*;

use super::{disk::Found, facts::Facts};
use crate::site::{Problem, TemplateSource};

/// What the files of one kind were made to, by path.
#[derive(Debug)]
pub(super) struct Memory<T> {
    by_file: HashMap<String, Kept<T>>,
    round: u64,
}

/// What a file was made to.
#[derive(Debug)]
struct Kept<T> {
    facts: Facts,
    /// Whether equal facts prove that it is the same file still.
    settled: bool,
    made: Made<T>,
    /// When it was last asked for.
    round: u64,
}

/// What is known of templates.
#[derive(Debug, Default)]
pub(super) struct Templates {
    pub(super) by_file: Memory<Arc<TemplateSource>>,
    /// Those of a theme, by the names that say of which theme.
    pub(super) full_names: BTreeMap<String, Arc<TemplateSource>>,
}

/// What comes of reading a file; nothing, if a problem says why.
pub(super) type Made<T> = (Option<T>, Vec<Problem>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self {
            by_file: HashMap::new(),
            round: 0,
        }
    }
}

impl<T: Clone + Send + Sync> Memory<T> {
    /// What each of `found` is made to, in their order, and all their problems. Those that are not known,
    /// or not as they were, are made with `make`, side by side; if the same comes of it as before, as
    /// `is_same` says, it is what it was. Files that are not among `found` are forgotten. `now` is the
    /// time since 1970 before the facts were taken.
    pub(super) fn read(
        &mut self,
        found: &[Found],
        now: Duration,
        make: impl Fn(&Found) -> Made<T> + Sync,
        is_same: impl Fn(&T, &T) -> bool,
    ) -> (Vec<T>, Vec<Problem>) {
        self.round += 1;
        let round = self.round;
        let (mut made, mut problems) = (Vec::with_capacity(found.len()), Vec::new());
        let unknown: Vec<bool> = found.iter().map(|found| !self.knows(found)).collect();
        let to_make: Vec<&Found> = chosen(found, &unknown).collect();
        let anew: Vec<_> = to_make.into_par_iter().map(&make).collect();
        for (found, anew) in chosen(found, &unknown).zip(anew) {
            self.keep(found, now, anew, &is_same);
        }
        for found in found {
            let Some(kept) = self.by_file.get_mut(&found.file) else {
                continue;
            };
            kept.round = round;
            made.extend(kept.made.0.clone());
            problems.extend(kept.made.1.iter().cloned());
        }
        if self.by_file.len() > found.len() {
            self.by_file.retain(|_, kept| kept.round == round);
        }
        (made, problems)
    }

    /// Has `made` in place of what the file was made to.
    pub(super) fn put(&mut self, file: &str, made: T) {
        if let Some(kept) = self.by_file.get_mut(file) {
            kept.made.0 = Some(made);
        }
    }

    /// Everything is made anew the next time, and is what it was if the same comes of it.
    pub(super) fn doubt(&mut self) {
        for kept in self.by_file.values_mut() {
            kept.settled = false;
        }
    }

    /// All that is remembered.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.by_file
            .values()
            .filter_map(|kept| kept.made.0.as_ref())
    }

    fn knows(&self, found: &Found) -> bool {
        let kept = self.by_file.get(&found.file);
        kept.is_some_and(|kept| kept.settled && kept.facts == found.facts)
    }

    fn keep(
        &mut self,
        found: &Found,
        now: Duration,
        (mut anew, problems): Made<T>,
        is_same: impl Fn(&T, &T) -> bool,
    ) {
        let before = self.by_file.get_mut(&found.file);
        let before = before.and_then(|kept| kept.made.0.take());
        if let (Some(made), Some(before)) = (&mut anew, before)
            && is_same(made, &before)
        {
            *made = before;
        }
        let kept = Kept {
            facts: found.facts,
            settled: found.facts.are_settled(now),
            made: (anew, problems),
            round: self.round,
        };
        self.by_file.insert(found.file.clone(), kept);
    }
}

fn chosen<'f>(found: &'f [Found], chosen: &'f [bool]) -> impl Iterator<Item = &'f Found> {
    let pairs = found.iter().zip(chosen);
    pairs.filter_map(|(found, chosen)| chosen.then_some(found))
}
