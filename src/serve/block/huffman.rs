//! The Huffman code of header fields (RFC 7541 §5.2 and Appendix B).
//!
//! It is canonical: among codes of one length the symbols ascend, and a longer code begins where the shorter ones end. So
//! the lengths say it all.

use once_cell::sync::Lazy;

/// Appends what `bytes` encode to `to`. None if that is no code, or if it is longer than `bytes_max`.
pub(super) fn decode(bytes: &[u8], to: &mut Vec<u8>, bytes_max: usize) -> Option<()> {
    let code = &*CODE;
    let (mut window, mut bits) = (0_u64, 0_u32);
    let mut rest = bytes.iter();
    let end = to.len() + bytes_max;
    loop {
        while bits <= u64::BITS - u8::BITS
            && let Some(byte) = rest.next()
        {
            window |= u64::from(*byte) << (u64::BITS - u8::BITS - bits);
            bits += u8::BITS;
        }
        let (symbol, length) = code.first(window);
        if length > bits {
            break;
        }
        // The symbol of the end is for padding alone.
        let byte = u8::try_from(symbol).ok()?;
        if to.len() == end {
            return None;
        }
        to.push(byte);
        window <<= length;
        bits -= length;
    }
    // What is left is the beginning of the longest code, which is all ones, and less than a byte of it.
    let padding = !(u64::MAX.checked_shr(bits).unwrap_or_default());
    (bits < u8::BITS && window & padding == padding).then_some(())
}

struct Code {
    /// By the first eight bits: the symbol and its length, where that is not longer; else a length of 0.
    short: [(u16, u32); 1 << SHORT_BITS],
    /// For each length, 31 at most: the first code behind those of this length, as the first of 64 bits; and what is
    /// added to a code of this length to have its place among the symbols.
    limits: [u64; LENGTHS],
    offsets: [i64; LENGTHS],
    /// The symbols in the order of their codes.
    symbols: [u16; SYMBOLS],
}

impl Code {
    /// The symbol that `window` begins with, and the length of its code.
    fn first(&self, window: u64) -> (u16, u32) {
        let short = self
            .short
            .get((window >> (u64::BITS - SHORT_BITS)) as usize);
        if let Some((symbol, length)) = short
            && *length > 0
        {
            return (*symbol, *length);
        }
        let lengths = (SHORT_BITS as usize + 1)..LENGTHS;
        for (length, limit) in lengths.clone().zip(self.limits.iter().skip(lengths.start)) {
            // The last codes are all ones: no number lies behind them.
            if window < *limit || length == LENGTHS - 1 {
                let code = (window >> (u64::BITS - length as u32)) as i64;
                let offset = self.offsets.get(length).copied().unwrap_or_default();
                let symbol = self.symbols.get((code + offset) as usize);
                return (symbol.copied().unwrap_or_default(), length as u32);
            }
        }
        unreachable!("the last length ends the loop")
    }
}

static CODE: Lazy<Code> = Lazy::new(|| {
    let mut code = Code {
        short: [(0, 0); 1 << SHORT_BITS],
        limits: [0; LENGTHS],
        offsets: [0; LENGTHS],
        symbols: [0; SYMBOLS],
    };
    let mut places = code.symbols.iter_mut();
    let (mut next, mut place) = (0_u64, 0_i64);
    for length in 1..LENGTHS as u32 {
        next <<= 1;
        if let Some(offset) = code.offsets.get_mut(length as usize) {
            *offset = place - next as i64;
        }
        let symbols = (0..)
            .zip(BITS)
            .filter(|(_, bits)| u32::from(*bits) == length);
        for (symbol, _) in symbols {
            places.by_ref().take(1).for_each(|place| *place = symbol);
            place += 1;
            if length <= SHORT_BITS {
                let spare = SHORT_BITS - length;
                let begins = (next << spare) as usize;
                let entries = code.short.iter_mut().skip(begins).take(1 << spare);
                entries.for_each(|entry| *entry = (symbol, length));
            }
            next += 1;
        }
        if let Some(limit) = code.limits.get_mut(length as usize) {
            *limit = next.checked_shl(u64::BITS - length).unwrap_or_default();
        }
    }
    code
});

const SHORT_BITS: u32 = 8;
/// One more than the longest.
const LENGTHS: usize = 31;
/// The bytes, and the end.
const SYMBOLS: usize = 257;

/// The length of each symbol's code, in bits.
#[rustfmt::skip]
const BITS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Option<String> {
        let mut to = Vec::new();
        decode(bytes, &mut to, 1_000)?;
        Some(to.into_iter().map(char::from).collect())
    }

    /// Encodes as Appendix B says, bit by bit.
    fn encoded(text: &[u8]) -> Vec<u8> {
        let mut bits = String::new();
        for byte in text {
            let symbol = u16::from(*byte);
            let place = CODE
                .symbols
                .iter()
                .position(|other| *other == symbol)
                .unwrap() as i64;
            let length = usize::from(BITS[usize::from(*byte)]);
            let code = place - CODE.offsets[length];
            bits += &format!("{code:0length$b}");
        }
        while !bits.len().is_multiple_of(8) {
            bits.push('1');
        }
        let bytes = bits.as_bytes().chunks(8);
        bytes
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect()
    }

    #[test]
    fn reads_the_examples_of_the_rfc() {
        // RFC 7541 C.4.1 and C.6.1.
        let www = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        assert_eq!(decoded(&www).as_deref(), Some("www.example.com"));
        assert_eq!(encoded(b"www.example.com"), www);
        assert_eq!(decoded(&[0x64, 0x02]).as_deref(), Some("302"));
        assert_eq!(decoded(&[]).as_deref(), Some(""));
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let mut to = Vec::new();
        decode(&encoded(&all), &mut to, 256).unwrap();
        assert_eq!(to, all);
        for byte in 0..=255 {
            let mut to = Vec::new();
            decode(&encoded(&[byte, byte]), &mut to, 2).unwrap();
            assert_eq!(to, [byte, byte]);
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        // The end itself, padding that is longer than a byte, and one that is not of ones.
        assert_eq!(decoded(&[0xff, 0xff, 0xff, 0xfc]), None);
        assert_eq!(decoded(&[0x64, 0x02, 0xff]), None);
        assert_eq!(
            decoded(&[
                0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xfe
            ]),
            None
        );
        assert_eq!(decode(&encoded(b"abc"), &mut Vec::new(), 2), None);
    }
}
