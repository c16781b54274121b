//! Pages become a [`Snapshot`]: every coding made, every tag computed.
//!
//! A body is encoded twice: quickly, before it goes on the air, and as well as it can be once it is
//! ([`best`]). It is not held in every coding always ([`holding`]). A [`Packer`] lives as long as the node and is shared by its sites, so it knows each
//! living body by its hash and encodes none that it has, wherever it came from.
//!
//! **Invariant:** the same pages give the same identity forms and the same root hash, whatever the
//! order of threads and the memory that there is; once a body is at its best stage, the same encoders give
//! the same codings and tags everywhere.
//! **Invariant:** the tag of a form is the hash of its bytes, so a body that changes its bytes with its
//! stage changes its tag: a client's range or condition with the earlier tag does not match, and
//! it gets all of the new form.
//! **Invariant:** knows neither templates nor sockets, and no disk but through the cache it is given.

mod best;
mod coding;
mod facts;
mod holding;
mod inflate;
mod kept;
mod living;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use rayon::prelude::*;

use self::{
    best::{Best, HeldBack},
    coding::{Effort, Encoders},
    kept::Kept,
    living::{Key, Living},
};
pub(crate) use self::{
    facts::{facts, hashes},
    holding::{Holding, IdentityForm},
    inflate::{compact, expand, worked_out},
};
use crate::{
    cache::Cache,
    site::{
        Coding, Content, Encoded, Forms, Hash, Ledger, Packed, Page, Redirect, Resource, Resources,
        Snapshot, Stage, Stored,
    },
};

/// Packs pages, for all sites of a process and for as long as it runs.
#[derive(Debug)]
pub(crate) struct Packer {
    codings: Codings,
    living: Arc<Living>,
    /// At rest between two runs. Encoders have large tables, so a thread takes one that was used before.
    encoders: Mutex<Vec<Encoders>>,
    ledger: Arc<Ledger>,
    has_packed: AtomicBool,
    /// Whether answers tell what is known of documents.
    tells: AtomicBool,
}

/// Which forms bodies are held in.
#[derive(Debug)]
enum Codings {
    /// As they are: a tree of files has no use for codings, an author none for the wait.
    None,
    /// In those that make them smaller, or as much of them as is held.
    All {
        holding: Holding,
        kept: Option<Kept>,
        best: Best,
    },
}

impl Packer {
    /// Holds bodies as they are.
    pub(crate) fn plain() -> Self {
        Self::new(Codings::None, Arc::default())
    }

    /// Holds bodies in codings: in quick ones at first, then in the best, which are kept in `cache`.
    pub(crate) fn encoding(holding: Holding, cache: Option<Arc<Cache>>) -> Self {
        let kept = cache.map(Kept::new);
        let living = Arc::<Living>::default();
        let codings = Codings::All {
            holding,
            best: Best::new(holding, kept.clone(), Arc::clone(&living)),
            kept,
        };
        Self::new(codings, living)
    }

    fn new(codings: Codings, living: Arc<Living>) -> Self {
        Self {
            codings,
            living,
            encoders: Mutex::default(),
            ledger: Arc::default(),
            has_packed: AtomicBool::new(false),
            tells: AtomicBool::new(false),
        }
    }

    /// Packs one page. May be called on many threads at a time.
    pub(crate) fn resource(&self, page: Page) -> Arc<Resource> {
        let stored = match page.content {
            Content::Bytes(bytes) => Stored::Memory(self.body(&page.media_type, &bytes)),
            Content::Large(file) => Stored::Large(Box::new(file)),
            Content::Redirect { to, html } => Stored::Redirect(Box::new(Redirect { to, html })),
        };
        let (path, media_type) = (page.path, page.media_type);
        let resource = Resource::new(path, page.status, media_type, stored, page.modified);
        Arc::new(resource)
    }

