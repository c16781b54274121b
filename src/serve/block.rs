//! The fields of a request as HTTP/2 and HTTP/3 pack them, unpacked.
//!
//! Both write integers and texts in one way (RFC 7541 §5, RFC 9204 §4.1), and mean the same by the fields.

mod huffman;
pub(super) mod request;

use super::lines::Span;

/// An unpacked block.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The names and values.
    pub(super) bytes: Vec<u8>,
    /// Where in them each field lies.
    pub(super) spans: Vec<Span>,
    /// Whether there was more than is read here; that is left out.
    pub(super) is_too_large: bool,
    size: usize,
}

/// A block that can't be unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Block {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        (self.is_too_large, self.size) = (false, 0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Notes a field that was appended, or takes it back if there is no room for it.
    pub(super) fn note(&mut self, begins: usize, name_bytes: usize, size_max: usize) {
        let ends = self.bytes.len();
        self.size = self.size.saturating_add(ends - begins + FIELD_BYTES);
        if self.size > size_max {
            self.is_too_large = true;
            self.bytes.truncate(begins);
            return;
        }
        let value = begins + name_bytes;
        self.spans.push(Span::new((begins, value), (value, ends)));
    }
}

/// Reads a packed block from its beginning.
#[derive(Debug)]
pub(super) struct Reader<'b> {
    pub(super) rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (byte, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*byte)
    }

    /// An integer behind the flags of its first byte (RFC 7541 §5.1).
    pub(super) fn integer(&mut self, prefix_bits: u32) -> Result<usize, Malformed> {
        let mask = u8::MAX >> (u8::BITS - prefix_bits);
        let prefix = self.byte()? & mask;
        let mut number = usize::from(prefix);
        if prefix < mask {
            return Ok(number);
        }
        for shift in (0..INTEGER_BITS_MAX).step_by(7) {
            let byte = self.byte()?;
            number += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// Appends a text to `to`, the length of which takes `prefix_bits` of its first byte (RFC 7541 §5.2).
    pub(super) fn string(&mut self, prefix_bits: u32, to: &mut Vec<u8>) -> Result<(), Malformed> {
        let is_huffman = self.rest.first().ok_or(Malformed)? & (1 << prefix_bits) != 0;
        let length = self.integer(prefix_bits)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        match is_huffman {
            true => huffman::decode(text, to, STRING_BYTES_MAX).ok_or(Malformed),
            false => {
                to.extend_from_slice(text);
                Ok(())
            }
        }
    }
}

/// What a field counts for beside its name and value.
const FIELD_BYTES: usize = 32;
/// More is nothing that is meant.
const INTEGER_BITS_MAX: usize = 28;
/// Longer than any block.
const STRING_BYTES_MAX: usize = 1 << 20;
