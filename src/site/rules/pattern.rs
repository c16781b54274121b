//! Which paths a rule is of.

use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// A pattern of paths as visitors see them: `/blog/:slug`, `/assets/*`, `/*.jpg`.
///
/// A placeholder stands for one segment, `*` for anything, of several segments, too. Whether there is a slash at the end
/// makes no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathPattern {
    head: Vec<Part>,
    /// What stands behind the `*`, if there is one.
    behind_splat: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Placeholder(Box<str>),
}

/// What the placeholders of a pattern stand for in a path, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Captures<'p>(pub(crate) Vec<(&'p str, &'p str)>);

/// Why a text is no [`PathPattern`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPattern {
    #[error("a path begins with `/`")]
    Relative,
    #[error("there may be one `*`")]
    Splats,
    #[error("behind a `*` no placeholder is known: nobody could say where it begins")]
    Behind,
    #[error("what is behind a `%` is no byte of UTF-8 in two digits")]
    Encoding,
    #[error("a path has no query and no fragment here")]
    Query,
}

impl FromStr for PathPattern {
    type Err = NoPattern;

    fn from_str(text: &str) -> Result<Self, NoPattern> {
        if !text.starts_with('/') {
            return Err(NoPattern::Relative);
        }
        if text.contains(['?', '#']) {
            return Err(NoPattern::Query);
        }
        let (head, behind) = match text.split_once('*') {
            Some((head, behind)) => (head, Some(behind)),
            None => (without_slash(text), None),
        };
        if behind.is_some_and(|behind| behind.contains('*')) {
            return Err(NoPattern::Splats);
        }
        if behind.is_some_and(|behind| behind.split('/').any(is_placeholder)) {
            return Err(NoPattern::Behind);
        }
        let behind_splat = match behind {
            Some(behind) => Some(decoded(behind)?.into()),
            None => None,
        };
        Ok(Self {
            head: parts(head)?,
            behind_splat,
        })
    }
}

impl PathPattern {
    /// What the placeholders stand for in `path`, which is decoded; None if it is no such path.
    pub(crate) fn captures<'p>(&'p self, path: &'p str) -> Option<Captures<'p>> {
        let mut rest = match self.behind_splat {
            Some(_) => path,
            None => without_slash(path),
        };
        let mut captures = Captures::default();
        for part in &self.head {
            match part {
                Part::Text(text) => match rest.strip_prefix(&**text) {
                    Some(behind) => rest = behind,
                    // `/blog/*` is of `/blog`, too.
                    None if self.is_of_folder() && text.strip_suffix('/') == Some(rest) => {
                        rest = "";
                    }
                    None => return None,
                },
                Part::Placeholder(name) => {
                    let (segment, behind) = segment(rest)?;
                    captures.0.push((name, segment));
                    rest = behind;
                }
            }
        }
        match &self.behind_splat {
            Some(behind) => captures.0.push((SPLAT, rest.strip_suffix(&**behind)?)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        Some(captures)
    }

    /// Whether it is of `path`, which is decoded.
    pub(crate) fn is_of(&self, path: &str) -> bool {
        self.captures(path).is_some()
    }

    /// The names of what stands for something.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let placeholders = self.head.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(&**name),
            Part::Text(_) => None,
        });
        placeholders.chain(self.behind_splat.as_ref().map(|_| SPLAT))
    }

    /// The one path that it is of, without a slash at its end; None if it is of many.
    pub(crate) fn only(&self) -> Option<&str> {
        match (&self.head[..], &self.behind_splat) {
            ([Part::Text(text)], None) => Some(text),
            _ => None,
        }
    }

    fn is_of_folder(&self) -> bool {
        self.behind_splat.as_deref() == Some("")
    }
}

impl<'p> Captures<'p> {
    /// What `name` stands for.
    pub(crate) fn find(&self, name: &str) -> Option<&'p str> {
        let (_, value) = self.0.iter().find(|(found, _)| *found == name)?;
        Some(value)
    }
}

/// A path as rules compare it: the root, or one without a slash at its end.
pub(crate) fn without_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    }
}

/// The segment that a path begins with, and what follows.
fn segment(path: &str) -> Option<(&str, &str)> {
    let end = path.find('/').unwrap_or(path.len());
    path.split_at_checked(end)
        .filter(|(segment, _)| !segment.is_empty())
}

fn parts(head: &str) -> Result<Vec<Part>, NoPattern> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for (number, segment) in head.split('/').enumerate() {
        if number > 0 {
            text.push('/');
        }
        match segment
            .strip_prefix(':')
            .filter(|_| is_placeholder(segment))
        {
            Some(name) => {
                parts.push(Part::Text(std::mem::take(&mut text).into()));
                parts.push(Part::Placeholder(name.into()));
            }
            None => text.push_str(&decoded(segment)?),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    Ok(parts)
}

fn is_placeholder(segment: &str) -> bool {
    let name = segment.strip_prefix(':').unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_of_name)
}

/// Whether it may stand in the name of a placeholder.
pub(super) fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn decoded(text: &str) -> Result<String, NoPattern> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| NoPattern::Encoding)
}

/// What a `*` is called.
pub(super) const SPLAT: &str = "splat";

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, path: &str) -> Option<String> {
        let pattern: PathPattern = pattern.parse().unwrap();
        let captures = pattern.captures(path)?;
        let each = captures
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        Some(each.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_pattern_is_of_paths() {
        for (pattern, path, expected) in [
            ("/", "/", Some("")),
            ("/", "/a", None),
            ("/old", "/old", Some("")),
            ("/old", "/old/", Some("")),
            ("/old/", "/old", Some("")),
            ("/old", "/older", None),
            ("/old", "/old/a", None),
            ("/%C3%A4", "/ä", Some("")),
            ("/*", "/", Some("splat=")),
            ("/*", "/a/b/", Some("splat=a/b/")),
            ("/blog/*", "/blog/a/b", Some("splat=a/b")),
            ("/blog/*", "/blog/", Some("splat=")),
            ("/blog/*", "/blog", Some("splat=")),
            ("/blog/*", "/blogs", None),
            ("/blog*", "/blogs/a", Some("splat=s/a")),
            ("/*.jpg", "/a/b.jpg", Some("splat=a/b")),
            ("/*.jpg", "/a/b.png", None),
            ("/a/*/c", "/a/b/b/c", Some("splat=b/b")),
            ("/a/*/c", "/a/c", None),
            ("/:year/:month", "/2024/05/", Some("year=2024 month=05")),
            ("/:year/:month", "/2024", None),
            ("/:year/x/*", "/2024/x/y/z", Some("year=2024 splat=y/z")),
            ("/:year/x", "//x", None),
            ("/a:b/:1", "/a:b/:1", Some("")),
        ] {
            assert_eq!(
                captured(pattern, path).as_deref(),
                expected,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (text, why) in [
            ("", NoPattern::Relative),
            ("old", NoPattern::Relative),
            ("/*/*", NoPattern::Splats),
            ("/*/:name", NoPattern::Behind),
            ("/%ff", NoPattern::Encoding),
            ("/a?b", NoPattern::Query),
        ] {
            assert_eq!(text.parse::<PathPattern>(), Err(why), "{text}");
        }
    }
}
