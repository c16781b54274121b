//! What is counted of connections, for those who run the node.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::guests::Guests;

/// The counts of a node. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    counts: Arc<[AtomicU64; Refusal::ALL.len()]>,
    pub(super) guests: Guests,
}

/// Why a client was turned away, or not served to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There were as many connections as there may be.
    Connections,
    /// There were as many of its network.
    Network,
    /// It did not send a request, or shake hands, in time.
    Head,
    /// It did not send the body of a request in time.
    Body,
    /// It did not take its answer in time.
    Write,
    /// It sent what is no request, or can be read in two ways.
    Malformed,
    /// It sent more than is read.
    TooLarge,
    /// It came from a page that may not show what it asked for.
    Hotlink,
    /// It kept the node busy for nothing.
    Restless,
    /// Littoral itself failed on its request.
    Panic,
}

impl Tally {
    pub(super) fn new(guests: Guests) -> Self {
        Self {
            counts: Arc::default(),
            guests,
        }
    }

    /// How many were turned away for this reason.
    pub(crate) fn refused(&self, why: Refusal) -> u64 {
        let count = self.counts.get(why as usize);
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> u64 {
        self.guests.count() as u64
    }

    /// Counts one more.
    pub(super) fn refuse(&self, why: Refusal) {
        if let Some(count) = self.counts.get(why as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Refusal {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 10] = [
        Self::Connections,
        Self::Network,
        Self::Head,
        Self::Body,
        Self::Write,
        Self::Malformed,
        Self::TooLarge,
        Self::Hotlink,
        Self::Restless,
        Self::Panic,
    ];

    /// As metrics call it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Network => "network",
            Self::Head => "head",
            Self::Body => "body",
            Self::Write => "write",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Hotlink => "hotlink",
            Self::Restless => "restless",
            Self::Panic => "panic",
        }
    }
}
