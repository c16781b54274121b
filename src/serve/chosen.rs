//! The form of a resource that was chosen for a client, and the reply it becomes: validators,
//! conditions, ranges, and the fields that say so.

use std::borrow::Cow;

use super::{
    caching,
    conditional::{self, Validators, Verdict},
    date,
    fault::Fault,
    range::{self, Wanted},
    reply::{Body, Piece, Reply, RequestHead},
    target::Target,
};
use crate::site::{Coding, LargeFile, Resource, Variant};

/// The form of a resource that was chosen for the client.
pub(super) struct Chosen<'s> {
    coding: Coding,
    etag: Cow<'s, str>,
    content: Piece,
    /// All forms it was chosen among.
    among: &'s [Variant],
}

impl<'s> Chosen<'s> {
    /// One of the forms a body is held in.
    pub(super) fn in_memory(variant: &'s Variant, among: &'s [Variant]) -> Self {
        Self {
            coding: variant.coding,
            etag: Cow::Borrowed(&variant.etag),
            content: Piece::Bytes(variant.bytes.clone()),
            among,
        }
    }

    /// A file, which has but one form.
    pub(super) fn on_disk(file: &LargeFile) -> Self {
        Self {
            coding: Coding::Identity,
            etag: format!("\"{}\"", file.hash.hex(ETAG_DIGITS)).into(),
            content: Piece::File(file.clone(), 0..file.bytes),
            among: &[],
        }
    }

    /// The reply, as far as the client's conditions let it come to one.
    pub(super) fn reply(
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

/// Says which coding a body has.
pub(super) fn push_coding(reply: &mut Reply<'_>, coding: Coding) {
    if coding != Coding::Identity {
        reply.push("content-encoding", coding.token());
    }
}

/// Says that another client might get another form: a cache between us must not mix them up.
pub(super) fn push_vary(reply: &mut Reply<'_>, among: &[Variant]) {
    if among.len() > 1 {
        reply.push("vary", "Accept-Encoding");
    }
}

/// Hexadecimal digits of the entity tag of a file on disk: 128 bits.
const ETAG_DIGITS: usize = 32;
