//! What tells one state of a file from another, without opening it.

use std::{fs, os::unix::fs::MetadataExt, time::Duration};

/// The facts of a file. Two states of it that have the same facts are the same, if the first was
/// [settled](Facts::are_settled) when its facts were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds since 1970, and nanoseconds.
    modified: i64,
    modified_nanos: u32,
    /// The same of the inode, by the file system's clock: rsync cannot set it back.
    changed_nanos: u32,
    changed: i64,
}

impl Facts {
    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            modified: metadata.mtime(),
            modified_nanos: nanos(metadata.mtime_nsec()),
            changed_nanos: nanos(metadata.ctime_nsec()),
            changed: metadata.ctime(),
        }
    }

    /// The length of the file, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// When its content was written, in seconds since 1970.
    pub(super) fn modified(&self) -> i64 {
        self.modified.max(0)
    }

    /// Those of the file that changed later.
    pub(super) fn later(self, other: Self) -> Self {
        match self.changed() < other.changed() {
            true => other,
            false => self,
        }
    }

    /// Whether every later change must show in later facts. What was written just before it was looked
    /// at can be written again within one tick of the file system's clock. `now` is the time since 1970,
    /// before the facts were taken.
    pub(super) fn are_settled(&self, now: Duration) -> bool {
        self.changed().saturating_add(FILE_CLOCK_TICK) < now
    }

    /// Since 1970.
    fn changed(&self) -> Duration {
        let seconds = u64::try_from(self.changed).unwrap_or_default();
        Duration::new(seconds, self.changed_nanos)
    }
}

/// Of a second; there are always less than a billion.
fn nanos(nanos: i64) -> u32 {
    u32::try_from(nanos).unwrap_or_default()
}

/// At least one tick of the clock that file systems date their inodes with; 10 ms on a kernel with
/// 100 ticks a second.
const FILE_CLOCK_TICK: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_settled_after_a_tick() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "").unwrap();
        let facts = Facts::of(&fs::metadata(&file).unwrap());
        let written = facts.changed();
        assert!(!facts.are_settled(written));
        assert!(!facts.are_settled(written + FILE_CLOCK_TICK));
        assert!(facts.are_settled(written + FILE_CLOCK_TICK + Duration::from_nanos(1)));
    }
}
