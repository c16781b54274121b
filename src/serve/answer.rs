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
    written::Choice,
};
use crate::{
    pack,
    site::{Led, Packed, Redirects, Resource, Snapshot, Stage, Stored, Turn, UrlPath},
};

/// Answers a request from a snapshot. What the `operator` says of where paths lead goes before what the site's owner
/// says.
pub(crate) fn answer<'s>(
    snapshot: &'s Snapshot,
    operator: &Redirects,
    head: &RequestHead<'_>,
) -> Reply<'s> {
    match head.method {
        "GET" => get(snapshot, operator, head),
        "HEAD" => {
            let mut reply = get(snapshot, operator, head);
            reply.body = reply.body.omitted();
            reply
        }
        "OPTIONS" => Reply::new(204).with("allow", ALLOW),
        known if KNOWN_METHODS.contains(&known) => Fault::MethodNotAllowed.reply(),
        _ => Fault::NotImplemented.reply(),
    }
}

fn get<'s>(snapshot: &'s Snapshot, operator: &Redirects, head: &RequestHead<'_>) -> Reply<'s> {
    let Ok(target) = target::parse(head.target) else {
        return Fault::BadRequest.reply();
    };
    // What is no path at all must not be mistaken for one by a rule.
    let rules = [operator, &snapshot.rules.redirects];
    let may_lead =
        rules.iter().any(|rules| !rules.is_empty()) && UrlPath::new(&target.path).is_ok();
    let rules = rules.iter().filter(|_| may_lead);
    let led = |led: fn(&Redirects, &str, Option<&str>) -> Option<Led>| {
        rules
            .clone()
            .find_map(|rules| led(rules, &target.path, target.query))
    };
    if let Some(led) = led(Redirects::before_pages) {
        return follow(snapshot, led, head);
    }
    let path = below_base(snapshot, &target);
    if let Some(reply) = path.and_then(|path| page(snapshot, path, head, &target)) {
        return reply;
    }
    if let Some(led) = led(Redirects::behind_pages) {
        return follow(snapshot, led, head);
    }
    match path {
        // Whoever comes to the root of the host is shown where the site is: for now, since another
        // may live there one day.
        None if target.path == "/" => moved(base(snapshot) + "/").with_status(302),
        _ => miss(snapshot, head, &target),
    }
}

/// Does what a rule says. Where that leads, no other rule counts.
fn follow<'s>(snapshot: &'s Snapshot, led: Led, head: &RequestHead<'_>) -> Reply<'s> {
    let status = match led.turn {
        Turn::Away(status) => {
            let mut reply = moved(led.to).with_status(status);
            reply.is_settled = true;
            return reply;
        }
        Turn::Show(status) => status,
    };
    let shown = target::parse(&led.to).ok().and_then(|target| {
        let resource = at(snapshot, &target)?;
        match status {
            200 => Some(found(snapshot, resource, head, &target)),
            _ => stand_in(resource, status, head),
        }
    });
    shown.unwrap_or_else(|| missing(snapshot, head))
}

/// The path inside the site. The base itself counts as the site's index without its slash.
fn below_base<'t>(snapshot: &Snapshot, target: &'t Target<'_>) -> Option<&'t str> {
    let inner = target.path.strip_prefix(&*snapshot.base_path)?;
    (inner.is_empty() || inner.starts_with('/')).then_some(inner)
}

/// What stands at the path of `target`.
pub(super) fn at<'s>(snapshot: &'s Snapshot, target: &Target<'_>) -> Option<&'s Resource> {
    find(snapshot, below_base(snapshot, target)?)
}

/// What a visitor may see at a path: not every file of a site is meant for him.
fn find<'s>(snapshot: &'s Snapshot, path: &str) -> Option<&'s Resource> {
    let resource = snapshot.resources.get(path)?;
    (!resource.path.is_hidden()).then_some(resource)
}

