//! What parent and child say to each other: a byte for its kind, four for its length, and the bytes.

use std::io::{self, Read, Write};

use bytes::Bytes;

use crate::site::Problem;

/// What the compiler asks of the site's files, by their path relative to the site's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    IsFile(String),
    IsDir(String),
    Read(String),
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// The child is there.
    Ready,
    /// The parent wants this file compiled.
    Sheet(String),
    /// The child wants to know something of the files.
    Ask(Question),
    /// The parent says yes, or what is in the file.
    Yes(Bytes),
    /// The parent says no, and why.
    No(String),
    /// The sheet has something to tell, and is not done.
    Said(Problem),
    /// The sheet is done.
    Css(Bytes),
    /// The sheet is done with a mistake.
    Mistake(Problem),
}

impl Message {
    /// Says it to `other`.
    pub(super) fn send(&self, other: &mut impl Write) -> io::Result<()> {
        let (kind, bytes) = match self {
            Self::Ready => (READY, Bytes::new()),
            Self::Sheet(file) => (SHEET, text(file)),
            Self::Ask(Question::IsFile(path)) => (IS_FILE, text(path)),
            Self::Ask(Question::IsDir(path)) => (IS_DIR, text(path)),
            Self::Ask(Question::Read(path)) => (READ, text(path)),
            Self::Yes(bytes) => (YES, bytes.clone()),
            Self::No(why) => (NO, text(why)),
            Self::Said(problem) => (SAID, serde_json::to_vec(problem)?.into()),
            Self::Css(css) => (CSS, css.clone()),
            Self::Mistake(problem) => (MISTAKE, serde_json::to_vec(problem)?.into()),
        };
        let length = u32::try_from(bytes.len()).ok();
        let Some(length) = length.filter(|length| *length <= BYTES_MAX) else {
            return Err(too_long());
        };
        // In one piece, since each write wakes the other side.
        let mut whole = Vec::with_capacity(bytes.len() + 5);
        whole.push(kind);
        whole.extend(length.to_be_bytes());
        whole.extend(&bytes);
        other.write_all(&whole)?;
        other.flush()
    }

    /// What `other` says next; None if it went.
    pub(super) fn receive(other: &mut impl Read) -> io::Result<Option<Self>> {
        let mut kind = [0];
        if other.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let mut length = [0; 4];
        other.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > BYTES_MAX {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        other.take(length.into()).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != u64::from(length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let [kind] = kind;
        Self::of(kind, bytes).map(Some)
    }

    fn of(kind: u8, bytes: Vec<u8>) -> io::Result<Self> {
        let text = |bytes| String::from_utf8(bytes).map_err(io::Error::other);
        Ok(match kind {
            READY => Self::Ready,
            SHEET => Self::Sheet(text(bytes)?),
            IS_FILE => Self::Ask(Question::IsFile(text(bytes)?)),
            IS_DIR => Self::Ask(Question::IsDir(text(bytes)?)),
            READ => Self::Ask(Question::Read(text(bytes)?)),
            YES => Self::Yes(bytes.into()),
            NO => Self::No(text(bytes)?),
            SAID => Self::Said(serde_json::from_slice(&bytes)?),
            CSS => Self::Css(bytes.into()),
            MISTAKE => Self::Mistake(serde_json::from_slice(&bytes)?),
            _ => return Err(io::Error::other("a message of no known kind")),
        })
    }
}

fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn too_long() -> io::Error {
    io::Error::other("longer than 64 MiB")
}

const READY: u8 = b'!';
const SHEET: u8 = b's';
const IS_FILE: u8 = b'f';
const IS_DIR: u8 = b'd';
const READ: u8 = b'r';
const YES: u8 = b'y';
const NO: u8 = b'n';
const SAID: u8 = b'w';
const CSS: u8 = b'c';
const MISTAKE: u8 = b'm';

/// Of one file, and of one style sheet: far more than a browser is asked to read.
const BYTES_MAX: u32 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        let all = [
            Message::Ready,
            Message::Sheet("sass/ä.scss".into()),
            Message::Ask(Question::IsFile("a".into())),
            Message::Ask(Question::IsDir("b".into())),
            Message::Ask(Question::Read("c".into())),
            Message::Yes(Bytes::from_static(b"\xff\0")),
            Message::No("no such file".into()),
            Message::Said(Problem::warning("w")),
            Message::Css(Bytes::from_static(b"a{b:c}")),
            Message::Mistake(Problem::error("e").in_file("f").at_line("x\ny", 2)),
        ];
        let mut pipe = Vec::new();
        for message in &all {
            message.send(&mut pipe).unwrap();
        }
        let mut rest = &pipe[..];
        for message in all {
            assert_eq!(Message::receive(&mut rest).unwrap(), Some(message));
        }
        assert_eq!(Message::receive(&mut rest).unwrap(), None);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bytes in [
            &b"?\0\0\0\0"[..],
            b"c\0\0\0\x02a",
            b"c\xff\xff\xff\xff",
            b"c\0",
            b"s\0\0\0\x01\xff",
        ] {
            assert!(Message::receive(&mut &bytes[..]).is_err(), "{bytes:?}");
        }
    }
}
