//! What is known of files that were read before: what they were made to, and what was wrong with them.
//!
//! **Invariant:** what is made of a file depends on nothing but its content, its path and what the memory
//! was made for; whoever knows that this is another now forgets the memory.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::Arc,
    time::Duration,
};

use rayon::prelude::*;

use super::{disk::Found, facts::Facts};
use crate::{
    idle,
    site::{Asset, COUNTS_BYTES, ColourSource, Problem, TemplateSource},
};

/// What the files of one kind were made to, in the order in which they were asked for last: they are
/// asked for in the same again, but for a few.
#[derive(Debug)]
pub(super) struct Memory<T> {
    kept: Vec<Kept<T>>,
    /// What all names take, and all that was made.
    inner_bytes: usize,
}

/// What files are made to.
pub(super) trait Held {
    /// About what it takes in memory, but for what it leases and what is shared with others.
    fn held_bytes(&self) -> usize;
}

/// What a file was made to.
#[derive(Debug)]
struct Kept<T> {
    found: Found,
    /// Whether `made` came of the file as it was found, and equal facts will prove that it is as it was.
    settled: bool,
    made: Option<T>,
    problems: Box<[Problem]>,
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
            kept: Vec::new(),
            inner_bytes: 0,
        }
    }
}

impl<T: Held + Clone + Send + Sync> Memory<T> {
    /// These are the files now, in their order; others are forgotten.
    pub(super) fn list(&mut self, found: &[Found]) {
        let pairs = || self.kept.iter().zip(found);
        let is_in_order = self.kept.len() == found.len();
        if !is_in_order || pairs().any(|(kept, found)| kept.found.file != found.file) {
            self.kept = paired(mem::take(&mut self.kept), found);
            self.inner_bytes = self.kept.iter().map(Kept::inner_bytes).sum();
        }
        for (kept, found) in self.kept.iter_mut().zip(found) {
            kept.meet(found.facts);
            (kept.found.nth, kept.found.inner) = (found.nth, found.inner);
        }
    }

    /// The files are those that they were, and these are the `facts` of all in their folder now.
    pub(super) fn list_again(&mut self, facts: &[Facts]) {
        for kept in &mut self.kept {
            let facts = facts.get(kept.found.nth as usize);
            facts.into_iter().for_each(|facts| kept.meet(*facts));
        }
    }

    /// What each file is made to, in their order, and all their problems. Those that are not known, or not
    /// as they were, are made with `make`, side by side; if the same comes of it as before, as `is_same`
    /// says, it is what it was. `now` is the time since 1970 before the facts were taken.
    pub(super) fn read(
        &mut self,
        now: Duration,
        make: impl Fn(&Found) -> Made<T> + Sync,
        is_same: impl Fn(&T, &T) -> bool,
    ) -> (Vec<T>, Vec<Problem>) {
        let unknown = self.kept.iter().filter(|kept| !kept.settled);
        let unknown: Vec<&Found> = unknown.map(|kept| &kept.found).collect();
        let anew = unknown.into_par_iter().map(|found| {
            idle::give_way();
            make(found)
        });
        let mut anew: Vec<_> = anew.collect();
        let mut anew = anew.drain(..);
        let (mut made, mut problems) = (Vec::with_capacity(self.kept.len()), Vec::new());
        for kept in &mut self.kept {
            if !kept.settled {
                kept.settled = kept.found.facts.are_settled(now);
                self.inner_bytes -= kept.inner_bytes();
                kept.take(anew.next().unwrap_or_default(), &is_same);
                self.inner_bytes += kept.inner_bytes();
            }
            made.extend(kept.made.clone());
            problems.extend(kept.problems.iter().cloned());
        }
        (made, problems)
    }

