//! A folder becomes a snapshot: load, render, pack.
//!
//! **Invariant:** knows neither requests nor the `ArcSwap`; the same folder gives the same snapshot.

mod threads;

use std::sync::Arc;

use rayon::ThreadPoolBuildError;

use self::threads::Threads;
pub(crate) use crate::render::{Known, Learned};
use crate::{
    idle,
    images::Studio,
    load,
    pack::Packer,
    render::{self, Hands},
    site::{Problem, Resource, Rules, Snapshot, Source, gathered},
};

/// Threads of its own to render on, so that no server worker ever does.
#[derive(Debug)]
pub(crate) struct Pipeline {
    threads: Threads,
    studio: Studio,
    packer: Arc<Packer>,
}

/// A finished run of the pipeline.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The snapshot; None if an error among `problems` keeps the site from being published.
    pub(crate) snapshot: Option<Snapshot>,
    /// Every problem found, errors and warnings, in the order of their files.
    pub(crate) problems: Vec<Problem>,
    /// What is to be known the next time, if the site stayed as it was meanwhile.
    pub(crate) learned: Option<Learned>,
}

/// How the pipeline's threads stand to the rest of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Whoever answers requests goes first.
    Background,
    /// Nobody waits for anything else.
    Normal,
}

impl Pipeline {
    /// Starts the threads, one for each processor; pictures are made in `studio`, and `packer` packs.
    pub(crate) fn new(
        priority: Priority,
        studio: Studio,
        packer: Arc<Packer>,
    ) -> Result<Self, ThreadPoolBuildError> {
        Ok(Self {
            threads: Threads::new(priority)?,
            studio,
            packer,
        })
    }

    /// Has `reader` read the site, renders it and packs it.
    pub(crate) fn run(&self, reader: &mut load::Reader) -> Outcome {
        let render = |source, hands: Hands<'_>| render::pages(source, hands);
        self.threads.install(|| self.run_with(reader, render))
    }

    /// The same, and bounds nothing that templates are given.
    #[cfg(test)]
    fn run_wholly(&self, reader: &mut load::Reader) -> Outcome {
        let render = |source, hands: Hands<'_>| render::whole_pages(source, hands);
        self.threads.install(|| self.run_with(reader, render))
    }

    /// The same, but for what is `known` from the last time.
    pub(crate) fn run_changed(&self, reader: &mut load::Reader, known: &mut Known) -> Outcome {
        let render = |source, hands: Hands<'_>| render::changed_pages(source, hands, known);
        self.threads.install(|| self.run_with(reader, render))
    }

    /// Has what is known of documents be found before they go on the air.
    pub(crate) fn tell_ahead(&self) {
        self.packer.tell_ahead();
    }

    /// Finds it for a snapshot that came from elsewhere.
    pub(crate) fn look_ahead(&self, snapshot: &Snapshot) {
        self.aside(|| self.packer.look_ahead(snapshot));
    }

    /// Does `work` on the threads that give way to those who answer requests.
    pub(crate) fn aside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.threads.install(work)
    }
}

impl Pipeline {
    fn run_with(
        &self,
        reader: &mut load::Reader,
        render: impl FnOnce(Source, Hands<'_>) -> render::Rendered,
    ) -> Outcome {
        let _held_back = self.packer.hold_back();
        let (source, mut problems) = reader.read();
        idle::give_way();
        let Some(source) = source else {
            return Outcome::refused(gathered(problems));
        };
        let rules = Arc::clone(&source.rules);
        let base_path = render::base_path(&source.config.base_url).to_owned();
        let hands = Hands {
            studio: &self.studio,
            pack: &|page| {
                idle::give_way();
                self.packer.resource(page)
            },
        };
        let rendered = render(source, hands);
        idle::give_way();
        problems.extend(rendered.problems);
        problems.extend(dangling(&rules, &rendered.resources, &base_path));
        let problems = gathered(problems);
        if problems.iter().any(Problem::is_error) {
            return Outcome::refused(problems);
        }
        let snapshot = self.packer.snapshot(rendered.resources, &base_path);
        let snapshot = snapshot.ruled_by(rules);
        self.packer.look_ahead(&snapshot);
        idle::give_way();
        Outcome {
            snapshot: Some(snapshot),
            problems,
            learned: rendered.learned,
        }
    }
}

/// What the rules show, and the site does not have.
fn dangling(rules: &Rules, resources: &[Arc<Resource>], base_path: &str) -> Vec<Problem> {
    let is_there = |path: &str| {
        let inner = path.strip_prefix(base_path).unwrap_or_default();
        let place = resources.binary_search_by(|resource| resource.path.as_str().cmp(inner));
        place.is_ok()
    };
    rules.dangling(is_there)
}

impl Outcome {
    /// Nothing to publish, and why.
    pub(crate) fn refused(problems: Vec<Problem>) -> Self {
        Self {
            snapshot: None,
            problems,
            learned: None,
        }
    }
}

#[cfg(test)]
mod tests;
