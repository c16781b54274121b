//! What a node's operator, and a site's owner, say of answers beside the pages themselves: their fields, and who gets
//! none.

use std::borrow::Cow;

use super::{
    app::{Asked, Transport},
    fault,
    hints::{self, Preload, Speculation},
    hosts, policy,
    reply::{Field, Reply, RequestHead, Value},
};
use crate::{
    pack,
    site::{Captures, Change, HeaderRule, POLICIES, PathPattern, Rules, Snapshot},
};

/// What the operator says of one site.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Controls {
    /// Redirects and fields, which go before those of the site's own files.
    pub(crate) rules: Rules,
    /// Whether documents have the fields that keep others from abusing them.
    pub(crate) security: Security,
    /// The content security policy of documents.
    pub(crate) policy: Option<Box<str>>,
    /// Whether documents say what they will ask for.
    pub(crate) preload: Preload,
    /// Whether browsers may get ready for the next document.
    pub(crate) speculation: Speculation,
    /// Whether browsers are told to come over TLS alone.
    pub(crate) hsts: Hsts,
    /// Whether the site is closed for now.
    pub(crate) maintenance: Maintenance,
    /// Who may show its pictures.
    pub(crate) hotlinks: Option<Hotlinks>,
    /// Which scripts of other sites may read it.
    pub(crate) cors: Option<Cors>,
    /// How long clients may keep what stands at a path, in seconds. The first pattern counts.
    pub(crate) expires: Vec<(PathPattern, u64)>,
}

/// Whether documents have security fields that they did not ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Security {
    /// `Referrer-Policy` and `X-Frame-Options`.
    #[default]
    On,
    /// None.
    Off,
}

/// Strict transport security (RFC 6797).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Hsts {
    /// Nothing is said.
    #[default]
    Off,
    /// For this host, for a year.
    On,
    /// For its subdomains, too.
    Subdomains,
    /// For two years, and for lists that browsers are shipped with.
    Preload,
}

/// Whether a site is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Maintenance {
    /// It is open.
    #[default]
    Off,
    /// Everybody is told to come back later.
    On,
}

/// Which pages may show what stands at some paths, by the `Referer` that a browser sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hotlinks {
    /// What is kept from others.
    pub(crate) paths: Vec<PathPattern>,
    /// Who may show it.
    pub(crate) referers: Vec<Referer>,
}

/// One who may show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Referer {
    /// Who does not say where he comes from.
    None,
    /// Who has that taken out on the way: what is left is no URL.
    Blocked,
    /// The site itself.
    Own,
    /// A host, or `*.` and a name.
    Host(String),
}

/// Which scripts of other origins may read what stands at some paths (WHATWG Fetch §3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cors {
    /// What they may read.
    pub(crate) paths: Vec<PathPattern>,
    /// Their origins, as `https://example.org`; None for all.
    pub(crate) origins: Option<Vec<String>>,
}

/// Whether a client is to be turned away from a path that only some pages may show.
pub(super) fn is_hotlink(
    controls: &Controls,
    host: Option<&str>,
    path: &str,
    head: &RequestHead<'_>,
) -> bool {
    let Some(hotlinks) = controls.hotlinks.as_ref().filter(|one| one.is_of(path)) else {
        return false;
    };
    let referer = head.fields.value(Field::Referer);
    let is_let = |one: &Referer| one.is_of(referer.as_deref(), host);
    !hotlinks.referers.iter().any(is_let)
}

impl Controls {
    /// Whether answers tell what is known of documents.
    pub(crate) fn tell_of_documents(&self) -> bool {
        self.policy.is_some() || self.preload == Preload::On || self.rules.has_policies()
    }
}

/// What a reply is to.
#[derive(Clone, Copy)]
pub(super) struct To<'r> {
    /// The host, as it is compared.
    pub(super) host: Option<&'r str>,
    /// The decoded path.
    pub(super) path: &'r str,
    /// All that was asked.
    pub(super) asked: &'r Asked<'r>,
}

/// Gives `reply`, which comes from `snapshot`, the fields that operator and owner want.
pub(super) fn dress<'s>(
    reply: &mut Reply<'s>,
    (controls, snapshot): (&'s Controls, &'s Snapshot),
    To { host, path, asked }: To<'_>,
) {
    if is_document(reply) {
        dress_document(reply, (controls, snapshot), host);
    }
    if let (Transport::Tls, Some(value)) = (asked.transport, controls.hsts.value()) {
        reply.push("strict-transport-security", value);
    }
    let expires = controls.expires.iter().find(|(on, _)| on.is_of(path));
    if let (200 | 206 | 304, Some((_, seconds))) = (reply.status, expires) {
        reply.put("cache-control", format!("max-age={seconds}"));
    }
    if let Some(cors) = controls.cors.as_ref().filter(|cors| cors.is_of(path)) {
        cors.allow(reply, &asked.head);
    }
    // Where it depends on who asks, it is not the same for all who ask alike.
    let looks_at_referer = controls
        .hotlinks
        .as_ref()
        .is_some_and(|one| one.is_of(path));
    let looks_at_origin = controls
        .cors
        .as_ref()
        .is_some_and(|one| one.origins.is_some() && one.is_of(path));
    reply.is_settled &= !looks_at_referer && !looks_at_origin;
    let mut given = Vec::new();
    for rule in controls.rules.headers.iter().chain(&snapshot.rules.headers) {
        if let Some(captures) = rule.on.captures(path) {
            change(reply, rule, &captures, &mut given);
        }
    }
    if controls.policy.is_some() || given.iter().any(|name| POLICIES.contains(name)) {
        write_out_policies(reply);
    }
}