    /// Has what is `made` of some files now in place of what they were made to.
    pub(super) fn put(&mut self, mut made: HashMap<String, T>) {
        if made.is_empty() {
            return;
        }
        for kept in &mut self.kept {
            if let Some(made) = made.remove(&*kept.found.file) {
                self.inner_bytes -= kept.inner_bytes();
                kept.made = Some(made);
                self.inner_bytes += kept.inner_bytes();
            }
        }
    }

    /// Everything is made anew the next time, and is what it was if the same comes of it.
    pub(super) fn doubt(&mut self) {
        for kept in &mut self.kept {
            kept.settled = false;
        }
    }

    /// About what it takes in memory, but for problems, and for what was made only for now.
    pub(super) fn held_bytes(&self) -> usize {
        size_of_val(&*self.kept) + self.inner_bytes
    }

    /// All that is remembered.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().filter_map(|kept| kept.made.as_ref())
    }
}

impl Templates {
    /// About what it takes in memory.
    pub(super) fn held_bytes(&self) -> usize {
        let full_names = self.full_names.values().map(Held::held_bytes);
        self.by_file.held_bytes() + full_names.sum::<usize>()
    }
}

impl<T: Held> Kept<T> {
    fn inner_bytes(&self) -> usize {
        let made = self.made.as_ref().map_or(0, Held::held_bytes);
        COUNTS_BYTES + self.found.file.len() + made
    }
}

impl Held for Arc<TemplateSource> {
    fn held_bytes(&self) -> usize {
        COUNTS_BYTES + size_of_val(&**self) + self.name.len() + self.file.len() + self.text.len()
    }
}

impl Held for Arc<ColourSource> {
    fn held_bytes(&self) -> usize {
        COUNTS_BYTES + size_of_val(&**self) + self.file.len() + self.text.len()
    }
}

impl Held for Arc<Asset> {
    fn held_bytes(&self) -> usize {
        COUNTS_BYTES + size_of_val(&**self)
    }
}

impl<T> Kept<T> {
    fn unknown(found: &Found) -> Self {
        Self {
            found: found.clone(),
            settled: false,
            made: None,
            problems: Box::default(),
        }
    }

    /// Its name stays the one that is shared with what was made of it.
    fn meet(&mut self, facts: Facts) {
        self.settled &= self.found.facts == facts;
        self.found.facts = facts;
    }

    /// Takes what is made of the file now, unless it is what it was.
    fn take(&mut self, (anew, problems): Made<T>, is_same: impl Fn(&T, &T) -> bool) {
        let is_as_before = match (&self.made, &anew) {
            (Some(before), Some(anew)) => is_same(before, anew),
            _ => false,
        };
        if !is_as_before {
            self.made = anew;
        }
        self.problems = problems.into();
    }
}

/// What is kept of each of `found`. As long as both are in the same order, but for one file here and there
/// that came or went, that is a comparison each.
fn paired<T>(kept: Vec<Kept<T>>, found: &[Found]) -> Vec<Kept<T>> {
    let mut kept = kept.into_iter();
    let mut paired = Vec::with_capacity(found.len());
    let mut rest = found;
    while let [first, others @ ..] = rest {
        let is = |kept: Option<&Kept<T>>, found: &Found| {
            kept.is_some_and(|k| k.found.file == found.file)
        };
        let ahead = kept.as_slice();
        if is(ahead.first(), first) {
            paired.extend(kept.next());
        } else if is(ahead.get(1), first) {
            paired.extend(kept.nth(1));
        } else if others.first().is_some_and(|next| is(ahead.first(), next)) {
            paired.push(Kept::unknown(first));
        } else {
            break;
        }
        rest = others;
    }
    let mut by_file: HashMap<Arc<str>, Kept<T>> = kept
        .map(|kept| (Arc::clone(&kept.found.file), kept))
        .collect();
    let rest = rest.iter().map(|found| {
        let known = by_file.remove(&found.file);
        known.unwrap_or_else(|| Kept::unknown(found))
    });
    paired.extend(rest);
    paired
}
