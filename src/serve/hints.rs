//! What a browser is told ahead: what a document will ask for, and which documents may be asked for next.

use std::fmt::Write;

use super::{
    answer, caching, hosts,
    reply::{Body, Reply},
    target,
};
use crate::{
    pack,
    site::{CrossOrigin, Resource, Root, Snapshot, Subresource, SubresourceKind},
};

/// Whether documents say what they will ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Preload {
    /// They do not.
    #[default]
    Off,
    /// In a `Link` field (RFC 8288, WHATWG HTML §4.6.7.18).
    On,
}

/// Whether browsers may get ready for the document that a visitor is about to open (WICG Speculation Rules).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Speculation {
    /// They are not told so.
    #[default]
    Off,
    /// They may fetch it.
    Prefetch,
    /// They may put it together, too.
    Prerender,
}

/// The value of the `Link` field of `page`, which is of `snapshot` and was asked for at `host`: what it will ask for and is
/// there to be had.
pub(super) fn link(snapshot: &Snapshot, page: &Resource, host: Option<&str>) -> Option<String> {
    let mut links = Links {
        snapshot,
        host,
        seen: Vec::new(),
        fonts: 0,
        text: String::new(),
    };
    links.of(page, DEPTH_MAX);
    (!links.text.is_empty()).then_some(links.text)
}

struct Links<'s> {
    snapshot: &'s Snapshot,
    host: Option<&'s str>,
    seen: Vec<String>,
    fonts: usize,
    text: String,
}

impl Links<'_> {
    fn of(&mut self, resource: &Resource, depth: usize) {
        let facts = pack::facts(resource);
        for one in facts.iter().flat_map(|facts| &facts.subresources) {
            self.add(one, depth);
        }
    }

    fn add(&mut self, one: &Subresource, depth: usize) {
        let is_font = one.kind == SubresourceKind::Font;
        let is_full = self.seen.len() >= LINKS_MAX || (is_font && self.fonts >= FONTS_MAX);
        let Some(href) = self
            .href(one)
            .filter(|href| !is_full && !self.seen.contains(href))
        else {
            return;
        };
        let parsed = target::parse(&href).ok();
        let snapshot = self.snapshot;
        let Some(resource) = parsed.and_then(|target| answer::at(snapshot, &target)) else {
            return;
        };
        let separator = if self.text.is_empty() { "" } else { ", " };
        let cross_origin = match one.cross_origin {
            None => "",
            Some(CrossOrigin::Anonymous) => "; crossorigin",
            Some(CrossOrigin::Credentials) => "; crossorigin=use-credentials",
        };
        let told = match one.kind {
            SubresourceKind::Font => "rel=preload; as=font",
            SubresourceKind::Module => "rel=modulepreload",
            SubresourceKind::Script => "rel=preload; as=script",
            SubresourceKind::Style => "rel=preload; as=style",
        };
        // Writing to a string does not fail.
        write!(self.text, "{separator}<{href}>; {told}{cross_origin}").unwrap_or_default();
        self.fonts += usize::from(is_font);
        self.seen.push(href);
        if one.kind == SubresourceKind::Style && depth > 0 {
            self.of(resource, depth - 1);
        }
    }

    /// Where it is on the host that the document came from. None if it is elsewhere, or can't stand in a field.
    fn href(&self, one: &Subresource) -> Option<String> {
        let path = &one.at.path;
        let href = match &one.at.root {
            Root::Site => format!("{}{path}", answer::base(self.snapshot)),
            Root::OwnHost => path.to_string(),
            Root::Host(name) => {
                let named = hosts::canonical(name);
                let is_own = named.is_some() && named.as_deref() == self.host;
                is_own.then(|| path.to_string())?
            }
        };
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"".contains(&byte);
        href.bytes().all(is_plain).then_some(href)
    }
}

impl Speculation {
    /// The value of the field that leads to the rules.
    pub(super) fn field(self, snapshot: &Snapshot) -> Option<String> {
        (self != Self::Off).then(|| format!("\"{}{RULES}\"", answer::base(snapshot)))
    }

    /// The rules, if they were asked for: the decoded `path` is theirs, and the site has nothing of its own there.
    pub(super) fn rules(self, snapshot: &Snapshot, path: &str) -> Option<Reply<'static>> {
        let action = match self {
            Self::Off => return None,
            Self::Prefetch => "prefetch",
            Self::Prerender => "prerender",
        };
        let is_theirs = path.strip_prefix(&*snapshot.base_path) == Some(RULES);
        if !is_theirs || snapshot.resources.get(RULES).is_some() {
            return None;
        }
        let base = answer::base(snapshot);
        // Documents live at paths that end with a slash. Whoever only shows them costs a visitor nothing.
        let rules = serde_json::json!({
            action: [{
                "where": { "href_matches": [format!("{base}/"), format!("{base}/*/")] },
                "eagerness": "moderate",
            }],
        });
        let mut reply = Reply::new(200)
            .with("content-type", "application/speculationrules+json")
            .with("cache-control", caching::FOR_A_WHILE)
            .with("x-content-type-options", "nosniff");
        reply.body = Body::Whole(rules.to_string().into());
        reply.is_settled = true;
        Some(reply)
    }
}

/// Where the rules are.
const RULES: &str = "/speculation-rules.json";

/// More would only be in each other's way.
const LINKS_MAX: usize = 16;
const FONTS_MAX: usize = 4;
/// How far style sheets are followed that ask for others.
const DEPTH_MAX: usize = 3;
