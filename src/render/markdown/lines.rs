//! From a byte of a text to its line.

/// Where each line of a text begins.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        Self {
            text,
            starts: starts.collect(),
        }
    }

    /// The line on which byte `offset` stands, from 0.
    pub(super) fn index(&self, offset: usize) -> usize {
        let begun = self.starts.partition_point(|start| *start <= offset);
        begun.saturating_sub(1)
    }

    /// Line `index`, from 0, without its end.
    pub(super) fn content(&self, index: usize) -> Option<&'t str> {
        let start = *self.starts.get(index)?;
        let line = self.text.get(start..)?.lines().next()?;
        Some(line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines() {
        let lines = Lines::new("a\nbc \n\nd");
        for (offset, index) in [(0, 0), (1, 0), (2, 1), (5, 1), (6, 2), (7, 3), (99, 3)] {
            assert_eq!(lines.index(offset), index, "{offset}");
        }
        assert_eq!(lines.content(1), Some("bc"));
        assert_eq!(lines.content(2), Some(""));
        assert_eq!(lines.content(4), None);
    }
}
