//! Shortcodes: a stand-in that knows none.

use super::{Text, World};
use crate::site::Problem;

/// A text whose shortcodes were rendered.
pub(super) struct Expanded {
    pub(super) markdown: String,
    pub(super) inserts: Vec<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) lines: Lines,
}

/// Where the Markdown came from.
pub(super) struct Lines {
    newlines: Vec<usize>,
    first: usize,
}

impl Lines {
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.first + self.newlines.partition_point(|newline| *newline < offset)
    }
}

/// A piece of a text with placeholders.
pub(super) enum Piece<'t> {
    Text(&'t str),
    Insert(usize),
}

pub(super) fn expand(text: &Text<'_>, _world: &dyn World) -> Expanded {
    let newlines = text.markdown.match_indices('\n').map(|(at, _)| at);
    Expanded {
        markdown: text.markdown.into(),
        inserts: Vec::new(),
        problems: Vec::new(),
        lines: Lines {
            newlines: newlines.collect(),
            first: text.first_line,
        },
    }
}

pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::once(Piece::Text(text))
}
