//! Parts of a body (RFC 9110 §14).

use std::ops::Range;

use bytes::Bytes;

use super::reply::{Body, Piece};

/// What a `Range` field asks of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: the field cannot be read, or asks for more parts than an honest client does.
    Whole,
    /// Nothing that is there: 416.
    Nothing,
    /// These parts, in the order they were asked for; at least one.
    Parts(Vec<Range<u64>>),
}

/// Reads a `Range` field for a body of `length` bytes.
pub(super) fn parse(field: &str, length: u64) -> Wanted {
    let Some(specs) = field
        .split_once('=')
        .filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"))
        .map(|(_, specs)| specs)
    else {
        return Wanted::Whole;
    };
    let mut parts = Vec::new();
    for (index, spec) in specs.split(',').map(str::trim).enumerate() {
        match part(spec, length) {
            _ if index >= PARTS_MAX => return Wanted::Whole,
            None => return Wanted::Whole,
            Some(part) if part.is_empty() => {}
            Some(part) => parts.push(part),
        }
    }
    if overlap(&parts) {
        Wanted::Whole
    } else if parts.is_empty() {
        Wanted::Nothing
    } else {
        Wanted::Parts(parts)
    }
}

/// `content` cut into several parts, each under a head of its own (RFC 9110 §14.6). The boundary
/// must not occur in the content.
pub(super) fn multipart(
    content: &Piece,
    parts: &[Range<u64>],
    media_type: &str,
    boundary: &str,
) -> Body {
    let length = content.length();
    let mut pieces = Vec::with_capacity(parts.len() * 2 + 1);
    for part in parts {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {}\r\n\r\n",
            content_range(part, length)
        );
        pieces.push(Piece::Bytes(Bytes::from(head)));
        pieces.push(content.slice(part));
    }
    pieces.push(Piece::Bytes(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    Body::Pieces(pieces)
}

/// The value of `Content-Range` for a part of `length` bytes.
pub(super) fn content_range(part: &Range<u64>, length: u64) -> String {
    format!("bytes {}-{}/{length}", part.start, part.end - 1)
}

/// `first-last`, `first-` or `-suffix`, cut to the body; empty if it lies behind its end, None if
/// it cannot be read.
fn part(spec: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(length.saturating_sub(suffix)..length);
    }
    let first = number(first)?;
    let end = if last.is_empty() {
        length
    } else {
        let last = number(last)?;
        if last < first {
            return None;
        }
        last.saturating_add(1).min(length)
    };
    Some(first.min(end)..end)
}

/// A number of any size: one that is too large for us lies behind every end.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// RFC 9110 §14.2: parts that overlap come from a broken client, or from one that wants us to send
/// the same bytes many times over.
fn overlap(parts: &[Range<u64>]) -> bool {
    let mut sorted: Vec<_> = parts.iter().collect();
    sorted.sort_unstable_by_key(|part| part.start);
    sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .any(|(before, after)| after.start < before.end)
}

/// Readers of PDFs ask for a dozen parts at once; nobody honest asks for more than this.
const PARTS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges_as_rfc_9110_says() {
        let parts = |parts: &[(u64, u64)]| {
            Wanted::Parts(parts.iter().map(|(start, end)| *start..*end).collect())
        };
        for (field, expected) in [
            ("bytes=0-9", parts(&[(0, 10)])),
            ("bytes=0-0", parts(&[(0, 1)])),
            ("bytes=90-", parts(&[(90, 100)])),
            ("bytes=90-1000", parts(&[(90, 100)])),
            ("bytes=-10", parts(&[(90, 100)])),
            ("bytes=-1000", parts(&[(0, 100)])),
            ("bytes=0-99999999999999999999999", parts(&[(0, 100)])),
            ("bytes=0-1, 5-6 ,-1", parts(&[(0, 2), (5, 7), (99, 100)])),
            ("bytes=5-6,0-1", parts(&[(5, 7), (0, 2)])),
            ("bytes=0-1,500-", parts(&[(0, 2)])),
            ("Bytes=0-1", parts(&[(0, 2)])),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=100-101,200-", Wanted::Nothing),
            ("", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=9-0", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=0-1,", Wanted::Whole),
            ("bytes=--1", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("bytes=0-10,10-20", Wanted::Whole),
            ("bytes=0-,0-,0-,0-", Wanted::Whole),
        ] {
            assert_eq!(parse(field, 100), expected, "{field}");
        }
        let many = vec!["0-0"; PARTS_MAX + 1].join(",");
        assert_eq!(parse(&format!("bytes={many}"), 100), Wanted::Whole);
        assert_eq!(parse("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(parse("bytes=-5", 0), Wanted::Nothing);
    }

    #[test]
    fn several_parts_are_told_apart() {
        let content = Piece::Bytes(Bytes::from_static(b"0123456789"));
        let Body::Pieces(pieces) = multipart(&content, &[0..2, 8..10], "text/plain", "cut") else {
            panic!("not in pieces");
        };
        let text: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Piece::File(..) => panic!("not from memory"),
            })
            .collect();
        let expected = "\r\n--cut\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\
                        \r\n01\r\n--cut\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\
                        \r\n\r\n89\r\n--cut--\r\n";
        assert_eq!(text, expected);
    }
}
