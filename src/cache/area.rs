//! A part of the cache's folder for what stays until it is let go: nothing in it has to make room for
//! what is merely made anew.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use super::{Cache, file, folder};
use crate::site::Hash;

/// Entries of a cache that stay. It lies in a folder of its own inside of the cache's.
#[derive(Debug)]
pub(crate) struct Area {
    cache: Arc<Cache>,
    folder: PathBuf,
}

impl Area {
    /// The area `name` of `cache`.
    pub(crate) fn of(cache: Arc<Cache>, name: &str) -> Self {
        let folder = cache.folder.join(AREAS).join(name);
        Self { cache, folder }
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What all areas of the cache may hold together, in bytes.
    pub(crate) fn bytes_max(&self) -> u64 {
        self.cache.bytes_max / 2
    }

    /// What is kept under `key`; None if there is nothing, or not what was kept.
    pub(crate) fn find(&self, key: &Hash) -> Option<Bytes> {
        file::read(&folder::path(&self.folder, key), key).ok()?
    }

    /// Whether something is kept under `key`, whatever it is worth.
    pub(crate) fn has(&self, key: &Hash) -> bool {
        folder::path(&self.folder, key).is_file()
    }

    /// Keeps `body` under `key`, if the areas stay below their bound with it.
    pub(crate) fn keep(&self, key: &Hash, body: &[u8]) -> io::Result<()> {
        let path = folder::path(&self.folder, key);
        let before = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let bytes = file::length(body);
        let reserved = self.cache.reserved();
        let held = reserved.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let written = match held.saturating_sub(before) > self.bytes_max() {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => file::write(&path, key, body),
        };
        // What was in its place is gone, or what was to come is not there.
        let gone = if written.is_ok() { before } else { bytes };
        reserved.fetch_sub(gone, Ordering::Relaxed);
        written
    }

    /// All that is kept, in no order.
    pub(crate) fn entries(&self) -> io::Result<Vec<Bytes>> {
        let files = folder::files(&self.folder)?;
        let found = files.iter().filter_map(|file| {
            let key = Hash::from_hex(file.path.file_name()?.to_str()?)?;
            self.find(&key)
        });
        Ok(found.collect())
    }

    /// Lets go of all but `kept`. What is younger than an hour stays: another process
    /// may have put it there for what it has not kept yet.
    pub(crate) fn retain(&self, kept: &HashSet<Hash>, now: SystemTime) -> io::Result<()> {
        self.cache.look();
        for file in folder::files(&self.folder)? {
            let name = file.path.file_name().and_then(|name| name.to_str());
            let is_kept = name
                .and_then(Hash::from_hex)
                .is_some_and(|key| kept.contains(&key));
            let age = now.duration_since(file.used).unwrap_or_default();
            if !is_kept && age > LET_GO_AFTER && fs::remove_file(&file.path).is_ok() {
                let reserved = self.cache.reserved();
                reserved.fetch_sub(file.bytes, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

/// What the areas of the cache in `folder` hold. One that cannot be read holds nothing that counts.
pub(super) fn bytes(folder: &Path) -> u64 {
    let areas = fs::read_dir(folder.join(AREAS)).into_iter().flatten();
    let files = areas
        .flatten()
        .filter_map(|area| folder::files(&area.path()).ok());
    files.flatten().map(|file| file.bytes).sum()
}

/// No name of a folder that the cache itself makes.
const AREAS: &str = "areas";

const LET_GO_AFTER: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_an_area_stays_and_the_rest_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ["a", "b", "c", "d"].map(|name| Hash::of(name.as_bytes()));
        let cache = Arc::new(Cache::open(folder.path().to_owned(), 10_000));
        let area = Area::of(Arc::clone(&cache), "x");
        area.keep(&keys[0], &[1; 3_000]).unwrap();
        area.keep(&keys[0], &[2; 3_000]).unwrap();
        assert_eq!(cache.bytes(), 3_032, "in the place of the first");
        let full = area.keep(&keys[1], &[1; 3_000]).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        for key in &keys {
            cache.keep(key, &[1; 2_500]);
        }
        assert!(cache.bytes() <= 10_000, "{}", cache.bytes());
        assert_eq!(area.find(&keys[0]).unwrap(), vec![2; 3_000]);
        assert!(area.has(&keys[0]) && !area.has(&keys[1]));

        let again = Arc::new(Cache::open(folder.path().to_owned(), 10_000));
        assert_eq!(again.bytes(), cache.bytes());
        assert_eq!(area.entries().unwrap(), [vec![2; 3_000]]);
        let kept = HashSet::from([keys[0]]);
        let later = SystemTime::now() + LET_GO_AFTER * 2;
        area.retain(&HashSet::new(), SystemTime::now()).unwrap();
        area.retain(&kept, later).unwrap();
        assert!(area.has(&keys[0]));
        area.retain(&HashSet::new(), later).unwrap();
        assert!(!area.has(&keys[0]));
    }
}
