//! A folder of bytes that took long to make, by the hash of what they were made of; what is kept
//! there need not be made again after a start.
//!
//! It may be deleted at any time, also while the node runs, and several processes may share it.
//!
//! **Invariant:** what is found is what was kept under that name, byte for byte; a file that was cut
//! short or changed counts as missing.
//! **Invariant:** the folder stays below its bound, but for what is being written; what was not used
//! for longest goes first, and never a file that is not the cache's own.
//! **Invariant:** a folder that can't be used is told of once, and stops nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "the folder of the cache is no part of a site, and its files are as old as their last use"
)]

mod folder;

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::PathBuf,
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;

use crate::site::Hash;

/// A bounded folder of what was made before.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    bytes_max: u64,
    /// What the folder holds, as far as this process knows. Locked while old files are deleted, so that
    /// one thread does.
    bytes: Mutex<u64>,
    /// Tells apart what several threads write at a time.
    writings: AtomicU64,
    told: AtomicBool,
}

impl Cache {
    /// The cache in `folder`, which is made if it is not there. It keeps below `bytes_max`.
    pub(crate) fn open(folder: PathBuf, bytes_max: u64) -> Self {
        let cache = Self {
            folder,
            bytes_max,
            bytes: Mutex::default(),
            writings: AtomicU64::default(),
            told: AtomicBool::default(),
        };
        if let Err(error) = fs::create_dir_all(&cache.folder) {
            cache.tell(&error);
        }
        cache.make_room(0);
        cache
    }

    /// What was kept under `key`.
    pub(crate) fn find(&self, key: &Hash) -> Option<Bytes> {
        match self.read(key) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.tell(&error);
                None
            }
        }
    }

    /// Keeps `body` under `key`, which must name all that `body` was made of.
    pub(crate) fn keep(&self, key: &Hash, body: &[u8]) {
        let bytes = (SEAL_BYTES + body.len()) as u64;
        if bytes > self.bytes_max {
            return;
        }
        match self.write(key, body) {
            Ok(()) => self.make_room(bytes),
            Err(error) => self.tell(&error),
        }
    }

    fn read(&self, key: &Hash) -> io::Result<Option<Bytes>> {
        let path = folder::path(&self.folder, key);
        let mut file = File::open(&path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut bytes = Bytes::from(bytes);
        let seal_bytes = bytes.split_to(SEAL_BYTES.min(bytes.len()));
        if *seal_bytes != *seal(key, &bytes).as_bytes() {
            fs::remove_file(&path)?;
            return Ok(None);
        }
        // A folder that may only be read is still of use; its files then go in the order they came.
        file.set_modified(SystemTime::now()).ok();
        Ok(Some(bytes))
    }

    /// Nobody sees a file before it is whole, so nothing is lost if the process is.
    fn write(&self, key: &Hash, body: &[u8]) -> io::Result<()> {
        let path = folder::path(&self.folder, key);
        let writing = self.writings.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_extension(format!("{}-{writing}", process::id()));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(seal(key, body).as_bytes())?;
            file.write_all(body)?;
            fs::rename(&unfinished, &path)
        });
        if written.is_err() {
            // A full disk must not stay full of halves.
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    /// Counts `bytes` more and deletes the oldest files, if that is too much.
    fn make_room(&self, bytes: u64) {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *held += bytes;
        if bytes > 0 && *held <= self.bytes_max {
            return;
        }
        // Some more than is needed, so that the next few files find room.
        let after = match bytes {
            0 => self.bytes_max,
            _ => self.bytes_max - self.bytes_max / 10,
        };
        match folder::shrink(&self.folder, self.bytes_max, after) {
            Ok(left) => *held = left,
            Err(error) => self.tell(&error),
        }
    }

    fn tell(&self, error: &io::Error) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let folder = self.folder.display();
            tracing::warn!(%error, "the cache {folder} can't be used, so what it should keep is made anew");
        }
    }
}

/// What stands before a body in its file.
fn seal(key: &Hash, body: &[u8]) -> Hash {
    Hash::of_fields([&key.as_bytes()[..], body])
}

const SEAL_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use super::*;

    fn key(name: &str) -> Hash {
        Hash::of(name.as_bytes())
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
        let entries = walk.into_iter().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(walkdir::DirEntry::into_path).collect()
    }

    #[test]
    fn what_is_kept_is_found_after_a_start() {
        let folder = tempfile::tempdir().unwrap();
        for start in 0..2 {
            let cache = Cache::open(folder.path().join("a/b"), 1 << 20);
            assert_eq!(cache.find(&key("one")).is_some(), start == 1);
            cache.keep(&key("one"), b"body");
            assert_eq!(cache.find(&key("one")).unwrap(), &b"body"[..]);
            assert!(cache.find(&key("two")).is_none());
            assert_eq!(files(folder.path()).len(), 1);
        }
    }

    #[test]
    fn what_was_changed_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().to_owned(), 1 << 20);
        let changes: [fn(&mut Vec<u8>); 4] = [
            |bytes| bytes.truncate(40),
            |bytes| bytes.truncate(10),
            |bytes| bytes[50] ^= 1,
            |bytes| bytes[0] ^= 1,
        ];
        for change in changes {
            cache.keep(&key("one"), &[7; 100]);
            let path = files(folder.path()).remove(0);
            let mut bytes = fs::read(&path).unwrap();
            change(&mut bytes);
            fs::write(&path, bytes).unwrap();
            assert!(cache.find(&key("one")).is_none());
            assert!(files(folder.path()).is_empty());
        }
        cache.keep(&key("one"), b"body");
        let other = folder::path(folder.path(), &key("two"));
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        fs::rename(files(folder.path()).remove(0), other).unwrap();
        assert!(cache.find(&key("two")).is_none(), "under another name");
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().to_owned(), 10_000);
        fs::create_dir(folder.path().join("aa")).unwrap();
        let foreign = [folder.path().join("diary"), folder.path().join("aa/diary")];
        for path in &foreign {
            fs::write(path, [0; 9_000]).unwrap();
        }
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        for (number, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
            cache.keep(&key(name), &[1; 2_000]);
            let file = File::open(folder::path(folder.path(), &key(name))).unwrap();
            file.set_modified(long_ago + Duration::from_secs(number as u64))
                .unwrap();
        }
        assert!(cache.find(&key("a")).is_some(), "it is used again");
        cache.keep(&key("e"), &[1; 2_000]);
        let left = ["a", "b", "c", "d", "e"].map(|name| cache.find(&key(name)).is_some());
        assert_eq!(left, [true, false, true, true, true]);
        cache.keep(&key("f"), &[1; 10_000]);
        assert!(
            cache.find(&key("f")).is_none(),
            "larger than the whole cache"
        );
        let smaller = Cache::open(folder.path().to_owned(), 5_000);
        let left = ["a", "c", "d", "e"].map(|name| smaller.find(&key(name)).is_some());
        assert_eq!(left.iter().filter(|left| **left).count(), 2, "{left:?}");
        assert!(foreign.iter().all(|path| path.exists()));
    }

    #[test]
    fn a_folder_that_cannot_be_used_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = Cache::open(file.join("cache"), 1 << 20);
        cache.keep(&key("one"), b"body");
        assert!(cache.find(&key("one")).is_none());
        assert!(cache.told.load(Ordering::Relaxed));
    }
}
