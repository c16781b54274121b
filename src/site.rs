//! The nouns of the program: what a site is as read, as rendered, and as served.
//!
//! Every other room speaks in these words. This room computes small things about them (a path from
//! a string, a hash from bytes) and nothing else.
//!
//! **Invariant:** no I/O, no clock, no HTTP framework, no template engine.

mod config;
mod content_file;
mod data;
mod extra;
mod facts;
mod front;
mod hash;
mod lease;
mod ledger;
mod media;
mod packed;
mod page;
mod path;
mod problem;
mod remote;
mod resources;
mod rules;
mod sass;
mod slug;
mod snapshot;
mod source;

pub(crate) use config::{
    Config, ExternalLinks, HighlightStyle, Highlighting, IndexFormat, InsertAnchor, Language,
    Markdown, Outputs, Search, SlugMode, Slugify, TaxonomyConfig,
};
pub(crate) use content_file::ContentFile;
pub(crate) use data::{toml, yaml, yaml_value};
pub(crate) use extra::Extra;
pub(crate) use facts::{CrossOrigin, Facts, Hashes, Reference, Root, Subresource, SubresourceKind};
pub(crate) use front::{Date, PageFront, Pagination, SectionFront, Seldom, SortBy, Terms};
pub(crate) use hash::Hash;
pub(crate) use lease::Lease;
pub(crate) use ledger::Ledger;
pub(crate) use media::{MediaKind, essence, is_javascript, is_markdown, markdown_path};
pub(crate) use packed::{Coding, ETAG_BYTES, ETag, Encoded, Forms, Packed, Stage, Variant};
pub(crate) use page::{Content, LargeFile, Page};
pub(crate) use path::{Unsafe, UrlPath};
pub(crate) use problem::{Problem, Severity, gathered, nearest, nearest_path};
pub(crate) use remote::{Fetch, Method, Remote, Unfetched};
pub(crate) use resources::Resources;
#[cfg(fuzzing)]
pub(crate) use rules::fuzz as fuzz_rules;
pub(crate) use rules::{
    Captures, Change, HEADERS, HeaderRule, Led, POLICIES, PathPattern, REDIRECTS, RedirectRule,
    Redirects, RuleFile, RuleFiles, Rules, Turn,
};
pub(crate) use sass::{CompiledSass, SassCompiler};
pub(crate) use slug::slugify;
pub(crate) use snapshot::{COUNTS_BYTES, Redirect, Resource, Snapshot, Stored};
pub(crate) use source::{
    Asset, AssetContent, Body, ColourSource, Files, PageSource, SassSource, SectionSource, Source,
    TemplateSource,
};
