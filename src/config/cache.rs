//! The `[cache]` table: where what took long to make is kept over a restart.

use std::path::PathBuf;

use super::Section;

/// The cache folder of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cache {
    /// The folder; None keeps nothing on disk.
    pub(crate) folder: Option<PathBuf>,
    /// What it may hold.
    pub(crate) bytes_max: u64,
}

impl Cache {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let cache = Self {
            folder: section.path("folder"),
            bytes_max: section.number("bytes_max", BYTES_MAX, 1 << 20..=1 << 40),
        };
        section.finish();
        cache
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            folder: None,
            bytes_max: BYTES_MAX,
        }
    }
}

/// The best codings of 100,000 pages, and all that is needed to serve them once more.
const BYTES_MAX: u64 = 2 << 30;
