//! Which forms of a body are held, and which are worked out for whoever wants them.
//!
//! What is held in one coding takes a third of its identity form, in all codings as much as that. So a body
//! is held in one while it waits for its best codings, and after that too if memory is short by then, or when
//! it becomes short later. What is lean once stays so, so that nothing swings to and fro.
//!
//! **Invariant:** a coding that is not held is what its quick encoder makes: that is soon done, and gives the
//! same bytes each time, so that the tag and the length of a form hold whether its bytes are there or not.

use bytes::Bytes;

use super::coding::ENCODED;
use crate::site::{Coding, Encoded, Forms, Ledger, Stage};

/// How much of bodies is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holding {
    /// What becomes of the identity form of a body that is held in codings.
    pub(crate) identity: IdentityForm,
    /// While all bodies take at least so many bytes, those that get their best codings are held in one.
    pub(crate) bytes_max: u64,
}

/// What becomes of the identity form of a body that is held in codings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdentityForm {
    /// It is worked out from a coding for the client who takes none: less than half of the memory,
    /// and a hundredth of a millisecond for such a request.
    Inflate,
    /// It is held beside them.
    Keep,
}

impl Holding {
    /// Whether bodies take so much that no more of them should be held in all codings.
    pub(super) fn is_short(&self, ledger: &Ledger) -> bool {
        ledger.held_in_all() >= self.bytes_max
    }

    /// The stage that a body gets to, of `length` bytes in its identity form.
    pub(super) fn last_stage(&self, ledger: &Ledger, length: u64) -> Stage {
        match self.is_short(ledger) && length <= LEAN_BODY_BYTES_MAX {
            true => Stage::Lean,
            false => Stage::Best,
        }
    }

    /// The forms of a body with the codings that were made of it.
    pub(super) fn forms(
        &self,
        stage: Stage,
        mut identity: Encoded,
        encoded: Vec<Encoded>,
    ) -> Forms {
        let bytes_max = match stage {
            Stage::Plain | Stage::Best => LONG_BODY_BYTES_MIN,
            Stage::Quick | Stage::Lean => LEAN_BODY_BYTES_MAX,
        };
        let inflates = identity.length <= bytes_max && !encoded.is_empty();
        if self.identity == IdentityForm::Inflate && inflates {
            identity.bytes = None;
        }
        Forms::of(stage, &[vec![identity], encoded].concat())
    }
}

impl Default for Holding {
    fn default() -> Self {
        Self {
            identity: IdentityForm::Inflate,
            bytes_max: BYTES_MAX,
        }
    }
}

/// The forms of a body that has no codings.
pub(super) fn plain(identity: Encoded) -> Forms {
    Forms::of(Stage::Plain, &[identity])
}

/// Which quick codings are made of a body so long. Of a long one, a list of thousands of pages, only that which is
/// sent: the others would take longer than all else that a new title costs, and whoever takes one of them
/// takes that.
pub(super) fn made_first(length: u64) -> &'static [Coding] {
    match (LONG_BODY_BYTES_MIN..=LEAN_BODY_BYTES_MAX).contains(&length) {
        true => &[FIRST],
        false => &ENCODED,
    }
}

/// Which of them are held.
pub(super) fn at_first(length: u64) -> &'static [Coding] {
    match length <= LEAN_BODY_BYTES_MAX {
        true => &[FIRST],
        false => &ENCODED,
    }
}

/// The codings of a lean body, `length` bytes long in its identity form: the `last` one, which is held, and
/// the `quick` ones that the others are.
pub(super) fn lean(last: &Encoded, quick: &[Encoded], length: u64) -> Vec<Encoded> {
    let keeps_first = length > LONG_BODY_BYTES_MIN;
    let others = quick
        .iter()
        .filter(|variant| ![Coding::Identity, last.coding].contains(&variant.coding));
    let mut variants: Vec<_> = others.cloned().collect();
    for variant in &mut variants {
        variant.bytes.take_if(|_| !keeps_first);
    }
    // Of its own: it may be a part of something longer that is to go.
    let bytes = last.bytes.as_deref().map(Bytes::copy_from_slice);
    variants.push(Encoded {
        bytes,
        ..last.clone()
    });
    variants.sort_by_key(|variant| variant.length);
    variants
}

/// The coding that is held of a body that waits for its best ones: there is no client that takes any coding
/// and not this one, it is undone soonest, and of the quick ones it is the smallest.
const FIRST: Coding = Coding::Gzip;

