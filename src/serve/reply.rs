//! What the page function is asked and what it says, in types of its own: no HTTP framework's.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use tokio::sync::watch;

use super::{date::ImfDate, tally::Refusal};
use crate::{
    publish::News,
    site::{ETag, LargeFile, Resource},
};

/// The head of a request, as far as a page depends on it.
#[derive(Clone, Copy)]
pub(crate) struct RequestHead<'r> {
    /// The method, as it was sent.
    pub(crate) method: &'r str,
    /// The path with its query, undecoded; `*` for the server as a whole.
    pub(crate) target: &'r str,
    /// The header fields.
    pub(crate) fields: &'r dyn Fields,
}

/// Header fields, whoever parsed them.
pub(crate) trait Fields {
    /// The value of `field`. Several lines of it are joined by `, ` (RFC 9110 §5.3); what is no UTF-8 is
    /// replaced, so that it matches nothing of ours.
    fn value(&self, field: Field) -> Option<Cow<'_, str>>;
}

/// A header field that a page may depend on: what is no such field, no page sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// RFC 9110 §12.5.1.
    Accept,
    /// RFC 9110 §12.5.3.
    AcceptEncoding,
    /// RFC 9110 §13.1.1.
    IfMatch,
    /// RFC 9110 §13.1.3.
    IfModifiedSince,
    /// RFC 9110 §13.1.2.
    IfNoneMatch,
    /// RFC 9110 §13.1.5.
    IfRange,
    /// RFC 9110 §13.1.4.
    IfUnmodifiedSince,
    /// WHATWG Fetch §3.1.
    Origin,
    /// RFC 9110 §14.2.
    Range,
    /// RFC 9110 §10.1.3.
    Referer,
}

impl Field {
    /// Each of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Accept,
        Self::AcceptEncoding,
        Self::IfMatch,
        Self::IfModifiedSince,
        Self::IfNoneMatch,
        Self::IfRange,
        Self::IfUnmodifiedSince,
        Self::Origin,
        Self::Range,
        Self::Referer,
    ];

    /// Its name, in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptEncoding => "accept-encoding",
            Self::IfMatch => "if-match",
            Self::IfModifiedSince => "if-modified-since",
            Self::IfNoneMatch => "if-none-match",
            Self::IfRange => "if-range",
            Self::IfUnmodifiedSince => "if-unmodified-since",
            Self::Origin => "origin",
            Self::Range => "range",
            Self::Referer => "referer",
        }
    }
}

/// An answer. It borrows from the snapshot what the snapshot holds as text.
#[derive(Debug)]
pub(crate) struct Reply<'s> {
    /// The status code.
    pub(crate) status: u16,
    /// The header fields in the order they are sent in; `Content-Length` and `Date` are left to the
    /// protocol.
    pub(crate) fields: Vec<(&'s str, Value<'s>)>,
    /// What follows the head.
    pub(crate) body: Body,
    /// What it counts as, if it turns somebody away.
    pub(crate) refusal: Option<Refusal>,
    /// The resource that it shows.
    pub(crate) page: Option<&'s Resource>,
    /// Whether it is the one to every request with the same method, host, target and [`Field`]s, [`Field::Origin`]
    /// and [`Field::Referer`] apart, as long as the snapshot that it comes from is on the air.
    pub(crate) is_settled: bool,
}

/// The value of a field. What most answers have is written where it is sent, so that none needs memory of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'s> {
    /// One of ours.
    Fixed(&'static str),
    /// One that comes from a site or a request.
    Text(Cow<'s, str>),
    /// An entity tag.
    Tag(ETag),
    /// A date.
    Date(ImfDate),
}

impl Value<'_> {
    /// Gives `read` its bytes.
    pub(crate) fn with_bytes<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Fixed(text) => read(text.as_bytes()),
            Self::Text(text) => read(text.as_bytes()),
            Self::Tag(tag) => read(&tag.text()),
            Self::Date(date) => read(date.as_bytes()),
        }
    }

    /// Whether it may stand in a field (RFC 9110 §5.5): one that ends its line would let whoever wrote it answer in our
    /// name.
    fn is_one_line(&self) -> bool {
        match self {
            Self::Text(text) => memchr::memchr3(b'\r', b'\n', 0, text.as_bytes()).is_none(),
            Self::Fixed(_) | Self::Tag(_) | Self::Date(_) => true,
        }
    }
}

impl From<&'static str> for Value<'_> {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'s> From<Cow<'s, str>> for Value<'s> {
    fn from(text: Cow<'s, str>) -> Self {
        Self::Text(text)
    }
}

impl From<ETag> for Value<'_> {
    fn from(tag: ETag) -> Self {
        Self::Tag(tag)
    }
}

