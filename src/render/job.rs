//! Documents are made, unless they were before and all that they asked is answered as then.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    Pack,
    ask::{self, Asking, Digest, Notes, Phase, Question, digest},
    last::{self, Key, Kind},
    minify,
    outcome::Made,
    texts::Slot,
    world::{Document, World},
};
use crate::site::{Coding, Problem, Stored};

/// A document to be made.
pub(super) struct Job<'w> {
    pub(super) key: Key,
    /// Of what it is made from besides what it asks.
    terms: Digest,
    make: Box<dyn Fn() -> Made + Send + Sync + 'w>,
    /// Whose text nobody needs afterwards.
    releases: Option<Document>,
}

impl<'w> Job<'w> {
    /// What `make` makes of `terms` and of what it asks. No other job has the same kind, name and index.
    pub(super) fn new(
        (kind, name, index): (Kind, impl Into<Arc<str>>, usize),
        terms: impl Hash,
        make: impl Fn() -> Made + Send + Sync + 'w,
    ) -> Self {
        Self {
            key: Key {
                kind,
                name: name.into(),
                index,
            },
            terms: digest(terms),
            make: Box::new(make),
            releases: None,
        }
    }

    /// The same job; the text of `document` is forgotten when it is done.
    pub(super) fn releasing(self, document: Document) -> Self {
        Self {
            releases: Some(document),
            ..self
        }
    }
}

/// What jobs are done with.
pub(super) struct Shop<'s> {
    pub(super) world: &'s World,
    pub(super) asking: &'s Asking<'s>,
    pub(super) pack: &'s Pack<'s>,
}

/// What was done: each job, or what is wrong with it.
pub(super) type Done = Vec<Result<Arc<last::Job>, Problem>>;

impl Shop<'_> {
    /// Does all `jobs`, side by side, but for those that were done before and asked nothing that is
    /// answered otherwise now. The first of them is number `first`.
    pub(super) fn make(&self, jobs: Vec<Job<'_>>, first: usize) -> Done {
        let jobs = jobs.into_par_iter().enumerate();
        let done = jobs.map(|(at, job)| {
            let before = self.before(&job, first + at);
            let before = before.filter(|(_, before)| {
                let answer = |question: &Question| self.world.answer(question);
                self.asking.agree(&before.questions, answer)
            });
            let result = before.map_or_else(|| self.made(&job), |(_, job)| Ok(Arc::clone(job)));
            let slot = job.releases.and_then(|document| self.world.slot(document));
            slot.into_iter().for_each(Slot::release);
            result
        });
        done.collect()
    }

    /// The same, in a settled site, but for the `dirty` ones.
    pub(super) fn make_dirty(&self, jobs: &[Job<'_>], first: usize, dirty: &BTreeSet<u32>) -> Done {
        let known = jobs.iter().enumerate();
        let known: Vec<_> = known
            .map(|(at, job)| self.before(job, first + at))
            .collect();
        let is_clean = |number: u32| !dirty.contains(&number);
        let to_make = known.iter().enumerate();
        let to_make = to_make.filter(|(_, known)| !known.is_some_and(|(n, _)| is_clean(n)));
        let mut to_make: Vec<_> = to_make
            .map(|(at, known)| (known.map_or(0, |(_, before)| length(before)), at))
            .collect();
        // The longest first, and each for itself: at the end no thread has much to do alone.
        to_make.sort_unstable_by(|a, b| b.cmp(a));
        let made = to_make.par_iter().with_max_len(1).filter_map(|(_, at)| {
            let result = self.made(jobs.get(*at)?);
            Some((*at, result))
        });
        let mut made: HashMap<usize, _> = made.collect();
        let done = known.into_iter().enumerate().filter_map(|(at, known)| {
            let known = || Some(Ok(Arc::clone(known?.1)));
            made.remove(&at).or_else(known)
        });
        done.collect()
    }

    /// What the last run made of the same terms, most likely as number `place`, and its number.
    fn before(&self, job: &Job<'_>, place: usize) -> Option<(u32, &Arc<last::Job>)> {
        let before = self.world.last.as_deref()?.job(&job.key, place);
        before.filter(|(_, before)| before.terms == job.terms)
    }

    /// Does one job.
    pub(super) fn made(&self, job: &Job<'_>) -> Result<Arc<last::Job>, Problem> {
        let world = self.world;
        let (made, notes) = ask::during(Phase::Documents, world.noting, &job.make);
        let mut output = match made {
            Ok(output) => output,
            // What is wrong is told with all that could have been meant.
            Err(_) => ask::wholly(Phase::Documents, world.noting, &job.make).0?,
        };
        let is_minified = world.source.config.outputs.minify_html && job.key.kind.is_document();
        let problem = is_minified.then(|| minify::document(&mut output)).flatten();
        let (questions, images) = notes.map_or_else(Default::default, |notes: Notes| {
            let images = notes.images.clone();
            let answer = |question: &Question| world.answer(question);
            (self.asking.number(notes, answer), images)
        });
        Ok(Arc::new(last::Job {
            key: job.key.clone(),
            terms: job.terms,
            questions,
            placed: output.packed(self.pack),
            seldom: last::Seldom::known(problem.into_iter().collect(), images),
        }))
    }
}

/// How long a document was.
fn length(job: &last::Job) -> u64 {
    match &job.placed.resource.stored {
        Stored::Memory(body) => {
            let forms = body.forms();
            let identity = forms.in_coding(Coding::Identity);
            identity.map_or(0, |identity| identity.length)
        }
        _ => 0,
    }
}

impl Kind {
    /// Whether it is HTML that a template gave.
    fn is_document(self) -> bool {
        !matches!(self, Self::Feed | Self::Asset | Self::Made)
    }
}
