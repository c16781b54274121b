//! The page function: a snapshot and the head of a request give a reply.
//!
//! It looks up, negotiates and hands out shared bytes. It opens no file, takes no lock, and knows
//! no HTTP framework, so that every listener can stand before it and its tests need no socket.

use std::borrow::Cow;

use super::{
    caching,
    conditional::{self, Validators, Verdict},
    date,
    fault::{ALLOW, Fault},
    negotiate,
    range::{self, Wanted},
    reply::{Body, Piece, Reply, RequestHead},
    target::{self, Refused, Target},
};
use crate::site::{Coding, LargeFile, Resource, Snapshot, Stored, UrlPath, Variant};

/// Answers a request from a snapshot.
pub(crate) fn answer<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    match head.method {
        "GET" => get(snapshot, head),
        "HEAD" => {
            let mut reply = get(snapshot, head);
            reply.body = reply.body.omitted();
            reply
        }
        "OPTIONS" => Reply::new(204).with("allow", ALLOW),
        _ => Fault::MethodNotAllowed.reply(),
    }
}

fn get<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    let Ok(target) = target::parse(head.target) else {
        return Fault::BadRequest.reply();
    };
    let Some(path) = below_base(snapshot, &target) else {
        return missing(snapshot, head);
    };
    match find(snapshot, path) {
        Some(resource) => found(snapshot, resource, head, &target),
        None => elsewhere(snapshot, path, head, &target),
    }
}

/// The path inside the site. The base itself counts as the site's index without its slash.
fn below_base<'t>(snapshot: &Snapshot, target: &'t Target<'_>) -> Option<&'t str> {
    let inner = target.path.strip_prefix(&*snapshot.base_path)?;
    (inner.is_empty() || inner.starts_with('/')).then_some(inner)
}

/// What a visitor may see at a path. Files whose names begin with a dot were never meant for him.
fn find<'s>(snapshot: &'s Snapshot, path: &str) -> Option<&'s Resource> {
    let resource = snapshot.resources.get(path)?;
    (!resource.path.is_hidden()).then_some(resource)
}

/// The other spellings under which an index is asked for, and then the way a miss is told.
fn elsewhere<'s>(
    snapshot: &'s Snapshot,
    path: &str,
    head: &RequestHead<'_>,
    target: &Target<'_>,
) -> Reply<'s> {
    let index = match path.strip_suffix("index.html") {
        Some(folder) if folder.ends_with('/') => find(snapshot, folder),
        _ if path.ends_with('/') => None,
        _ => find(snapshot, &format!("{path}/")),
    };
    match index {
        // An alias is not worth a detour to its own slash.
        Some(alias) if matches!(alias.stored, Stored::Redirect(_)) => {
            found(snapshot, alias, head, target)
        }
        Some(index) => moved(canonical(snapshot, index, target)),
        None if target::judge(&target.path) == Refused::Malformed => Fault::BadRequest.reply(),
        None => missing(snapshot, head),
    }
}

/// Where an index really lives, with the query it was asked with.
fn canonical(snapshot: &Snapshot, index: &Resource, target: &Target<'_>) -> String {
    // A base that is no path is empty, or comes from a `base_url` that loading has complained of.
    let base = UrlPath::new(&snapshot.base_path).map_or_else(|_| String::new(), |b| b.encoded());
    let query = target.query.map(|query| format!("?{query}"));
    base + &index.path.encoded() + &query.unwrap_or_default()
}

fn moved<'s>(to: impl Into<Cow<'s, str>>) -> Reply<'s> {
    let mut reply = Reply::new(301)
        .with("location", to)
        .with("cache-control", caching::FOR_A_WHILE)
        .with("x-content-type-options", "nosniff");
    reply.body = Body::Whole(bytes::Bytes::new());
    reply
}

/// The site's own page for what is not there, in the coding the client likes best.
fn missing<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    let Some((resource, variants)) =
        snapshot
            .not_found
            .as_deref()
            .and_then(|resource| match &resource.stored {
                Stored::Memory(variants) => Some((resource, variants)),
                Stored::Large(_) | Stored::Redirect(_) => None,
            })
    else {
        return Fault::NotFound.reply();
    };
    let accept = head.fields.value("accept-encoding");
    let Some(variant) = negotiate::choose(variants, accept.as_deref()) else {
        return Fault::NotFound.reply();
    };
    let mut reply = Reply::new(404).with("content-type", &*resource.media_type);
    push_coding(&mut reply, variant.coding);
    reply.push("cache-control", caching::REVALIDATE);
    push_vary(&mut reply, variants);
    reply.push("x-content-type-options", "nosniff");
    reply.body = Body::Whole(variant.bytes.clone());
    reply
}

