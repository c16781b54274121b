//! The bytes of a page, stored once for every path, site and generation that has them.
//!
//! A body is first held in codings that were made in a hurry, and later in the best ones: they take the
//! place of the others while it is on the air. So a request looks at its forms once.
//!
//! **Invariant:** the entity tag of a form is the hash of its very bytes: two forms with one tag are
//! one byte string, whatever the coding, the stage, the generation or the POP.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use arc_swap::{ArcSwap, Guard};
use bytes::Bytes;

use super::{Hash, Ledger};

/// A body in the forms it is held in.
#[derive(Debug)]
pub(crate) struct Packed {
    hash: Hash,
    forms: ArcSwap<Forms>,
    /// How often it was asked for while better forms were still to be made: who is asked for most
    /// comes first.
    requests: AtomicU32,
    ledger: Arc<Ledger>,
}

/// The forms of a [`Packed`] at one moment: the identity form first, then each coding that is smaller,
/// the smallest first. There is at least one.
#[derive(Debug)]
pub(crate) struct Forms {
    /// How much effort went into them.
    pub(crate) stage: Stage,
    /// Here and not behind a pointer, and all their bytes in one run: a large site has a hundred thousand.
    variants: [Option<Variant>; Coding::ALL.len()],
    /// The bytes of those that are held, one behind the other.
    held: Bytes,
}

/// How much effort went into the codings of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// None, since it gets no smaller, or nobody wants it smaller.
    Plain,
    /// Little, so that it could be on the air at once.
    Quick,
    /// All there is.
    Best,
    /// All there is, in the one coding that is held, since memory is short.
    Lean,
}

/// A body in one content coding, as it is known among [`Forms`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    /// Which coding.
    pub(crate) coding: Coding,
    /// Whether its bytes are there. If not, it is worked out from one of the others for the client who
    /// wants it.
    pub(crate) is_held: bool,
    /// How many bytes it has.
    pub(crate) length: u64,
    /// The strong entity tag of these very bytes.
    pub(crate) etag: ETag,
}

/// A body in one content coding, as [`Forms`] are made of it. A copy shares the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    /// Which coding.
    pub(crate) coding: Coding,
    /// The encoded bytes. None if they are not to be held.
    pub(crate) bytes: Option<Bytes>,
    /// How many they are.
    pub(crate) length: u64,
    /// The strong entity tag of these very bytes.
    pub(crate) etag: ETag,
}

/// A strong entity tag (RFC 9110 §8.8.3): 128 bits of a hash, which nobody hits by accident. As a
/// number it is a third of its text, and a large site has hundreds of thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ETag([u8; ETAG_BYTES]);

/// A content coding (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    /// Brotli, `br`.
    Brotli,
    /// `gzip`.
    Gzip,
    /// No coding at all.
    Identity,
    /// Zstandard, `zstd`.
    Zstd,
}

impl Packed {
    /// A body whose identity form has this hash; `ledger` counts it for as long as it lives.
    pub(crate) fn new(hash: Hash, forms: Forms, ledger: Arc<Ledger>) -> Self {
        ledger.add(&forms);
        Self {
            hash,
            forms: ArcSwap::from_pointee(forms),
            requests: AtomicU32::new(0),
            ledger,
        }
    }

    /// The hash of the identity form.
    pub(crate) fn hash(&self) -> Hash {
        self.hash
    }

    /// The forms as they are now. A request calls this once.
    pub(crate) fn forms(&self) -> Guard<Arc<Forms>> {
        self.forms.load()
    }

    /// Puts better forms into the place of what was there.
    pub(crate) fn improve(&self, forms: Forms) {
        self.ledger.add(&forms);
        self.ledger.take(&self.forms.swap(Arc::new(forms)));
    }

    /// Notes that a client wants it, which counts until the best forms are there.
    pub(crate) fn note_request(&self, stage: Stage) {
        if stage == Stage::Quick {
            self.requests.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often it was asked for before its best forms were there.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// About what one takes in memory beside the bytes of its forms.
    pub(crate) const OVERHEAD_BYTES: usize = size_of::<Self>() + size_of::<Forms>();

    /// What counts the bytes held.
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        self.ledger.take(&self.forms.load());
    }
}

impl Forms {
    /// These forms, the identity form first.
    pub(crate) fn of(stage: Stage, encoded: &[Encoded]) -> Self {
        let mut variants = [None; Coding::ALL.len()];
        for (place, one) in variants.iter_mut().zip(encoded) {
            *place = Some(Variant {
                coding: one.coding,
                is_held: one.bytes.is_some(),
                length: one.length,
                etag: one.etag,
            });
        }
        let held: Vec<_> = encoded.iter().filter_map(|one| one.bytes.clone()).collect();
        let held = match held.as_slice() {
            [only] => only.clone(),
            several => several.concat().into(),
        };
        Self {
            stage,
            variants,
            held,
        }
    }

    /// Each of them.
    pub(crate) fn variants(&self) -> impl Iterator<Item = &Variant> + Clone {
        self.variants.iter().flatten()
    }