/// What stands at a path, or at another spelling of it under which an index is asked for.
fn page<'s>(
    snapshot: &'s Snapshot,
    path: &str,
    head: &RequestHead<'_>,
    target: &Target<'_>,
) -> Option<Reply<'s>> {
    if let Some(resource) = find(snapshot, path) {
        return Some(found(snapshot, resource, head, target));
    }
    let index = match path.strip_suffix("index.html") {
        Some(folder) if folder.ends_with('/') => find(snapshot, folder),
        _ if path.ends_with('/') => None,
        _ => find(snapshot, &format!("{path}/")),
    };
    let index = index?;
    Some(match index.stored {
        // An alias is not worth a detour to its own slash.
        Stored::Redirect(_) => found(snapshot, index, head, target),
        _ => moved(canonical(snapshot, index, target)),
    })
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
pub(super) fn base(snapshot: &Snapshot) -> String {
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

/// The site's own page for what is not there.
fn missing<'s>(snapshot: &'s Snapshot, head: &RequestHead<'_>) -> Reply<'s> {
    let page = snapshot.not_found.as_deref();
    let reply = page.and_then(|page| stand_in(page, 404, head));
    reply.unwrap_or_else(|| Fault::NotFound.reply())
}

/// What a client gets who is turned away: the page that the site has for it, `/403.html` and its like, if it has one.
pub(super) fn refuse<'s>(
    snapshot: &'s Snapshot,
    fault: Fault,
    head: &RequestHead<'_>,
) -> Reply<'s> {
    let plain = fault.reply();
    let page = find(snapshot, &format!("/{}.html", plain.status));
    let Some(mut reply) = page.and_then(|page| stand_in(page, plain.status, head)) else {
        return plain;
    };
    let kept = ["retry-after", "cache-control"];
    for (name, value) in plain
        .fields
        .into_iter()
        .filter(|(name, _)| kept.contains(name))
    {
        reply.put(name, value);
    }
    reply
}

/// A page in the place of what was asked for, in the coding the client likes best. None if it can't be sent just now.
fn stand_in<'s>(resource: &'s Resource, status: u16, head: &RequestHead<'_>) -> Option<Reply<'s>> {
    let Stored::Memory(body) = &resource.stored else {
        return None;
    };
    let forms = body.forms();
    let accept = head.fields.value(Field::AcceptEncoding);
    let variant = negotiate::choose(forms.variants(), accept.as_deref())?;
    let bytes = pack::worked_out(body, &forms, variant.coding)?;
    body.note_request(forms.stage);
    let mut reply = Reply::new(status).with("content-type", Cow::Borrowed(&*resource.media_type));
    push_coding(&mut reply, variant.coding);
    reply.push("cache-control", caching::REVALIDATE);
    push_vary(&mut reply, Varies::among(&forms));
    reply.push("x-content-type-options", "nosniff");
    reply.body = Body::Whole(bytes);
    reply.page = Some(resource);
    reply.is_settled = forms.stage != Stage::Quick && variant.is_held;
    Some(reply)
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
            let choice = Choice::of(snapshot, resource, head);
            let body = match &choice.resource().stored {
                Stored::Memory(chosen) => chosen,
                _ => body,
            };
            in_memory((choice, body), snapshot, head, target)
        }
        Stored::Large(file) => Chosen::on_disk(file).reply(resource, head, target),
    }
}

/// The form of a body that the client likes best.
fn in_memory<'s>(
    (choice, body): (Choice<'s>, &'s Packed),
    snapshot: &'s Snapshot,
    head: &RequestHead<'_>,
    target: &Target<'_>,
) -> Reply<'s> {
    let accept = head.fields.value(Field::AcceptEncoding);
    // Once: what is put in their place meanwhile is for the next request.
    let forms = body.forms();
    body.note_request(forms.stage);
    let mut reply = match negotiate::choose(forms.variants(), accept.as_deref()) {
        Some(variant) => {
            Chosen::in_memory(body, &forms, variant).reply(choice.resource(), head, target)
        }
        None => {
            let mut reply = Fault::NotAcceptable.reply();
            push_vary(&mut reply, Varies::among(&forms));
            reply
        }
    };
    choice.tell(&mut reply, snapshot);
    reply
}

/// Methods that mean something, and nothing to a page (RFC 9110 §9.3, RFC 5789).
const KNOWN_METHODS: [&str; 6] = ["CONNECT", "DELETE", "PATCH", "POST", "PUT", "TRACE"];

#[cfg(test)]
mod tests;
