//! The body of a request, which is read to its end and thrown away: nobody here has a use for one, but the next
//! request begins behind it (RFC 9112 §6 and §7.1).

use super::head::Framing;

/// A body on its way past.
#[derive(Debug)]
pub(in crate::serve) struct Skip {
    state: State,
    /// How many more bytes may come, with all that frames them.
    bytes_left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left.
    Length(u64),
    /// In the size of a chunk, of which so many digits have been read.
    Size {
        size: u64,
        digits: u8,
    },
    /// Behind the size, in white space that something else must follow.
    SizeSpace {
        size: u64,
    },
    /// In what extends a chunk (RFC 9112 §7.1.1), and means nothing here.
    Extension {
        size: u64,
    },
    /// Before the line feed that ends the line of the size.
    SizeEnd {
        size: u64,
    },
    /// In the bytes of a chunk.
    Data(u64),
    /// Before the carriage return behind them, and then the line feed.
    DataReturn,
    DataEnd,
    /// At the beginning of a line behind the last chunk, in it, and before its line feed.
    LineBegin,
    Line,
    LineEnd,
    /// Before the last line feed.
    LastEnd,
    Done,
}

/// Why a body is not skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Unread {
    /// Nobody knows where it ends.
    Malformed,
    /// It is not worth waiting for.
    TooLong,
}

impl Skip {
    /// The body that `framing` announces, which may be `bytes_max` long. None if there is none.
    pub(in crate::serve) fn of(framing: Framing, bytes_max: u64) -> Option<Self> {
        let state = match framing {
            Framing::Empty => return None,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size { size: 0, digits: 0 },
        };
        Some(Self {
            state,
            bytes_left: bytes_max,
        })
    }

    /// Whether it is over.
    pub(in crate::serve) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes what belongs to the body from the beginning of `bytes`; returns how many bytes those are.
    pub(in crate::serve) fn take(&mut self, bytes: &[u8]) -> Result<usize, Unread> {
        if matches!(self.state, State::Length(length) if length > self.bytes_left) {
            return Err(Unread::TooLong);
        }
        let mut taken = 0;
        while let (Some(byte), false) = (bytes.get(taken), self.is_done()) {
            let here = (bytes.len() - taken) as u64;
            let step = match self.state {
                State::Length(left) | State::Data(left) => left.min(here),
                _ => 1,
            };
            self.bytes_left = self.bytes_left.checked_sub(step).ok_or(Unread::TooLong)?;
            taken += step as usize;
            self.state = self.after(*byte, step)?;
        }
        Ok(taken)
    }

    /// The state behind `byte`, or behind so many bytes that begin with it.
    fn after(&self, byte: u8, step: u64) -> Result<State, Unread> {
        let ended = |end, then| match byte == end {
            true => Ok(then),
            false => Err(Unread::Malformed),
        };
        match self.state {
            State::Length(left) if left == step => Ok(State::Done),
            State::Length(left) => Ok(State::Length(left - step)),
            State::Size { size, digits } => size_digit(size, digits, byte),
            State::SizeSpace { size } => match byte {
                b' ' | b'\t' => Ok(State::SizeSpace { size }),
                b';' => Ok(State::Extension { size }),
                _ => Err(Unread::Malformed),
            },
            State::Extension { size } => match byte {
                b'\r' => Ok(State::SizeEnd { size }),
                b'\n' | b'\0' => Err(Unread::Malformed),
                _ => Ok(State::Extension { size }),
            },
            State::SizeEnd { size: 0 } => ended(b'\n', State::LineBegin),
            State::SizeEnd { size } => ended(b'\n', State::Data(size)),
            State::Data(left) if left == step => Ok(State::DataReturn),
            State::Data(left) => Ok(State::Data(left - step)),
            State::DataReturn => ended(b'\r', State::DataEnd),
            State::DataEnd => ended(b'\n', State::Size { size: 0, digits: 0 }),
            State::LineBegin if byte == b'\r' => Ok(State::LastEnd),
            State::LineBegin | State::Line => match byte {
                b'\r' => Ok(State::LineEnd),
                b'\n' | b'\0' => Err(Unread::Malformed),
                _ => Ok(State::Line),
            },
            State::LineEnd => ended(b'\n', State::LineBegin),
            State::LastEnd => ended(b'\n', State::Done),
            State::Done => Ok(State::Done),
        }
    }
}

