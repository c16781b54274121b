//! A body in each content coding. Which bodies are worth it, and how hard to try.

use std::{fmt, io};

use bytes::{Bytes, BytesMut};

use crate::site::{Coding, ETag, Encoded, Hash};

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

/// How hard the encoders try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// A few tenths of a millisecond a page: somebody waits.
    Quick,
    /// All that each coding can give: nobody waits.
    Best,
}

/// The encoders with their tables, to be used for many bodies one after the other.
pub(super) struct Encoders {
    effort: Effort,
    gzip: libdeflater::Compressor,
    zstd: zstd::bulk::Compressor<'static>,
    /// What they write to. What stays is a copy of the right length: it has no slack.
    room: Vec<u8>,
    shelf: Shelf,
}

impl fmt::Debug for Encoders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoders").finish_non_exhaustive()
    }
}

impl Encoders {
    pub(super) fn new(effort: Effort) -> Self {
        let (zstd_level, gzip_level) = match effort {
            Effort::Quick => (ZSTD_LEVEL_QUICK, GZIP_LEVEL_QUICK),
            Effort::Best => (ZSTD_LEVEL_BEST, GZIP_LEVEL_BEST),
        };
        let gzip_level = libdeflater::CompressionLvl::new(gzip_level);
        Self {
            effort,
            gzip: libdeflater::Compressor::new(gzip_level.expect("libdeflate has the level")),
            zstd: zstd::bulk::Compressor::new(zstd_level).expect("zstd has the level"),
            room: Vec::new(),
            shelf: Shelf::default(),
        }
    }

    /// `body` in each coding of those to be `made` that makes it smaller, the smallest first. Of codings that
    /// are not among `held` is known what they would be; one is held if there is any.
    pub(super) fn variants(
        &mut self,
        body: &[u8],
        made: &[Coding],
        held: &[Coding],
    ) -> Vec<Encoded> {
        let mut variants: Vec<Encoded> = Vec::with_capacity(made.len());
        for coding in made {
            let coding = *coding;
            let length = self.encode(coding, body).len();
            let encoded = self.room.get(..length).unwrap_or_default();
            if encoded.len() < body.len() {
                let holds = held.contains(&coding);
                variants.push(Encoded {
                    coding,
                    bytes: holds.then(|| match self.effort {
                        Effort::Quick => self.shelf.copy(encoded),
                        Effort::Best => Bytes::copy_from_slice(encoded),
                    }),
                    length: encoded.len() as u64,
                    etag: ETag::of(&Hash::of(encoded)),
                });
            }
        }
        variants.sort_by_key(|variant| variant.length);
        let none = variants.iter().all(|variant| variant.bytes.is_none());
        if let (true, Some(first)) = (none, variants.first_mut()) {
            first.bytes = Some(Bytes::copy_from_slice(self.encode(first.coding, body)));
        }
        variants
    }

    /// `body` in this coding, if that makes it smaller.
    pub(super) fn variant(&mut self, coding: Coding, body: &[u8]) -> Option<Encoded> {
        let encoded = self.encode(coding, body);
        let smaller = encoded.len() < body.len();
        smaller.then(|| Encoded::held(coding, Bytes::copy_from_slice(encoded), &Hash::of(encoded)))
    }

    /// `body` in this coding, until the next one.
    pub(super) fn encode(&mut self, coding: Coding, body: &[u8]) -> &[u8] {
        let room = body.len() * 2 + ROOM_BYTES_MIN;
        if self.room.len() < room {
            self.room.resize(room, 0);
        }
        let length = self.write(coding, body);
        self.room.get(..length).unwrap_or_default()
    }

    /// Writes `body` to the room. Returns how many bytes that were.
    fn write(&mut self, coding: Coding, body: &[u8]) -> usize {
        let room = &mut self.room[..];
        match (coding, self.effort) {
            (Coding::Brotli, Effort::Quick) => brotli_quick(body, room),
            (Coding::Brotli, Effort::Best) => brotli_best(body, room),
            (Coding::Zstd, _) => {
                let written = self.zstd.compress_to_buffer(body, room);
                written.expect("there is more room than zstd asks for")
            }
            (Coding::Gzip, _) => {
                let written = self.gzip.gzip_compress(body, room);
                written.expect("there is more room than libdeflate asks for")
            }
            (Coding::Identity, _) => {
                room.iter_mut().zip(body).for_each(|(to, from)| *to = *from);
                body.len()
            }
        }
    }
}

/// Where what stays lies close together: a hundred thousand bodies that each have a place of their own take a fifth
/// more, for what their places are too long and for the holes between them. They leave within minutes, when their
/// best codings are there.
#[derive(Default)]
struct Shelf {
    free: BytesMut,
    /// How long the last board was. A single body takes no more than it needs, the many of a first publish
    /// share long ones.
    board_bytes: usize,
}

