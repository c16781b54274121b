//! The last good answers, up to a bound.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use once_cell::sync::Lazy;

use crate::site::Fetch;

#[derive(Default)]
struct Kept {
    answers: HashMap<Fetch, (Bytes, Instant)>,
    /// The oldest first.
    order: VecDeque<Fetch>,
    bytes: usize,
}

/// A lock, not a lock-free map: it is held for a look, never while something is fetched.
static KEPT: Lazy<Mutex<Kept>> = Lazy::new(Mutex::default);

/// The last good answer to `fetch`, and when it came.
pub(super) fn find(fetch: &Fetch) -> Option<(Bytes, Instant)> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.answers.get(fetch).cloned()
}

/// Keeps `body`, which came `now`.
pub(super) fn keep(fetch: &Fetch, body: &Bytes, now: Instant) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.keep(fetch, body.clone(), now);
}

impl Kept {
    fn keep(&mut self, fetch: &Fetch, body: Bytes, now: Instant) {
        self.forget(fetch);
        self.bytes += weight(fetch, &body);
        self.answers.insert(fetch.clone(), (body, now));
        self.order.push_back(fetch.clone());
        while self.bytes > KEPT_BYTES_MAX {
            let Some(oldest) = self.order.front().cloned() else {
                return;
            };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, fetch: &Fetch) {
        if let Some((body, _)) = self.answers.remove(fetch) {
            self.bytes -= weight(fetch, &body);
            self.order.retain(|one| one != fetch);
        }
    }
}

/// What an answer costs, in bytes: the question is kept twice.
fn weight(fetch: &Fetch, body: &Bytes) -> usize {
    let headers = fetch.headers.iter();
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    2 * (fetch.url.len() + fetch.body.len() + headers + ENTRY_BYTES) + body.len()
}

/// About what an entry takes besides its texts.
const ENTRY_BYTES: usize = 256;

/// The data of a few pages, on a machine of 1 GB.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Method;

    fn fetch(number: usize) -> Fetch {
        Fetch {
            url: format!("http://example.org/{number}"),
            method: Method::Get,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    #[test]
    fn the_oldest_give_way() {
        let mut kept = Kept::default();
        let now = Instant::now();
        let body = Bytes::from(vec![0; KEPT_BYTES_MAX / 4]);
        for number in [1, 2, 3, 1, 4, 1] {
            kept.keep(&fetch(number), body.clone(), now);
        }
        let found = |number| kept.answers.contains_key(&fetch(number));
        assert_eq!([1, 2, 3, 4].map(found), [true, false, true, true]);
        assert!(kept.bytes <= KEPT_BYTES_MAX);
        assert_eq!(kept.order.len(), 3);
    }
}
