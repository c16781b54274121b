//! A site at one moment, ready to be served: immutable, complete, found by path.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::{Hash, LargeFile, Packed, UrlPath};

/// Every resource of one site at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The hash over the sorted manifest (path, status, media type, hash of the identity body): the
    /// same on every POP that renders the same source with the same version.
    pub(crate) root_hash: Hash,
    /// The path below which the site lives, from its `base_url`: empty for the root of the host,
    /// else `/book`, without a slash at its end.
    pub(crate) base_path: Box<str>,
    /// Every resource, by its path below `base_path`.
    pub(crate) resources: HashMap<UrlPath, Arc<Resource>>,
    /// The resource that stands in for missing ones, with its status of 404.
    pub(crate) not_found: Option<Arc<Resource>>,
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
    /// What is sent.
    pub(crate) stored: Stored,
    /// The hash of the identity body.
    pub(crate) hash: Hash,
    /// When it last changed, in seconds since 1970.
    pub(crate) modified: Option<i64>,
}

/// How the body of a [`Resource`] is held.
#[derive(Debug)]
pub(crate) enum Stored {
    /// In memory, once for all resources that have these bytes.
    Memory(Arc<Packed>),
    /// On disk.
    Large(LargeFile),
    /// Nowhere: the client is sent elsewhere.
    Redirect(Redirect),
}

/// A redirect, permanent for aliases and `redirect_to`.
#[derive(Debug)]
pub(crate) struct Redirect {
    /// The value of the `Location` field.
    pub(crate) to: Arc<str>,
    /// The page that `littoral build` writes in its place.
    pub(crate) html: Bytes,
}

impl Resource {
    /// About what it takes in memory beside its body.
    pub(crate) fn overhead_bytes(&self) -> u64 {
        let shared = match &self.stored {
            Stored::Memory(body) => body.overhead_bytes(),
            Stored::Large(file) => file.file.as_os_str().len(),
            Stored::Redirect(redirect) => redirect.to.len() + redirect.html.len(),
        };
        // Itself behind its counts, its path behind others, and its place in the table by path.
        let own = size_of::<Self>() + self.path.as_str().len() + size_of::<(UrlPath, usize)>();
        (own + shared + ALLOCATIONS * COUNTS_BYTES) as u64
    }
}

/// A resource and its path.
const ALLOCATIONS: usize = 2;
/// What stands before a value that is counted.
const COUNTS_BYTES: usize = 2 * size_of::<usize>();
