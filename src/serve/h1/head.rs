//! The head of an HTTP/1 request, read in one way only (RFC 9112).
//!
//! What two readers on one path might read differently is how requests are smuggled: a bare line feed, a folded
//! line, a space before a colon, two lengths, a length beside chunks. All of that is refused here, before
//! anything else sees the request. Knows neither sockets nor pages.

mod noted;

use self::noted::{Noted, Wish, trimmed};
use super::super::lines::Span;

/// A head, as it lies in the buffer that it was read into.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::serve) struct Head<'b> {
    /// The method, as it was sent.
    pub(in crate::serve) method: &'b str,
    /// The target in origin form, whatever form it came in, or `*` (RFC 9112 §3.2).
    pub(in crate::serve) target: &'b str,
    /// Whom the request is for: the authority of the target, else the `Host` field; None in HTTP/1.0 alone.
    pub(in crate::serve) authority: Option<&'b str>,
    /// Which HTTP it is.
    pub(in crate::serve) version: Version,
    /// What follows the head.
    pub(in crate::serve) framing: Framing,
    /// Whether the client has the connection stay.
    pub(in crate::serve) persists: bool,
    /// Whether the client waits for word before it sends what follows (RFC 9110 §10.1.1).
    pub(in crate::serve) waits: bool,
    /// Its length in bytes, with the empty line at its end.
    pub(in crate::serve) bytes: usize,
}

/// A version that is spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1, or a later one of the same major.
    Http11,
}

/// How long the body of a request is (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Framing {
    /// There is none.
    Empty,
    /// So many bytes, at least one.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Refused {
    /// It is no request, or one that can be read in two ways.
    Malformed,
    /// Its target is longer than any that is looked up here.
    TargetTooLong,
    /// All of it is longer than is read here, or it has too many fields.
    TooLarge,
    /// It expects something that nobody here can do.
    Expectation,
    /// Its body is in a transfer coding that is not known here.
    TransferCoding,
    /// It is of another major version.
    Version,
}

/// Reads the head at the beginning of `bytes`, which may be `bytes_max` long; None if its end has not come yet. `spans`
/// are filled with the places of its field lines.
pub(in crate::serve) fn parse<'b>(
    bytes: &'b [u8],
    bytes_max: usize,
    spans: &mut Vec<Span>,
) -> Result<Option<Head<'b>>, Refused> {
    spans.clear();
    let mut reader = Reader { bytes, at: 0 };
    reader.skip_empty_lines();
    let Some(line) = reader.line()? else {
        return match reader.rest_is_longer_than(TARGET_BYTES_MAX + METHOD_BYTES_MAX) {
            true => Err(Refused::TargetTooLong),
            false => reader.wait(bytes_max),
        };
    };
    let request = request_line(line)?;
    let mut noted = Noted::default();
    loop {
        let begins = reader.at;
        let Some(line) = reader.line()? else {
            return reader.wait(bytes_max);
        };
        if reader.at > bytes_max {
            return Err(Refused::TooLarge);
        }
        if line.is_empty() {
            return finish(&request, &noted, reader.at).map(Some);
        }
        if spans.len() == LINES_MAX {
            return Err(Refused::TooLarge);
        }
        let (name, value) = field_line(line)?;
        noted.note(name, value)?;
        let value_begins = begins + (value.as_ptr().addr() - line.as_ptr().addr());
        spans.push(Span::new(
            (begins, begins + name.len()),
            (value_begins, value_begins + value.len()),
        ));
    }
}

/// The lines of a head, one after the other.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    /// RFC 9112 §2.2: a client that sends more than it announced must not cost the next request.
    fn skip_empty_lines(&mut self) {
        for _ in 0..EMPTY_LINES_MAX {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            if rest.starts_with(b"\r\n") {
                self.at += 2;
            }
        }
    }

    /// The next line without its end; None if that has not come yet.
    fn line(&mut self) -> Result<Option<&'b [u8]>, Refused> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', rest) else {
            return Ok(None);
        };
        let line = rest.get(..end).and_then(|line| line.strip_suffix(b"\r"));
        self.at += end + 1;
        line.map(Some).ok_or(Refused::Malformed)
    }

    fn rest_is_longer_than(&self, bytes: usize) -> bool {
        self.bytes.len() - self.at > bytes
    }

    /// What has come is the beginning of a head, unless it is too long for one, or its last line for no line.
    fn wait<T>(&self, bytes_max: usize) -> Result<Option<T>, Refused> {
        let begun = self.bytes.get(self.at..).unwrap_or_default();
        // The end of the line may be halfway here.
        let begun = begun.strip_suffix(b"\r").unwrap_or(begun);
        match begun.iter().all(|byte| is_text(*byte)) {
            false => Err(Refused::Malformed),
            true if self.bytes.len() > bytes_max => Err(Refused::TooLarge),
            true => Ok(None),
        }
    }
}

struct RequestLine<'b> {
    method: &'b str,
    target: &'b str,
    authority: Option<&'b str>,
    version: Version,
}