fn dress_document<'s>(
    reply: &mut Reply<'s>,
    (controls, snapshot): (&'s Controls, &'s Snapshot),
    host: Option<&str>,
) {
    if controls.security == Security::On {
        reply.push("referrer-policy", "strict-origin-when-cross-origin");
        reply.push("x-frame-options", "SAMEORIGIN");
    }
    if let Some(policy) = &controls.policy {
        reply.push("content-security-policy", Cow::Borrowed(&**policy));
    }
    let Some(page) = reply.page.filter(|_| reply.status == 200) else {
        return;
    };
    if controls.preload == Preload::On
        && let Some(links) = hints::link(snapshot, page, host)
    {
        reply.push("link", links);
    }
    if let Some(rules) = controls.speculation.field(snapshot) {
        reply.push("speculation-rules", rules);
    }
}

/// Writes into policies what stands in the document that has them.
fn write_out_policies(reply: &mut Reply<'_>) {
    let page = reply.page;
    for (name, value) in &mut reply.fields {
        let Value::Text(text) = value else {
            continue;
        };
        if POLICIES.contains(name) && policy::has_hashes(text) {
            let facts = page.map_or_else(|| Some(fault::facts()), pack::facts);
            // Where they are not known yet, the next may have them.
            reply.is_settled &= facts.is_some();
            *text = policy::written_out(text, facts).into();
        }
    }
}

/// What is said at first by Littoral is replaced, what several rules say is joined.
fn change<'s>(
    reply: &mut Reply<'s>,
    rule: &'s HeaderRule,
    captures: &Captures<'_>,
    given: &mut Vec<&'s str>,
) {
    // RFC 9110 §15.4.5: what a cache has is not to be told again. Redirects lead to what has fields of its own.
    let status = reply.status;
    let counts = |name: &str| match status {
        304 => RETOLD.contains(&name),
        300..=399 => false,
        _ => true,
    };
    for change in &rule.changes {
        match change {
            Change::Take(name) if counts(name.as_str()) => {
                reply.remove(&[name.as_str()]);
                given.retain(|other| *other != name.as_str());
            }
            Change::Give(name, value) if counts(name.as_str()) => {
                let (name, value) = (name.as_str(), value.fill(captures));
                match name {
                    "set-cookie" => reply.push(name, value),
                    "vary" => reply.join(name, &value),
                    _ if given.contains(&name) => reply.join(name, &value),
                    _ => reply.put(name, value),
                }
                given.push(name);
            }
            Change::Take(_) | Change::Give(..) => {}
        }
    }
}

fn is_document(reply: &Reply<'_>) -> bool {
    let mut fields = reply.fields.iter();
    let media_type = fields.find(|(name, _)| *name == "content-type");
    media_type.is_some_and(|(_, value)| value.with_bytes(|bytes| bytes.starts_with(b"text/html")))
}

impl Hsts {
    fn value(self) -> Option<Value<'static>> {
        let text = match self {
            Self::Off => return None,
            Self::On => "max-age=31536000",
            Self::Subdomains => "max-age=31536000; includeSubDomains",
            Self::Preload => "max-age=63072000; includeSubDomains; preload",
        };
        Some(text.into())
    }
}

impl Hotlinks {
    fn is_of(&self, path: &str) -> bool {
        self.paths.iter().any(|on| on.is_of(path))
    }
}

impl Referer {
    fn is_of(&self, referer: Option<&str>, own: Option<&str>) -> bool {
        let Some(referer) = referer else {
            return *self == Self::None;
        };
        let scheme = ["http://", "https://"];
        let rest = scheme
            .iter()
            .find_map(|scheme| referer.strip_prefix(scheme));
        let Some(rest) = rest else {
            return *self == Self::Blocked;
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let Some(host) = hosts::canonical(authority) else {
            return false;
        };
        match self {
            Self::None | Self::Blocked => false,
            Self::Own => own == Some(&*host),
            Self::Host(wanted) => match wanted.strip_prefix("*.") {
                Some(parent) => host
                    .strip_suffix(parent)
                    .is_some_and(|before| before.ends_with('.')),
                None => *host == **wanted,
            },
        }
    }
}

impl Cors {
    fn is_of(&self, path: &str) -> bool {
        self.paths.iter().any(|on| on.is_of(path))
    }

    fn allow(&self, reply: &mut Reply<'_>, head: &RequestHead<'_>) {
        match &self.origins {
            None => reply.put("access-control-allow-origin", "*"),
            Some(origins) => {
                reply.join("vary", "Origin");
                let asks = head.fields.value(Field::Origin);
                let Some(origin) = asks.filter(|asks| origins.iter().any(|one| one == asks)) else {
                    return;
                };
                reply.put("access-control-allow-origin", origin.into_owned());
            }
        }
        // What a script may see beside the few that it always may, and send when it asks whether it may.
        reply.put("access-control-expose-headers", "*");
        if head.method == "OPTIONS" {
            reply.put("access-control-allow-methods", "GET, HEAD, OPTIONS");
            reply.put("access-control-allow-headers", "*");
            reply.put("access-control-max-age", "86400");
        }
    }
}

/// What an answer tells again that says that nothing changed (RFC 9110 §15.4.5).
const RETOLD: [&str; 4] = ["cache-control", "content-location", "expires", "vary"];

#[cfg(test)]
mod tests;