/// The coding that is held of a lean body: at its best nothing is smaller, and nearly every visitor takes it.
pub(super) const LAST: Coding = Coding::Brotli;

/// What 100,000 pages of ten kilobytes take in one coding.
const BYTES_MAX: u64 = 384 << 20;

/// A body longer than this is not made out of the [`LAST`] coding alone: undoing that would hold up the
/// requests behind it for longer than some tenths of a millisecond. It is held in its identity form where
/// memory is not short, and else in the [`FIRST`] coding, which is undone four times as soon. There are few.
const LONG_BODY_BYTES_MIN: u64 = 64 << 10;

/// A body longer than this is held in every form whatever memory there is: working one out takes as long as
/// sending it encrypted, but nobody else is answered meanwhile.
const LEAN_BODY_BYTES_MAX: u64 = 32 << 20;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        cache::Cache,
        pack::{Packer, inflate, settle},
        site::{Content, ETag, Hash, Packed, Page, Snapshot, Stored, UrlPath},
    };

    const SHORT: Holding = Holding {
        identity: IdentityForm::Inflate,
        bytes_max: 0,
    };
    const KEEP: Holding = Holding {
        identity: IdentityForm::Keep,
        ..SHORT
    };

    fn text(of: usize, bytes: usize) -> String {
        let words = (of..).flat_map(|n| format!("{} ", n * n % 1009).into_bytes());
        String::from_utf8(words.take(bytes).collect()).unwrap()
    }

    fn pages(texts: &[String]) -> Vec<Page> {
        let page = |(place, text): (usize, &String)| Page {
            path: UrlPath::new(&format!("/{place}/")).unwrap(),
            status: 200,
            media_type: "text/html".into(),
            content: Content::Bytes(text.clone().into()),
            modified: None,
        };
        texts.iter().enumerate().map(page).collect()
    }

    fn bodies(snapshot: &Snapshot) -> Vec<Arc<Packed>> {
        let stored = snapshot.resources.values().map(|one| match &one.stored {
            Stored::Memory(body) => Arc::clone(body),
            _ => unreachable!("all pages are in memory"),
        });
        stored.collect()
    }

    /// Whether each form of a body is what its tag and its length say. Returns the codings that are held.
    fn check(body: &Packed, text: &str) -> Vec<Coding> {
        let forms = body.forms();
        let is_long = text.len() as u64 >= LONG_BODY_BYTES_MIN;
        let offered = match (forms.stage, is_long) {
            (Stage::Quick, true) => 2,
            (Stage::Lean, true) => 3,
            _ => Coding::ALL.len(),
        };
        assert_eq!(forms.variants().count(), offered);
        for form in forms.variants() {
            let sent = inflate::worked_out(body, &forms, form.coding).unwrap();
            assert_eq!(ETag::of(&Hash::of(&sent)), form.etag, "{:?}", form.coding);
            assert_eq!(sent.len() as u64, form.length, "{:?}", form.coding);
            let expanded = inflate::expand(form.coding, &sent, text.len() as u64);
            assert_eq!(expanded.unwrap(), text, "{:?}", form.coding);
        }
        let held = forms.variants().filter(|form| form.is_held);
        held.map(|form| form.coding).collect()
    }

    #[test]
    fn each_form_is_honest_at_each_stage_however_much_is_held() {
        use Coding::{Brotli, Gzip, Identity, Zstd};
        use Stage::{Best, Lean, Quick};
        let roomy = Holding::default();
        let (small, large) = (5_000, 70_000);
        let mut roots = Vec::new();
        for (holding, bytes, last, at_first, at_last) in [
            (roomy, small, Best, vec![Gzip], vec![Brotli, Gzip, Zstd]),
            (
                roomy,
                large,
                Best,
                vec![Gzip],
                vec![Identity, Brotli, Gzip, Zstd],
            ),
            (SHORT, small, Lean, vec![Gzip], vec![Brotli]),
            (SHORT, large, Lean, vec![Gzip], vec![Brotli, Gzip]),
            (
                KEEP,
                small,
                Lean,
                vec![Identity, Gzip],
                vec![Identity, Brotli],
            ),
        ] {
            let texts = [text(1, bytes)];
            let packer = Packer::encoding(holding, None);
            let resources: Vec<_> = pages(&texts)
                .into_iter()
                .map(|one| packer.resource(one))
                .collect();
            let sorted = |mut codings: Vec<Coding>| {
                codings.sort_by_key(|coding| coding.token());
                codings
            };
            let Stored::Memory(body) = &resources[0].stored else {
                unreachable!("a page is in memory");
            };
            let body = Arc::clone(body);
            assert_eq!(body.forms().stage, Quick);
            assert_eq!(
                sorted(check(&body, &texts[0])),
                sorted(at_first),
                "{bytes} {holding:?}"
            );
            let snapshot = packer.snapshot(resources, "");
            settle(&packer);
            assert_eq!(body.forms().stage, last, "{bytes} {holding:?}");
            assert_eq!(
                sorted(check(&body, &texts[0])),
                sorted(at_last),
                "{bytes} {holding:?}"
            );
            roots.push((bytes, snapshot.root_hash));
        }
        roots.sort_by_key(|(bytes, root)| (*bytes, root.hex(32)));
        roots.dedup();
        assert_eq!(roots.len(), 2, "memory has no part in a root hash");
    }

    #[test]
    fn bodies_stay_about_below_the_bound_and_come_back_to_it() {
        let texts: Vec<_> = (0..24).map(|n| text(n, 1_000 + n * 16)).collect();
        let all = {
            let packer = Packer::encoding(Holding::default(), None);
            let _snapshot = packer.pack(pages(&texts), "");
            settle(&packer);
            packer.ledger().held_in_all()
        };
        let holding = Holding {
            bytes_max: all / 2,
            ..Holding::default()
        };
        let packer = Packer::encoding(holding, None);
        let snapshot = packer.pack(pages(&texts), "");
        settle(&packer);
        let ledger = packer.ledger();
        let most = all / 2 + all / 12;
        assert!(
            ledger.held_in_all() <= most,
            "{} of {all}",
            ledger.held_in_all()
        );
        let full = ledger.bodies(Stage::Best);
        assert!(
            full > 0 && full + ledger.bodies(Stage::Lean) == 24,
            "{full}"
        );
        // When more comes, what is there gives way.
        let more: Vec<_> = (40..52).map(|n| text(n, 1_000 + n * 16)).collect();
        let more = packer.pack(pages(&more), "");
        settle(&packer);
        while ledger.bodies(Stage::Best) >= full {
            std::thread::yield_now();
        }
        drop(more);
        // Once the others left there is room again for what comes, and what is there stays as it is.
        let bodies = bodies(&snapshot);
        let stays = bodies.iter().find(|body| body.forms().stage == Stage::Lean);
        let stays = Arc::clone(stays.unwrap());
        drop((bodies, snapshot));
        let again = packer.pack(pages(&[text(99, 4_000)]), "");
        settle(&packer);
        assert_eq!(stays.forms().stage, Stage::Lean);
        assert_eq!(ledger.bodies(Stage::Best), again.resources.len() as u64);
    }

    #[test]
    fn what_was_kept_is_held_as_memory_allows() {
        let texts = [text(1, 5_000)];
        let folder = tempfile::tempdir().unwrap();
        let start = |holding, name: &str| {
            let cache = Cache::open(folder.path().join(name), 1 << 20);
            let packer = Packer::encoding(holding, Some(Arc::new(cache)));
            let snapshot = packer.pack(pages(&texts), "");
            let first = bodies(&snapshot)[0].forms().stage;
            settle(&packer);
            let body = Arc::clone(&bodies(&snapshot)[0]);
            let last = body.forms().stage;
            (first, last, check(&body, &texts[0]))
        };
        let roomy = Holding::default();
        for (before, after, expected, held) in [
            (roomy, roomy, Stage::Best, 3),
            (roomy, SHORT, Stage::Lean, 1),
            (SHORT, SHORT, Stage::Lean, 1),
            // What is lean has its best coding, and what takes no coding at all is soon worked out.
            (SHORT, roomy, Stage::Lean, 1),
        ] {
            let name = format!("{before:?}{after:?}").replace([' ', ':'], "");
            assert_eq!(start(before, &name).0, Stage::Quick);
            // It is kept after it is on the air.
            let (first, last, codings) = std::iter::repeat_with(|| start(after, &name))
                .find(|(first, ..)| *first != Stage::Quick)
                .unwrap();
            assert_eq!((first, last), (expected, expected), "{name}");
            assert_eq!(codings.len(), held, "{name}");
        }
    }
}