    /// The snapshot of `resources`, served below `base_path`. Of two at one path the first counts;
    /// rendering has told the author of the other. They are soonest sorted if they come sorted by path.
    pub(crate) fn snapshot(&self, resources: Vec<Arc<Resource>>, base_path: &str) -> Snapshot {
        self.rest();
        self.has_packed.store(true, Ordering::Relaxed);
        if let Codings::All { best, .. } = &self.codings {
            best.begin();
        }
        Snapshot::new(Resources::of(resources), base_path)
    }

    /// Packs `pages`, on as many threads as there are, into a snapshot that is served below
    /// `base_path`.
    pub(crate) fn pack(&self, pages: Vec<Page>, base_path: &str) -> Snapshot {
        let resources = pages.into_par_iter().map(|page| self.resource(page));
        self.snapshot(resources.collect(), base_path)
    }

    /// The bytes that are held.
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Holds the best codings back while something is made that somebody waits for.
    pub(crate) fn hold_back(&self) -> Option<HeldBack> {
        match &self.codings {
            Codings::None => None,
            Codings::All { best, .. } => Some(best.hold_back()),
        }
    }

    /// Waits until nobody is about to put something on the air: for work of which nobody waits for the end.
    pub(crate) fn wait_for_publishers(&self) {
        match &self.codings {
            Codings::None => {}
            Codings::All { best, .. } => best.wait_for_publishers(),
        }
    }

    /// How many bodies wait for their best codings.
    pub(crate) fn waiting(&self) -> usize {
        match &self.codings {
            Codings::None => 0,
            Codings::All { best, .. } => best.waiting(),
        }
    }

    fn body(&self, media_type: &str, bytes: &Bytes) -> Arc<Packed> {
        let key = Key {
            hash: Hash::of(bytes),
            encode: coding::is_worthwhile(media_type, bytes.len()),
        };
        self.living.find(&key).unwrap_or_else(|| {
            let forms = self.forms(&key, bytes);
            let stage = forms.stage;
            let body = Packed::new(key.hash, forms, Arc::clone(&self.ledger));
            let body = self.living.insert(key, Arc::new(body));
            if let (Codings::All { best, .. }, Stage::Quick) = (&self.codings, stage) {
                best.note(&body);
            }
            body
        })
    }

    fn forms(&self, key: &Key, bytes: &Bytes) -> Forms {
        let identity = Encoded::held(Coding::Identity, bytes.clone(), &key.hash);
        let Codings::All { holding, kept, .. } = &self.codings else {
            return holding::plain(identity);
        };
        if !key.encode {
            return holding::plain(identity);
        }
        let (stage, encoded) = match kept.as_ref().and_then(|kept| kept.find(&key.hash)) {
            Some(encoded) => {
                let stage = holding.last_stage(&self.ledger, identity.length);
                self.found(stage, bytes, encoded)
            }
            None => (Stage::Quick, self.first(bytes)),
        };
        holding.forms(stage, identity, encoded)
    }

    /// What was kept of a body, as much of it as is to be held at this stage. What is lean already stays
    /// so: making the rest takes long.
    fn found(&self, stage: Stage, body: &[u8], encoded: Vec<Encoded>) -> (Stage, Vec<Encoded>) {
        if encoded.iter().any(|variant| variant.bytes.is_none()) {
            return (Stage::Lean, encoded);
        }
        let last = encoded.iter().find(|one| one.coding == holding::LAST);
        match (stage, last) {
            (Stage::Lean, Some(last)) => (
                Stage::Lean,
                holding::lean(last, &self.all_quick(body), body.len() as u64),
            ),
            _ => (Stage::Best, encoded),
        }
    }

    /// The codings in which a body goes on the air.
    fn first(&self, body: &[u8]) -> Vec<Encoded> {
        let length = body.len() as u64;
        let (mut made, mut held) = (holding::made_first(length), holding::at_first(length));
        match self.waiting() {
            // Nobody has to wait for what is worked out then. Tests are of what is large.
            few if few < WAITING_MANY && !cfg!(test) => held = made,
            many if many >= WAITING_MANY && self.is_on_the_air() => made = held,
            _ => {}
        }
        self.with_encoders(|encoders| encoders.variants(body, made, held))
    }

