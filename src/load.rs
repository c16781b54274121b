//! A folder becomes a [`Source`](crate::site::Source): the only room that reads a site from disk.

use std::path::PathBuf;

/// Which site to read, and how.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The folder that holds `config.toml` (or `zola.toml`), `content/`, `templates/`, ...
    pub(crate) root: PathBuf,
    /// The site's own configuration, where it is not `config.toml` or `zola.toml` in `root`.
    pub(crate) config: Option<PathBuf>,
    /// In place of the configuration's `base_url`.
    pub(crate) base_url: Option<String>,
    /// Whether drafts are part of the site.
    pub(crate) drafts: bool,
    /// What `config.mode` says to templates.
    pub(crate) mode: Mode,
    /// A static file larger than this stays on disk.
    pub(crate) memory_file_bytes_max: u64,
}

/// What the site is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `littoral build` and `littoral serve`.
    Build,
    /// `littoral check`.
    Check,
    /// `littoral dev`.
    Dev,
}
