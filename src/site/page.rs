//! What rendering hands to packing: documents and assets, each with its place in the site.

use std::{fs::File, path::PathBuf, sync::Arc};

use bytes::Bytes;

use super::{Hash, UrlPath};

/// One document or asset of a site, before it is packed.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Where it is served.
    pub(crate) path: UrlPath,
    /// What it is answered with: 200, or 404 for the page that stands in for missing ones.
    pub(crate) status: u16,
    /// The media type with its parameters: `text/html; charset=utf-8`.
    pub(crate) media_type: Arc<str>,
    /// What is served there.
    pub(crate) content: Content,
    /// When it last changed, in seconds since 1970 (UTC): `Last-Modified`. Content is dated by its
    /// front matter and a static file by its own time (which rsync keeps), so every POP says the
    /// same; None where nothing says when.
    pub(crate) modified: Option<i64>,
}

/// The content of a [`Page`].
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Bytes, held in memory.
    Bytes(Bytes),
    /// A file too large for memory, streamed from where it lies.
    Large(LargeFile),
    /// An alias or a `redirect_to`: answered with a redirect to `to` (a URL or a path, ready for
    /// the `Location` field). `html` is the page that `littoral build` writes in its place.
    Redirect {
        /// The target.
        to: Arc<str>,
        /// The document that sends a browser there without a server's help.
        html: Bytes,
    },
}

/// A file that stays on disk.
#[derive(Debug, Clone)]
pub(crate) struct LargeFile {
    /// Where it lies.
    pub(crate) file: PathBuf,
    /// Its length in bytes.
    pub(crate) bytes: u64,
    /// The hash of its content.
    pub(crate) hash: Hash,
    /// The file itself, held open: rsync puts a new one in its place by a rename, and this one is
    /// answered from until the next snapshot. None where too many are open already; then `file` is
    /// opened when it is asked for.
    pub(crate) held: Option<Arc<File>>,
}

/// By what they are, not by who holds them open.
impl PartialEq for LargeFile {
    fn eq(&self, other: &Self) -> bool {
        let facts = |large: &Self| (large.bytes, large.hash);
        facts(self) == facts(other) && self.file == other.file
    }
}

impl Eq for LargeFile {}
