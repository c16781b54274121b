//! Pages become a [`Snapshot`]: every coding made, every tag computed.
//!
//! **Invariant:** the same pages give the same snapshot, whatever the order of threads.
//! **Invariant:** knows neither templates nor sockets, and reads no disk.

mod coding;

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use bytes::Bytes;
use rayon::prelude::*;

use self::coding::Encoders;
use crate::site::{Coding, Content, Hash, Page, Redirect, Resource, Snapshot, Stored, Variant};

/// Which codings a snapshot is to hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Codings<'a> {
    /// None: a tree of files has no use for them.
    Identity,
    /// Each that makes a body smaller. What another snapshot holds already is taken from there, so
    /// that an unchanged body is never encoded twice.
    All {
        /// The snapshot on the air, if one is.
        known: Option<&'a Snapshot>,
    },
}

/// Packs `pages` into a snapshot that is served below `base_path`. Of two pages at one path the
/// first counts; rendering has told the author of the other.
pub(crate) fn snapshot(mut pages: Vec<Page>, base_path: &str, codings: Codings<'_>) -> Snapshot {
    let mut taken = HashSet::with_capacity(pages.len());
    pages.retain(|page| taken.insert(page.path.clone()));

    let hashes: Vec<Hash> = pages.par_iter().map(|page| hash(&page.content)).collect();
    let bodies = match codings {
        Codings::Identity => HashMap::new(),
        Codings::All { known } => encode(&pages, &hashes, &encoded(known)),
    };
    let resources: HashMap<_, _> = pages
        .into_iter()
        .zip(hashes)
        .map(|(page, hash)| (page.path.clone(), Arc::new(resource(page, hash, &bodies))))
        .collect();
    Snapshot {
        root_hash: root_hash(&resources),
        base_path: base_path.trim_end_matches('/').into(),
        not_found: resources
            .get(NOT_FOUND)
            .filter(|r| r.status == 404)
            .cloned(),
        resources,
    }
}

/// The hash of what a visitor gets in the end: a body, or the place he is sent to.
fn hash(content: &Content) -> Hash {
    match content {
        Content::Bytes(bytes) => Hash::of(bytes),
        Content::Large(file) => file.hash,
        Content::Redirect { to, .. } => Hash::of_fields([b"redirect", to.as_bytes()]),
    }
}

/// The encoded forms of each body worth encoding, by the hash of its identity form. A body that
/// stands at several paths is encoded once.
fn encode(
    pages: &[Page],
    hashes: &[Hash],
    known: &HashMap<Hash, &[Variant]>,
) -> HashMap<Hash, Vec<Variant>> {
    let mut distinct: HashMap<Hash, &Bytes> = HashMap::new();
    for (page, hash) in pages.iter().zip(hashes) {
        if let Content::Bytes(bytes) = &page.content
            && coding::is_worthwhile(&page.media_type, bytes.len())
            && let Entry::Vacant(vacant) = distinct.entry(*hash)
        {
            vacant.insert(bytes);
        }
    }
    distinct
        .into_par_iter()
        .map_init(Encoders::new, |encoders, (hash, bytes)| {
            let known = known.get(&hash).map(|variants| variants.to_vec());
            (hash, known.unwrap_or_else(|| encoders.variants(bytes)))
        })
        .collect()
}

/// The encoded forms that `snapshot` holds, by the hash of their identity form.
fn encoded(snapshot: Option<&Snapshot>) -> HashMap<Hash, &[Variant]> {
    let resources = snapshot
        .into_iter()
        .flat_map(|snapshot| snapshot.resources.values());
    let encoded = resources.filter_map(|resource| match &resource.stored {
        Stored::Memory(variants) => Some((resource.hash, variants.get(1..)?)),
        Stored::Large(_) | Stored::Redirect(_) => None,
    });
    encoded
        .filter(|(_, variants)| !variants.is_empty())
        .collect()
}

