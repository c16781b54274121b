//! What a site's folder looks like from outside: the names, sizes, times and inodes of its files.
//!
//! Two equal fingerprints, taken before and after the site was read, say that it was read in one
//! piece; no content is opened for it.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use walkdir::{DirEntry, WalkDir};

use super::names::Name;
use crate::site::Hash;

/// The state of a folder, as its metadata tell it.
#[derive(Debug, Clone)]
pub(super) struct Fingerprint {
    hash: Hash,
    /// Whether every later change must show in a later fingerprint. A file that was written just
    /// before it was looked at can be written again within one tick of the file system's clock.
    settled: bool,
    /// The temporary names of transfers, relative to the root.
    transfers: BTreeSet<PathBuf>,
}

impl Fingerprint {
    /// Walks `root`, and looks at `beside`: a file that belongs to the site and may lie elsewhere.
    /// `now` is the time since 1970.
    pub(super) fn of(root: &Path, beside: Option<&Path>, now: Duration) -> Self {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut newest = Duration::ZERO;
        let mut transfers = BTreeSet::new();
        let mut note = |name: &OsStr, metadata: Option<fs::Metadata>| {
            fields.push(name.as_bytes().to_vec());
            fields.push(metadata.as_ref().map_or_else(Vec::new, facts));
            if let Some(file) = metadata.filter(fs::Metadata::is_file) {
                newest = newest.max(changed(&file));
            }
        };
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name();
        let counted = walk.into_iter().filter_entry(|entry| match judge(entry) {
            Name::Content => true,
            Name::Noise => false,
            Name::Transfer => {
                transfers.insert(relative(root, entry.path()).to_owned());
                false
            }
        });
        for entry in counted {
            match entry {
                Ok(entry) => note(
                    relative(root, entry.path()).as_os_str(),
                    entry.metadata().ok(),
                ),
                // Gone since its folder was listed, or not ours to read: that is part of the state.
                Err(error) => note(error.path().unwrap_or(root).as_os_str(), None),
            }
        }
        if let Some(beside) = beside {
            note(beside.as_os_str(), fs::metadata(beside).ok());
        }
        Self {
            hash: Hash::of_fields(fields.iter().map(Vec::as_slice)),
            settled: newest + FILE_CLOCK_TICK < now,
            transfers,
        }
    }

    /// Whether both were taken of the same content; a transfer under way is none.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// Whether an equal fingerprint, taken later, proves that nothing changed between the two.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// The temporary names of transfers, relative to the root.
    pub(super) fn transfers(&self) -> &BTreeSet<PathBuf> {
        &self.transfers
    }
}

fn judge(entry: &DirEntry) -> Name {
    match (entry.depth().checked_sub(1), entry.file_name().to_str()) {
        (Some(depth), Some(name)) => Name::of_part(name, depth),
        _ => Name::Content,
    }
}

/// What tells one state of a file from another. A folder's times are left out: they move with the
/// temporary names inside, and all else shows in its entries.
fn facts(metadata: &fs::Metadata) -> Vec<u8> {
    let mut numbers = vec![u64::from(metadata.is_dir()), metadata.dev(), metadata.ino()];
    if metadata.is_file() {
        numbers.push(metadata.size());
        numbers.push(metadata.mtime().cast_unsigned());
        numbers.push(metadata.mtime_nsec().cast_unsigned());
        numbers.push(metadata.ctime().cast_unsigned());
        numbers.push(metadata.ctime_nsec().cast_unsigned());
    }
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

/// When the inode last changed, by the file system's clock: rsync cannot set it back.
fn changed(metadata: &fs::Metadata) -> Duration {
    let whole = u64::try_from(metadata.ctime()).unwrap_or_default();
    let nanoseconds = u32::try_from(metadata.ctime_nsec()).unwrap_or_default();
    Duration::new(whole, nanoseconds)
}

fn relative<'p>(root: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// At least one tick of the clock that file systems date their inodes with; 10 ms on a kernel with
/// 100 ticks a second.
const FILE_CLOCK_TICK: Duration = Duration::from_millis(20);

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "reads a file to show that reading is no change"
)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A moment after everything these tests do.
    const LATER: Duration = Duration::MAX;

    /// A site of two files, changed by `change`: whether the change shows.
    fn shows(change: impl FnOnce(&Path)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("content")).unwrap();
        fs::write(root.join("config.toml"), "base_url = '/'").unwrap();
        fs::write(root.join("content/a.md"), "one").unwrap();
        let before = Fingerprint::of(root, None, LATER);
        change(root);
        !before.agrees_with(&Fingerprint::of(root, None, LATER))
    }

    #[test]
    fn shows_what_may_change_a_page() {
        assert!(shows(
            |root| fs::write(root.join("content/a.md"), "three").unwrap()
        ));
        assert!(shows(
            |root| fs::write(root.join("content/b.md"), "two").unwrap()
        ));
        assert!(shows(
            |root| fs::remove_file(root.join("content/a.md")).unwrap()
        ));
        assert!(shows(|root| fs::rename(
            root.join("content"),
            root.join("c")
        )
        .unwrap()));
        assert!(shows(
            |root| symlink("content", root.join("static")).unwrap()
        ));
        assert!(shows(|root| {
            fs::write(root.join("new"), "one").unwrap();
            fs::rename(root.join("new"), root.join("content/a.md")).unwrap();
        }));
    }

    #[test]
    fn does_not_show_what_cannot() {
        assert!(!shows(|_| ()));
        assert!(!shows(
            |root| fs::write(root.join("content/a.md~"), "x").unwrap()
        ));
        assert!(!shows(|root| fs::write(
            root.join("content/.a.md.X1y2Z3"),
            "x"
        )
        .unwrap()));
        assert!(!shows(|root| fs::create_dir(root.join(".git")).unwrap()));
        assert!(!shows(|root| {
            fs::read(root.join("content/a.md")).unwrap();
        }));
    }

    #[test]
    fn names_the_transfers_under_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("content/.~tmp~")).unwrap();
        fs::write(folder.path().join(".config.toml.aB3dEf"), "").unwrap();
        let taken = Fingerprint::of(folder.path(), None, LATER);
        let names: Vec<_> = taken.transfers().iter().map(|path| path.to_str()).collect();
        assert_eq!(names, [Some(".config.toml.aB3dEf"), Some("content/.~tmp~")]);
    }

    #[test]
    fn a_folder_that_is_gone_has_one_too() {
        let nowhere = Path::new("/nowhere/at/all");
        let gone = Fingerprint::of(nowhere, None, LATER);
        assert!(gone.agrees_with(&Fingerprint::of(nowhere, None, LATER)));
    }

    #[test]
    fn is_settled_after_a_tick() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "").unwrap();
        let written = changed(&fs::metadata(&file).unwrap());
        let settled = |now| Fingerprint::of(folder.path(), None, now).is_settled();
        assert!(!settled(written));
        assert!(!settled(written + FILE_CLOCK_TICK));
        assert!(settled(written + FILE_CLOCK_TICK + Duration::from_nanos(1)));
    }
}
