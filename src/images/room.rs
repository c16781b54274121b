//! How much memory the images that are being made may take together.

use std::sync::{Condvar, Mutex, PoisonError};

/// Memory to work in, in bytes.
#[derive(Debug)]
pub(super) struct Room {
    /// A lock and not a counter: whoever finds no room sleeps until some is given back.
    free: Mutex<usize>,
    given_back: Condvar,
}

/// A part of a [`Room`], until it is dropped.
pub(super) struct Taken<'r> {
    room: &'r Room,
    bytes: usize,
}

impl Room {
    /// Waits until there is room for `bytes`. What is larger than the whole room gets all of it.
    pub(super) fn take(&self, bytes: u64) -> Taken<'_> {
        let bytes =
            usize::try_from(bytes).map_or(WORK_BYTES_MAX, |bytes| bytes.min(WORK_BYTES_MAX));
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .given_back
            .wait_while(free, |free| *free < bytes)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= bytes;
        Taken { room: self, bytes }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self {
            free: Mutex::new(WORK_BYTES_MAX),
            given_back: Condvar::new(),
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let free = self.room.free.lock();
        *free.unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.room.given_back.notify_all();
    }
}

/// A quarter of the machine.
const WORK_BYTES_MAX: usize = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let (room, inside) = (Room::default(), AtomicUsize::new(0));
        let work = |bytes: usize| {
            let _taken = room.take(bytes as u64);
            let bytes = bytes.min(WORK_BYTES_MAX);
            let others = inside.fetch_add(bytes, Ordering::SeqCst);
            assert!(others + bytes <= WORK_BYTES_MAX);
            inside.fetch_sub(bytes, Ordering::SeqCst);
        };
        let sizes = [WORK_BYTES_MAX / 2, WORK_BYTES_MAX / 3, 2 * WORK_BYTES_MAX];
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| sizes.into_iter().for_each(work));
            }
        });
        assert_eq!(*room.free.lock().unwrap(), WORK_BYTES_MAX);
    }
}