/// RFC 9112 §3, and of the space that it lets recipients be lenient with, none.
fn request_line(line: &[u8]) -> Result<RequestLine<'_>, Refused> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Malformed);
    };
    let version = version_of(version)?;
    if method.is_empty() || method.len() > METHOD_BYTES_MAX || !method.iter().all(is_token) {
        return Err(Refused::Malformed);
    }
    if target.len() > TARGET_BYTES_MAX {
        return Err(Refused::TargetTooLong);
    }
    // What is no ASCII should have been encoded, and is meant as UTF-8 by everyone who did not.
    let is_visible = |byte: &u8| *byte > b' ' && *byte != DELETE;
    if target.is_empty() || !target.iter().all(is_visible) || target.contains(&b'#') {
        return Err(Refused::Malformed);
    }
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Refused::Malformed);
    let (method, target) = (text(method)?, text(target)?);
    let (authority, target) = forms(method, target)?;
    Ok(RequestLine {
        method,
        target,
        authority,
        version,
    })
}

/// The authority in a target, if it has one, and the target in origin form (RFC 9112 §3.2).
fn forms<'b>(method: &str, target: &'b str) -> Result<(Option<&'b str>, &'b str), Refused> {
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Ok((None, target));
    }
    if method == "CONNECT" {
        // The only method with an authority as its target; nobody is connected to anything here.
        return Ok((Some(target), "*"));
    }
    let is_scheme = |scheme: &str| {
        let begins = target.get(..scheme.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
    };
    let scheme = ["http://", "https://"].into_iter().find(|s| is_scheme(s));
    let rest = scheme.and_then(|scheme| target.get(scheme.len()..));
    let rest = rest.ok_or(Refused::Malformed)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match (authority, path) {
        ("", _) => Err(Refused::Malformed),
        // RFC 9112 §3.2.4: OPTIONS of no path is that of the server as a whole.
        (_, "") if method == "OPTIONS" => Ok((Some(authority), "*")),
        (_, "") => Ok((Some(authority), "/")),
        // `http://host?query`: who means that is told so.
        (_, path) if path.starts_with('?') => Err(Refused::Malformed),
        _ => Ok((Some(authority), path)),
    }
}

/// RFC 9112 §2.3. A higher minor version is read as the highest that is known (RFC 9110 §2.5).
fn version_of(version: &[u8]) -> Result<Version, Refused> {
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor] if minor.is_ascii_digit() => {
            Ok(Version::Http11)
        }
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Refused::Version)
        }
        _ => Err(Refused::Malformed),
    }
}

/// RFC 9112 §5. No space stands before the colon, and no line goes on on the next one.
fn field_line(line: &[u8]) -> Result<(&[u8], &[u8]), Refused> {
    let colon = memchr::memchr(b':', line).ok_or(Refused::Malformed)?;
    let (name, value) = line.split_at(colon);
    let value = value.get(1..).unwrap_or_default();
    // All of it, without a way out at the first: that is done sixteen bytes at a time.
    let is_foul = value
        .iter()
        .fold(false, |foul, byte| foul | !is_text(*byte));
    if name.is_empty() || !name.iter().all(is_token) || is_foul {
        return Err(Refused::Malformed);
    }
    Ok((name, trimmed(value)))
}

fn finish<'b>(
    request: &RequestLine<'b>,
    noted: &Noted<'b>,
    bytes: usize,
) -> Result<Head<'b>, Refused> {
    let RequestLine {
        method,
        target,
        authority,
        version,
    } = *request;
    let host = match (noted.host, version) {
        (Some(host), _) => Some(std::str::from_utf8(host).map_err(|_| Refused::Malformed)?),
        (None, Version::Http10) => None,
        // RFC 9112 §3.2: even where the target says it.
        (None, Version::Http11) => return Err(Refused::Malformed),
    };
    Ok(Head {
        method,
        target,
        authority: authority.or(host),
        version,
        framing: noted.framing(version)?,
        persists: match version {
            Version::Http11 => noted.wish != Wish::Close,
            Version::Http10 => noted.wish == Wish::Keep,
        },
        // RFC 9110 §10.1.1: in HTTP/1.0 it means nothing.
        waits: noted.waits && version == Version::Http11,
        bytes,
    })
}

/// What may stand in a field value or, for what this is worth, anywhere in a line (RFC 9110 §5.5).
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != DELETE)
}

/// RFC 9110 §5.6.2.
fn is_token(byte: &u8) -> bool {
    TOKEN.get(usize::from(*byte)).is_some_and(|is| *is)
}

#[expect(
    clippy::indexing_slicing,
    reason = "a constant is worked out by the compiler"
)]
const TOKEN: [bool; 256] = {
    let mut token = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_mark = matches!(
            byte as u8,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        );
        token[byte] = is_mark || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    token
};

const DELETE: u8 = 0x7f;

/// RFC 9110 §4.1 asks for 8,000 at least.
const TARGET_BYTES_MAX: usize = 8 << 10;
/// The longest that is registered has 17.
const METHOD_BYTES_MAX: usize = 32;
/// Browsers send some twenty.
const LINES_MAX: usize = 100;
const EMPTY_LINES_MAX: usize = 2;

#[cfg(test)]
mod tests;
