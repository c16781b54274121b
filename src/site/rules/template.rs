//! What a rule makes of what its pattern found.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::pattern::{Captures, SPLAT, is_of_name};
use crate::site::path::PATH;

/// A text with places for what a pattern found: `/archive/:year/:splat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Captured(Box<str>, Place),
}

/// Where it stands, which decides how it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
}

impl Template {
    /// Reads `text`, in which what is in `names` has a place behind each colon.
    pub(crate) fn new(text: &str, names: &[&str]) -> Self {
        let (mut parts, mut plain, mut place) = (Vec::new(), String::new(), Place::Path);
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let (first, behind) = rest.split_at(next.len_utf8());
            let end = behind.bytes().position(|byte| !is_of_name(byte));
            let (name, after) = behind.split_at(end.unwrap_or(behind.len()));
            if next == ':' && names.contains(&name) {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
                parts.push(Part::Captured(name.into(), place));
                rest = after;
                continue;
            }
            if next == '?' {
                place = Place::Query;
            }
            plain.push_str(first);
            rest = behind;
        }
        parts.push(Part::Text(plain.into()));
        Self(parts)
    }

    /// The text, if nothing of what was found has a place in it.
    pub(super) fn fixed(&self) -> Option<&str> {
        match &*self.0 {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text, with what was found at its places, percent-encoded.
    pub(crate) fn fill(&self, captures: &Captures<'_>) -> String {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Captured(name, place) => {
                    let value = captures.find(name).unwrap_or_default();
                    let set = match place {
                        Place::Path if **name == *SPLAT => PATH,
                        Place::Path => SEGMENT,
                        Place::Query => QUERY_VALUE,
                    };
                    filled.extend(percent_encode(value.as_bytes(), set));
                }
            }
        }
        filled
    }
}

/// The same without the separator: only a `*` stands for several segments.
const SEGMENT: &AsciiSet = &PATH.add(b'/');

/// What means nothing inside of a query (RFC 3986 §2.3).
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_stands_at_its_place() {
        let names = ["year", "splat"];
        let captures = Captures(vec![("year", "20 24"), ("splat", "a/b&c")]);
        for (text, expected) in [
            ("/x", "/x"),
            ("/:year/:splat", "/20%2024/a/b&c"),
            ("/:years/:year-x", "/:years/20%2024-x"),
            (
                "https://a.test:80/:splat?y=:year&s=:splat",
                "https://a.test:80/a/b&c?y=20%2024&s=a%2Fb%26c",
            ),
            ("/ä:year:", "/ä20%2024:"),
        ] {
            assert_eq!(
                Template::new(text, &names).fill(&captures),
                expected,
                "{text}"
            );
        }
    }
}