    /// The quick forms of a body in each coding, of which that is held which is held at first.
    fn all_quick(&self, body: &[u8]) -> Vec<Encoded> {
        let length = body.len() as u64;
        let (made, held) = (holding::made_first(length), holding::at_first(length));
        self.with_encoders(|encoders| encoders.variants(body, made, held))
    }

    /// Whether anything was packed before: what is packed now takes the place of something.
    fn is_on_the_air(&self) -> bool {
        self.has_packed.load(Ordering::Relaxed)
    }

    fn with_encoders<R>(&self, encode: impl FnOnce(&mut Encoders) -> R) -> R {
        let resting = || self.encoders.lock().unwrap_or_else(PoisonError::into_inner);
        let found = resting().pop();
        let mut encoders = found.unwrap_or_else(|| Encoders::new(Effort::Quick));
        let encoded = encode(&mut encoders);
        resting().push(encoders);
        encoded
    }

    /// Gives back the tables of the encoders: until the next change nobody needs them.
    fn rest(&self) {
        let mut resting = self.encoders.lock().unwrap_or_else(PoisonError::into_inner);
        resting.clear();
    }
}

/// As long as fewer bodies wait for their best codings, they are held in all of their quick ones: that is some megabytes.
/// After an edit it is so, and not when a large site begins. When a change touches as many, such as one of the base
/// template, they are made in the one quick coding alone that is held: the others would take a third of the time until it
/// is on the air, and are no smaller.
const WAITING_MANY: usize = 1_000;

/// Packs `pages` and waits until their codings are the best, so that no test sees them change.
#[cfg(test)]
pub(crate) fn settled(pages: Vec<Page>, base_path: &str) -> Snapshot {
    let packer = Packer::encoding(Holding::default(), None);
    let snapshot = packer.pack(pages, base_path);
    settle(&packer);
    snapshot
}

