//! A snapshot as a file tree.

use std::path::Path;

use crate::site::Snapshot;

pub(crate) enum Existing {
    Keep,
    Replace,
}

pub(crate) fn write(snapshot: &Snapshot, out: &Path, existing: Existing) -> std::io::Result<usize> {
    let _ = (snapshot, out, existing);
    todo!()
}
