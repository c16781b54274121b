//! Documents are made, unless they were before and all that they asked is answered as then.

use std::{hash::Hash, sync::Arc};

use rayon::prelude::*;

use super::{
    Pack,
    ask::{self, Asking, Digest, Notes, Phase, Question, digest},
    known::{self, Key, Kind, Known},
    minify,
    outcome::Made,
    texts::Slot,
    world::{Document, World},
};
use crate::site::Problem;

/// A document to be made.
pub(super) struct Job<'w> {
    key: Key,
    /// Of what it is made from besides what it asks.
    terms: Digest,
    make: Box<dyn Fn() -> Made + Send + Sync + 'w>,
    /// Whose text nobody needs afterwards.
    releases: Option<Document>,
}

impl<'w> Job<'w> {
    /// What `make` makes of `terms` and of what it asks. No other job has the same kind, name and index.
    pub(super) fn new(
        (kind, name, index): (Kind, &str, usize),
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

/// A job, done now or before.
pub(super) struct Done {
    pub(super) key: Key,
    pub(super) result: Result<Arc<known::Job>, Problem>,
}

/// What jobs are done with.
pub(super) struct Shop<'s> {
    pub(super) world: &'s World,
    pub(super) known: &'s Known,
    pub(super) asking: &'s Asking<'s>,
    pub(super) pack: &'s Pack<'s>,
}

impl Shop<'_> {
    /// Does all `jobs`, side by side.
    pub(super) fn make(&self, jobs: Vec<Job<'_>>) -> Vec<Done> {
        let done = jobs.into_par_iter().map(|job| {
            let result = self.kept(&job).map_or_else(|| self.made(&job), Ok);
            let slot = job.releases.and_then(|document| self.world.slot(document));
            slot.into_iter().for_each(Slot::release);
            Done {
                key: job.key,
                result,
            }
        });
        done.collect()
    }

    fn kept(&self, job: &Job<'_>) -> Option<Arc<known::Job>> {
        let before = self.known.jobs.get(&job.key)?;
        let answer = |question: &Question| self.world.answer(question);
        let holds = before.terms == job.terms && self.asking.agree(&before.questions, answer);
        holds.then(|| Arc::clone(before))
    }

    fn made(&self, job: &Job<'_>) -> Result<Arc<known::Job>, Problem> {
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
            (self.asking.number(notes, |question| world.answer(question)), images)
        });
        Ok(Arc::new(known::Job {
            terms: job.terms,
            questions,
            placed: output.packed(self.pack),
            problems: problem.into_iter().collect(),
            images: images.into(),
        }))
    }
}

impl Kind {
    /// Whether it is HTML that a template gave.
    fn is_document(self) -> bool {
        !matches!(self, Self::Feed | Self::Asset | Self::Made)
    }
}