fn resource(page: Page, hash: Hash, bodies: &HashMap<Hash, Vec<Variant>>) -> Resource {
    let stored = match page.content {
        Content::Bytes(bytes) => {
            let identity = variant(Coding::Identity, bytes, hash);
            let encoded = if coding::is_worthwhile(&page.media_type, identity.bytes.len()) {
                bodies.get(&hash).map_or(&[][..], Vec::as_slice)
            } else {
                &[]
            };
            Stored::Memory([&[identity], encoded].concat())
        }
        Content::Large(file) => Stored::Large(file),
        Content::Redirect { to, html } => Stored::Redirect(Redirect { to, html }),
    };
    Resource {
        path: page.path,
        status: page.status,
        media_type: page.media_type,
        stored,
        hash,
        modified: page.modified,
    }
}

/// A body with the entity tag of its very bytes, so that no two codings share one.
fn variant(coding: Coding, bytes: Bytes, hash: Hash) -> Variant {
    let etag = format!("\"{}\"", hash.hex(ETAG_DIGITS)).into();
    Variant {
        coding,
        bytes,
        etag,
    }
}

fn root_hash(resources: &HashMap<crate::site::UrlPath, Arc<Resource>>) -> Hash {
    let mut manifest: Vec<_> = resources.values().collect();
    manifest.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let statuses: Vec<[u8; 2]> = manifest.iter().map(|r| r.status.to_be_bytes()).collect();
    Hash::of_fields(
        manifest
            .iter()
            .zip(&statuses)
            .flat_map(|(resource, status)| {
                [
                    resource.path.as_str().as_bytes(),
                    status,
                    resource.media_type.as_bytes(),
                    resource.hash.as_bytes(),
                ]
            }),
    )
}

/// Where a site keeps the page that stands in for missing ones.
const NOT_FOUND: &str = "/404.html";

/// Hexadecimal digits of an entity tag: 128 bits, which nobody hits by accident.
const ETAG_DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{LargeFile, UrlPath};

    fn packed(pages: Vec<Page>, base_path: &str) -> Snapshot {
        snapshot(pages, base_path, Codings::All { known: None })
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

    fn codings<'a>(snapshot: &'a Snapshot, path: &str) -> Vec<&'a Variant> {
        match &snapshot.resources[path].stored {
            Stored::Memory(variants) => variants.iter().collect(),
            _ => panic!("{path} is not in memory"),
        }
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
        assert_eq!(variants[0].bytes, long());
        let sizes: Vec<usize> = variants[1..].iter().map(|v| v.bytes.len()).collect();
        assert!(sizes.is_sorted(), "{sizes:?}");
        assert!(sizes[2] < variants[0].bytes.len());
        let etags: HashSet<&str> = variants.iter().map(|v| &*v.etag).collect();
        assert_eq!(etags.len(), 4);
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
    fn equal_bodies_share_their_codings() {
        let packed = packed(vec![html("/a/", &long()), html("/b/", &long())], "");
        let (a, b) = (codings(&packed, "/a/"), codings(&packed, "/b/"));
        for (a, b) in a.iter().zip(&b).skip(1) {
            assert_eq!(a.bytes.as_ptr(), b.bytes.as_ptr());
        }
    }

    #[test]
    fn the_first_of_two_counts_and_404_stands_in() {
        let pages = vec![html("/", "one"), html("/", "two"), html(NOT_FOUND, "gone")];
        let packed = packed(pages, "/book/");
        assert_eq!(codings(&packed, "/")[0].bytes, "one");
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
    fn what_is_known_is_not_encoded_again() {
        let text = "The tide comes in, and the tide goes out. ".repeat(40);
        let known = packed(vec![html("/", &text)], "");
        let again = snapshot(
            vec![html("/", &text), html("/b/", "other")],
            "",
            Codings::All {
                known: Some(&known),
            },
        );
        let pairs = codings(&known, "/").into_iter().zip(codings(&again, "/"));
        for (known, again) in pairs {
            assert_eq!(known.etag, again.etag);
            assert!(
                known.coding == Coding::Identity || known.bytes.as_ptr() == again.bytes.as_ptr(),
                "{:?} is a copy",
                known.coding
            );
        }
        let plain = snapshot(vec![html("/", &text)], "", Codings::Identity);
        assert_eq!(codings(&plain, "/").len(), 1);
        assert_eq!(plain.root_hash, known.root_hash);
    }
}
