//! How a language's texts become the words of an elasticlunr index.
//!
//! Most come with stop words and stems of their own. The others are cut into words and nothing
//! else, so that the script in the browser needs nothing else either; where no space parts the
//! words (Chinese, Japanese, Thai), any two neighbouring characters count as one.

use elasticlunr::{Language, Pipeline, lang};

/// The language of `code`: `en`, `pt-BR`.
pub(super) fn of(code: &str) -> Box<dyn Language> {
    let family = code.split(['-', '_']).next().unwrap_or(code);
    lang::from_code(family).unwrap_or_else(|| Box::new(Plain { code: code.into() }))
}

/// The words of a URL path.
pub(super) fn path_words(path: &str) -> Vec<String> {
    let parted = |c: char| c.is_whitespace() || matches!(c, '-' | '/');
    let words = path.split(parted).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// A language of which nothing is known.
struct Plain {
    code: String,
}

impl Language for Plain {
    fn name(&self) -> String {
        self.code.clone()
    }

    fn code(&self) -> String {
        self.code.clone()
    }

    fn tokenize(&self, text: &str) -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let words = parts.filter(|word| !word.is_empty());
        words
            .flat_map(|word| pieces(&word.to_lowercase()))
            .collect()
    }

    fn make_pipeline(&self) -> Pipeline {
        Pipeline { queue: Vec::new() }
    }
}

/// A word, or each pair of neighbours of a run of characters that is written without spaces.
fn pieces(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let runs = chars.chunk_by(|a, b| is_unspaced(*a) == is_unspaced(*b));
    let pieces = runs.flat_map(|run| match run {
        [first, _, ..] if is_unspaced(*first) => run.windows(2).map(String::from_iter).collect(),
        run => vec![String::from_iter(run)],
    });
    pieces.collect()
}

/// Thai to Khmer, kana, and the Han characters, by their blocks in Unicode.
fn is_unspaced(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF
            | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
            | 0x20000..=0x3FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_language_has_words() {
        for (code, text, words) in [
            ("pl", "Zażółć gęślą-jaźń!", vec!["zażółć", "gęślą", "jaźń"]),
            ("zh", "搜索引擎 v2。", vec!["搜索", "索引", "引擎", "v2"]),
            ("ja", "Rust言語を", vec!["rust", "言語", "語を"]),
            ("ja", "木", vec!["木"]),
            ("en", "Some words-here", vec!["some", "words", "here"]),
        ] {
            assert_eq!(of(code).tokenize(text), words, "{code}");
        }
        assert_eq!(path_words("/blog/a-b/C d/"), ["blog", "a", "b", "c", "d"]);
    }
}
