//! Whether a client would rather have a document in Markdown (RFC 7763), as programs that read for people do.

use std::sync::Arc;

use super::{
    answer,
    reply::{Field, Reply, RequestHead},
};
use crate::site::{MediaKind, Resource, Snapshot, Stored, is_markdown, markdown_path};

/// A document and its Markdown, and which of both is to be sent.
#[derive(Clone, Copy)]
pub(super) enum Choice<'s> {
    /// What was asked for is the only form.
    Only(&'s Resource),
    /// The document, which is there in Markdown as well.
    Document(&'s Resource),
    /// The Markdown of this document.
    Markdown(&'s Resource, &'s Resource),
    /// The Markdown of this document, which was asked for where it lies.
    Twin(&'s Resource, &'s Resource),
}

impl<'s> Choice<'s> {
    /// What of `resource` is to be sent.
    pub(super) fn of(
        snapshot: &'s Snapshot,
        resource: &'s Resource,
        head: &RequestHead<'_>,
    ) -> Self {
        if !snapshot.has_markdown {
            return Self::Only(resource);
        }
        if resource.kind != MediaKind::Document {
            let document = written_as(snapshot, resource);
            return document.map_or(Self::Only(resource), |document| {
                Self::Twin(resource, document)
            });
        }
        let markdown = snapshot
            .resources
            .get(&markdown_path(resource.path.as_str()));
        let is_good = |one: &&Arc<Resource>| {
            is_markdown(&one.media_type) && matches!(one.stored, Stored::Memory(_))
        };
        let Some(markdown) = markdown.filter(is_good) else {
            return Self::Only(resource);
        };
        let accept = head.fields.value(Field::Accept);
        match accept.is_some_and(|accept| prefers_markdown(&accept)) {
            true => Self::Markdown(markdown, resource),
            false => Self::Document(resource),
        }
    }

    /// What is sent.
    pub(super) fn resource(self) -> &'s Resource {
        match self {
            Self::Only(resource)
            | Self::Document(resource)
            | Self::Markdown(resource, _)
            | Self::Twin(resource, _) => resource,
        }
    }

    /// Says that there are two, and where each of them is.
    pub(super) fn tell(self, reply: &mut Reply<'s>, snapshot: &Snapshot) {
        if let Self::Only(_) = self {
            return;
        }
        // A cache between us must not mix them up.
        if !matches!(self, Self::Twin(..)) {
            reply.join("vary", "Accept");
        }
        let base = answer::base(snapshot);
        let canonical =
            |document: &Resource| format!("<{base}{}>; rel=\"canonical\"", document.path.encoded());
        match self {
            Self::Markdown(markdown, document) if reply.status < 300 => {
                reply.push(
                    "content-location",
                    format!("{base}{}", markdown.path.encoded()),
                );
                reply.push("link", canonical(document));
            }
            Self::Twin(_, document) if reply.status < 300 => {
                reply.push("link", canonical(document));
            }
            Self::Document(document) if reply.status < 300 => {
                let path = markdown_path(&document.path.encoded());
                let link = format!("<{base}{path}>; rel=\"alternate\"; type=\"text/markdown\"");
                reply.push("link", link);
            }
            _ => {}
        }
    }
}

/// The document that `resource` is the Markdown of.
fn written_as<'s>(snapshot: &'s Snapshot, resource: &Resource) -> Option<&'s Resource> {
    if !is_markdown(&resource.media_type) {
        return None;
    }
    let stem = resource.path.as_str().strip_suffix(".md")?;
    let folder = match stem {
        "/index" => "/".to_owned(),
        stem => format!("{stem}/"),
    };
    let mut places = [folder.as_str(), stem].into_iter();
    let document = places.find_map(|path| snapshot.resources.get(path))?;
    (document.kind == MediaKind::Document).then_some(document)
}

/// Whether an `Accept` field (RFC 9110 §12.5.1) names Markdown, and nothing before it: who names it can read it, and who
/// takes all that there is wants what people see.
fn prefers_markdown(accept: &str) -> bool {
    let mut markdown = None;
    let (mut html, mut all) = (None, None);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(media_range) = parts.next() else {
            continue;
        };
        let place = match media_range.to_ascii_lowercase().as_str() {
            "text/markdown" => &mut markdown,
            "text/html" => &mut html,
            "text/*" | "*/*" => &mut all,
            _ => continue,
        };
        let weight =
            parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // RFC 9110 §12.4.2: at most three digits behind the point. What is no number counts as none.
        let weight = weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        *place = Some(place.map_or(weight, |before: f32| before.max(weight)));
    }
    let markdown = markdown.unwrap_or(0.0);
    markdown > 0.0 && markdown >= html.or(all).unwrap_or(0.0)
}

/// Whether the answer to a request with this value of `Accept` may be another than to one without.
pub(super) fn is_told_from_others(accept: &[u8]) -> bool {
    let needle = b"markdown";
    accept
        .windows(needle.len())
        .any(|part| part.eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_markdown_gets_it() {
        for accept in [
            "text/markdown",
            "Text/Markdown;q=0.5",
            "text/markdown, text/html, */*",
            "text/html;q=0.8, text/markdown; q=0.9",
            "*/*, text/markdown",
            "text/plain, text/markdown;charset=utf-8, image/png",
        ] {
            assert!(prefers_markdown(accept), "{accept}");
            assert!(is_told_from_others(accept.as_bytes()), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "text/markdown;q=0",
            "text/markdown;q=0.5, text/html",
            "text/markdown;q=0.5, */*",
            "text/markdown;q=x",
            "text/markdownish",
        ] {
            assert!(!prefers_markdown(accept), "{accept}");
        }
        assert!(!is_told_from_others(b"text/html, */*"));
    }
}
