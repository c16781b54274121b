//! Words that many pages say, each held once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The words of one site.
#[derive(Debug, Default)]
pub(super) struct Words {
    // A lock, since files are parsed side by side; it is held for one look-up.
    all: Mutex<HashSet<Arc<str>>>,
    /// How many there were when those that nobody says any more were forgotten.
    kept: usize,
}

impl Words {
    /// `word`, as all others have it who say it.
    pub(super) fn shared(&self, word: &str) -> Arc<str> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(word) {
            return Arc::clone(known);
        }
        let word = Arc::from(word);
        all.insert(Arc::clone(&word));
        word
    }

    /// Forgets those that nobody says any more, when they may have become many.
    pub(super) fn forget_unsaid(&mut self) {
        let all = self.all.get_mut().unwrap_or_else(PoisonError::into_inner);
        if all.len() > 2 * self.kept {
            all.retain(|word| Arc::strong_count(word) > 1);
            self.kept = all.len();
        }
    }

    /// About how many bytes they take.
    pub(super) fn held_bytes(&self) -> usize {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let words = all
            .iter()
            .map(|word| size_of_val(word) + word.len() + COUNTS_BYTES);
        words.sum()
    }
}

/// What stands before a value that is counted.
const COUNTS_BYTES: usize = 2 * size_of::<usize>();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_held_as_long_as_it_is_said() {
        let mut words = Words::default();
        let tides = words.shared("tides");
        assert!(Arc::ptr_eq(&tides, &words.shared("tides")));
        drop(words.shared("ebb"));
        assert_eq!(words.all.get_mut().unwrap().len(), 2);
        words.forget_unsaid();
        assert_eq!(words.all.get_mut().unwrap().len(), 1);
        assert!(Arc::ptr_eq(&tides, &words.shared("tides")));
    }
}
