//! Which coding a client gets (RFC 9110 §12.5.3).

use std::cmp::Reverse;

use crate::site::{Coding, Variant};

/// Chooses among the forms of one body by what `Accept-Encoding` says: the highest weight wins, of equal
/// ones a coding that is held, and of those the shortest. None: the client will have none of them.
///
/// Without the field a client would take anything; it gets the identity form, since nearly all that
/// send none cannot decode.
pub(super) fn choose<'v>(
    mut variants: impl Iterator<Item = &'v Variant>,
    accept: Option<&str>,
) -> Option<&'v Variant> {
    let Some(accept) = accept else {
        return variants.find(|v| v.coding == Coding::Identity);
    };
    let weights = Weights::of(accept);
    variants
        .map(|variant| (weights.of_coding(variant.coding), variant))
        .filter(|(weight, _)| *weight > 0)
        .max_by_key(|(weight, variant)| (*weight, ease(variant), Reverse(variant.length)))
        .map(|(_, variant)| variant)
}

/// A coding that is at hand before one that is worked out, and even that before the identity form, which
/// is several times as long.
fn ease(variant: &Variant) -> u8 {
    match (variant.coding, variant.is_held) {
        (Coding::Identity, _) => 0,
        (_, false) => 1,
        (_, true) => 2,
    }
}

/// The weights a client gives to codings, in hundredths of a thousandth; 0 forbids one.
#[derive(Default)]
struct Weights {
    /// As it names them, in the order of [`Coding::ALL`].
    named: [Option<u32>; Coding::ALL.len()],
    /// To all others.
    wildcard: Option<u32>,
}

impl Weights {
    /// What `accept` says; of two weights for one coding the first counts.
    fn of(accept: &str) -> Self {
        let mut weights = Self::default();
        for (token, weight) in accept.split(',').filter_map(element) {
            let named = Coding::ALL.iter().zip(&mut weights.named);
            let named = named.filter(|(coding, _)| is_token_of(**coding, token));
            named.for_each(|(_, place)| *place = place.or(Some(weight)));
            if token == "*" {
                weights.wildcard = weights.wildcard.or(Some(weight));
            }
        }
        weights
    }

    fn of_coding(&self, coding: Coding) -> u32 {
        let mut named = Coding::ALL.iter().zip(&self.named);
        let named = named.find(|(one, _)| **one == coding);
        match (named.and_then(|(_, weight)| *weight), self.wildcard) {
            (Some(weight), _) | (None, Some(weight)) => weight,
            // Identity is always acceptable unless it is excluded, but nobody has asked for it.
            (None, None) if coding == Coding::Identity => 1,
            (None, None) => 0,
        }
    }
}

/// One `coding;q=weight`; None for what cannot be read, which is passed over.
fn element(element: &str) -> Option<(&str, u32)> {
    let mut parts = element.split(';').map(str::trim);
    let token = parts.next().filter(|token| !token.is_empty())?;
    let Some(parameter) = parts.next() else {
        return Some((token, WEIGHT_UNIT));
    };
    let (name, value) = parameter.split_once('=')?;
    name.trim_end().eq_ignore_ascii_case("q").then_some(())?;
    Some((token, quality(value.trim_start())?))
}

/// RFC 9110 §12.4.2: `0`, `1`, and at most three digits after the point.
fn quality(value: &str) -> Option<u32> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths: u32 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths * (WEIGHT_UNIT / 1000)),
        ("1", 0) => Some(WEIGHT_UNIT),
        _ => None,
    }
}

fn is_token_of(coding: Coding, token: &str) -> bool {
    let is = |name: &str| token.eq_ignore_ascii_case(name);
    // RFC 9110 §8.4.1.3: x-gzip is gzip.
    is(coding.token()) || (coding == Coding::Gzip && is("x-gzip"))
}

/// The weight 1, leaving room below the lowest that can be written (0.001) for what is merely not
/// excluded.
const WEIGHT_UNIT: u32 = 100_000;

/// Chooses among all forms for `accept`. What is refused in so many words is not chosen.
#[cfg(fuzzing)]
pub(crate) fn fuzz(accept: &str) {
    let variants = Coding::ALL.map(|coding| Variant {
        coding,
        is_held: true,
        length: 10,
        etag: crate::site::ETag::of(&crate::site::Hash::of(b"")),
    });
    if let Some(chosen) = choose(variants.iter(), Some(accept)) {
        assert!(Weights::of(accept).of_coding(chosen.coding) > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{ETag, Hash};

    fn variants() -> Vec<Variant> {
        let variant = |coding, length| Variant {
            coding,
            is_held: true,
            length,
            etag: ETag::of(&Hash::of(b"")),
        };
        vec![
            variant(Coding::Identity, 100),
            variant(Coding::Brotli, 10),
            variant(Coding::Zstd, 20),
            variant(Coding::Gzip, 30),
        ]
    }

    #[test]
    fn chooses_as_rfc_9110_says() {
        for (accept, expected) in [
            (None, Some("identity")),
            (Some(""), Some("identity")),
            (Some("br"), Some("br")),
            (Some("gzip, deflate, br, zstd"), Some("br")),
            (Some("gzip, zstd"), Some("zstd")),
            (Some("gzip;q=1.0, br;q=0.5"), Some("gzip")),
            (Some("gzip;q=0.5"), Some("gzip")),
            (Some("gzip;q=0.001"), Some("gzip")),
            (Some("gzip;q=0.5, identity"), Some("identity")),
            (Some("gzip;q=0.5, identity;q=0.4"), Some("gzip")),
            (Some("deflate"), Some("identity")),
            (Some("*"), Some("br")),
            (Some("*;q=0.5, gzip"), Some("gzip")),
            (Some("br;q=0, *"), Some("zstd")),
            (Some("gzip;q=0"), Some("identity")),
            (Some("identity;q=0, br"), Some("br")),
            (Some("identity;q=0"), None),
            (Some("*;q=0"), None),
            (Some("*;q=0, identity"), Some("identity")),
            (Some("*;q=0, gzip"), Some("gzip")),
            (Some("GZIP"), Some("gzip")),
            (Some("x-gzip"), Some("gzip")),
            (Some("br ; q=0.1 , gzip ; Q=0.2"), Some("gzip")),
            (Some("br;q=2, gzip"), Some("gzip")),
            (Some("br;q=0.1234, gzip;q=0.1"), Some("gzip")),
            (Some("br;q=x, gzip;q=.5"), Some("identity")),
            (Some("br;q=, ;;,, gzip;q=0.3"), Some("gzip")),
            (Some("br;level=4, gzip"), Some("gzip")),
        ] {
            let variants = variants();
            let chosen = choose(variants.iter(), accept).map(|v| v.coding.token());
            assert_eq!(chosen, expected, "{accept:?}");
        }
    }

    #[test]
    fn what_is_held_goes_before_what_is_worked_out() {
        let mut variants = variants();
        for variant in &mut variants {
            if matches!(variant.coding, Coding::Brotli | Coding::Gzip) {
                variant.is_held = false;
            }
        }
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip, deflate, br", "br"),
            ("gzip, identity", "gzip"),
            ("identity", "identity"),
            ("br, zstd;q=0.9", "br"),
        ] {
            let chosen = choose(variants.iter(), Some(accept)).map(|v| v.coding.token());
            assert_eq!(chosen, Some(expected), "{accept}");
        }
    }

    #[test]
    fn a_body_without_codings_can_be_refused_too() {
        let only = variants()[0];
        let choose = |accept| choose([&only].into_iter(), Some(accept));
        assert!(choose("br").is_some());
        assert!(choose("identity;q=0, br").is_none());
    }
}
