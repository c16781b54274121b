//! The form of a resource that was chosen for a client, and the reply it becomes: validators,
//! conditions, ranges, and the fields that say so.

use std::{borrow::Cow, sync::Arc};

use super::{
    caching,
    conditional::{self, Validators, Verdict},
    date,
    fault::Fault,
    range::{self, Wanted},
    reply::{Body, Field, Piece, Reply, RequestHead},
    target::Target,
};
use crate::{
    pack,
    site::{Coding, ETag, Forms, LargeFile, Packed, Resource, Stage, Variant},
};

/// The form of a resource that was chosen for the client.
pub(super) struct Chosen<'s> {
    coding: Coding,
    etag: ETag,
    content: Source<'s>,
    length: u64,
    varies: Varies,
    /// Whether its bytes stay what they are.
    is_final: bool,
}

/// Where its bytes are.
enum Source<'s> {
    /// At hand.
    Piece(Piece),
    /// In this coding nowhere: they are worked out once it is certain that they are sent.
    Absent(&'s Packed, Arc<Forms>, Coding),
}

/// Whether another client might get another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Varies {
    ByCoding,
    Never,
}

impl Varies {
    /// As there are so many forms.
    pub(super) fn among(forms: &Forms) -> Self {
        match forms.variants().count() {
            0 | 1 => Self::Never,
            _ => Self::ByCoding,
        }
    }
}

impl<'s> Chosen<'s> {
    /// `variant`, one of the `forms` of `body`.
    pub(super) fn in_memory(body: &'s Packed, forms: &Arc<Forms>, variant: &Variant) -> Self {
        Self {
            coding: variant.coding,
            etag: variant.etag,
            length: variant.length,
            content: match forms.bytes(variant.coding) {
                Some(bytes) => Source::Piece(Piece::Bytes(bytes)),
                None => Source::Absent(body, Arc::clone(forms), variant.coding),
            },
            varies: Varies::among(forms),
            is_final: forms.stage != Stage::Quick && variant.is_held,
        }
    }

    /// A file, which has but one form.
    pub(super) fn on_disk(file: &LargeFile) -> Self {
        Self {
            coding: Coding::Identity,
            etag: ETag::of(&file.hash),
            content: Source::Piece(Piece::File(file.clone(), 0..file.bytes)),
            length: file.bytes,
            varies: Varies::Never,
            is_final: false,
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
            etag: self.etag,
            modified: resource.modified,
        };
        let cache_control = caching::policy(resource, target);
        let is_settled = self.is_final;
        let mut reply = match conditional::judge(head.fields, validators) {
            Verdict::Failed => Fault::PreconditionFailed.reply(),
            Verdict::NotModified => {
                let mut reply = Reply::new(304)
                    .with("etag", self.etag)
                    .with("cache-control", cache_control);
                push_vary(&mut reply, self.varies);
                reply
            }
            Verdict::Proceed => {
                let wanted = self.wanted(head);
                let Some(mut reply) = self.represent(resource, head, wanted) else {
                    return Fault::Busy.reply();
                };
                reply.push("cache-control", cache_control);
                reply.push("x-content-type-options", "nosniff");
                reply
            }
        };
        reply.page = Some(resource);
        reply.is_settled = is_settled;
        reply
    }

    /// RFC 9110 §14.2: a range is defined for GET alone, and may always be passed over. Several
    /// parts of an encoded body are: nobody says whether the coding is that of the parts or of all.
    fn wanted(&self, head: &RequestHead<'_>) -> Wanted {
        let Some(field) = head.fields.value(Field::Range) else {
            return Wanted::Whole;
        };
        if head.method != "GET" || !conditional::range_counts(head.fields, self.etag) {
            return Wanted::Whole;
        }
        match range::parse(&field, self.length) {
            Wanted::Parts(parts) if parts.len() > 1 && self.coding != Coding::Identity => {
                Wanted::Whole
            }
            wanted => wanted,
        }
    }

    /// None if its bytes cannot be worked out just now.
    fn represent(
        self,
        resource: &'s Resource,
        head: &RequestHead<'_>,
        wanted: Wanted,
    ) -> Option<Reply<'s>> {
        let length = self.length;
        let mut media_type = Cow::Borrowed(&*resource.media_type);
        let mut reply = Reply::new(206);
        match wanted {
            Wanted::Whole => {
                reply.status = resource.status;
                reply.body = match (head.method, self.content) {
                    ("HEAD", _) => Body::Omitted(length),
                    (_, content) => match content.piece()? {
                        Piece::Bytes(bytes) => Body::Whole(bytes),
                        file @ Piece::File(..) => Body::Pieces(vec![file]),
                    },
                };
            }
            Wanted::Nothing => {
                let reply = Fault::RangeNotSatisfiable.reply();
                return Some(reply.with("content-range", format!("bytes */{length}")));
            }
            Wanted::Parts(parts) => {
                let content = self.content.piece()?;
                if let [part] = &parts[..] {
                    reply.push("content-range", range::content_range(part, length));
                    reply.body = Body::Pieces(vec![content.slice(part)]);
                } else {
                    // A body does not hold its own hash, so the tag is a boundary that is safe.
                    let tag = self.etag.to_string();
                    let boundary = tag.trim_matches('"');
                    reply.body = range::multipart(&content, &parts, &media_type, boundary);
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
        push_vary(&mut reply, self.varies);
        reply.push("accept-ranges", "bytes");
        Some(reply)
    }
}

impl Source<'_> {
    fn piece(self) -> Option<Piece> {
        match self {
            Self::Piece(piece) => Some(piece),
            Self::Absent(body, forms, coding) => {
                pack::worked_out(body, &forms, coding).map(Piece::Bytes)
            }
        }
    }
}

/// Says which coding a body has.
pub(super) fn push_coding(reply: &mut Reply<'_>, coding: Coding) {
    if coding != Coding::Identity {
        reply.push("content-encoding", coding.token());
    }
}

/// Says that another client might get another form: a cache between us must not mix them up.
pub(super) fn push_vary(reply: &mut Reply<'_>, varies: Varies) {
    if varies == Varies::ByCoding {
        reply.push("vary", "Accept-Encoding");
    }
}
