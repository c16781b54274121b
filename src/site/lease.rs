//! Content that is held only as long as it is needed: of a large site, the texts outweigh all else
//! that is known of it.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::{Files, Hash};

/// The content of a file, or of a part of it: in memory until it is released, and read again whenever
/// it is asked for after that.
pub(crate) struct Lease<T> {
    hash: Hash,
    // A lock, since many threads render; it is held for a clone of what is counted.
    held: Mutex<Option<T>>,
}

/// What a [`Lease`] is of.
pub(crate) trait Leased: Clone {
    /// Its bytes.
    fn bytes(&self) -> &[u8];
}

impl Leased for Arc<str> {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Leased for Bytes {
    fn bytes(&self) -> &[u8] {
        self
    }
}

impl<T: Leased> Lease<T> {
    /// Holds `content`.
    pub(crate) fn of(content: T) -> Self {
        Self {
            hash: Hash::of(content.bytes()),
            held: Mutex::new(Some(content)),
        }
    }

    /// The hash of the content.
    pub(crate) fn hash(&self) -> Hash {
        self.hash
    }

    /// How many bytes are held in memory now.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.lock().as_ref().map_or(0, |held| held.bytes().len())
    }

    /// The content, which `again` reads from `files` if it is not held any more. If it is another by
    /// now, that is an error, and the files are known to be torn.
    pub(super) fn take(
        &self,
        files: &Files,
        again: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        if let Some(held) = self.lock().clone() {
            return Ok(held);
        }
        let content = again();
        let is_same = |content: &T| Hash::of(content.bytes()) == self.hash;
        match content {
            Ok(content) if is_same(&content) => Ok(content),
            Ok(_) => {
                files.tear();
                let what = "it changed since the site was read";
                Err(io::Error::new(io::ErrorKind::StaleNetworkFileHandle, what))
            }
            Err(error) => {
                files.tear();
                Err(error)
            }
        }
    }

    /// Lets the memory go: whoever has the content keeps it, and whoever asks for it has it read again.
    pub(crate) fn release(&self) {
        // Of an empty one there is nothing to win, and nothing to read.
        self.lock().take_if(|held| !held.bytes().is_empty());
    }

    // A panic cannot leave a pointer half written.
    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With a hold of its own.
impl<T: Leased> Clone for Lease<T> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            held: Mutex::new(self.lock().clone()),
        }
    }
}

/// By what it is of, held or not.
impl<T> PartialEq for Lease<T> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl<T> Eq for Lease<T> {}

impl<T> fmt::Debug for Lease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &'static str) -> Files {
        Files::new("/nowhere".into(), move |_| {
            Ok(Bytes::from_static(text.as_bytes()))
        })
    }

    #[test]
    fn what_was_let_go_is_read_again() {
        let (before, after) = (files("tide"), files("ebb"));
        let lease = Lease::of(Bytes::from_static(b"tide"));
        assert_eq!(lease.held_bytes(), 4);
        lease.take(&after, || after.read("a")).unwrap();
        lease.release();
        assert_eq!(lease.held_bytes(), 0);
        assert_eq!(lease.take(&before, || before.read("a")).unwrap(), "tide");
        assert!(!before.are_torn() && !after.are_torn());
        lease.take(&after, || after.read("a")).unwrap_err();
        assert!(after.are_torn());
    }
}
