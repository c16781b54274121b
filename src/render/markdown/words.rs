//! How many words a text has, and how long they take to read.

use unicode_segmentation::UnicodeSegmentation as _;

/// The words of `markdown` and the minutes to read them.
///
/// Counted is the text as it is written, with all its markup and shortcodes, by the word boundaries
/// of Unicode (UAX #29): a Han character is a word of its own. What stands between two fences is
/// left out, and so is everything after a fence without a second; any three backticks are a fence.
pub(in crate::render) fn count(markdown: &str) -> (u32, u32) {
    let prose = markdown.split(FENCE).step_by(2);
    let words = prose
        .map(|part| part.unicode_words().count() as u32)
        .sum::<u32>();
    (words, words.div_ceil(WORDS_PER_MINUTE))
}

const FENCE: &str = "```";
const WORDS_PER_MINUTE: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_zola_counts_them() {
        let cases = [
            ("", (0, 0)),
            ("a", (1, 1)),
            ("- a\n- b <!-- more -->\n", (3, 1)),
            ("a *b <!-- more --> c* d", (5, 1)),
            ("{{ h(a=\"x y z\") }}", (5, 1)),
            (
                "{% nb() %}{% nb() %}x{% end %}{% end %}{% nb() %}y{% end %}",
                (8, 1),
            ),
            ("don't", (1, 1)),
            ("it’s", (1, 1)),
            ("日本語 テスト", (4, 1)),
            ("a/b a.b a,b a;b 1.5 1,000 x@y.z a_b 3% $5 #tag", (15, 1)),
            (
                "a b c. \"d\" e-f g'h i_j 1,2 http://x.y/z `code here`\n\n```rust\nfn main() {}\n```\n\n\
                 # head\n\n{{ h() }} <!-- more --> ünï 日本語 a—b",
                (23, 1),
            ),
            ("```rust\nfn main() {}\n```\n", (0, 0)),
            ("```rust\nunclosed a b", (0, 0)),
            ("~~~\na b\n~~~\nc", (3, 1)),
            ("x `code here`", (3, 1)),
            ("x ``` y ``` z", (2, 1)),
            ("a```b```c", (2, 1)),
            ("``````a b", (2, 1)),
            ("````\n```\nx y\n```\nz\n````\nq", (3, 1)),
            ("text ```inline``` more\n\n```\nx y\n```", (2, 1)),
        ];
        for (markdown, expected) in cases {
            assert_eq!(count(markdown), expected, "{markdown}");
        }
        assert_eq!(count(&"word ".repeat(200)), (200, 1));
        assert_eq!(count(&"word ".repeat(201)), (201, 2));
    }
}
