//! What a connection waits for, and how long it does.

use std::time::{Duration, Instant};

use super::{settings::Settings, tally::Refusal};

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The end of a TLS handshake.
    Handshake,
    /// A request.
    Idle,
    /// The rest of the head of one.
    Head,
    /// The rest of its body.
    Body,
    /// That the client takes what it asked for.
    Output,
    /// Something that is still being made or read.
    Answer,
    /// That the client closes.
    End,
}

/// How fast a client takes what it asked for: how much of it in one time after the other, since what lies in the system's
/// buffers at the beginning says nothing of what comes then.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When this time began.
    since: Option<Instant>,
    /// What was taken in it.
    pub(super) bytes: u64,
}

impl Wait {
    /// How long it is waited for; None for as long as it takes.
    pub(super) fn patience(self, settings: &Settings) -> Option<Duration> {
        match self {
            Self::Handshake | Self::Head => Some(settings.head_timeout),
            Self::Idle => Some(settings.idle_timeout),
            Self::Body => Some(settings.body_timeout),
            Self::Output => Some(settings.write_timeout),
            Self::Answer => None,
            Self::End => Some(LINGER),
        }
    }

    /// What it counts as when it was in vain.
    pub(super) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Handshake | Self::Head => Some(Refusal::Head),
            Self::Body => Some(Refusal::Body),
            Self::Output => Some(Refusal::Write),
            Self::Idle | Self::Answer | Self::End => None,
        }
    }
}

impl Pace {
    /// Begins to look at how fast it is, or begins again where a time is over in which it was fast enough.
    pub(super) fn go_on(&mut self, now: Instant, settings: &Settings) {
        let is_over =
            |since: Instant| now.saturating_duration_since(since) >= settings.write_timeout;
        let is_enough = self.bytes >= settings.bytes_min();
        if self.since.is_none_or(|since| is_enough && is_over(since)) {
            *self = Self {
                since: Some(now),
                bytes: 0,
            };
        }
    }

    /// When it is too slow, if nothing more is taken.
    pub(super) fn deadline(&self, settings: &Settings) -> Option<Instant> {
        let is_enough = self.bytes >= settings.bytes_min();
        self.since?
            .checked_add(settings.write_timeout)
            .filter(|_| !is_enough)
    }
}

/// How long a client is listened to that will get no more.
const LINGER: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_counts_by_itself() {
        let settings = Settings {
            write_timeout: Duration::from_secs(10),
            rate_bytes_min: 100,
            ..Settings::default()
        };
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut pace = Pace::default();
        assert_eq!(pace.deadline(&settings), None, "it is not waited for");
        pace.go_on(begun, &settings);
        assert_eq!(pace.deadline(&settings), Some(after(10)));
        // A burst, which the system took.
        pace.bytes += 1_000_000;
        pace.go_on(after(1), &settings);
        assert_eq!(pace.deadline(&settings), None);
        pace.bytes += 1;
        pace.go_on(after(12), &settings);
        assert_eq!(pace.deadline(&settings), Some(after(22)), "it is spent");
        pace.bytes += 999;
        pace.go_on(after(21), &settings);
        assert_eq!(pace.deadline(&settings), Some(after(22)));
        pace.bytes += 1;
        pace.go_on(after(21), &settings);
        assert_eq!(pace.deadline(&settings), None);
        let any = Settings {
            rate_bytes_min: 0,
            ..settings
        };
        pace.go_on(after(40), &any);
        assert_eq!(pace.deadline(&any), None);
    }
}