    /// The form in this coding.
    pub(crate) fn in_coding(&self, coding: Coding) -> Option<&Variant> {
        self.variants().find(|v| v.coding == coding)
    }

    /// The bytes of the form in this coding, if they are held.
    pub(crate) fn bytes(&self, coding: Coding) -> Option<Bytes> {
        let mut begins = 0;
        for variant in self.variants().filter(|variant| variant.is_held) {
            let end = begins + variant.length as usize;
            if variant.coding == coding {
                return Some(self.held.slice(begins..end));
            }
            begins = end;
        }
        None
    }

    /// What others can be made of.
    pub(crate) fn encoded(&self) -> Vec<Encoded> {
        let encoded = self.variants().map(|variant| Encoded {
            coding: variant.coding,
            bytes: self.bytes(variant.coding),
            length: variant.length,
            etag: variant.etag,
        });
        encoded.collect()
    }
}

impl Stage {
    /// Each of them.
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Quick, Self::Best, Self::Lean];

    /// Its word in metrics.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Quick => "quick",
            Self::Best => "best",
            Self::Lean => "lean",
        }
    }
}

impl Encoded {
    /// A form that is held, `hash` being that of `bytes`.
    pub(crate) fn held(coding: Coding, bytes: Bytes, hash: &Hash) -> Self {
        Self {
            coding,
            length: bytes.len() as u64,
            bytes: Some(bytes),
            etag: ETag::of(hash),
        }
    }
}

impl ETag {
    /// The tag of the bytes that have this hash.
    pub(crate) fn of(hash: &Hash) -> Self {
        let (start, _) = hash
            .as_bytes()
            .split_first_chunk()
            .expect("a hash is longer than a tag");
        Self(*start)
    }

    /// The tag that [`Self::as_bytes`] gave.
    pub(crate) const fn from_bytes(bytes: [u8; ETAG_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bits.
    pub(crate) fn as_bytes(&self) -> &[u8; ETAG_BYTES] {
        &self.0
    }
}

impl ETag {
    /// With its quotes, as it stands in a field.
    pub(crate) fn text(&self) -> [u8; Self::TEXT_BYTES] {
        let mut text = [b'"'; Self::TEXT_BYTES];
        let digits = text.iter_mut().skip(1);
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        for (digit, nibble) in digits.zip(nibbles) {
            *digit = match nibble {
                0..=9 => b'0' + nibble,
                _ => b'a' + nibble - 10,
            };
        }
        text
    }

    const TEXT_BYTES: usize = 2 * ETAG_BYTES + 2;
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl Coding {
    /// Each of them.
    pub(crate) const ALL: [Self; 4] = [Self::Brotli, Self::Gzip, Self::Identity, Self::Zstd];

    /// Its token in `Accept-Encoding` and `Content-Encoding`.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
            Self::Zstd => "zstd",
        }
    }
}

/// 128 bits.
pub(crate) const ETAG_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(stage: Stage, held: &[(Coding, usize)]) -> Forms {
        let variants = held.iter().map(|(coding, bytes)| {
            let bytes = Bytes::from(vec![b'x'; *bytes]);
            let hash = Hash::of(&bytes);
            Encoded::held(*coding, bytes, &hash)
        });
        Forms::of(stage, &variants.collect::<Vec<_>>())
    }

    #[test]
    fn a_tag_is_the_start_of_the_hash() {
        let hash = Hash::of(b"body");
        let text = ETag::of(&hash).to_string();
        assert_eq!(text, format!("\"{}\"", hash.hex(32)));
        let tag = ETag::from_bytes(*ETag::of(&hash).as_bytes());
        assert_eq!(tag, ETag::of(&hash));
    }

    #[test]
    fn a_reader_keeps_the_forms_it_loaded_and_the_ledger_follows() {
        use Coding::{Brotli, Identity};
        let ledger = Arc::new(Ledger::default());
        let quick = forms(Stage::Quick, &[(Identity, 100), (Brotli, 50)]);
        let body = Packed::new(Hash::of(b"a"), quick, Arc::clone(&ledger));
        let before = body.forms();
        body.note_request(before.stage);
        body.improve(forms(Stage::Best, &[(Identity, 100), (Brotli, 30)]));
        body.note_request(body.forms().stage);
        assert_eq!(body.requests(), 1, "only what can still get better counts");
        assert_eq!(before.in_coding(Brotli).unwrap().length, 50);
        assert_eq!(body.forms().in_coding(Brotli).unwrap().length, 30);
        let held = || [ledger.held(Identity), ledger.held(Brotli)];
        assert_eq!(held(), [100, 30]);
        assert_eq!(ledger.bodies(Stage::Quick), 0);
        assert_eq!(ledger.bodies(Stage::Best), 1);
        drop(before);
        drop(body);
        assert_eq!(held(), [0, 0]);
        assert_eq!(ledger.bodies(Stage::Best), 0);
    }
}
