//! What a media type (RFC 9110 §8.3.1) is to those who put pages together.

/// What a resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaKind {
    /// What people come for.
    Document,
    /// What documents are put together with: an old style sheet under a new page is half a release.
    Code,
    /// What may be an hour old without breaking anything.
    Media,
}

impl MediaKind {
    /// What a media type, with or without parameters, is for.
    pub(crate) fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        match essence {
            "text/html" | "application/xhtml+xml" => Self::Document,
            "application/javascript"
            | "application/json"
            | "application/xml"
            | "application/wasm" => Self::Code,
            "image/svg+xml" => Self::Media,
            _ if essence.starts_with("text/") => Self::Code,
            _ if essence.ends_with("+xml") || essence.ends_with("+json") => Self::Code,
            _ => Self::Media,
        }
    }
}
