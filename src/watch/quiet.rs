//! When a change counts as finished: a state machine that is told the time.
//!
//! A single change is followed by silence. An rsync is a burst with pauses, and while it lasts its
//! temporary names are in the tree: then silence alone proves nothing, and the watcher waits until
//! they are gone, within bounds. Changes without such names that never pause (a program that writes a
//! file each second) are not waited for without end.

use std::time::{Duration, Instant};

use super::Rules;

/// The changes since the last look at the site.
#[derive(Debug)]
pub(super) struct Quiet {
    rules: Rules,
    burst: Option<Burst>,
}

/// Changes that may belong together.
#[derive(Debug, Clone, Copy)]
struct Burst {
    first: Instant,
    last: Instant,
    /// Whether rsync was seen at work in it.
    transfer: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing has changed.
    Idle,
    /// Look at the site now.
    Look,
    /// Ask again after so long, whatever changes meanwhile.
    Rest(Duration),
    /// Ask again after so long, or after the next change.
    Wait(Duration),
}

impl Quiet {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, burst: None }
    }

    /// Something changed.
    pub(super) fn note(&mut self, now: Instant) {
        self.burst = Some(match self.burst {
            Some(burst) => Burst {
                last: burst.last.max(now),
                ..burst
            },
            None => Burst {
                first: now,
                last: now,
                transfer: false,
            },
        });
    }

    /// A name of rsync's own changed.
    pub(super) fn note_transfer(&mut self, now: Instant) {
        self.note(now);
        if let Some(burst) = &mut self.burst {
            burst.transfer = true;
        }
    }

    /// The site was looked at: what was noted is done with.
    pub(super) fn done(&mut self) {
        self.burst = None;
    }

    /// What to do. `in_flight` says whether temporary names of a transfer are in the tree; it is
    /// asked only when the answer matters, since it costs a walk.
    pub(super) fn next(&mut self, now: Instant, in_flight: impl FnOnce() -> bool) -> Next {
        let Some(burst) = &mut self.burst else {
            return Next::Idle;
        };
        let longest = if burst.transfer {
            self.rules.transfer_longest
        } else {
            self.rules.longest
        };
        let until = |at: Instant| at.saturating_duration_since(now);
        let given_up = until(burst.first + longest);
        let quiet = until(burst.last + burst.silence(self.rules.quiet));
        if given_up.is_zero() {
            return Next::Look;
        }
        if !quiet.is_zero() {
            return Next::Rest(quiet.min(given_up));
        }
        let stalled = until(burst.last + self.rules.transfer_stall);
        if stalled.is_zero() || !in_flight() {
            return Next::Look;
        }
        burst.transfer = true;
        let given_up = until(burst.first + self.rules.transfer_longest);
        // No sooner: the end of a transfer is a change, and comes as one.
        Next::Wait(stalled.min(given_up))
    }
}

impl Burst {
    /// How long a silence ends it. A transfer has longer pauses the longer it takes, between two files
    /// for one, where no temporary name shows that more will come.
    fn silence(&self, quiet: Duration) -> Duration {
        if self.transfer {
            let pause = (self.last - self.first) / 4;
            pause.clamp(quiet, quiet.max(TRANSFER_PAUSE_MAX))
        } else {
            quiet
        }
    }
}

/// The longest silence that the end of a transfer waits for when none of its names is left.
const TRANSFER_PAUSE_MAX: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        quiet: Duration::from_millis(300),
        longest: Duration::from_secs(5),
        transfer_stall: Duration::from_secs(60),
        transfer_longest: Duration::from_secs(3600),
        poll: Duration::from_secs(60),
    };

    /// What happens at a moment, in milliseconds from the start.
    enum Step {
        Change(u64),
        Transfer(u64),
        Ask(u64, bool, Next),
    }
    use Step::{Ask, Change, Transfer};

    fn check(steps: &[Step]) {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut quiet = Quiet::new(RULES);
        for step in steps {
            match *step {
                Change(ms) => quiet.note(at(ms)),
                Transfer(ms) => quiet.note_transfer(at(ms)),
                Ask(ms, in_flight, expected) => {
                    assert_eq!(quiet.next(at(ms), || in_flight), expected, "at {ms} ms");
                }
            }
        }
    }

    const fn rest(ms: u64) -> Next {
        Next::Rest(Duration::from_millis(ms))
    }

    const fn wait(ms: u64) -> Next {
        Next::Wait(Duration::from_millis(ms))
    }

    #[test]
    fn without_a_change_there_is_nothing_to_do() {
        check(&[Ask(0, true, Next::Idle), Ask(9_999, false, Next::Idle)]);
    }

    #[test]
    fn a_change_counts_after_silence() {
        check(&[
            Change(0),
            Ask(0, false, rest(300)),
            Ask(299, false, rest(1)),
            Ask(300, false, Next::Look),
        ]);
    }

    #[test]
    fn each_change_begins_the_silence_anew() {
        check(&[
            Change(0),
            Change(200),
            Ask(300, false, rest(200)),
            Ask(500, false, Next::Look),
        ]);
    }

    #[test]
    fn what_is_told_late_takes_nothing_back() {
        check(&[Change(100), Transfer(0), Ask(300, false, rest(100))]);
    }

    #[test]
    fn changes_without_a_pause_are_looked_at_all_the_same() {
        check(&[
            Change(0),
            Change(4_900),
            Ask(4_900, false, rest(100)),
            Change(5_000),
            Ask(5_000, false, Next::Look),
        ]);
    }

    #[test]
    fn a_transfer_is_waited_for_beyond_that() {
        check(&[
            Transfer(0),
            Change(60_000),
            Ask(60_000, true, rest(3_000)),
            Ask(63_000, true, wait(57_000)),
            Ask(63_000, false, Next::Look),
        ]);
    }

    #[test]
    fn a_pause_in_a_transfer_is_no_end() {
        check(&[
            Transfer(0),
            Ask(300, true, wait(59_700)),
            Ask(59_900, true, wait(100)),
            Transfer(59_950),
            Ask(60_250, true, rest(2_700)),
            Ask(62_950, true, wait(57_000)),
        ]);
    }

    #[test]
    fn a_transfer_seen_only_in_the_tree_is_one_too() {
        check(&[
            Change(0),
            Ask(300, true, wait(59_700)),
            Change(5_100),
            Ask(5_400, false, rest(975)),
            Ask(6_375, false, Next::Look),
        ]);
    }

    #[test]
    fn a_transfer_that_died_is_given_up() {
        check(&[Transfer(0), Ask(60_000, true, Next::Look)]);
    }

    #[test]
    fn a_transfer_without_end_is_given_up_too() {
        check(&[
            Transfer(0),
            Transfer(3_600_000),
            Ask(3_600_000, true, Next::Look),
        ]);
    }

    #[test]
    fn a_look_ends_the_burst() {
        let start = Instant::now();
        let mut quiet = Quiet::new(RULES);
        quiet.note(start);
        quiet.done();
        assert_eq!(quiet.next(start, || true), Next::Idle);
    }
}
