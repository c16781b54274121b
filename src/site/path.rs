//! The URL path of a resource inside its site, as a type: one that exists is safe to look up and
//! to turn into a file name.

use std::{borrow::Borrow, fmt, sync::Arc};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{HEADERS, REDIRECTS};

/// A URL path below the site's base: it begins with `/`, is percent-decoded UTF-8, has no empty
/// segment but perhaps the last, no `.` or `..` segment, no backslash and no control character.
/// `/blog/` is the index of a folder, `/blog/feed.xml` a file.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UrlPath(Arc<str>);

/// Why a string is no [`UrlPath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsafe {
    #[error("it does not begin with `/`")]
    Relative,
    #[error("it has an empty segment (`//`)")]
    EmptySegment,
    #[error("it has a `.` or `..` segment")]
    DotSegment,
    #[error("it has a backslash or a control character")]
    Character,
}

impl UrlPath {
    /// Takes a decoded path.
    pub(crate) fn new(path: &str) -> Result<Self, Unsafe> {
        let inner = path.strip_prefix('/').ok_or(Unsafe::Relative)?;
        if path.chars().any(|c| c == '\\' || c.is_control()) {
            return Err(Unsafe::Character);
        }
        let mut segments = inner.split('/').peekable();
        while let Some(segment) = segments.next() {
            if matches!(segment, "." | "..") {
                return Err(Unsafe::DotSegment);
            }
            if segment.is_empty() && segments.peek().is_some() {
                return Err(Unsafe::EmptySegment);
            }
        }
        Ok(Self(path.into()))
    }

    /// The decoded path.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the index of a folder.
    pub(crate) fn is_index(&self) -> bool {
        self.0.ends_with('/')
    }

    /// Whether it is not meant for visitors: the files with an owner's rules, and what has a segment that
    /// begins with a dot (`/.git/config`), but for `/.well-known/` (RFC 8615).
    pub(crate) fn is_hidden(&self) -> bool {
        if matches!(self.0.strip_prefix('/'), Some(REDIRECTS | HEADERS)) {
            return true;
        }
        let mut segments = self.0.split('/').skip(1);
        let first = segments.next().unwrap_or_default();
        (first.starts_with('.') && first != ".well-known") || segments.any(|s| s.starts_with('.'))
    }

    /// The path of the file this resource is written to below an output folder:
    /// `/blog/` becomes `blog/index.html`.
    pub(crate) fn file(&self) -> String {
        let inner = self.0.trim_start_matches('/');
        if self.is_index() {
            format!("{inner}index.html")
        } else {
            inner.to_owned()
        }
    }

    /// Percent-encoded as it is sent in a header field (RFC 3986 §3.3).
    pub(crate) fn encoded(&self) -> String {
        percent_encode(self.0.as_bytes(), PATH).to_string()
    }
}

/// Every byte that is neither `pchar` (RFC 3986 §3.3) nor the separator.
pub(super) const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

impl Borrow<str> for UrlPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UrlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UrlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_paths_exist() {
        for good in [
            "/",
            "/a",
            "/a/",
            "/a/b.html",
            "/ä ö/",
            "/a/..b/c..",
            "/.well-known/x",
        ] {
            assert!(UrlPath::new(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", Unsafe::Relative),
            ("a", Unsafe::Relative),
            ("//", Unsafe::EmptySegment),
            ("/a//b", Unsafe::EmptySegment),
            ("/a/../b", Unsafe::DotSegment),
            ("/..", Unsafe::DotSegment),
            ("/./a", Unsafe::DotSegment),
            ("/a\\b", Unsafe::Character),
            ("/a\0", Unsafe::Character),
            ("/a\r\nb", Unsafe::Character),
        ] {
            assert_eq!(UrlPath::new(bad).err(), Some(why), "{bad:?}");
        }
    }

    #[test]
    fn hidden_names_are_known() {
        for (path, hidden) in [
            ("/a", false),
            ("/.git/config", true),
            ("/a/.env", true),
            ("/.well-known/security.txt", false),
            ("/a/.well-known/x", true),
            ("/.well-known/.x", true),
        ] {
            assert_eq!(UrlPath::new(path).unwrap().is_hidden(), hidden, "{path}");
        }
    }

    #[test]
    fn names_its_file_and_its_encoded_form() {
        let path = UrlPath::new("/ä b/").unwrap();
        assert_eq!(path.file(), "ä b/index.html");
        assert_eq!(path.encoded(), "/%C3%A4%20b/");
        assert_eq!(UrlPath::new("/a/b.css").unwrap().file(), "a/b.css");
    }
}
