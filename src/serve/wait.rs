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

/// How fast a client takes what it asked for.
#[derive(Debug, Default)]
pub(super) struct Pace {
    since: Option<Instant>,
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
    /// Begins to look at how fast it is, if that is not begun.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// When it is too slow.
    pub(super) fn deadline(&self, settings: &Settings) -> Option<Instant> {
        self.since?.checked_add(settings.rate_grace(self.bytes))
    }
}

/// How long a client is listened to that will get no more.
const LINGER: Duration = Duration::from_secs(2);
