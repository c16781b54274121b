//! A folder of bytes that took long to make, by the hash of what they were made of; what is kept
//! there need not be made again after a start.
//!
//! It may be deleted at any time, also while the node runs, and several processes may share it.
//!
//! **Invariant:** what is found is what was kept under that name, byte for byte; a file that was cut
//! short or changed counts as missing.
//! **Invariant:** the folder stays below its bound, but for what is being written; what was not used
//! for longest goes first, and never a file that is not the cache's own. An [`Area`] of it holds what
//! stays until it is let go; it has up to half of the bound, and the rest of the cache what it leaves.
//! **Invariant:** a folder that can't be used is told of once, and stops nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "the folder of the cache is no part of a site, and its files are as old as their last use"
)]

mod area;
mod file;
mod folder;

use std::{
    collections::HashSet,
    fs, io, mem,
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;

pub(crate) use self::area::Area;
use crate::site::Hash;

/// A bounded folder of what was made before.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    bytes_max: u64,
    /// What the folder holds, as far as this process knows; None before it looked. Locked while old files
    /// are deleted, so that one thread does.
    bytes: Mutex<Option<u64>>,
    /// What the areas hold: so much less is left for all else.
    reserved: OnceLock<AtomicU64>,
    /// What was found, and whose file does not say yet when.
    used: Mutex<HashSet<Hash>>,
    told: AtomicBool,
}

impl Cache {
    /// The cache in `folder`, which is made if it is not there. It keeps below `bytes_max`. Which files
    /// there are is not looked at before that counts: a start need not wait for it.
    pub(crate) fn open(folder: PathBuf, bytes_max: u64) -> Self {
        let cache = Self {
            folder,
            bytes_max,
            bytes: Mutex::default(),
            reserved: OnceLock::new(),
            used: Mutex::default(),
            told: AtomicBool::default(),
        };
        if let Err(error) = fs::create_dir_all(&cache.folder) {
            cache.tell(&error);
        }
        cache
    }

    /// What the folder holds, in bytes, as far as this process knows.
    pub(crate) fn bytes(&self) -> u64 {
        self.look();
        let bytes = *self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.unwrap_or_default() + self.reserved().load(Ordering::Relaxed)
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
        let bytes = file::length(body);
        if bytes > self.room() {
            return;
        }
        match file::write(&folder::path(&self.folder, key), key, body) {
            Ok(()) => self.make_room(bytes),
            Err(error) => self.tell(&error),
        }
    }

    fn read(&self, key: &Hash) -> io::Result<Option<Bytes>> {
        let path = folder::path(&self.folder, key);
        let Some(found) = file::read(&path, key)? else {
            fs::remove_file(&path)?;
            return Ok(None);
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() < USED_MAX {
            used.insert(*key);
        }
        Ok(Some(found))
    }

    /// Has the files say that they were used.
    fn note_uses(&self) {
        let used = mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        for key in used {
            // A folder that may only be read is still of use; its files then go in the order they came.
            file::note_use(&folder::path(&self.folder, &key), SystemTime::now()).ok();
        }
    }

    /// What it may hold beside the areas.
    fn room(&self) -> u64 {
        let reserved = self.reserved().load(Ordering::Relaxed);
        self.bytes_max.saturating_sub(reserved)
    }

    fn reserved(&self) -> &AtomicU64 {
        self.reserved
            .get_or_init(|| AtomicU64::new(area::bytes(&self.folder)))
    }

    /// Sees to it that what the folder holds is known, and below the bound.
    fn look(&self) {
        self.make_room(0);
    }

    /// Counts `bytes` more and deletes the oldest files, if that is too much.
    fn make_room(&self, bytes: u64) {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let most = self.room();
        if let Some(held) = &mut *held {
            *held += bytes;
            if *held <= most {
                return;
            }
        }
        self.note_uses();
        // Some more than is needed, so that the next few files find room.
        let after = most - most / 10;
        match folder::shrink(&self.folder, most, after) {
            Ok(left) => *held = Some(left),
            Err(error) => {
                held.get_or_insert(bytes);
                self.tell(&error);
            }
        }
    }

    fn tell(&self, error: &io::Error) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let folder = self.folder.display();
            tracing::warn!(%error, "the cache {folder} can't be used, so what it should keep is made anew");
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.note_uses();
    }
}

/// So many uses are remembered, and no more.
const USED_MAX: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use std::{fs::File, path::Path, time::Duration};

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
        assert_eq!(cache.bytes(), 0);
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
        assert!(smaller.bytes() <= 5_000);
        let left = ["a", "c", "d", "e"].map(|name| smaller.find(&key(name)).is_some());
        assert_eq!(left.iter().filter(|left| **left).count(), 2, "{left:?}");
        assert!(foreign.iter().all(|path| path.exists()));
    }

    #[test]
    fn what_was_used_says_so_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Cache::open(folder.path().to_owned(), 1 << 20);
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        for name in ["a", "b"] {
            open().keep(&key(name), b"body");
            let file = File::open(folder::path(folder.path(), &key(name))).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        assert!(open().find(&key("a")).is_some());
        let used = ["a", "b"].map(|name| {
            let path = folder::path(folder.path(), &key(name));
            fs::metadata(path).unwrap().modified().unwrap() > long_ago
        });
        assert_eq!(used, [true, false]);
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
