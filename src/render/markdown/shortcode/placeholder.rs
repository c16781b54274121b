//! Marks that stand in Markdown for HTML which is ready.
//!
//! A placeholder looks to Markdown as `@` does: punctuation at either end, nothing of its own
//! meaning. Between lie noncharacters, which Unicode keeps free for use inside a program.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A piece of text in which placeholders may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render::markdown) enum Piece<'t> {
    /// Text without any.
    Text(&'t str),
    /// A placeholder, by the number of its insert.
    Insert(usize),
}

/// The pieces of `text`, none of them empty text.
pub(in crate::render::markdown) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((index, after)) = leading(rest) {
            rest = after;
            return Some(Piece::Insert(index));
        }
        let mut next = rest.match_indices(OPENING).map(|(found, _)| found);
        let next = next.find(|found| *found > 0);
        let (plain, after) = rest.split_at_checked(next.unwrap_or(rest.len()))?;
        rest = after;
        Some(Piece::Text(plain))
    })
}

/// The placeholder with which `text` begins, and what follows it.
fn leading(text: &str) -> Option<(usize, &str)> {
    let (index, after) = text.strip_prefix(OPENING)?.split_once(CLOSING)?;
    Some((index.parse().ok()?, after))
}

/// Writes the placeholder of insert `index`.
pub(super) fn write(markdown: &mut String, index: usize) {
    write!(markdown, "{OPENING}{index}{CLOSING}").expect("a string takes all that is written");
}

/// `text` with nothing in it that could be taken for a placeholder.
pub(super) fn disarm(text: &str) -> Cow<'_, str> {
    if text.contains(NONCHARACTER) {
        text.replace(NONCHARACTER, "\u{FFFD}").into()
    } else {
        text.into()
    }
}

const NONCHARACTER: char = '\u{FDD0}';
const OPENING: &str = "@\u{FDD0}";
const CLOSING: &str = "\u{FDD0}@";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        let mut text = String::from("a@");
        write(&mut text, 0);
        write(&mut text, 12);
        text.push_str("@b");
        let expected = [
            Piece::Text("a@"),
            Piece::Insert(0),
            Piece::Insert(12),
            Piece::Text("@b"),
        ];
        assert_eq!(pieces(&text).collect::<Vec<_>>(), expected);
        assert_eq!(pieces("").count(), 0);
        assert_eq!(pieces("x").collect::<Vec<_>>(), [Piece::Text("x")]);
    }

    #[test]
    fn authors_cannot_write_them() {
        let written = "@\u{FDD0}0\u{FDD0}@";
        assert_eq!(pieces(written).collect::<Vec<_>>(), [Piece::Insert(0)]);
        assert_eq!(disarm(written), "@\u{FFFD}0\u{FFFD}@");
    }
}
