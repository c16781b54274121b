//! What the fields of a head say of the message itself: whom it is for, where it ends, and what comes after it.

use super::{Framing, Refused, Version};

/// What the fields say of the message itself.
#[derive(Debug, Default)]
pub(super) struct Noted<'b> {
    pub(super) host: Option<&'b [u8]>,
    length: Option<u64>,
    codings: Option<&'b [u8]>,
    pub(super) wish: Wish,
    pub(super) waits: bool,
}

/// What the client wants to become of the connection (RFC 9112 §9.3).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    #[default]
    Unsaid,
    Keep,
    /// It outranks the others.
    Close,
}

impl<'b> Noted<'b> {
    /// Takes in a field line.
    pub(super) fn note(&mut self, name: &[u8], value: &'b [u8]) -> Result<(), Refused> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match name.len() {
            4 if is("host") => match self.host.replace(value) {
                None => Ok(()),
                Some(_) => Err(Refused::Malformed),
            },
            // Twice the same may be joined by one reader and kept apart by another.
            14 if is("content-length") => match self.length.replace(length(value)?) {
                None => Ok(()),
                Some(_) => Err(Refused::Malformed),
            },
            17 if is("transfer-encoding") => match self.codings.replace(value) {
                None => Ok(()),
                Some(_) => Err(Refused::Malformed),
            },
            10 if is("connection") => {
                let options = value.split(|byte| *byte == b',').map(trimmed);
                for option in options {
                    self.wish = match self.wish {
                        _ if option.eq_ignore_ascii_case(b"close") => Wish::Close,
                        Wish::Unsaid if option.eq_ignore_ascii_case(b"keep-alive") => Wish::Keep,
                        wish => wish,
                    };
                }
                Ok(())
            }
            6 if is("expect") => match value.eq_ignore_ascii_case(b"100-continue") {
                true => {
                    self.waits = true;
                    Ok(())
                }
                false => Err(Refused::Expectation),
            },
            _ => Ok(()),
        }
    }

    /// What follows the head (RFC 9112 §6.1 and §6.3).
    pub(super) fn framing(&self, version: Version) -> Result<Framing, Refused> {
        match (self.codings, self.length) {
            (Some(_), Some(_)) => Err(Refused::Malformed),
            (Some(_), None) if version == Version::Http10 => Err(Refused::Malformed),
            (Some(codings), None) if codings.eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Chunked)
            }
            (Some(codings), None) => {
                let mut names = codings.split(|byte| *byte == b',').map(trimmed);
                // Where chunks are not the last coding, nobody knows where the body ends.
                match names.next_back() {
                    Some(last) if last.eq_ignore_ascii_case(b"chunked") => {
                        let is_again = |name: &[u8]| name.eq_ignore_ascii_case(b"chunked");
                        match names.any(|name| is_again(name) || name.is_empty()) {
                            true => Err(Refused::Malformed),
                            false => Err(Refused::TransferCoding),
                        }
                    }
                    _ => Err(Refused::Malformed),
                }
            }
            (None, None | Some(0)) => Ok(Framing::Empty),
            (None, Some(length)) => Ok(Framing::Length(length)),
        }
    }
}

fn length(value: &[u8]) -> Result<u64, Refused> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(value).ok().filter(|_| is_number);
    let length = digits.and_then(|digits| digits.parse().ok());
    length.ok_or(Refused::Malformed)
}

/// A value without the white space around it.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    // One of nothing but space is empty, and lies where it lay.
    let begin = value.iter().position(|byte| !is_space(byte)).unwrap_or(0);
    let end = value.iter().rposition(|byte| !is_space(byte));
    let end = end.map_or(begin, |last| last + 1);
    value.get(begin..end).unwrap_or_default()
}
