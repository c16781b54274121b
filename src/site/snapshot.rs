//! A site at one moment, ready to be served: immutable, complete, found by path.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::{Hash, LargeFile, UrlPath};

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
    /// In memory, the identity form first, then each coding that is smaller than it, the smallest
    /// first.
    Memory(Vec<Variant>),
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

/// A body in one content coding. A copy shares the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    /// Which coding.
    pub(crate) coding: Coding,
    /// The encoded bytes.
    pub(crate) bytes: Bytes,
    /// The strong entity tag of these very bytes, with its quotes (RFC 9110 §8.8.3).
    pub(crate) etag: Box<str>,
}

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

impl Coding {
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
