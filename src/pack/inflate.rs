//! Identity forms: put together with their codings, left out, and worked out again for the few clients
//! that take no coding.

use std::sync::Arc;

use bytes::Bytes;

use super::{IdentityForm, coding};
use crate::site::{Coding, Forms, Ledger, Packed, Stage, Variant};

/// The forms of a body that has no codings.
pub(super) fn plain(identity: Variant) -> Forms {
    Forms {
        stage: Stage::Plain,
        variants: Box::new([identity]),
    }
}

/// The forms of a body with the codings that were made of it.
pub(super) fn forms(
    stage: Stage,
    mut identity: Variant,
    encoded: Vec<Variant>,
    form: IdentityForm,
) -> Forms {
    let inflates = identity.length <= INFLATED_BODY_BYTES_MAX && !encoded.is_empty();
    if form == IdentityForm::Inflate && inflates {
        identity.bytes = None;
    }
    Forms {
        stage,
        variants: [vec![identity], encoded].concat().into(),
    }
}

/// The identity form of `body`, of which `forms` are the forms: as it is held, or inflated. None if so
/// much is being sent inflated that no more should be.
pub(crate) fn identity(body: &Packed, forms: &Forms) -> Option<Bytes> {
    let identity = forms.in_coding(Coding::Identity)?;
    if let Some(held) = &identity.bytes {
        return Some(held.clone());
    }
    if !body.ledger().inflate(identity.length, INFLATED_BYTES_MAX) {
        return None;
    }
    let loan = Loan {
        ledger: Arc::clone(body.ledger()),
        bytes: inflated(forms),
        length: identity.length,
    };
    Some(Bytes::from_owner(loan))
}

/// The smallest form of `body` that is held, from which [`expand`] makes the identity form.
pub(crate) fn compact(body: &Packed) -> (Coding, Bytes) {
    let forms = body.forms();
    let held = forms.variants.iter().filter(|v| v.bytes.is_some());
    let smallest = held
        .min_by_key(|variant| variant.length)
        .and_then(|variant| Some((variant.coding, variant.bytes.clone()?)));
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
        .filter_map(|coding| Some((*coding, forms.in_coding(*coding)?.bytes.as_ref()?)))
        .next();
    let (coding, bytes) = held.expect("an identity form is left out only beside another");
    let length = usize::try_from(length).expect("it was in memory");
    coding::decoded(coding, bytes, length).expect("what was encoded here can be decoded")
}

/// Inflated bytes, counted until the last client has them.
struct Loan {
    ledger: Arc<Ledger>,
    bytes: Vec<u8>,
    length: u64,
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

/// A body longer than this is kept in its identity form: there are few, and inflating one would hold up
/// the requests behind it for longer than a tenth of a millisecond.
const INFLATED_BODY_BYTES_MAX: u64 = 64 << 10;

/// What may be inflated at a time: clients who ask for much and read slowly must not fill the memory.
const INFLATED_BYTES_MAX: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pack::coding::Effort, site::Hash};

    #[test]
    fn no_more_is_inflated_than_may_be() {
        let text = Bytes::from("The tide comes in, and the tide goes out. ".repeat(100));
        let hash = Hash::of(&text);
        let encoded = coding::Encoders::new(Effort::Quick).variants(&text);
        let ledger = Arc::new(Ledger::default());
        let variant = Variant::held(Coding::Identity, text.clone(), &hash);
        let forms = forms(Stage::Quick, variant, encoded, IdentityForm::Inflate);
        let body = Packed::new(hash, forms, Arc::clone(&ledger));
        for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
            let forms = body.forms();
            let held = forms.in_coding(coding).unwrap();
            let bytes = held.bytes.as_ref().unwrap();
            let expanded = |length| expand(coding, bytes, length);
            assert_eq!(expanded(text.len() as u64).unwrap(), text);
            assert!(expanded(text.len() as u64 + 1).is_none());
        }
        let (coding, bytes) = compact(&body);
        let smallest = body.forms().in_coding(coding).unwrap().length;
        assert_eq!(bytes.len() as u64, smallest);

        assert!(ledger.inflate(INFLATED_BYTES_MAX - 1, INFLATED_BYTES_MAX));
        assert!(identity(&body, &body.forms()).is_none());
        ledger.deflate(INFLATED_BYTES_MAX - 1);
        assert_eq!(identity(&body, &body.forms()).unwrap(), text);
    }
}
