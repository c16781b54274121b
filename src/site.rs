//! The nouns of the program: what a site is as read, as rendered, and as served.
//!
//! Every other room speaks in these words. This room computes small things about them (a path from
//! a string, a hash from bytes) and nothing else.
//!
//! **Invariant:** no I/O, no clock, no HTTP framework, no template engine.

mod config;
mod hash;
mod page;
mod path;
mod problem;
mod snapshot;
mod source;

pub(crate) use config::{ExternalLinks, HighlightStyle, Highlighting, InsertAnchor, Markdown};
pub(crate) use hash::Hash;
pub(crate) use page::{Content, LargeFile, Page};
pub(crate) use path::{Unsafe, UrlPath};
pub(crate) use problem::{Problem, Severity};
pub(crate) use snapshot::{Coding, Redirect, Resource, Snapshot, Stored, Variant};