#[cfg(test)]
fn settle(packer: &Packer) {
    while packer.waiting() > 0 {
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::site::{ETag, LargeFile, UrlPath};

    const NOT_FOUND: &str = "/404.html";
    const KEEP: Holding = Holding {
        identity: IdentityForm::Keep,
        bytes_max: u64::MAX,
    };

    fn packer() -> Packer {
        Packer::encoding(KEEP, None)
    }

    fn packed(pages: Vec<Page>, base_path: &str) -> Snapshot {
        packer().pack(pages, base_path)
    }

    fn page(path: &str, media_type: &str, body: &str) -> Page {
        Page {
            path: UrlPath::new(path).unwrap(),
            status: if path == NOT_FOUND { 404 } else { 200 },
            media_type: media_type.into(),
            content: Content::Bytes(Bytes::copy_from_slice(body.as_bytes())),
            modified: None,
        }
    }

    fn html(path: &str, body: &str) -> Page {
        page(path, "text/html; charset=utf-8", body)
    }

    fn body<'a>(snapshot: &'a Snapshot, path: &str) -> &'a Arc<Packed> {
        match &snapshot.resources[path].stored {
            Stored::Memory(body) => body,
            _ => panic!("{path} is not in memory"),
        }
    }

    fn codings(snapshot: &Snapshot, path: &str) -> Vec<Encoded> {
        body(snapshot, path).forms().encoded()
    }

    fn long() -> String {
        (0..200)
            .map(|n| format!("<p>the {n}th paragraph</p>\n"))
            .collect()
    }

    #[test]
    fn identity_comes_first_and_the_smallest_next() {
        let packed = packed(vec![html("/", &long())], "");
        let variants = codings(&packed, "/");
        assert_eq!(variants.len(), 4);
        assert_eq!(variants[0].coding, Coding::Identity);
        assert_eq!(variants[0].bytes.as_ref().unwrap(), &long());
        let sizes: Vec<u64> = variants[1..].iter().map(|v| v.length).collect();
        assert!(sizes.is_sorted(), "{sizes:?}");
        assert!(sizes[2] < variants[0].length);
        let etags: HashSet<_> = variants.iter().map(|v| v.etag).collect();
        assert_eq!(etags.len(), 4);
    }

    #[test]
    fn a_change_of_very_many_goes_on_the_air_in_one_coding() {
        let packer = packer();
        let _held_back = packer.hold_back();
        let number = |number: usize| format!("<p>the {number}th page</p>{}", long());
        let pages = (0..=WAITING_MANY).map(|n| html(&format!("/{n}/"), &number(n)));
        let first = packer.pack(pages.collect(), "");
        // When a node starts there is nothing yet that a change would wait to replace.
        assert_eq!(codings(&first, "/1000/").len(), 4);
        let second = packer.pack(vec![html("/", &long())], "");
        let variants = codings(&second, "/");
        let made: Vec<_> = variants.iter().map(|variant| variant.coding).collect();
        assert_eq!(made, [Coding::Identity, Coding::Gzip]);
    }

    #[test]
    fn what_gains_nothing_stays_as_it_is() {
        let pages = vec![
            html("/short/", "<p>short</p>"),
            page("/a.png", "image/png", &long()),
            page("/a.svg", "image/svg+xml", &long()),
        ];
        let packed = packed(pages, "");
        for (path, expected) in [("/short/", 1), ("/a.png", 1), ("/a.svg", 4)] {
            assert_eq!(codings(&packed, path).len(), expected, "{path}");
        }
    }

    #[test]
    fn equal_bodies_are_one_wherever_they_come_from() {
        let packer = packer();
        let one = packer.pack(vec![html("/a/", &long()), html("/b/", &long())], "");
        let other = packer.pack(vec![html("/c/", &long())], "");
        let plain = packer.pack(vec![page("/d.bin", "image/png", &long())], "");
        assert!(Arc::ptr_eq(body(&one, "/a/"), body(&one, "/b/")));
        assert!(Arc::ptr_eq(body(&one, "/a/"), body(&other, "/c/")));
        assert_eq!(codings(&plain, "/d.bin").len(), 1, "as its media type says");
        // While better codings take their place, both are held.
        settle(&packer);
        let held = |packer: &Packer| packer.ledger().held(Coding::Identity);
        assert_eq!(held(&packer), 2 * long().len() as u64);
        drop((one, other, plain));
        assert_eq!(held(&packer), 0);
    }

    #[test]
    fn a_body_that_is_inflated_takes_no_room() {
        let [keep, inflate] = [KEEP, Holding::default()].map(|form| {
            let packer = Packer::encoding(form, None);
            let snapshot = packer.pack(vec![html("/", &long())], "");
            settle(&packer);
            (snapshot, packer)
        });
        assert_eq!(inflate.1.ledger().held(Coding::Identity), 0);
        for (keep, inflate) in codings(&keep.0, "/").iter().zip(codings(&inflate.0, "/")) {
            assert_eq!((keep.etag, keep.length), (inflate.etag, inflate.length));
        }
        let body = body(&inflate.0, "/");
        let sent = worked_out(body, &body.forms(), Coding::Identity).unwrap();
        assert_eq!(sent, long());
        assert_eq!(inflate.1.ledger().inflated(), long().len() as u64);
        let part = sent.slice(1..2);
        drop(sent);
        assert_eq!(inflate.1.ledger().inflated(), long().len() as u64);
        drop(part);
        assert_eq!(inflate.1.ledger().inflated(), 0);
    }

    #[test]
    fn the_first_of_two_counts_and_404_stands_in() {
        let pages = vec![html("/", "one"), html("/", "two"), html(NOT_FOUND, "gone")];
        let packed = packed(pages, "/book/");
        assert_eq!(codings(&packed, "/")[0].bytes.as_ref().unwrap(), "one");
        assert_eq!(&*packed.base_path, "/book");
        assert_eq!(packed.not_found.as_ref().unwrap().path.as_str(), NOT_FOUND);
    }

    #[test]
    fn the_root_hash_hangs_on_all_that_is_seen_and_not_on_order() {
        let redirect = |to: &str| Page {
            content: Content::Redirect {
                to: to.into(),
                html: Bytes::new(),
            },
            ..html("/old/", "")
        };
        let large = |content: &[u8]| Page {
            content: Content::Large(LargeFile {
                file: "/nowhere".into(),
                bytes: 9,
                hash: Hash::of(content),
                held: None,
            }),
            ..page("/film.mp4", "video/mp4", "")
        };
        let base = || {
            vec![
                html("/", "a"),
                html("/b/", "b"),
                redirect("/b/"),
                large(b"1"),
            ]
        };
        let root = |pages: Vec<Page>| packed(pages, "").root_hash;
        let expected = root(base());
        assert_eq!(root(base().into_iter().rev().collect()), expected);
        for (index, other) in [
            (0, html("/", "c")),
            (0, page("/", "text/plain", "a")),
            (1, html("/c/", "b")),
            (2, redirect("/")),
            (3, large(b"2")),
        ] {
            let mut pages = base();
            pages[index] = other;
            assert_ne!(root(pages), expected, "{index}");
        }
    }

    #[test]
    fn what_was_kept_is_not_encoded_again() {
        let folder = tempfile::tempdir().unwrap();
        let start = || {
            let cache = Cache::open(folder.path().to_owned(), 1 << 20);
            Packer::encoding(KEEP, Some(Arc::new(cache)))
        };
        let packer = start();
        let first = packer.pack(vec![html("/", &long())], "");
        let quick = Encoders::new(Effort::Quick).variants(
            long().as_bytes(),
            &coding::ENCODED,
            &coding::ENCODED,
        );
        settle(&packer);
        assert_eq!(body(&first, "/").forms().stage, Stage::Best);
        let best = codings(&first, "/");
        assert_eq!(best[0].etag, ETag::of(&first.resources["/"].hash()));
        for (quick, best) in quick.iter().zip(&best[1..]) {
            assert!(best.length < quick.length);
            assert_ne!(best.etag, quick.etag);
        }
        // It is kept after it is on the air.
        while start().pack(vec![html("/", &long())], "").resources["/"].stage() != Stage::Best {
            std::thread::yield_now();
        }
        let again = start().pack(vec![html("/", &long())], "");
        assert_eq!(again.root_hash, first.root_hash);
        for (best, again) in best.iter().zip(codings(&again, "/")) {
            assert_eq!((best.etag, &best.bytes), (again.etag, &again.bytes));
        }
    }

    #[test]
    fn best_codings_wait_for_who_publishes() {
        let packer = packer();
        let held_back = packer.hold_back();
        let snapshot = packer.pack(vec![html("/", &long())], "");
        for _ in 0..1_000 {
            std::thread::yield_now();
        }
        assert_eq!(body(&snapshot, "/").forms().stage, Stage::Quick);
        drop(held_back);
        settle(&packer);
        assert_eq!(body(&snapshot, "/").forms().stage, Stage::Best);
    }

    #[test]
    fn a_plain_packer_encodes_nothing() {
        let packer = Packer::plain();
        let plain = packer.pack(vec![html("/", &long())], "");
        assert_eq!(codings(&plain, "/").len(), 1);
        assert_eq!(plain.resources["/"].stage(), Stage::Plain);
        assert_eq!(
            plain.root_hash,
            packed(vec![html("/", &long())], "").root_hash
        );
    }

    impl Resource {
        fn stage(&self) -> Stage {
            match &self.stored {
                Stored::Memory(body) => body.forms().stage,
                _ => Stage::Plain,
            }
        }
    }
}
