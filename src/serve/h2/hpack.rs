//! Header fields as HTTP/2 packs them (RFC 7541).
//!
//! What is sent uses no table of its own: blocks do not depend on each other, and nothing of one answer can be guessed from
//! the length of another.

mod table;

use self::table::{STATIC, STATIC_NAMES, Table};
use crate::serve::block::{Block, Malformed, Reader};

/// Unpacks what one client sends.
#[derive(Debug)]
pub(super) struct Decoder {
    table: Table,
}

impl Decoder {
    /// For a connection without a table yet.
    pub(super) fn new() -> Self {
        Self {
            table: Table::new(TABLE_BYTES_MAX),
        }
    }

    /// Unpacks a block, of which at most `size_max` bytes are kept, counted as RFC 9113 §6.5.2 counts them.
    pub(super) fn decode(
        &mut self,
        packed: &[u8],
        size_max: usize,
        block: &mut Block,
    ) -> Result<(), Malformed> {
        block.clear();
        let mut reader = Reader { rest: packed };
        while let Some(first) = reader.rest.first() {
            match first {
                0b1000_0000.. => {
                    let index = reader.integer(7)?;
                    let begins = block.bytes.len();
                    let (name, value) = self.table.entry(index).ok_or(Malformed)?;
                    block.bytes.extend_from_slice(name);
                    block.bytes.extend_from_slice(value);
                    let name_bytes = name.len();
                    block.note(begins, name_bytes, size_max);
                }
                0b0100_0000.. => {
                    let (begins, name_bytes) = self.literal(&mut reader, 6, block)?;
                    let text = block.bytes.get(begins..).unwrap_or_default();
                    self.table.insert(text, name_bytes);
                    block.note(begins, name_bytes, size_max);
                }
                0b0010_0000.. => {
                    // RFC 7541 §4.2: at the beginning of a block, and no larger than was allowed.
                    let bytes_max = reader.integer(5)?;
                    let is_lawful = block.is_empty() && bytes_max <= TABLE_BYTES_MAX;
                    is_lawful.then_some(()).ok_or(Malformed)?;
                    self.table.resize(bytes_max);
                }
                _ => {
                    let (begins, name_bytes) = self.literal(&mut reader, 4, block)?;
                    block.note(begins, name_bytes, size_max);
                }
            }
        }
        Ok(())
    }

    /// Appends a field that is written out; its name may be one of the table. Returns where it begins, and how long its
    /// name is.
    fn literal(
        &self,
        reader: &mut Reader<'_>,
        prefix_bits: u32,
        block: &mut Block,
    ) -> Result<(usize, usize), Malformed> {
        let begins = block.bytes.len();
        match reader.integer(prefix_bits)? {
            0 => reader.string(7, &mut block.bytes)?,
            index => {
                let (name, _) = self.table.entry(index).ok_or(Malformed)?;
                block.bytes.extend_from_slice(name);
            }
        }
        let name_bytes = block.bytes.len() - begins;
        reader.string(7, &mut block.bytes)?;
        Ok((begins, name_bytes))
    }
}

/// Appends a status.
pub(super) fn push_status(to: &mut Vec<u8>, status: u16) {
    let digits = status.to_string();
    let known = STATIC
        .iter()
        .position(|(name, value)| *name == ":status" && *value == digits);
    match known {
        Some(place) => push_integer(to, 0x80, 7, place + 1),
        None => push_field(to, ":status", digits.as_bytes()),
    }
}

/// Appends a field, which nobody on the way keeps.
pub(super) fn push_field(to: &mut Vec<u8>, name: &str, value: &[u8]) {
    match STATIC_NAMES.get(name) {
        Some(index) => push_integer(to, 0, 4, *index),
        None => {
            to.push(0);
            push_integer(to, 0, 7, name.len());
            to.extend_from_slice(name.as_bytes());
        }
    }
    push_integer(to, 0, 7, value.len());
    to.extend_from_slice(value);
}

fn push_integer(to: &mut Vec<u8>, flags: u8, prefix_bits: u32, number: usize) {
    let mask = u8::MAX >> (u8::BITS - prefix_bits);
    if number < usize::from(mask) {
        to.push(flags | number as u8);
        return;
    }
    to.push(flags | mask);
    let mut left = number - usize::from(mask);
    while left > 0x7f {
        to.push(left as u8 | 0x80);
        left >>= 7;
    }
    to.push(left as u8);
}

/// What is announced by saying nothing (RFC 9113 §6.5.2).
const TABLE_BYTES_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(block: &Block) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        block
            .spans
            .iter()
            .map(|span| {
                let (name, value) = span.parts(&block.bytes);
                (text(name), text(value))
            })
            .collect()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: String = hex.split_whitespace().collect();
        let digits = hex.as_bytes().chunks(2);
        digits
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn reads_the_examples_of_the_rfc() {
        // RFC 7541 C.4: three requests on one connection, with Huffman codes.
        let mut decoder = Decoder::new();
        let mut block = Block::default();
        let shared = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
        for (packed, last) in [
            (
                "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
                vec![(":authority", "www.example.com")],
            ),
            (
                "8286 84be 5886 a8eb 1064 9cbf",
                vec![
                    (":authority", "www.example.com"),
                    ("cache-control", "no-cache"),
                ],
            ),
        ] {
            decoder.decode(&bytes(packed), 1_000, &mut block).unwrap();
            let expected: Vec<_> = shared
                .into_iter()
                .chain(last)
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            assert_eq!(fields(&block), expected);
        }
        let third = "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf";
        decoder.decode(&bytes(third), 1_000, &mut block).unwrap();
        assert_eq!(
            fields(&block)[4],
            ("custom-key".into(), "custom-value".into())
        );
        assert_eq!(decoder.table.bytes(), 164);
    }

    #[test]
    fn what_is_too_large_is_left_out_and_keeps_the_table_right() {
        let mut decoder = Decoder::new();
        let mut block = Block::default();
        let long = "x".repeat(300);
        let mut packed = vec![0x40, 1, b'a', 0x7f, 0xad, 0x01];
        packed.extend(long.as_bytes());
        decoder.decode(&packed, 100, &mut block).unwrap();
        assert!(block.is_too_large && block.bytes.is_empty() && block.spans.is_empty());
        decoder.decode(&[0xbe], 1_000, &mut block).unwrap();
        assert_eq!(fields(&block), [("a".to_owned(), long)]);
        // A bomb: one byte for each copy of a large field.
        decoder.decode(&[0xbe; 60_000], 16_384, &mut block).unwrap();
        assert!(block.is_too_large && block.bytes.len() < 16_384);
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for packed in [
            "80",
            "be",
            "ff",
            "ffffffffffff7f",
            "40",
            "4001",
            "400161",
            "40016105",
            "00016102",
            "3fe21f",
            "8620",
        ] {
            let decoded = Decoder::new().decode(&bytes(packed), 1_000, &mut Block::default());
            assert_eq!(decoded, Err(Malformed), "{packed}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let long = "v".repeat(20_000);
        let written = [
            (":status", "200"),
            (":status", "416"),
            ("content-type", "text/html"),
            ("etag", "\"abc\""),
            ("x-content-type-options", "nosniff"),
            ("location", long.as_str()),
        ];
        let mut packed = Vec::new();
        for (name, value) in written {
            match name {
                ":status" => push_status(&mut packed, value.parse().unwrap()),
                name => push_field(&mut packed, name, value.as_bytes()),
            }
        }
        let mut block = Block::default();
        Decoder::new().decode(&packed, 100_000, &mut block).unwrap();
        let read = fields(&block);
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(read, written);
    }
}