/// The state behind one more byte of a line that says how long a chunk is.
fn size_digit(size: u64, digits: u8, byte: u8) -> Result<State, Unread> {
    let digit = match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        b'\r' if digits > 0 => return Ok(State::SizeEnd { size }),
        b';' if digits > 0 => return Ok(State::Extension { size }),
        b' ' | b'\t' if digits > 0 => return Ok(State::SizeSpace { size }),
        _ => return Err(Unread::Malformed),
    };
    // Sixteen digits fill a size. One more would let a large one pass for a small one.
    match digits < SIZE_DIGITS_MAX {
        true => Ok(State::Size {
            size: size << 4 | u64::from(digit),
            digits: digits + 1,
        }),
        false => Err(Unread::Malformed),
    }
}

const SIZE_DIGITS_MAX: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `bytes` in pieces of so many, and says how many belonged to the body.
    fn skipped(framing: Framing, bytes: &[u8], piece: usize) -> Result<Option<usize>, Unread> {
        let mut skip = Skip::of(framing, 1_000).unwrap();
        let mut taken = 0;
        for piece in bytes.chunks(piece) {
            let took = skip.take(piece)?;
            taken += took;
            if skip.is_done() {
                return Ok(Some(taken));
            }
            assert_eq!(took, piece.len());
        }
        Ok(None)
    }

    #[test]
    fn a_body_ends_where_it_says() {
        use Framing::{Chunked, Length};
        use Unread::{Malformed, TooLong};
        for (framing, bytes, expected) in [
            (Length(3), "abcGET", Ok(Some(3))),
            (Length(3), "ab", Ok(None)),
            (Length(1_001), "a", Err(TooLong)),
            (Chunked, "0\r\n\r\nGET", Ok(Some(5))),
            (Chunked, "3\r\nabc\r\n0\r\n\r\n", Ok(Some(13))),
            (
                Chunked,
                "A\r\n0123456789\r\n0;a=\"b\"\r\n\r\n",
                Ok(Some(26)),
            ),
            (
                Chunked,
                "3 ;x\r\nabc\r\n000\r\nA: b\r\nC: d\r\n\r\n",
                Ok(Some(30)),
            ),
            (Chunked, "3\r\nabc\r\n", Ok(None)),
            (Chunked, "3\nabc\r\n0\r\n\r\n", Err(Malformed)),
            (Chunked, "3 \r\nabc\r\n", Err(Malformed)),
            (Chunked, " 3\r\nabc\r\n", Err(Malformed)),
            (Chunked, "0x3\r\nabc\r\n", Err(Malformed)),
            (Chunked, "+3\r\nabc\r\n", Err(Malformed)),
            (Chunked, "\r\nabc\r\n", Err(Malformed)),
            (Chunked, ";a\r\nabc\r\n", Err(Malformed)),
            (Chunked, "3\r\nabcd\r\n", Err(Malformed)),
            (Chunked, "3\r\nabc\n0\r\n\r\n", Err(Malformed)),
            (Chunked, "3;\n\r\nabc\r\n", Err(Malformed)),
            (Chunked, "0\r\nA: b\n\r\n", Err(Malformed)),
            (Chunked, "0\r\n\rx", Err(Malformed)),
            (Chunked, "00000000000000003\r\nabc\r\n", Err(Malformed)),
            (Chunked, "ffffffffffffffff\r\n", Ok(None)),
        ] {
            for piece in [1, 2, 1_000] {
                assert_eq!(
                    skipped(framing, bytes.as_bytes(), piece),
                    expected,
                    "{bytes:?}"
                );
            }
        }
    }

    #[test]
    fn what_frames_a_body_counts_too() {
        let mut skip = Skip::of(Framing::Chunked, 1_000).unwrap();
        let long = format!("0;{}", "x".repeat(1_000));
        assert_eq!(skip.take(long.as_bytes()), Err(Unread::TooLong));
        assert!(Skip::of(Framing::Empty, 0).is_none());
    }
}
