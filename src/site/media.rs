//! What a media type (RFC 9110 §8.3.1) is to those who put pages together, and where a document is in Markdown.

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
        let essence = essence(media_type);
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

/// Where the Markdown of the document at `path` is, if there is any: `/blog/first.md` for `/blog/first/`.
pub(crate) fn markdown_path(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => "/index.md".to_owned(),
        folder => format!("{folder}.md"),
    }
}

/// Whether a media type is that of Markdown (RFC 7763).
pub(crate) fn is_markdown(media_type: &str) -> bool {
    essence(media_type) == "text/markdown"
}

/// Whether a media type without parameters is one of JavaScript (MIME Sniffing §4.6). Without a type a script is of one, too.
pub(crate) fn is_javascript(essence: &str) -> bool {
    SCRIPTS
        .iter()
        .any(|script| essence.eq_ignore_ascii_case(script))
}

/// A media type without its parameters.
pub(crate) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

const SCRIPTS: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];
