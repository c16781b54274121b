//! The best codings of a body as one entry of the cache, so that a restart does not make them again.

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes};

use super::coding::ENCODERS;
use crate::{
    cache::Cache,
    site::{Coding, ETAG_BYTES, ETag, Encoded, Hash},
};

/// The best codings of bodies, in a cache. A copy shares it.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    cache: Arc<Cache>,
}

impl Kept {
    pub(super) fn new(cache: Arc<Cache>) -> Self {
        Self { cache }
    }

    /// The best codings of the body whose identity form has this hash.
    pub(super) fn find(&self, body: &Hash) -> Option<Vec<Encoded>> {
        read(self.cache.find(&key(body))?)
    }

    /// Keeps the best codings of a body.
    pub(super) fn keep(&self, body: &Hash, encoded: &[Encoded]) {
        self.cache.keep(&key(body), &write(encoded));
    }
}

/// One entry for all codings of a body: three times as soon found as three.
fn key(body: &Hash) -> Hash {
    Hash::of_fields([b"codings", ENCODERS.as_bytes(), body.as_bytes()])
}

/// For each variant its coding, its tag, the length of its bytes; then the bytes, if they are held. The tag
/// is here since the cache vouches for the entry, and hashing costs as much as finding it.
fn write(variants: &[Encoded]) -> Vec<u8> {
    let mut entry = Vec::new();
    entry.put_u8(u8::try_from(variants.len()).expect("there are few codings"));
    for variant in variants {
        let bytes = variant.bytes.as_deref();
        let coding = Coding::ALL.iter().position(|one| *one == variant.coding);
        let coding = coding.and_then(|place| u8::try_from(place).ok());
        let absent = if bytes.is_some() { 0 } else { ABSENT };
        entry.put_u8(absent | coding.expect("each coding is one of a few"));
        entry.put_slice(variant.etag.as_bytes());
        entry.put_u64_le(variant.length);
        entry.put_slice(bytes.unwrap_or_default());
    }
    entry
}

/// None if the entry is not as [`write()`] makes them.
fn read(mut entry: Bytes) -> Option<Vec<Encoded>> {
    let count = entry.try_get_u8().ok()?;
    let mut variants = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let coding = entry.try_get_u8().ok()?;
        let (absent, coding) = (coding & ABSENT != 0, usize::from(coding & !ABSENT));
        let mut etag = [0; ETAG_BYTES];
        entry.try_copy_to_slice(&mut etag).ok()?;
        let length = entry.try_get_u64_le().ok()?;
        let end = usize::try_from(length).ok()?;
        if !absent && end > entry.len() {
            return None;
        }
        variants.push(Encoded {
            coding: *Coding::ALL.get(coding)?,
            // All of an entry's variants share its one run of bytes.
            bytes: (!absent).then(|| entry.split_to(end)),
            length,
            etag: ETag::from_bytes(etag),
        });
    }
    entry.is_empty().then_some(variants)
}

/// Beside the coding of a form whose bytes are not held, and not here either.
const ABSENT: u8 = 1 << 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written_or_not_at_all() {
        for lengths in [vec![], vec![3], vec![0, 5, 70_000]] {
            let variants: Vec<_> = lengths
                .iter()
                .zip([Coding::Brotli, Coding::Zstd, Coding::Gzip])
                .map(|(length, coding)| {
                    let bytes = Bytes::from(vec![b'x'; *length]);
                    let hash = Hash::of(&bytes);
                    Encoded::held(coding, bytes, &hash)
                })
                .collect();
            let entry = write(&variants);
            let again = read(Bytes::from(entry.clone())).unwrap();
            assert_eq!(again.len(), variants.len());
            for (one, other) in variants.iter().zip(&again) {
                assert_eq!((one.coding, one.etag), (other.coding, other.etag));
                assert_eq!((one.length, &one.bytes), (other.length, &other.bytes));
            }
            for end in 0..entry.len().min(100) {
                assert!(read(Bytes::copy_from_slice(&entry[..end])).is_none());
            }
            let longer = [&entry[..], b"x"].concat();
            assert!(read(Bytes::from(longer)).is_none());
        }
    }
}
