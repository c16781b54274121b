//! What the watcher was told since it last listened. However much happens meanwhile, it is a few words
//! and a bounded number of paths: the events of a transfer of 100,000 files need no queue.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::load::News;

/// Filled by the system's events and by [`Watcher`](super::Watcher), emptied by the watcher's thread.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    // A std mutex: it is held for a few instructions, by threads that are no part of the runtime.
    state: Mutex<State>,
    wake: Condvar,
    /// How often the system came to the end of a fence.
    fences: Mutex<u64>,
    fenced: Condvar,
}

#[derive(Debug, Default)]
struct State {
    told: Told,
    /// Whether whoever waits is not to be woken by changes.
    resting: bool,
}

/// What was told.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// When something of the site last changed.
    pub(super) change: Option<Instant>,
    /// When a temporary name of rsync last changed.
    pub(super) transfer: Option<Instant>,
    /// What may have changed.
    pub(super) news: News,
    /// Which temporary names of rsync changed, or who knows which.
    pub(super) transfers: News,
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
        let mut state = self.lock();
        what(&mut state.told);
        if !state.resting || state.told.errands != Errands::default() {
            self.wake.notify_one();
        }
    }

    /// Waits until something is told, at most for `patience`; then takes all of it.
    pub(super) fn wait(&self, patience: Duration) -> Told {
        self.wait_while(self.lock(), patience, |told| *told == Told::default())
    }

    /// Waits out `quiet`, however much changes meanwhile, unless there is something else to do; then takes all that
    /// was told. A transfer of 100,000 files does not wake whoever waits as often.
    pub(super) fn rest(&self, quiet: Duration) -> Told {
        let mut state = self.lock();
        state.resting = true;
        self.wait_while(state, quiet, |told| told.errands == Errands::default())
    }

    fn wait_while(
        &self,
        state: MutexGuard<'_, State>,
        patience: Duration,
        goes_on: impl Fn(&Told) -> bool,
    ) -> Told {
        let (mut state, _) = self
            .wake
            .wait_timeout_while(state, patience, |state| goes_on(&state.told))
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *state).told
    }

    /// Takes all that was told, at once.
    pub(super) fn take(&self) -> Told {
        std::mem::take(&mut self.lock().told)
    }

    /// Says that all events up to a fence are told.
    pub(super) fn reach_fence(&self) {
        *self.fences() += 1;
        self.fenced.notify_one();
    }

    /// Has `raise` bring forth an event, and waits until it came, behind all that were before it.
    pub(super) fn fence(&self, raise: impl FnOnce() -> bool) -> bool {
        let before = *self.fences();
        if !raise() {
            return false;
        }
        let (fences, _) = self
            .fenced
            .wait_timeout_while(self.fences(), FENCE_PATIENCE, |fences| *fences == before)
            .unwrap_or_else(PoisonError::into_inner);
        *fences != before
    }

    fn fences(&self) -> MutexGuard<'_, u64> {
        self.fences.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // A panic cannot leave these few words half written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the event of a fence may take; commonly it is well below a millisecond.
const FENCE_PATIENCE: Duration = Duration::from_millis(200);

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

    #[test]
    fn changes_end_no_rest() {
        let mailbox = Mailbox::default();
        let rest = Duration::from_millis(20);
        let start = Instant::now();
        mailbox.tell(|told| told.change = Some(start));
        assert_eq!(mailbox.rest(rest).change, Some(start));
        assert!(start.elapsed() >= rest);
        mailbox.tell(|told| told.errands.stop = true);
        assert!(mailbox.rest(FOR_EVER).errands.stop);
    }

    const FOR_EVER: Duration = Duration::from_secs(3_600);
}
