//! How much a client may have done that is of no use to it: streams that it resets, pings, settings, empty frames.
//!
//! Each of them is lawful and cheap to send; without a bound a client could have a node do nothing else.

use std::time::Instant;

/// What is left of a client's credit.
#[derive(Debug)]
pub(super) struct Calm {
    credit: u32,
    since: Option<Instant>,
}

/// The credit is used up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Restless;

impl Calm {
    pub(super) fn new() -> Self {
        Self {
            credit: CREDIT_MAX,
            since: None,
        }
    }

    /// Counts one more.
    pub(super) fn spend(&mut self, now: Instant) -> Result<(), Restless> {
        let since = *self.since.get_or_insert(now);
        let seconds = now.saturating_duration_since(since).as_secs();
        if seconds > 0 {
            self.since = Some(now);
            let earned = u32::try_from(seconds)
                .unwrap_or(CREDIT_MAX)
                .saturating_mul(CREDIT_A_SECOND);
            self.earn(earned);
        }
        self.credit = self.credit.checked_sub(1).ok_or(Restless)?;
        Ok(())
    }

    /// What is sent to a client gives it cause for some more.
    pub(super) fn earn(&mut self, credit: u32) {
        self.credit = self.credit.saturating_add(credit).min(CREDIT_MAX);
    }
}

/// A browser that is led elsewhere resets all of a page's streams at once.
const CREDIT_MAX: u32 = 400;
const CREDIT_A_SECOND: u32 = 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_does_nothing_useful_is_stopped() {
        let (mut calm, now) = (Calm::new(), Instant::now());
        for _ in 0..CREDIT_MAX {
            calm.spend(now).unwrap();
        }
        assert_eq!(calm.spend(now), Err(Restless));
        calm.earn(1);
        calm.spend(now).unwrap();
        let later = now + Duration::from_secs(2);
        for _ in 0..2 * CREDIT_A_SECOND {
            calm.spend(later).unwrap();
        }
        assert_eq!(calm.spend(later), Err(Restless));
    }
}
