//! A folder becomes a snapshot: load, render, pack.
//!
//! **Invariant:** knows neither requests nor the `ArcSwap`; the same folder gives the same snapshot.

use crate::{
    load, pack, render,
    site::{Problem, Snapshot},
};

/// A finished run of the pipeline.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The snapshot; None if an error among `problems` keeps the site from being published.
    pub(crate) snapshot: Option<Snapshot>,
    /// Every problem found, errors and warnings, in the order of their files.
    pub(crate) problems: Vec<Problem>,
}

/// Reads the site, renders it and packs it.
pub(crate) fn run(options: &load::Options) -> Outcome {
    todo!("{options:?}")
}