impl From<ImfDate> for Value<'_> {
    fn from(date: ImfDate) -> Self {
        Self::Date(date)
    }
}

/// The body of a [`Reply`].
#[derive(Debug)]
pub(crate) enum Body {
    /// None, and no length is told (204, 304).
    None,
    /// To HEAD: the length that GET would have sent.
    Omitted(u64),
    /// One run of bytes, shared with the snapshot.
    Whole(Bytes),
    /// Several, from memory or disk, one after the other.
    Pieces(Vec<Piece>),
    /// What is published, told as it happens, until the client leaves.
    News(watch::Receiver<News>),
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// From memory.
    Bytes(Bytes),
    /// From disk.
    File(LargeFile, Range<u64>),
}

impl<'s> Reply<'s> {
    /// An answer without a body and without fields.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            fields: Vec::with_capacity(FIELDS_TYPICAL),
            body: Body::None,
            refusal: None,
            page: None,
            is_settled: false,
        }
    }

    /// Adds a field. One with a value that no field may have is left out, and the log says so.
    pub(crate) fn push(&mut self, name: &'s str, value: impl Into<Value<'s>>) {
        let value = value.into();
        match value.is_one_line() {
            true => self.fields.push((name, value)),
            false => tracing::error!(name, ?value, "a field holds what no field may hold"),
        }
    }

    /// Adds a field in the place of what has its name.
    pub(crate) fn put(&mut self, name: &'s str, value: impl Into<Value<'s>>) {
        self.remove(&[name]);
        self.push(name, value);
    }

    /// Adds to the list that a field holds.
    pub(crate) fn join(&mut self, name: &'s str, value: &str) {
        match self.field(name) {
            Some(before) => self.put(name, format!("{before}, {value}")),
            None => self.push(name, value.to_owned()),
        }
    }

    /// Adds a field and hands the reply on.
    #[must_use]
    pub(crate) fn with(mut self, name: &'s str, value: impl Into<Value<'s>>) -> Self {
        self.push(name, value);
        self
    }

    /// With another status.
    #[must_use]
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Without the fields of these names.
    pub(crate) fn remove(&mut self, names: &[&str]) {
        self.fields.retain(|(name, _)| !names.contains(name));
    }

    /// The first value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let (_, value) = self.fields.iter().find(|(found, _)| *found == name)?;
        Some(value.with_bytes(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }
}

impl Body {
    /// The length that is told, in bytes.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::None | Self::News(_) => None,
            Self::Omitted(length) => Some(*length),
            Self::Whole(bytes) => Some(bytes.len() as u64),
            Self::Pieces(pieces) => Some(pieces.iter().map(Piece::length).sum()),
        }
    }

    /// As HEAD gets it: the same length, and nothing else (RFC 9110 §9.3.2).
    #[must_use]
    pub(crate) fn omitted(self) -> Self {
        self.length().map_or(Self::None, Self::Omitted)
    }
}

impl Piece {
    /// The part of it in `range`, which lies inside of it.
    pub(crate) fn slice(&self, range: &Range<u64>) -> Self {
        match self {
            Self::Bytes(bytes) => {
                let start = usize::try_from(range.start).expect("the range lies inside");
                let end = usize::try_from(range.end).expect("the range lies inside");
                Self::Bytes(bytes.slice(start..end))
            }
            Self::File(file, whole) => Self::File(
                file.clone(),
                whole.start + range.start..whole.start + range.end,
            ),
        }
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, range) => range.end - range.start,
        }
    }
}

/// A page's answer has about this many fields.
const FIELDS_TYPICAL: usize = 10;

/// Fields as a list, for the tests of this room.
#[cfg(test)]
impl Fields for &[(&str, &str)] {
    fn value(&self, field: Field) -> Option<Cow<'_, str>> {
        let values: Vec<&str> = self
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(field.name()))
            .map(|(_, value)| *value)
            .collect();
        (!values.is_empty()).then(|| values.join(", ").into())
    }
}

#[cfg(test)]
/// No fields at all.
pub(crate) struct NoFields;

#[cfg(test)]
impl Fields for NoFields {
    fn value(&self, _: Field) -> Option<Cow<'_, str>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_line() {
        for value in ["/a\r\nset-cookie: x", "/a\nb", "/a\rb", "/a\0b"] {
            let reply = Reply::new(301).with("location", value.to_owned());
            assert!(reply.fields.is_empty(), "{value:?}");
        }
        let reply = Reply::new(301).with("location", "/a b".to_owned());
        assert_eq!(reply.field("location").as_deref(), Some("/a b"));
    }
}
