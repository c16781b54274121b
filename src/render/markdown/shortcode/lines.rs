//! Which line of the file a place of the expanded text came from.

/// A table of lines, made from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::render::markdown) struct Lines {
    /// From this byte of the expanded text on, the line of the file; both only grow.
    marks: Vec<(usize, usize)>,
}

impl Lines {
    /// The line of the file, from 1, from which byte `offset` of the expanded text came.
    pub(in crate::render::markdown) fn line_of(&self, offset: usize) -> usize {
        let after = self.marks.partition_point(|(start, _)| *start <= offset);
        let mark = after.checked_sub(1).and_then(|index| self.marks.get(index));
        mark.or_else(|| self.marks.first())
            .map_or(1, |(_, line)| *line)
    }

    /// What follows byte `offset` of the expanded text came from `line`.
    pub(super) fn mark(&mut self, offset: usize, line: usize) {
        match self.marks.last_mut() {
            Some((last_offset, last_line)) if *last_offset == offset => *last_line = line,
            Some((_, last_line)) if *last_line == line => {}
            _ => self.marks.push((offset, line)),
        }
    }

    /// `text`, put at byte `offset` of the expanded text, stands in the file as it is, from `line` on.
    pub(super) fn verbatim(&mut self, offset: usize, text: &str, line: usize) {
        self.mark(offset, line);
        for (below, (newline, _)) in text.match_indices('\n').enumerate() {
            self.mark(offset + newline + 1, line + below + 1);
        }
    }
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Starts<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Starts<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    /// The line of byte `offset`, from 0.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|start| *start <= offset);
        after.saturating_sub(1)
    }

    /// The text of `line`, from 0, and the column of byte `offset` in it, in characters from 1. A
    /// line too long to be shown ends early.
    pub(super) fn excerpt(&self, line: usize, offset: usize) -> (&'t str, usize) {
        let start = self.starts.get(line).copied().unwrap_or_default();
        let shown = self.text.get(start..).unwrap_or_default();
        let shown = shown
            .get(..shown.floor_char_boundary(EXCERPT_BYTES_MAX))
            .unwrap_or_default();
        let shown = shown.lines().next().unwrap_or_default();
        let before = shown.get(..offset.saturating_sub(start)).unwrap_or(shown);
        (shown.trim_end(), before.chars().count() + 1)
    }
}

/// Nobody reads further.
const EXCERPT_BYTES_MAX: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_lines() {
        let mut lines = Lines::default();
        lines.verbatim(0, "a\nb\n", 10);
        lines.mark(4, 12);
        lines.verbatim(9, "c\n", 15);
        let cases = [
            (0, 10),
            (1, 10),
            (2, 11),
            (3, 11),
            (4, 12),
            (8, 12),
            (9, 15),
            (11, 16),
            (99, 16),
        ];
        for (offset, expected) in cases {
            assert_eq!(lines.line_of(offset), expected, "{offset}");
        }
        assert_eq!(Lines::default().line_of(3), 1);
    }

    #[test]
    fn excerpts_are_short() {
        let text = format!("ä {{{{ f() }}}}\r\n{}", "ö".repeat(1000));
        let starts = Starts::of(&text);
        assert_eq!((starts.line_of(3), starts.line_of(20)), (0, 1));
        assert_eq!(starts.excerpt(0, 3), ("ä {{ f() }}", 3));
        let (shown, column) = starts.excerpt(1, 900);
        assert_eq!((shown.len(), column), (240, 121));
    }
}
