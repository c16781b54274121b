//! Images that were made are kept for the next reload, up to a bound.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::site::Hash;

/// Images by what they were made of.
#[derive(Debug, Default)]
pub(super) struct Kept {
    by_key: HashMap<Hash, Bytes>,
    /// The oldest first.
    order: VecDeque<Hash>,
    bytes: usize,
}

impl Kept {
    pub(super) fn find(&self, key: &Hash) -> Option<Bytes> {
        self.by_key.get(key).cloned()
    }

    pub(super) fn keep(&mut self, key: Hash, image: Bytes) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let mut kept = Kept::default();
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| Hash::of(name));
        let half = Bytes::from(vec![0; KEPT_BYTES_MAX / 2]);
        for key in [a, b, a, c] {
            kept.keep(key, half.clone());
        }
        assert!(kept.find(&a).is_none());
        assert!(kept.find(&b).is_some() && kept.find(&c).is_some());
        assert_eq!(kept.bytes, KEPT_BYTES_MAX);
    }
}
