//! The `[watch]` table: when a change counts as finished.

use std::time::Duration;

use crate::config::Section;

/// The waits of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// A change is finished when nothing has come for so long.
    pub(crate) quiet: Duration,
    /// Changes that never pause are waited for no longer than this.
    pub(crate) longest: Duration,
    /// A transfer whose temporary files are still there is given up after so long a silence.
    pub(crate) transfer_stall: Duration,
    /// A transfer is waited for no longer than this.
    pub(crate) transfer_longest: Duration,
    /// The whole tree is looked over so often.
    pub(crate) poll: Duration,
}

impl Rules {
    /// Reads the table.
    pub(crate) fn read(mut section: Section<'_>) -> Self {
        let mut number = |key, default, range| section.number(key, default, range);
        let rules = Self {
            quiet: Duration::from_millis(number("quiet_ms", QUIET_MS, 10..=60_000)),
            longest: Duration::from_millis(number("longest_ms", LONGEST_MS, 10..=600_000)),
            transfer_stall: Duration::from_secs(number(
                "transfer_stall_s",
                TRANSFER_STALL_S,
                1..=3_600,
            )),
            transfer_longest: Duration::from_secs(number(
                "transfer_longest_s",
                TRANSFER_LONGEST_S,
                1..=86_400,
            )),
            poll: Duration::from_secs(number("poll_s", POLL_S, 1..=86_400)),
        };
        section.finish();
        rules
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(QUIET_MS),
            longest: Duration::from_millis(LONGEST_MS),
            transfer_stall: Duration::from_secs(TRANSFER_STALL_S),
            transfer_longest: Duration::from_secs(TRANSFER_LONGEST_S),
            poll: Duration::from_secs(POLL_S),
        }
    }
}

const QUIET_MS: u64 = 300;
const LONGEST_MS: u64 = 5_000;
const TRANSFER_STALL_S: u64 = 60;
const TRANSFER_LONGEST_S: u64 = 3_600;
const POLL_S: u64 = 60;
