//! Words that many pages say, each held once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use crate::site::COUNTS_BYTES;

/// The words of one site.
#[derive(Debug, Default)]
pub(super) struct Words {
    // A lock, since files are parsed side by side; it is held for one look-up.
    said: Mutex<Said>,
    /// How many there were when those that nobody says any more were forgotten.
    kept: usize,
}

#[derive(Debug, Default)]
struct Said {
    words: HashSet<Arc<str>>,
    bytes: usize,
}

impl Words {
    /// `word`, as all others have it who say it.
    pub(super) fn shared(&self, word: &str) -> Arc<str> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = said.words.get(word) {
            return Arc::clone(known);
        }
        let word = Arc::from(word);
        said.bytes += bytes(&word);
        said.words.insert(Arc::clone(&word));
        word
    }

    /// Forgets those that nobody says any more, when they may have become many.
    pub(super) fn forget_unsaid(&mut self) {
        let said = self.said.get_mut().unwrap_or_else(PoisonError::into_inner);
        if said.words.len() > 2 * self.kept {
            said.words.retain(|word| Arc::strong_count(word) > 1);
            said.bytes = said.words.iter().map(bytes).sum();
            self.kept = said.words.len();
        }
    }

    /// About how many bytes they take.
    pub(super) fn held_bytes(&self) -> usize {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.bytes
    }
}

fn bytes(word: &Arc<str>) -> usize {
    size_of_val(word) + COUNTS_BYTES + word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_held_as_long_as_it_is_said() {
        let mut words = Words::default();
        let tides = words.shared("tides");
        assert!(Arc::ptr_eq(&tides, &words.shared("tides")));
        drop(words.shared("ebb"));
        let both = words.held_bytes();
        words.forget_unsaid();
        assert!((1..both).contains(&words.held_bytes()));
        assert!(Arc::ptr_eq(&tides, &words.shared("tides")));
    }
}