fn found<'s>(
    snapshot: &'s Snapshot,
    resource: &'s Resource,
    head: &RequestHead<'_>,
    target: &Target<'_>,
) -> Reply<'s> {
    match &resource.stored {
        _ if resource.status == 404 => missing(snapshot, head),
        Stored::Redirect(redirect) => moved(&*redirect.to),
        Stored::Memory(variants) => {
            let accept = head.fields.value("accept-encoding");
            match negotiate::choose(variants, accept.as_deref()) {
                Some(variant) => Chosen::in_memory(variant, variants).reply(resource, head, target),
                None => {
                    let mut reply = Fault::NotAcceptable.reply();
                    push_vary(&mut reply, variants);
                    reply
                }
            }
        }
        Stored::Large(file) => Chosen::on_disk(file).reply(resource, head, target),
    }
}

/// The form of a resource that was chosen for the client.
struct Chosen<'s> {
    coding: Coding,
    etag: Cow<'s, str>,
    content: Piece,
    /// All forms it was chosen among.
    among: &'s [Variant],
}

impl<'s> Chosen<'s> {
    fn in_memory(variant: &'s Variant, among: &'s [Variant]) -> Self {
        Self {
            coding: variant.coding,
            etag: Cow::Borrowed(&variant.etag),
            content: Piece::Bytes(variant.bytes.clone()),
            among,
        }
    }

    fn on_disk(file: &LargeFile) -> Self {
        Self {
            coding: Coding::Identity,
            etag: format!("\"{}\"", file.hash.hex(ETAG_DIGITS)).into(),
            content: Piece::File(file.clone(), 0..file.bytes),
            among: &[],
        }
    }

    fn reply(
        self,
        resource: &'s Resource,
        head: &RequestHead<'_>,
        target: &Target<'_>,
    ) -> Reply<'s> {
        let validators = Validators {
            etag: &self.etag,
            modified: resource.modified,
        };
        let cache_control = caching::policy(resource, target);
        match conditional::judge(head.fields, validators) {
            Verdict::Failed => Fault::PreconditionFailed.reply(),
            Verdict::NotModified => {
                let mut reply = Reply::new(304)
                    .with("etag", self.etag)
                    .with("cache-control", cache_control);
                push_vary(&mut reply, self.among);
                reply
            }
            Verdict::Proceed => {
                let wanted = self.wanted(head);
                let mut reply = self.represent(resource, wanted);
                reply.push("cache-control", cache_control);
                reply.push("x-content-type-options", "nosniff");
                reply
            }
        }
    }

    /// RFC 9110 §14.2: a range is defined for GET alone, and may always be passed over. Several
    /// parts of an encoded body are: nobody says whether the coding is that of the parts or of all.
    fn wanted(&self, head: &RequestHead<'_>) -> Wanted {
        let Some(field) = head.fields.value("range") else {
            return Wanted::Whole;
        };
        if head.method != "GET" || !conditional::range_counts(head.fields, &self.etag) {
            return Wanted::Whole;
        }
        match range::parse(&field, self.content.length()) {
            Wanted::Parts(parts) if parts.len() > 1 && self.coding != Coding::Identity => {
                Wanted::Whole
            }
            wanted => wanted,
        }
    }

    fn represent(self, resource: &'s Resource, wanted: Wanted) -> Reply<'s> {
        let length = self.content.length();
        let mut media_type = Cow::Borrowed(&*resource.media_type);
        let mut reply = Reply::new(206);
        match wanted {
            Wanted::Whole => {
                reply.status = resource.status;
                reply.body = match self.content {
                    Piece::Bytes(bytes) => Body::Whole(bytes),
                    file @ Piece::File(..) => Body::Pieces(vec![file]),
                };
            }
            Wanted::Nothing => {
                return Fault::RangeNotSatisfiable
                    .reply()
                    .with("content-range", format!("bytes */{length}"));
            }
            Wanted::Parts(parts) => {
                if let [part] = &parts[..] {
                    reply.push("content-range", range::content_range(part, length));
                    reply.body = Body::Pieces(vec![self.content.slice(part)]);
                } else {
                    // A body does not hold its own hash, so the tag is a boundary that is safe.
                    let boundary = self.etag.trim_matches('"');
                    reply.body = range::multipart(&self.content, &parts, &media_type, boundary);
                    media_type = format!("multipart/byteranges; boundary={boundary}").into();
                }
            }
        }
        reply.push("content-type", media_type);
        push_coding(&mut reply, self.coding);
        reply.push("etag", self.etag);
        if let Some(modified) = resource.modified.and_then(date::format) {
            reply.push("last-modified", modified);
        }
        push_vary(&mut reply, self.among);
        reply.push("accept-ranges", "bytes");
        reply
    }
}

fn push_coding(reply: &mut Reply<'_>, coding: Coding) {
    if coding != Coding::Identity {
        reply.push("content-encoding", coding.token());
    }
}

/// A cache between us must not give one client's coding to another.
fn push_vary(reply: &mut Reply<'_>, among: &[Variant]) {
    if among.len() > 1 {
        reply.push("vary", "Accept-Encoding");
    }
}

/// Hexadecimal digits of the entity tag of a file on disk: 128 bits.
const ETAG_DIGITS: usize = 32;

#[cfg(test)]
mod tests;
