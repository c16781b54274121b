//! What the watcher was told since it last listened. However much happens meanwhile, it is a few
//! words: the events of a transfer of 100,000 files need no queue.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Filled by the system's events and by [`Watcher`](super::Watcher), emptied by the watcher's thread.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    // A std mutex: it is held for a few instructions, by threads that are no part of the runtime.
    told: Mutex<Told>,
    wake: Condvar,
}

/// What was told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// When something of the site last changed.
    pub(super) change: Option<Instant>,
    /// When a temporary name of rsync last changed.
    pub(super) transfer: Option<Instant>,
    /// What else there is to do.
    pub(super) errands: Errands,
}

/// What to do besides waiting for quiet.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Errands {
    /// What is to become of the watch.
    pub(super) lay: Lay,
    /// Look at the site, whether it seems changed or not.
    pub(super) look: bool,
    /// Make an end.
    pub(super) stop: bool,
}

/// What is to become of the watch, from the least to the most.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lay {
    /// It is good.
    #[default]
    Keep,
    /// A folder was made somewhere: what was put into it at once may have been missed. Lay it anew
    /// before the next look.
    Later,
    /// The site's folder, or one right in it, may be another now.
    Now,
}

impl Mailbox {
    /// Tells something.
    pub(super) fn tell(&self, what: impl FnOnce(&mut Told)) {
        what(&mut self.lock());
        self.wake.notify_one();
    }

    /// Waits until something is told, at most for `patience`; then takes all of it.
    pub(super) fn wait(&self, patience: Duration) -> Told {
        let (mut told, _) = self
            .wake
            .wait_timeout_while(self.lock(), patience, |told| *told == Told::default())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut told)
    }

    // A panic cannot leave these few words half written.
    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_told_until_it_is_taken() {
        let mailbox = Mailbox::default();
        let now = Instant::now();
        mailbox.tell(|told| told.change = Some(now));
        mailbox.tell(|told| told.errands.look = true);
        let told = mailbox.wait(Duration::ZERO);
        assert_eq!((told.change, told.errands.look), (Some(now), true));
        assert_eq!(mailbox.wait(Duration::ZERO), Told::default());
    }
}
