//! How long a text is.

/// Words and minutes of reading.
pub(in crate::render) fn count(markdown: &str) -> (usize, usize) {
    let words = markdown.split_whitespace().count();
    (words, words.div_ceil(WORDS_PER_MINUTE))
}

const WORDS_PER_MINUTE: usize = 200;
