//! The page function: a snapshot and the head of a request give a reply.
//!
//! It looks up, negotiates and hands out shared bytes. It opens no file, takes no lock, and knows
//! no HTTP framework, so that every listener can stand before it and its tests need no socket.

use std::borrow::Cow;

use super::{
    caching,
    chosen::{Chosen, Varies, push_coding, push_vary},
    fault::{ALLOW, Fault},
    negotiate,
    reply::{Body, Field, Reply, RequestHead},
    target::{self, Refused, Target},
};
use crate::{
    pack,
    site::{Resource, Snapshot, Stored, UrlPath},
};

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
        known if KNOWN_METHODS.contains(&known) => Fault::MethodNotAllowed.reply(),
        _ => Fault::NotImplemented.reply(),
    }
}

fn get<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    let Ok(target) = target::parse(head.target) else {
        return Fault::BadRequest.reply();
    };
    let Some(path) = below_base(snapshot, &target) else {
        // Whoever comes to the root of the host is shown where the site is: for now, since another
        // may live there one day.
        return match &*target.path {
            "/" => moved(base(snapshot) + "/").with_status(302),
            _ => miss(snapshot, head, &target),
        };
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
        None => miss(snapshot, head, target),
    }
}

fn miss<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>, target: &Target<'_>) -> Reply<'s> {
    match target::judge(&target.path) {
        Refused::Malformed => Fault::BadRequest.reply(),
        Refused::Missing => missing(snapshot, head),
    }
}

/// Where an index really lives, with the query it was asked with.
fn canonical(snapshot: &Snapshot, index: &Resource, target: &Target<'_>) -> String {
    let query = target.query.map(|query| format!("?{query}"));
    base(snapshot) + &index.path.encoded() + &query.unwrap_or_default()
}

/// The path that the site lives below, as it is sent. One that is no path is empty.
fn base(snapshot: &Snapshot) -> String {
    UrlPath::new(&snapshot.base_path).map_or_else(|_| String::new(), |base| base.encoded())
}

/// A redirect that holds for good.
pub(super) fn moved<'s>(to: impl Into<Cow<'s, str>>) -> Reply<'s> {
    let mut reply = Reply::new(301)
        .with("location", to.into())
        .with("cache-control", caching::FOR_A_WHILE)
        .with("x-content-type-options", "nosniff");
    reply.body = Body::Whole(bytes::Bytes::new());
    reply
}

/// The site's own page for what is not there, in the coding the client likes best.
fn missing<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    let found = snapshot.not_found.as_deref().and_then(|resource| {
        let Stored::Memory(body) = &resource.stored else {
            return None;
        };
        let forms = body.forms();
        let accept = head.fields.value(Field::AcceptEncoding);
        let variant = negotiate::choose(forms.variants(), accept.as_deref())?;
        let bytes = pack::worked_out(body, &forms, variant.coding)?;
        body.note_request(forms.stage);
        Some((resource, variant.coding, bytes, Varies::among(&forms)))
    });
    let Some((resource, coding, bytes, varies)) = found else {
        return Fault::NotFound.reply();
    };
    let mut reply = Reply::new(404).with("content-type", Cow::Borrowed(&*resource.media_type));
    push_coding(&mut reply, coding);
    reply.push("cache-control", caching::REVALIDATE);
    push_vary(&mut reply, varies);
    reply.push("x-content-type-options", "nosniff");
    reply.body = Body::Whole(bytes);
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
        Stored::Redirect(redirect) => {
            let mut reply = moved(&*redirect.to);
            reply.is_settled = true;
            reply
        }
        Stored::Memory(body) => {
            let accept = head.fields.value(Field::AcceptEncoding);
            // Once: what is put in their place meanwhile is for the next request.
            let forms = body.forms();
            body.note_request(forms.stage);
            match negotiate::choose(forms.variants(), accept.as_deref()) {
                Some(variant) => {
                    Chosen::in_memory(body, &forms, variant).reply(resource, head, target)
                }
                None => {
                    let mut reply = Fault::NotAcceptable.reply();
                    push_vary(&mut reply, Varies::among(&forms));
                    reply
                }
            }
        }
        Stored::Large(file) => Chosen::on_disk(file).reply(resource, head, target),
    }
}

/// Methods that mean something, and nothing to a page (RFC 9110 §9.3, RFC 5789).
const KNOWN_METHODS: [&str; 6] = ["CONNECT", "DELETE", "PATCH", "POST", "PUT", "TRACE"];

#[cfg(test)]
mod tests;
