//! A body in each content coding. Which bodies are worth it, and how hard to try.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};

use crate::site::{Coding, Hash, Variant};

/// Whether a body of this media type and length gets any smaller by being encoded.
pub(super) fn is_worthwhile(media_type: &str, bytes: usize) -> bool {
    if bytes < BODY_BYTES_MIN {
        return false;
    }
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
    match kind {
        "text" => true,
        "application" | "image" | "font" | "model" => {
            subtype.ends_with("+xml")
                || subtype.ends_with("+json")
                || COMPRESSIBLE.contains(&subtype)
        }
        _ => false,
    }
}

/// The encoders with their tables, to be used for many bodies one after the other.
pub(super) struct Encoders {
    gzip: Compress,
    zstd: zstd::bulk::Compressor<'static>,
}

impl Encoders {
    pub(super) fn new() -> Self {
        Self {
            gzip: Compress::new_gzip(Compression::new(GZIP_LEVEL), GZIP_WINDOW_BITS),
            zstd: zstd::bulk::Compressor::new(ZSTD_LEVEL).expect("the level is one that zstd has"),
        }
    }

    /// `body` in each coding that makes it smaller, the smallest first.
    pub(super) fn variants(&mut self, body: &[u8]) -> Vec<Variant> {
        let encoded = [
            (Coding::Brotli, brotli(body)),
            (Coding::Zstd, self.zstd(body)),
            (Coding::Gzip, self.gzip(body)),
        ];
        let mut variants: Vec<Variant> = encoded
            .into_iter()
            .filter(|(_, bytes)| bytes.len() < body.len())
            .map(|(coding, bytes)| {
                let hash = Hash::of(&bytes);
                // A copy of the right length: what stays for the life of a snapshot has no slack.
                super::variant(coding, Bytes::from(bytes.into_boxed_slice()), hash)
            })
            .collect();
        variants.sort_by_key(|variant| variant.bytes.len());
        variants
    }

    fn zstd(&mut self, body: &[u8]) -> Vec<u8> {
        self.zstd
            .compress(body)
            .expect("the buffer is as large as zstd asks for")
    }

    fn gzip(&mut self, body: &[u8]) -> Vec<u8> {
        self.gzip.reset();
        // A body that does not fit into its own length is thrown away by the caller.
        let mut out = Vec::with_capacity(body.len() + GZIP_FRAME_BYTES);
        self.gzip
            .compress_vec(body, &mut out, FlushCompress::Finish)
            .expect("the stream was just reset");
        out
    }
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: brotli_window_bits(body.len()),
        size_hint: body.len(),
        ..Default::default()
    };
    let mut out = Vec::with_capacity(body.len() / 2);
    brotli::BrotliCompress(&mut &body[..], &mut out, &params)
        .expect("reading a slice and writing to a vector do not fail");
    out
}

/// The smallest window that holds a body of this length: a larger one is allocated in vain.
fn brotli_window_bits(bytes: usize) -> i32 {
    let bits = usize::BITS - (bytes + BROTLI_WINDOW_GAP_BYTES).leading_zeros();
    (bits as i32).clamp(BROTLI_WINDOW_BITS_MIN, BROTLI_WINDOW_BITS_MAX)
}

/// Below this a body fits into its packet anyway, and the coding's own frame eats the gain.
const BODY_BYTES_MIN: usize = 200;

// Measured on 520 pages of real sites (10 KB on average), CPU time for 10 KB in release and size
// against identity: brotli 4 0.19 ms 26.5 %, 5 0.22 ms 24.2 %, 6 0.27 ms 24.1 %; zstd 3 0.03 ms
// 28.7 %, 6 0.09 ms 27.4 %, gzip 4 0.08 ms 27.7 %, 6 0.09 ms 27.4 %. Brotli is what
// nearly every visitor takes, so the effort goes there; the three together cost 0.33 ms.
const BROTLI_QUALITY: i32 = 5;
const ZSTD_LEVEL: i32 = 3;
const GZIP_LEVEL: u32 = 4;

/// RFC 7932 §9.1: the window is this much smaller than a power of two.
const BROTLI_WINDOW_GAP_BYTES: usize = 16;
/// At 16 and below the encoder takes another kind of hash table, which is 17 times as slow.
const BROTLI_WINDOW_BITS_MIN: i32 = 17;
const BROTLI_WINDOW_BITS_MAX: i32 = 22;

/// The whole window of RFC 1951.
const GZIP_WINDOW_BITS: u8 = 15;
/// RFC 1952's header and trailer.
const GZIP_FRAME_BYTES: usize = 18;

/// Subtypes beside `text/*`, `*+xml` and `*+json` whose bodies are not compressed by themselves.
const COMPRESSIBLE: &[&str] = &[
    "bmp",
    "collection",
    "javascript",
    "json",
    "manifest",
    "ms-fontobject",
    "otf",
    "rtf",
    "sfnt",
    "sql",
    "toml",
    "ttf",
    "vnd.microsoft.icon",
    "vnd.ms-fontobject",
    "wasm",
    "x-icon",
    "x-javascript",
    "x-font-ttf",
    "x-sh",
    "xml",
    "yaml",
];

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn every_coding_gives_the_body_back() {
        let body: Vec<u8> = (0..3000u32)
            .flat_map(|n| format!("{n} ").into_bytes())
            .collect();
        let mut encoders = Encoders::new();
        for _ in 0..2 {
            let variants = encoders.variants(&body);
            assert_eq!(variants.len(), 3);
            for variant in variants {
                assert_eq!(decode(&variant), body, "{:?}", variant.coding);
            }
        }
    }

    fn decode(variant: &Variant) -> Vec<u8> {
        let mut out = Vec::new();
        match variant.coding {
            Coding::Brotli => {
                brotli::BrotliDecompress(&mut &variant.bytes[..], &mut out).unwrap();
            }
            Coding::Zstd => out = zstd::bulk::decompress(&variant.bytes, 1 << 20).unwrap(),
            Coding::Gzip => {
                let mut reader = flate2::read::GzDecoder::new(&variant.bytes[..]);
                reader.read_to_end(&mut out).unwrap();
            }
            Coding::Identity => panic!("identity is not encoded"),
        }
        out
    }

    #[test]
    fn noise_is_left_alone() {
        let noise: Vec<u8> = (0..64u8).flat_map(|n| *Hash::of(&[n]).as_bytes()).collect();
        assert!(Encoders::new().variants(&noise).is_empty());
    }

    #[test]
    fn knows_what_is_compressed_already() {
        for (media_type, expected) in [
            ("text/html; charset=utf-8", true),
            ("text/css", true),
            ("application/atom+xml; charset=utf-8", true),
            ("image/svg+xml", true),
            ("application/json", true),
            ("application/wasm", true),
            ("font/ttf", true),
            ("font/woff2", false),
            ("image/png", false),
            ("application/zip", false),
            ("video/mp4", false),
            ("application/octet-stream", false),
            ("", false),
        ] {
            assert_eq!(is_worthwhile(media_type, 1000), expected, "{media_type}");
        }
        assert!(!is_worthwhile("text/html", BODY_BYTES_MIN - 1));
    }

    #[test]
    fn the_window_holds_the_body() {
        for (bytes, bits) in [
            (0, 17),
            (131_055, 17),
            (131_056, 18),
            (1 << 20, 21),
            (1 << 30, 22),
        ] {
            assert_eq!(brotli_window_bits(bytes), bits, "{bytes}");
        }
    }
}
