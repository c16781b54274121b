//! Forms that are not held, worked out for the few clients that want them.

use std::sync::Arc;

use bytes::Bytes;

use super::coding;
use crate::site::{Coding, Forms, Ledger, Packed};

/// The form of `body` in this coding, one of `forms`: as it is held, or worked out. None if so much that
/// was worked out is being sent that no more should be.
pub(crate) fn worked_out(body: &Packed, forms: &Forms, coding: Coding) -> Option<Bytes> {
    let form = forms.in_coding(coding)?;
    if let Some(held) = forms.bytes(coding) {
        return Some(held);
    }
    let mut loan = Loan::of(body.ledger(), form.length)?;
    loan.bytes = match coding {
        Coding::Identity => inflated(forms),
        // With the identity form on a loan of its own, which is given back here.
        _ => coding::quick(coding, &worked_out(body, forms, Coding::Identity)?),
    };
    debug_assert_eq!(loan.bytes.len() as u64, form.length);
    Some(Bytes::from_owner(loan))
}

/// The smallest form of `body` that is held, from which [`expand`] makes the identity form.
pub(crate) fn compact(body: &Packed) -> (Coding, Bytes) {
    let forms = body.forms();
    let held = forms.variants().filter(|variant| variant.is_held);
    let smallest = held
        .min_by_key(|variant| variant.length)
        .and_then(|variant| Some((variant.coding, forms.bytes(variant.coding)?)));
    smallest.expect("an identity form is left out only beside another")
}

/// The identity form of a body that is `length` bytes long, from one of its forms; None if that is
/// something else.
pub(crate) fn expand(coding: Coding, bytes: &Bytes, length: u64) -> Option<Bytes> {
    match coding {
        Coding::Identity => Some(bytes.clone()).filter(|bytes| bytes.len() as u64 == length),
        _ => coding::decoded(coding, bytes, usize::try_from(length).ok()?).map(Bytes::from),
    }
}

/// The identity form for whoever holds it for a moment only, and not for a client.
pub(super) fn inflated(forms: &Forms) -> Vec<u8> {
    let length = forms.in_coding(Coding::Identity).map_or(0, |v| v.length);
    let held = SOONEST_INFLATED
        .iter()
        .filter_map(|coding| Some((*coding, forms.bytes(*coding)?)))
        .next();
    let (coding, bytes) = held.expect("an identity form is left out only beside another");
    let length = usize::try_from(length).expect("it was in memory");
    coding::decoded(coding, &bytes, length).expect("what was encoded here can be decoded")
}

/// Bytes that were worked out, counted until the last client has them.
struct Loan {
    ledger: Arc<Ledger>,
    bytes: Vec<u8>,
    length: u64,
}

impl Loan {
    /// Room for so many bytes, if there is any.
    fn of(ledger: &Arc<Ledger>, length: u64) -> Option<Self> {
        ledger.inflate(length, INFLATED_BYTES_MAX).then(|| Self {
            ledger: Arc::clone(ledger),
            bytes: Vec::new(),
            length,
        })
    }
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.ledger.deflate(self.length);
    }
}

/// The codings by how soon they are undone.
const SOONEST_INFLATED: [Coding; 4] =
    [Coding::Identity, Coding::Zstd, Coding::Gzip, Coding::Brotli];

/// What may be worked out at a time: clients who ask for much and read slowly must not fill the memory.
const INFLATED_BYTES_MAX: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::{
            Holding,
            coding::{ENCODED, Effort, Encoders},
        },
        site::{Encoded, Hash, Stage},
    };

    fn text() -> Bytes {
        Bytes::from("The tide comes in, and the tide goes out. ".repeat(100))
    }

    fn body(held: &[Coding], ledger: &Arc<Ledger>) -> Packed {
        let hash = Hash::of(&text());
        let encoded = Encoders::new(Effort::Quick).variants(&text(), &ENCODED, held);
        let identity = Encoded::held(Coding::Identity, text(), &hash);
        let forms = Holding::default().forms(Stage::Quick, identity, encoded);
        Packed::new(hash, forms, Arc::clone(ledger))
    }

    #[test]
    fn each_form_gives_the_text_back() {
        let body = body(&ENCODED, &Arc::default());
        for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
            let forms = body.forms();
            let bytes = forms.bytes(coding).unwrap();
            let expanded = |length| expand(coding, &bytes, length);
            assert_eq!(expanded(text().len() as u64).unwrap(), text());
            assert!(expanded(text().len() as u64 + 1).is_none());
        }
        let (coding, bytes) = compact(&body);
        let smallest = body.forms().in_coding(coding).unwrap().length;
        assert_eq!(bytes.len() as u64, smallest);
    }

    #[test]
    fn no_more_is_worked_out_than_may_be() {
        let ledger = Arc::new(Ledger::default());
        let body = body(&[Coding::Brotli], &ledger);
        let gzip = body.forms().in_coding(Coding::Gzip).unwrap().length;
        let worked_out = |coding| worked_out(&body, &body.forms(), coding);
        for (coding, needed) in [
            (Coding::Identity, text().len() as u64),
            (Coding::Gzip, text().len() as u64 + gzip),
        ] {
            let others = INFLATED_BYTES_MAX - needed + 1;
            assert!(ledger.inflate(others, INFLATED_BYTES_MAX));
            assert!(worked_out(coding).is_none(), "{coding:?}");
            assert_eq!(ledger.inflated(), others, "what was taken is given back");
            assert!(worked_out(Coding::Brotli).is_some(), "it is held");
            ledger.deflate(1);
            let sent = worked_out(coding).unwrap();
            ledger.deflate(others - 1);
            assert_eq!(ledger.inflated(), sent.len() as u64, "{coding:?}");
            drop(sent);
            assert_eq!(ledger.inflated(), 0, "{coding:?}");
        }
    }
}
