//! Header fields as they lie in a buffer, whichever protocol brought them there.

use std::borrow::Cow;

use super::reply::{Field, Fields};

/// Field lines in the buffer they were read into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'b> {
    /// The buffer.
    bytes: &'b [u8],
    /// Where in it the lines are, in their order.
    spans: &'b [Span],
    /// The marks of all names: most of what is asked for is not there.
    marks: u64,
}

/// Where one line lies in its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    name: (u32, u32),
    value: (u32, u32),
}

impl Span {
    /// The line whose name and value take these parts of the buffer, from and to.
    pub(super) fn new(name: (usize, usize), value: (usize, usize)) -> Self {
        let at = |(from, to): (usize, usize)| (from as u32, to as u32);
        Self {
            name: at(name),
            value: at(value),
        }
    }
}

impl Span {
    /// The name and the value in their buffer.
    pub(super) fn parts(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let part =
            |(from, to): (u32, u32)| bytes.get(from as usize..to as usize).unwrap_or_default();
        (part(self.name), part(self.value))
    }
}

impl<'b> Lines<'b> {
    /// The lines that lie in `bytes` at `spans`, in their order.
    pub(super) fn new(bytes: &'b [u8], spans: &'b [Span]) -> Self {
        let marks = spans.iter().map(|span| mark(span.parts(bytes).0));
        Self {
            bytes,
            spans,
            marks: marks.fold(0, |all, mark| all | mark),
        }
    }

    /// The buffer that they lie in.
    pub(super) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// The lines called `name` (in lower case), as they were sent.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'b [u8]> {
        let Self {
            bytes,
            spans,
            marks,
        } = *self;
        let spans = match marks & mark(name.as_bytes()) {
            0 => &[],
            _ => spans,
        };
        let part =
            move |(from, to): (u32, u32)| bytes.get(from as usize..to as usize).unwrap_or_default();
        let is_called = move |span: &&Span| {
            (span.name.1 - span.name.0) as usize == name.len()
                && part(span.name).eq_ignore_ascii_case(name.as_bytes())
        };
        spans
            .iter()
            .filter(is_called)
            .map(move |span| part(span.value))
    }

    /// The value of a field, whose lines are joined by `separator` where it has several.
    pub(super) fn joined(&self, name: &str, separator: &str) -> Option<Cow<'b, str>> {
        let mut values = self.all(name).map(String::from_utf8_lossy);
        let first = values.next()?;
        Some(values.fold(first, |joined, value| {
            format!("{joined}{separator}{value}").into()
        }))
    }
}

/// One bit for a name, whatever its case; others may have the same.
fn mark(name: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return 0;
    };
    let number = name.len() + 5 * usize::from(first | 0x20) + 11 * usize::from(last | 0x20);
    1 << (number % 64)
}

impl Fields for Lines<'_> {
    fn value(&self, field: Field) -> Option<Cow<'_, str>> {
        self.joined(field.name(), ", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_name_are_joined() {
        let bytes = b"Accept: a\r\nHOST: x\r\naccept: b\xff\r\n";
        let spans = [
            Span::new((0, 6), (8, 9)),
            Span::new((11, 15), (17, 18)),
            Span::new((20, 26), (28, 30)),
        ];
        let lines = Lines::new(bytes, &spans);
        let joined = |name| lines.joined(name, ", ");
        assert_eq!(joined("accept").as_deref(), Some("a, b\u{fffd}"));
        assert_eq!(joined("host").as_deref(), Some("x"));
        assert_eq!(joined("hos"), None);
    }
}
