//! Images that were made are kept for the next reload, up to a bound.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use once_cell::sync::Lazy;
use sha2::{Digest, Sha256};

use super::{Error, Plan};

type Key = [u8; 32];

#[derive(Default)]
struct Kept {
    by_key: HashMap<Key, Bytes>,
    /// The oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

/// A lock, not a lock-free map: it is held for a look, never while an image is made.
static KEPT: Lazy<Mutex<Kept>> = Lazy::new(Mutex::default);

/// The image of `source` and `plan`, made by `make` unless it is kept.
pub(super) fn or_made(
    source: &[u8],
    plan: &Plan,
    make: impl FnOnce() -> Result<Bytes, Error>,
) -> Result<Bytes, Error> {
    let key = key(source, plan);
    let kept = KEPT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .by_key
        .get(&key)
        .cloned();
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let made = make()?;
    KEPT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .keep(key, made.clone());
    Ok(made)
}

fn key(source: &[u8], plan: &Plan) -> Key {
    let mut hasher = Sha256::new();
    hasher.update(format!("{plan:?}"));
    hasher.update(source);
    hasher.finalize().into()
}

impl Kept {
    fn keep(&mut self, key: Key, image: Bytes) {
        self.bytes += image.len();
        if let Some(before) = self.by_key.insert(key, image) {
            self.bytes -= before.len();
        } else {
            self.order.push_back(key);
        }
        while self.bytes > KEPT_BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            self.bytes -= self.by_key.remove(&oldest).map_or(0, |image| image.len());
        }
    }
}

/// A site's pictures in their sizes, on a machine of 1 GB.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;
