//! How many bytes bodies take, counted as they come and go.
//!
//! What counts is what is held, by whomever: a body that a slow reader keeps after it left the air is
//! still memory.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Coding, Forms, Stage};

/// The sums over all living bodies of a process.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    held: [AtomicU64; Coding::ALL.len()],
    bodies: [AtomicU64; Stage::ALL.len()],
    inflated: AtomicU64,
}

impl Ledger {
    /// The bytes that are held in this coding.
    pub(crate) fn held(&self, coding: Coding) -> u64 {
        self.of_coding(coding).load(Ordering::Relaxed)
    }

    /// The bytes that are held in all codings together.
    pub(crate) fn held_in_all(&self) -> u64 {
        Coding::ALL.iter().map(|coding| self.held(*coding)).sum()
    }

    /// The bodies whose forms are of this stage.
    pub(crate) fn bodies(&self, stage: Stage) -> u64 {
        self.of_stage(stage).load(Ordering::Relaxed)
    }

    /// The bytes of forms that were worked out, and are held for as long as they are being sent.
    pub(crate) fn inflated(&self) -> u64 {
        self.inflated.load(Ordering::Relaxed)
    }

    /// Notes `bytes` that are about to be worked out, unless that makes more than `most` at a time. Whoever
    /// gets `true` gives them back with [`Self::deflate`].
    pub(crate) fn inflate(&self, bytes: u64, most: u64) -> bool {
        let before = self.inflated.fetch_add(bytes, Ordering::Relaxed);
        let fits = before + bytes <= most;
        if !fits {
            self.deflate(bytes);
        }
        fits
    }

    /// Notes that `bytes` that were worked out are gone.
    pub(crate) fn deflate(&self, bytes: u64) {
        self.inflated.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn add(&self, forms: &Forms) {
        self.of_stage(forms.stage).fetch_add(1, Ordering::Relaxed);
        for (sum, bytes) in self.shares(forms) {
            sum.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    pub(super) fn take(&self, forms: &Forms) {
        self.of_stage(forms.stage).fetch_sub(1, Ordering::Relaxed);
        for (sum, bytes) in self.shares(forms) {
            sum.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    fn shares<'a>(&'a self, forms: &'a Forms) -> impl Iterator<Item = (&'a AtomicU64, u64)> {
        let held = forms.variants().filter(|variant| variant.is_held);
        held.map(|variant| (self.of_coding(variant.coding), variant.length))
    }

    fn of_coding(&self, coding: Coding) -> &AtomicU64 {
        let place = Coding::ALL.iter().position(|one| *one == coding);
        place
            .and_then(|place| self.held.get(place))
            .expect("each coding is one of all")
    }

    fn of_stage(&self, stage: Stage) -> &AtomicU64 {
        let place = Stage::ALL.iter().position(|one| *one == stage);
        place
            .and_then(|place| self.bodies.get(place))
            .expect("each stage is one of all")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inflated_stays_below_its_bound() {
        let ledger = Ledger::default();
        assert!(ledger.inflate(60, 100));
        assert!(!ledger.inflate(60, 100));
        assert!(ledger.inflate(40, 100));
        assert_eq!(ledger.inflated(), 100);
        ledger.deflate(60);
        assert!(ledger.inflate(60, 100));
    }
}
