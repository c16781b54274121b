//! The `[admin]` table: where a node tells those who run it how it is.

use std::net::SocketAddr;

use super::Section;

/// The listener for health and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Admin {
    /// Its address; None for no listener.
    pub(crate) listen: Option<SocketAddr>,
}

impl Admin {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let admin = Self {
            listen: section.text("listen"),
        };
        section.finish();
        admin
    }
}
