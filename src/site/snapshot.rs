//! A site at one moment, ready to be served: immutable, complete, found by path.

use std::sync::Arc;

use bytes::Bytes;
use once_cell::race::OnceBox;

use super::{
    Facts, Hash, LargeFile, MediaKind, Packed, Resources, Rules, UrlPath, is_markdown, resources,
};

/// Every resource of one site at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The hash over the sorted manifest, of each row of which (path, status, media type, hash of the
    /// identity body) it takes the hash, and over the rules, if there are any: the same on every POP that renders the same source with the same
    /// version.
    pub(crate) root_hash: Hash,
    /// The path below which the site lives, from its `base_url`: empty for the root of the host,
    /// else `/book`, without a slash at its end.
    pub(crate) base_path: Box<str>,
    /// Every resource, by its path below `base_path`.
    pub(crate) resources: Resources,
    /// The resource that stands in for missing ones, with its status of 404.
    pub(crate) not_found: Option<Arc<Resource>>,
    /// Whether some of its documents are there in Markdown, too.
    pub(crate) has_markdown: bool,
    /// What its owner says of paths.
    pub(crate) rules: Arc<Rules>,
    /// About what it takes in memory beside its bodies: paths, tags, tables.
    pub(crate) overhead_bytes: u64,
}

/// A page or asset, packed.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Where it is served.
    pub(crate) path: UrlPath,
    /// 200, or 404 for the stand-in.
    pub(crate) status: u16,
    /// The media type with its parameters.
    pub(crate) media_type: Arc<str>,
    /// What it is for.
    pub(crate) kind: MediaKind,
    /// What is sent.
    pub(crate) stored: Stored,
    /// When it last changed, in seconds since 1970.
    pub(crate) modified: Option<i64>,
    /// What it holds and asks for, once somebody wanted to know.
    pub(crate) facts: OnceBox<Facts>,
    /// What a snapshot needs to know of each of its resources: here it is worked out once, for all the
    /// generations that have it.
    pub(super) summary: Summary,
}

/// A resource in its manifest and its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    /// Of its row of the manifest.
    pub(super) row: Hash,
    /// Where its path is looked for.
    pub(super) path_hash: u64,
}

/// How the body of a [`Resource`] is held.
#[derive(Debug)]
pub(crate) enum Stored {
    /// In memory, once for all resources that have these bytes.
    Memory(Arc<Packed>),
    /// On disk. Boxed, like the next: they are few, and each resource would be as large.
    Large(Box<LargeFile>),
    /// Nowhere: the client is sent elsewhere.
    Redirect(Box<Redirect>),
}

/// A redirect, permanent for aliases and `redirect_to`.
#[derive(Debug)]
pub(crate) struct Redirect {
    /// The value of the `Location` field.
    pub(crate) to: Arc<str>,
    /// The page that `littoral build` writes in its place.
    pub(crate) html: Bytes,
}

impl Snapshot {
    /// The snapshot of `resources`, served below `base_path`.
    pub(crate) fn new(resources: Resources, base_path: &str) -> Self {
        let mut rows = Vec::with_capacity(resources.len() * size_of::<Hash>());
        let (mut overhead_bytes, mut has_markdown) = (0, false);
        for resource in resources.values() {
            rows.extend(resource.summary.row.as_bytes());
            overhead_bytes += resource.overhead_bytes() as u64;
            has_markdown |= is_markdown(&resource.media_type);
        }
        let not_found = resources.get(NOT_FOUND).filter(|one| one.status == 404);
        Self {
            root_hash: Hash::of(&rows),
            base_path: base_path.trim_end_matches('/').into(),
            not_found: not_found.cloned(),
            has_markdown,
            rules: Arc::default(),
            overhead_bytes,
            resources,
        }
    }

    /// The same, with the rules of its owner.
    #[must_use]
    pub(crate) fn ruled_by(mut self, rules: Arc<Rules>) -> Self {
        if let Some(hash) = rules.hash() {
            self.root_hash =
                Hash::of_fields([&self.root_hash.as_bytes()[..], &hash.as_bytes()[..]]);
        }
        self.rules = rules;
        self
    }
}

impl Resource {
    /// What is `stored`, at `path`.
    pub(crate) fn new(
        path: UrlPath,
        status: u16,
        media_type: Arc<str>,
        stored: Stored,
        modified: Option<i64>,
    ) -> Self {
        let row = Hash::of_fields([
            path.as_str().as_bytes(),
            &status.to_be_bytes(),
            media_type.as_bytes(),
            stored.hash().as_bytes(),
        ]);
        let summary = Summary {
            row,
            path_hash: resources::hash(path.as_str()),
        };
        Self {
            path,
            status,
            kind: MediaKind::of(&media_type),
            media_type,
            stored,
            modified,
            facts: OnceBox::new(),
            summary,
        }
    }

    /// The hash of the identity body.
    pub(crate) fn hash(&self) -> Hash {
        self.stored.hash()
    }

    /// About what it takes in memory beside its body.
    fn overhead_bytes(&self) -> usize {
        let shared = match &self.stored {
            Stored::Memory(_) => Packed::OVERHEAD_BYTES,
            Stored::Large(file) => file.file.as_os_str().len(),
            Stored::Redirect(redirect) => redirect.to.len() + redirect.html.len(),
        };
        // Itself behind its counts, its path behind others, and its place in the table.
        let own = size_of::<Self>() + self.path.as_str().len() + resources::PLACE_BYTES;
        own + shared + ALLOCATIONS * COUNTS_BYTES
    }
}

impl Stored {
    /// The hash of the identity body, or of what stands for it.
    fn hash(&self) -> Hash {
        match self {
            Self::Memory(body) => body.hash(),
            Self::Large(file) => file.hash,
            // What a visitor gets in the end is the place he is sent to.
            Self::Redirect(redirect) => Hash::of_fields([b"redirect", redirect.to.as_bytes()]),
        }
    }
}

/// Where a site keeps the page that stands in for missing ones.
const NOT_FOUND: &str = "/404.html";

/// A resource and its path.
const ALLOCATIONS: usize = 2;
/// What stands before a value that is counted.
pub(crate) const COUNTS_BYTES: usize = 2 * size_of::<usize>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Forms;

    #[test]
    fn what_a_large_site_has_many_of_is_small() {
        let sizes = [
            size_of::<Resource>(),
            size_of::<Packed>(),
            size_of::<Forms>(),
        ];
        assert_eq!(sizes, [120, 56, 168]);
    }
}