impl Shelf {
    fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if self.free.capacity() < bytes.len() {
            let longer = (self.board_bytes * 2).min(BOARD_BYTES_MAX);
            self.board_bytes = longer.max(bytes.len());
            self.free = BytesMut::with_capacity(self.board_bytes);
        }
        self.free.extend_from_slice(bytes);
        self.free.split().freeze()
    }
}

/// All at once, from where it is to where it goes: what goes through the buffers of a reader and a writer
/// takes a fifth longer.
fn brotli_quick(body: &[u8], room: &mut [u8]) -> usize {
    use brotli::enc::encode::{
        BrotliEncoderOperation::BROTLI_OPERATION_FINISH, BrotliEncoderStateStruct,
    };
    let mut encoder = BrotliEncoderStateStruct::new(brotli::enc::StandardAlloc::default());
    encoder.params = brotli_params(body.len(), BROTLI_QUALITY_QUICK);
    let (mut unread, mut read) = (body.len(), 0);
    let (mut free, mut written) = (room.len(), 0);
    let done = encoder.compress_stream(
        BROTLI_OPERATION_FINISH,
        &mut unread,
        body,
        &mut read,
        &mut free,
        room,
        &mut written,
        &mut None,
        &mut |_, _, _, _| (),
    );
    assert!(
        done && encoder.is_finished(),
        "there is more room than brotli asks for"
    );
    written
}

fn brotli_best(body: &[u8], room: &mut [u8]) -> usize {
    let length = room.len();
    // Room for all of it at once, up to a bound: what comes in pieces is copied once more for each.
    let buffer = vec![0; body.len().clamp(1, BROTLI_BUFFER_BYTES_MAX)];
    let (mut input, mut output) = (buffer.clone(), buffer);
    let mut rest = room;
    brotli::enc::BrotliCompressCustomAlloc(
        &mut &body[..],
        &mut rest,
        &mut input,
        &mut output,
        &brotli_params(body.len(), BROTLI_QUALITY_BEST),
        brotli::enc::StandardAlloc::default(),
    )
    .expect("reading a slice and writing to a longer one do not fail");
    length - rest.len()
}

fn brotli_params(bytes: usize, quality: i32) -> brotli::enc::BrotliEncoderParams {
    brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: brotli_window_bits(bytes),
        size_hint: bytes,
        ..Default::default()
    }
}

/// What the quick encoder of this coding makes of `body`, whenever it is asked.
pub(super) fn quick(coding: Coding, body: &[u8]) -> Vec<u8> {
    Encoders::new(Effort::Quick).encode(coding, body).to_vec()
}

/// The body of which `encoded` is a coding, `length` bytes long; None if it is something else.
pub(super) fn decoded(coding: Coding, encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    let decoded = match coding {
        Coding::Identity => encoded.to_vec(),
        Coding::Zstd => zstd::bulk::decompress(encoded, length).ok()?,
        Coding::Gzip => {
            let mut out = vec![0; length];
            let mut decompressor = libdeflater::Decompressor::new();
            let written = decompressor.gzip_decompress(encoded, &mut out).ok()?;
            out.truncate(written);
            out
        }
        Coding::Brotli => {
            let mut out = Vec::with_capacity(length);
            let mut reader = brotli::Decompressor::new(encoded, BROTLI_BUFFER_BYTES);
            let most = length as u64 + 1;
            io::Read::read_to_end(&mut io::Read::take(&mut reader, most), &mut out).ok()?;
            out
        }
    };
    (decoded.len() == length).then_some(decoded)
}

/// The smallest window that holds a body of this length: a larger one is allocated in vain.
fn brotli_window_bits(bytes: usize) -> i32 {
    let bits = usize::BITS - (bytes + BROTLI_WINDOW_GAP_BYTES).leading_zeros();
    (bits as i32).clamp(BROTLI_WINDOW_BITS_MIN, BROTLI_WINDOW_BITS_MAX)
}

/// What bodies are encoded in.
pub(super) const ENCODED: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

/// Names the encoders and their levels, best and quick: what one of another name made is not what this one
/// would make. It changes with any of them.
pub(super) const ENCODERS: &str = "brotli 9.1 q11 q0, zstd 1.5.7 l19 l1, libdeflate 1.26 l12 l1";

/// Below this a body fits into its packet anyway, and the coding's own frame eats the gain.
const BODY_BYTES_MIN: usize = 200;

