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

/// Reads the file of `key`. None if it is not as it was written.
pub(super) fn read(path: &Path, key: &Hash) -> io::Result<Option<Bytes>> {
    let mut file = File::open(path)?;
    // Most files are small, and are read at once, which says their length, too.
    let mut small = [0; SMALL_FILE_BYTES];
    let read = file.read(&mut small)?;
    let start = small.get(..read).unwrap_or_default();
    let Some((seal_bytes, start)) = start.split_at_checked(SEAL_BYTES) else {
        return Ok(None);
    };
    let mut body = start.to_vec();
    if read == SMALL_FILE_BYTES {
        file.read_to_end(&mut body)?;
    }
    let whole = *seal_bytes == *seal(key, &body).as_bytes();
    Ok(whole.then(|| Bytes::from(body)))
}

/// Notes that the file was used. Not to the second: noting costs as much as reading.
pub(super) fn note_use(path: &Path, now: SystemTime) -> io::Result<()> {
    let file = File::open(path)?;
    let since = now.duration_since(file.metadata()?.modified()?);
    match since.is_ok_and(|since| since <= USE_NOTED_AFTER) {
        true => Ok(()),
        false => file.set_modified(now),
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

/// The codings of most pages together are shorter.
const SMALL_FILE_BYTES: usize = 16 << 10;

/// Tells apart what several threads write at a time.
static WRITINGS: AtomicU64 = AtomicU64::new(0);

/// Of two files that were used within so long either may go first.
const USE_NOTED_AFTER: Duration = Duration::from_secs(60);
