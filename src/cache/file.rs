//! One file of the cache: a body behind a seal that says whose it is and that it is whole.
#![expect(
    clippy::disallowed_methods,
    reason = "the folder of the cache is no part of a site"
)]

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use crate::site::Hash;

/// What a file holds.
pub(super) struct Found {
    pub(super) body: Bytes,
    file: File,
    used: Option<SystemTime>,
}

/// Reads the file of `key`. None if it is not as it was written.
pub(super) fn read(path: &Path, key: &Hash) -> io::Result<Option<Found>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    let mut body = Bytes::from(bytes);
    let seal_bytes = body.split_to(SEAL_BYTES.min(body.len()));
    let whole = *seal_bytes == *seal(key, &body).as_bytes();
    Ok(whole.then(|| Found {
        body,
        file,
        used: metadata.modified().ok(),
    }))
}

impl Found {
    /// Notes when it was used last. Not to the second: noting costs as much as reading.
    pub(super) fn note_use(&self, now: SystemTime) {
        let since = self.used.and_then(|used| now.duration_since(used).ok());
        if since.is_none_or(|since| since > USE_NOTED_AFTER) {
            // A folder that may only be read is still of use; its files then go in the order they came.
            self.file.set_modified(now).ok();
        }
    }
}

/// Writes the file of `key`. Nobody sees it before it is whole, so nothing is lost if the process is.
pub(super) fn write(path: &Path, key: &Hash, body: &[u8]) -> io::Result<()> {
    let writing = WRITINGS.fetch_add(1, Ordering::Relaxed);
    let unfinished = path.with_extension(format!("{}-{writing}", process::id()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(seal(key, body).as_bytes())?;
        file.write_all(body)?;
        fs::rename(&unfinished, path)
    });
    if written.is_err() {
        // A full disk must not stay full of halves.
        fs::remove_file(&unfinished).ok();
    }
    written
}

/// How long the file of `body` is.
pub(super) fn length(body: &[u8]) -> u64 {
    (SEAL_BYTES + body.len()) as u64
}

/// What stands before a body in its file.
fn seal(key: &Hash, body: &[u8]) -> Hash {
    Hash::of_fields([&key.as_bytes()[..], body])
}

const SEAL_BYTES: usize = 32;

/// Tells apart what several threads write at a time.
static WRITINGS: AtomicU64 = AtomicU64::new(0);

/// Of two files that were used within so long either may go first.
const USE_NOTED_AFTER: Duration = Duration::from_secs(60);
