//! SHA-256 as a value: the name of a body, of a release, of an answer.

use std::{fmt, io};

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Hash([u8; 32]);

impl Hash {
    /// Hashes `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hashes a sequence of fields, each preceded by its length, so that two different sequences
    /// never run together into the same bytes.
    pub(crate) fn of_fields<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        // Fields are short and may be hundreds of thousands: together they are sooner hashed than
        // one by one.
        let mut short = Vec::with_capacity(SHORT_FIELDS_BYTES);
        for field in fields {
            short.extend((field.len() as u64).to_le_bytes());
            if short.len() + field.len() <= SHORT_FIELDS_BYTES {
                short.extend(field);
            } else {
                hasher.update(&short);
                hasher.update(field);
                short.clear();
            }
        }
        hasher.update(&short);
        Self(hasher.finalize().into())
    }

    /// Hashes what `reader` gives until its end.
    pub(crate) fn of_reader(reader: &mut impl io::Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(Self(hasher.finalize().into())),
                read => hasher.update(buffer.get(..read).unwrap_or_default()),
            }
        }
    }

    /// The hash that [`Self::as_bytes`] gave.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash that is written so, in 64 hexadecimal digits.
    pub(crate) fn from_hex(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            let pair = digits.get(place * 2..place * 2 + 2)?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The 32 bytes.
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first `digits` hexadecimal digits, at most 64.
    pub(crate) fn hex(&self, digits: usize) -> String {
        let mut text = self.to_string();
        text.truncate(digits);
        text
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // At once: each file of a cache has a hash for a name.
        let mut text = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            text.extend([byte >> 4, byte & 15].map(digit));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.hex(12))
    }
}

/// The hexadecimal digit of a number below 16.
fn digit(number: u8) -> char {
    char::from_digit(number.into(), 16).unwrap_or_default()
}

/// What fields are gathered in, in bytes.
const SHORT_FIELDS_BYTES: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sha256_in_hex() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hash::of(b"").to_string(), empty);
        assert_eq!(Hash::of(b"").hex(8), "e3b0c442");
    }

    #[test]
    fn fields_do_not_run_together() {
        assert_ne!(
            Hash::of_fields([&b"ab"[..], b"c"]),
            Hash::of_fields([&b"a"[..], b"bc"])
        );
    }

    #[test]
    fn fields_are_hashed_behind_their_lengths_however_long() {
        let fields: Vec<Vec<u8>> = [0, 1, 4_087, 9, 5_000, 300, 4_000, 4_096, 2]
            .map(|length| vec![b'x'; length])
            .into();
        let mut all = Vec::new();
        for field in &fields {
            all.extend((field.len() as u64).to_le_bytes());
            all.extend(field);
        }
        assert_eq!(
            Hash::of_fields(fields.iter().map(Vec::as_slice)),
            Hash::of(&all)
        );
    }

    #[test]
    fn is_read_as_it_is_written() {
        let hash = Hash::of(b"a");
        assert_eq!(Hash::from_hex(&hash.to_string()), Some(hash));
        assert_eq!(Hash::from_bytes(*hash.as_bytes()), hash);
        for wrong in ["", "00", &hash.hex(63), &format!("{}g", hash.hex(63))] {
            assert_eq!(Hash::from_hex(wrong), None, "{wrong}");
        }
    }
}
