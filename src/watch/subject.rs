//! A site, with who reads it and what makes a snapshot of it.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::message;
use crate::{
    load::{Look, News, Reader},
    pipeline::{Known, Learned, Outcome, Pipeline},
    publish::Remembered,
    site::Problem,
};

/// A site that can be read again and again.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Who reads it.
    pub(crate) reader: Reader,
    /// What makes a snapshot of it.
    pub(crate) pipeline: Arc<Pipeline>,
    /// What is known of its pages from the last time.
    pub(crate) known: Known,
}

impl Subject {
    /// Reads the site in one piece: again and again while it changes, but for a bounded number of
    /// times, after which a problem says so.
    pub(crate) fn read(&mut self) -> Outcome {
        for _ in 0..READINGS_MAX {
            self.look(&News::Everything);
            let mut outcome = self.attempt();
            if self.is_whole(&News::Everything) {
                self.learn(outcome.learned.take());
                return outcome;
            }
        }
        let problem = Problem::error("the files of the site changed each time it was read");
        Outcome::refused(vec![
            problem.way_out("try again when what writes them is done"),
        ])
    }

    /// Reads the site once, as it was looked at.
    pub(super) fn attempt(&mut self) -> Outcome {
        let Self {
            reader,
            pipeline,
            known,
        } = self;
        let outcome = catch_unwind(AssertUnwindSafe(|| pipeline.run_changed(reader, known)));
        outcome.unwrap_or_else(|panic| {
            self.forget();
            failed(panic.as_ref())
        })
    }

    /// Looks for what changed.
    pub(super) fn look(&mut self, news: &News) -> Look {
        let Self {
            reader, pipeline, ..
        } = self;
        pipeline.aside(|| reader.look(news))
    }

    /// Whether what was read since the last look was read in one piece.
    pub(super) fn is_whole(&mut self, news: &News) -> bool {
        let Self {
            reader, pipeline, ..
        } = self;
        pipeline.aside(|| reader.is_whole(news))
    }

    /// Keeps what is to be known the next time, of a site that was read in one piece, and lets go of the
    /// rest. Says what that takes in memory.
    pub(super) fn learn(&mut self, learned: Option<Learned>) -> Remembered {
        let Self {
            reader,
            pipeline,
            known,
        } = self;
        pipeline.aside(|| {
            if let Some(learned) = learned {
                known.learn(learned);
            }
            reader.release();
            remembered(reader, known)
        })
    }

    /// What it takes in memory to know what is known.
    pub(crate) fn remembered(&self) -> Remembered {
        remembered(&self.reader, &self.known)
    }

    /// Forgets all that is known: what may be wrong with it now is nobody's guess.
    pub(super) fn forget(&mut self) {
        self.reader.forget();
        self.known = Known::default();
    }
}

fn remembered(reader: &Reader, known: &Known) -> Remembered {
    Remembered {
        source_bytes: reader.held_bytes(),
        known_bytes: known.held_bytes() as u64,
    }
}

/// The outcome of a run that panicked.
fn failed(panic: &(dyn Any + Send)) -> Outcome {
    let what = format!("Littoral itself failed on this site: {}", message(panic));
    let way_out = "that is a mistake of Littoral's: please report it with what changed last";
    Outcome::refused(vec![Problem::error(what).way_out(way_out)])
}

/// How often a site that changes while it is read is read at start.
const READINGS_MAX: usize = 10;
