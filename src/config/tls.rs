//! The `[tls]` table: where the certificates are.

use std::path::PathBuf;

use super::Section;

/// Where the certificates are. With neither, a self-signed one is made at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    /// One PEM file with a key and its chain, for every name it covers and for clients that name
    /// nobody.
    pub(crate) cert: Option<PathBuf>,
    /// A folder of such files, each for the names it covers.
    pub(crate) certs: Option<PathBuf>,
}

impl Tls {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let tls = Self {
            cert: section.path("cert"),
            certs: section.path("certs"),
        };
        section.finish();
        tls
    }
}
