//! The bodies that are alive, by hash: what any site holds in any generation is not made again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::site::{Hash, Packed};

/// What a body is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Of its identity form.
    pub(super) hash: Hash,
    /// Whether it is of a kind that is encoded: the same bytes may be at two paths with two media
    /// types.
    pub(super) encode: bool,
}

/// Every living body. It keeps none alive.
#[derive(Debug, Default)]
pub(super) struct Living {
    /// By the first byte of the hash, so that the threads of a run rarely wait for each other.
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    bodies: HashMap<Key, Weak<Packed>>,
    /// How many there were after the dead were last swept out.
    swept: usize,
}

impl Living {
    /// The living body that is known by `key`.
    pub(super) fn find(&self, key: &Key) -> Option<Arc<Packed>> {
        self.shard(key).bodies.get(key)?.upgrade()
    }

    /// Makes `body` known by `key`, unless another thread was sooner: then that one is it.
    pub(super) fn insert(&self, key: Key, body: Arc<Packed>) -> Arc<Packed> {
        let mut shard = self.shard(&key);
        if let Some(sooner) = shard.bodies.get(&key).and_then(Weak::upgrade) {
            return sooner;
        }
        shard.bodies.insert(key, Arc::downgrade(&body));
        shard.sweep();
        body
    }

    /// All of them, in no order. Some may be dead by now.
    pub(super) fn all(&self) -> Vec<Weak<Packed>> {
        let shards = self.shards.iter();
        let bodies = shards.map(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.bodies.values().cloned().collect::<Vec<_>>()
        });
        bodies.flatten().collect()
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        let place = usize::from(key.hash.as_bytes()[0]) % SHARDS;
        let shard = self.shards.get(place).expect("the rest is below");
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// Forgets the dead once there may be as many as living ones, so that it costs each body the same
    /// whatever their number.
    fn sweep(&mut self) {
        if self.bodies.len() > self.swept * 2 + SWEEP_MIN {
            self.bodies.retain(|_, body| body.strong_count() > 0);
            self.bodies.shrink_to_fit();
            self.swept = self.bodies.len();
        }
    }
}

const SHARDS: usize = 32;
const SWEEP_MIN: usize = 64;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::site::{Coding, Encoded, Forms, Ledger, Stage};

    fn body(bytes: Vec<u8>) -> Arc<Packed> {
        let hash = Hash::of(&bytes);
        let identity = Encoded::held(Coding::Identity, Bytes::from(bytes), &hash);
        let forms = Forms::of(Stage::Plain, &[identity]);
        Arc::new(Packed::new(hash, forms, Arc::new(Ledger::default())))
    }

    #[test]
    fn the_dead_are_forgotten() {
        let living = Living::default();
        let key = |body: &Packed| Key {
            hash: body.hash(),
            encode: false,
        };
        let stays = body(b"stays".to_vec());
        living.insert(key(&stays), Arc::clone(&stays));
        for number in 0..100_000u32 {
            let body = body(number.to_be_bytes().to_vec());
            living.insert(key(&body), body);
        }
        let known = |shard: &Mutex<Shard>| shard.lock().unwrap().bodies.len();
        let most = living.shards.iter().map(known).max().unwrap();
        assert!(most <= SWEEP_MIN + 3, "{most}");
        let again = living.insert(key(&stays), body(b"stays".to_vec()));
        assert!(Arc::ptr_eq(&again, &stays));
        assert!(Arc::ptr_eq(&living.find(&key(&stays)).unwrap(), &stays));
    }
}
