//! The request target as a path below the site, or the reason why it is none.
//!
//! Decoded once; what would mean something else when it is decoded again, by a proxy in front or by
//! a file system, is refused and not repaired.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::site::{Unsafe, UrlPath};

/// A request target that may be looked up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'r> {
    /// The decoded path, with its base still in front. It is a string to look up, and nothing else:
    /// no file name is ever made of it.
    pub(super) path: Cow<'r, str>,
    /// The query, undecoded, without its `?`.
    pub(super) query: Option<&'r str>,
}

/// Why a target is not looked up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is malformed, or decodes to something that no honest client asks for.
    Malformed,
    /// It is well-formed, and no resource has such a path.
    Missing,
}

/// Splits and decodes a target in origin form (RFC 9112 §3.2.1).
pub(super) fn parse(target: &str) -> Result<Target<'_>, Refused> {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let path = if path.contains('%') {
        decode(path)?
    } else {
        path.into()
    };
    Ok(Target { path, query })
}

/// Whether a path that names no resource may be told so, or was an attack.
pub(super) fn judge(path: &str) -> Refused {
    match UrlPath::new(path) {
        // An empty segment is mostly a slip in somebody's link.
        Ok(_) | Err(Unsafe::EmptySegment) => Refused::Missing,
        Err(Unsafe::Relative | Unsafe::DotSegment | Unsafe::Character) => Refused::Malformed,
    }
}

impl<'r> Target<'r> {
    /// The value of the query's first pair with this name, undecoded.
    pub(super) fn query_value(&self, name: &str) -> Option<&'r str> {
        self.query?
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}

/// An encoded slash would be a separator to one reader and part of a name to another; an encoded
/// backslash or NUL has no honest use at all.
fn decode(path: &str) -> Result<Cow<'_, str>, Refused> {
    for escape in path.split('%').skip(1) {
        let digits = escape.get(..2).ok_or(Refused::Malformed)?;
        let byte = u8::from_str_radix(digits, 16).map_err(|_| Refused::Malformed)?;
        if matches!(byte, b'/' | b'\\' | b'\0') || digits.starts_with('+') {
            return Err(Refused::Malformed);
        }
    }
    percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| Refused::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once() {
        for (target, path, query) in [
            ("/", "/", None),
            ("/a/b.css?h=1", "/a/b.css", Some("h=1")),
            ("/%C3%A4%20b/", "/ä b/", None),
            ("/ä/", "/ä/", None),
            ("/a?b?c", "/a", Some("b?c")),
            ("/?", "/", Some("")),
            ("/%252e%252e/", "/%2e%2e/", None),
            ("/a+b", "/a+b", None),
            ("/a?%2f%zz", "/a", Some("%2f%zz")),
        ] {
            let parsed = parse(target).unwrap();
            assert_eq!((&*parsed.path, parsed.query), (path, query), "{target}");
        }
    }

    #[test]
    fn refuses_what_two_readers_would_read_differently() {
        for target in [
            "/a%2fb",
            "/a%2Fb",
            "/..%2f..%2fetc/passwd",
            "/a%5cb",
            "/a%00",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/%c3",
            "/%ff",
            "/%4ä",
        ] {
            assert_eq!(parse(target), Err(Refused::Malformed), "{target}");
        }
    }

    #[test]
    fn tells_an_attack_from_a_slip() {
        for (target, expected) in [
            ("/missing", Refused::Missing),
            ("/a//b", Refused::Missing),
            ("//evil.example/", Refused::Missing),
            ("/../etc/passwd", Refused::Malformed),
            ("/%2e%2e/etc/passwd", Refused::Malformed),
            ("/.%2E/x", Refused::Malformed),
            ("/a/./b", Refused::Malformed),
            ("/a%0d%0ab", Refused::Malformed),
            ("/a\\b", Refused::Malformed),
            ("*", Refused::Malformed),
            ("", Refused::Malformed),
        ] {
            assert_eq!(judge(&parse(target).unwrap().path), expected, "{target}");
        }
    }

    #[test]
    fn finds_a_value_in_the_query() {
        for (target, expected) in [
            ("/a.css?h=0a1b", Some("0a1b")),
            ("/a.css?x&h=1&h=2", Some("1")),
            ("/a.css?hh=1", None),
            ("/a.css", None),
        ] {
            assert_eq!(
                parse(target).unwrap().query_value("h"),
                expected,
                "{target}"
            );
        }
    }
}