// Measured on 1,146 pages of a made site (9.3 KB on average), CPU time a page in release and size against
// identity: brotli 0 0.07 ms 37.1 %, 2 0.12 ms 34.2 %, 4 0.21 ms 32.6 %, 5 0.27 ms 31.3 %, 11 12.8 ms
// 27.3 %; zstd 1 0.03 ms 34.6 %, 3 0.04 ms 33.7 %, 6 0.12 ms 32.7 %, 19 2.1 ms 31.8 %; gzip by
// libdeflate 1 0.04 ms 34.3 %, 2 0.06 ms 34.2 %, 6 0.12 ms 33.0 %, 12 1.4 ms 32.0 %, by zlib 2
// 0.08 ms 34.9 %. Quick costs 0.13 ms for the three together, best 16 ms. Brotli is left at 0 when it must be
// quick: at 2 it takes half of all the time and gets no smaller than gzip, which whoever takes brotli takes
// too.
const BROTLI_QUALITY_QUICK: i32 = 0;
const BROTLI_QUALITY_BEST: i32 = 11;
const ZSTD_LEVEL_QUICK: i32 = 1;
const ZSTD_LEVEL_BEST: i32 = 19;
const GZIP_LEVEL_QUICK: i32 = 1;
const GZIP_LEVEL_BEST: i32 = 12;

/// What an encoder may ask for beside twice the length of a body. With that much, brotli's quick one writes
/// to where it goes.
const ROOM_BYTES_MIN: usize = 1 << 10;

/// What some sixty pages take in one coding.
const BOARD_BYTES_MAX: usize = 256 << 10;

/// What the best brotli encoder is given to read and to write at a time.
const BROTLI_BUFFER_BYTES_MAX: usize = 256 << 10;
/// What its decoder reads at a time.
const BROTLI_BUFFER_BYTES: usize = 4 << 10;

/// RFC 7932 §9.1: the window is this much smaller than a power of two.
const BROTLI_WINDOW_GAP_BYTES: usize = 16;
/// At 16 and below the encoder takes another kind of hash table, which is 17 times as slow.
const BROTLI_WINDOW_BITS_MIN: i32 = 17;
const BROTLI_WINDOW_BITS_MAX: i32 = 22;

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
    use super::*;

    #[test]
    fn every_coding_gives_the_body_back() {
        let body: Vec<u8> = (0..3000u32)
            .flat_map(|n| format!("{n} ").into_bytes())
            .collect();
        let twice = |effort| {
            let mut encoders = Encoders::new(effort);
            [(); 2].map(|()| encoders.variants(&body, &ENCODED, &ENCODED))
        };
        let all = [twice(Effort::Quick), twice(Effort::Best)].concat();
        for variant in all.iter().flatten() {
            let (coding, bytes) = (variant.coding, variant.bytes.as_ref().unwrap());
            let decoded = |length| decoded(coding, bytes, length);
            assert_eq!(decoded(body.len()).unwrap(), body, "{coding:?}");
            for wrong in [body.len() - 1, body.len() + 1] {
                assert_eq!(decoded(wrong), None, "{coding:?}");
            }
            let hash = Hash::of(bytes).hex(32);
            assert_eq!(variant.etag.to_string(), format!("\"{hash}\""));
        }
        let size = |variants: &Vec<Encoded>| variants.iter().map(|v| v.length).sum::<u64>();
        let sizes: Vec<_> = all.iter().map(size).collect();
        assert!(all.iter().all(|variants| variants.len() == 3));
        assert!(sizes[0] == sizes[1] && sizes[1] > sizes[2] && sizes[2] == sizes[3]);
    }

    #[test]
    fn what_is_not_held_is_what_it_would_be() {
        let mut encoders = Encoders::new(Effort::Quick);
        for paragraphs in [20, 2_000, 200] {
            let body: String = (0..paragraphs)
                .map(|n| format!("<p>{}</p>", n * n))
                .collect();
            let all = encoders.variants(body.as_bytes(), &ENCODED, &ENCODED);
            let one = encoders.variants(body.as_bytes(), &ENCODED, &[Coding::Zstd]);
            for (one, all) in one.iter().zip(&all) {
                assert_eq!((one.coding, one.etag), (all.coding, all.etag));
                assert_eq!(one.bytes.is_some(), one.coding == Coding::Zstd);
                let again = quick(one.coding, body.as_bytes());
                assert_eq!(&again, all.bytes.as_ref().unwrap(), "{:?}", one.coding);
            }
            let some = encoders.variants(body.as_bytes(), &ENCODED, &[]);
            let held = some.iter().map(|variant| variant.bytes.is_some());
            assert_eq!(held.collect::<Vec<_>>(), [true, false, false]);
        }
    }

    #[test]
    fn noise_is_left_alone() {
        let noise: Vec<u8> = (0..64u8).flat_map(|n| *Hash::of(&[n]).as_bytes()).collect();
        assert!(
            Encoders::new(Effort::Quick)
                .variants(&noise, &ENCODED, &ENCODED)
                .is_empty()
        );
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
