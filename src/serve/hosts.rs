//! Which site a request is for.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::controls::Controls;
use crate::publish::Live;

/// The sites of a node by their hosts. Replaced as a whole when the configuration changes.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    exact: HashMap<String, Arc<Site>>,
    /// By what follows the first label: `example.org` for `*.example.org`.
    wildcard: HashMap<String, Arc<Site>>,
    fallback: Option<Arc<Site>>,
}

/// A site with what this node makes of it.
#[derive(Debug)]
pub(crate) struct Site {
    /// What is on the air.
    pub(crate) live: Arc<Live>,
    /// What becomes of requests that come without TLS.
    pub(crate) plain_http: PlainHttp,
    /// Whom it is served to.
    pub(crate) audience: Audience,
    /// What its operator says of answers.
    pub(crate) controls: Arc<Controls>,
}

/// What becomes of requests that come without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// They are answered.
    Serve,
    /// They are sent to the same host over TLS.
    Redirect {
        /// The port that visitors reach TLS at, as seen from outside.
        https_port: u16,
    },
}

/// Whom a site is served to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The public.
    Visitors,
    /// Whoever is writing it: pages reload when it changes, and nothing is cached.
    Author,
}

impl Hosts {
    /// A node where every host has the one site.
    pub(crate) fn one(site: Arc<Site>) -> Self {
        Self {
            fallback: Some(site),
            ..Self::default()
        }
    }

    /// Adds `site` for `host`, which is a name, `*.` and a name, or an address. The first to claim
    /// a host has it.
    pub(crate) fn add(&mut self, host: &str, site: Arc<Site>) {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match host.strip_prefix("*.") {
            Some(parent) => self.wildcard.entry(parent.into()).or_insert(site),
            None => self.exact.entry(host).or_insert(site),
        };
    }

    /// Makes `site` the one for hosts that nobody claims, and for clients that name none.
    pub(crate) fn set_fallback(&mut self, site: Arc<Site>) {
        self.fallback = Some(site);
    }

    /// The site for a host in its [`canonical`] form.
    pub(super) fn find(&self, host: Option<&str>) -> Option<&Arc<Site>> {
        host.and_then(|host| {
            self.exact
                .get(host)
                .or_else(|| self.wildcard.get(host.split_once('.')?.1))
        })
        .or(self.fallback.as_ref())
    }
}

/// The host of an authority (RFC 3986 §3.2): in lower case, without port and final dot. None if it
/// is not one; what is echoed into a redirect must not carry anything else along.
pub(super) fn canonical(authority: &str) -> Option<Cow<'_, str>> {
    let (host, port) = match authority.rfind(']') {
        Some(bracket) => authority.split_at_checked(bracket + 1)?,
        None => authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?,
    };
    let is_port = port
        .strip_prefix(':')
        .is_none_or(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| {
            address
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || b":.".contains(&b))
        }),
        None => host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
    };
    if host.is_empty() || !is_host || !is_port || (!port.is_empty() && !port.starts_with(':')) {
        return None;
    }
    Some(if host.bytes().any(|b| b.is_ascii_uppercase()) {
        host.to_ascii_lowercase().into()
    } else {
        host.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack;

    fn site() -> Arc<Site> {
        Arc::new(Site {
            live: Arc::new(Live::new(pack::Packer::plain().pack(vec![], ""), vec![])),
            plain_http: PlainHttp::Serve,
            audience: Audience::Visitors,
            controls: Arc::default(),
        })
    }

    #[test]
    fn finds_exact_then_wildcard_then_the_fallback() {
        let (exact, wildcard, fallback) = (site(), site(), site());
        let mut hosts = Hosts::one(fallback.clone());
        hosts.add("www.Example.org", exact.clone());
        hosts.add("www.example.org", fallback.clone());
        hosts.add("*.example.org.", wildcard.clone());
        for (host, expected) in [
            (Some("www.example.org"), &exact),
            (Some("a.example.org"), &wildcard),
            (Some("a.b.example.org"), &fallback),
            (Some("example.org"), &fallback),
            (Some("org"), &fallback),
            (None, &fallback),
        ] {
            assert!(Arc::ptr_eq(hosts.find(host).unwrap(), expected), "{host:?}");
        }
        assert!(Hosts::default().find(Some("a")).is_none());
    }

    #[test]
    fn an_authority_has_one_form() {
        for (authority, expected) in [
            ("example.org", Some("example.org")),
            ("Example.ORG:8443", Some("example.org")),
            ("example.org.", Some("example.org")),
            ("example.org.:80", Some("example.org")),
            ("127.0.0.1:80", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("[::1]:443", Some("[::1]")),
            ("localhost:", Some("localhost")),
            ("", None),
            (":80", None),
            (".", None),
            ("a b", None),
            ("user@example.org", None),
            ("example.org/path", None),
            ("example.org:80:80", None),
            ("example.org:x", None),
            ("[::1", None),
            ("[::1]x", None),
            ("::1", None),
            ("a\"b", None),
            ("ä.example", None),
        ] {
            assert_eq!(canonical(authority).as_deref(), expected, "{authority}");
        }
    }
}
