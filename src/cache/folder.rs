//! Where the cache's files lie, which of them are its own, and which go when there are too many.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::site::Hash;

/// Where what is kept under `key` lies: in one of 256 folders, so that none grows long.
pub(super) fn path(folder: &Path, key: &Hash) -> PathBuf {
    let name = key.to_string();
    let first = name.get(..FOLDER_DIGITS).unwrap_or_default();
    folder.join(first).join(&name)
}

/// Deletes the oldest files until `after` bytes are left, if there are more than `most`. Returns how
/// many are left.
pub(super) fn shrink(folder: &Path, most: u64, after: u64) -> io::Result<u64> {
    let mut files = files(folder)?;
    let mut left = files.iter().map(|file| file.bytes).sum();
    if left <= most {
        return Ok(left);
    }
    files.sort();
    for file in files {
        if left <= after {
            break;
        }
        match fs::remove_file(&file.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => left -= file.bytes,
        }
    }
    Ok(left)
}

/// A file of the cache; the oldest is the least.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    pub(super) used: SystemTime,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// The cache's own files, those too that somebody began to write and did not finish.
pub(super) fn files(folder: &Path) -> io::Result<Vec<Kept>> {
    let mut files = Vec::new();
    for entry in entries(folder)? {
        if !begins_with_digits(&entry, FOLDER_DIGITS) || !entry.file_type()?.is_dir() {
            continue;
        }
        for entry in entries(&entry.path())? {
            if begins_with_digits(&entry, KEY_DIGITS) {
                files.extend(kept(&entry));
            }
        }
    }
    Ok(files)
}

/// None if another process has deleted it meanwhile.
fn kept(entry: &DirEntry) -> Option<Kept> {
    let metadata = entry.metadata().ok()?;
    Some(Kept {
        used: metadata.modified().ok()?,
        path: entry.path(),
        bytes: metadata.len(),
    })
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        // Deleted meanwhile, by its owner or by another process.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found?.collect(),
    }
}

fn begins_with_digits(entry: &DirEntry, digits: usize) -> bool {
    let name = entry.file_name();
    let start = name.as_encoded_bytes().get(..digits);
    start.is_some_and(|start| start.iter().all(u8::is_ascii_hexdigit))
}

/// The first digits of a key name its folder.
const FOLDER_DIGITS: usize = 2;

/// A whole key.
const KEY_DIGITS: usize = 64;
