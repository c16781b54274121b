//! Pages become a [`Snapshot`]: every coding made, every tag computed.

use crate::site::{Page, Snapshot};

/// Packs `pages` into a snapshot that is served below `base_path`.
pub(crate) fn snapshot(pages: Vec<Page>, base_path: &str) -> Snapshot {
    todo!("{pages:?} {base_path}")
}
