//! What a request passes on its way, in order, whichever protocol brought it.
//!
//! Knows no HTTP framework and no socket: a listener says what it was asked and sends what it gets.

use std::{borrow::Cow, sync::Arc};

use super::{
    answer,
    controls::{self, Maintenance},
    dev,
    fault::Fault,
    hosts::{self, Audience, Hosts, PlainHttp, Site},
    reply::{Reply, RequestHead},
    tally::Refusal,
    target,
};

/// A request as its listener saw it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'r> {
    /// What the page depends on.
    pub(super) head: RequestHead<'r>,
    /// The host that was named.
    pub(super) authority: Authority<'r>,
    /// How it came.
    pub(super) transport: Transport,
    /// The length of its target and fields.
    pub(super) head_bytes: usize,
}

/// The host a request names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Authority<'r> {
    /// As it stands in the request.
    Named(&'r str),
    /// None, as HTTP/1.0 allows.
    Absent,
    /// More than one, or none where there must be one (RFC 9112 §3.2).
    Wrong,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// For everybody on the way to read and change.
    Plain,
    /// Over TLS.
    Tls,
}

/// The page that a reply comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'h> {
    /// Whose it is.
    pub(super) site: &'h Arc<Site>,
    /// Which snapshot of it.
    pub(super) generation: u64,
}

/// Takes a request through the gates and gives the reply to `send`, while the snapshot it borrows
/// from is still held, and where it comes from if it is a page that visitors see.
pub(super) fn respond<R>(
    hosts: &Hosts,
    head_bytes_max: usize,
    asked: &Asked<'_>,
    send: impl FnOnce(Reply<'_>, Option<Origin<'_>>) -> R,
) -> R {
    // Whatever becomes of it, HEAD gets no body (RFC 9110 §9.3.2).
    let send = |mut reply: Reply<'_>, origin: Option<Origin<'_>>| {
        if asked.head.method == "HEAD" {
            reply.body = reply.body.omitted();
        }
        send(reply, origin)
    };

    #[cfg(test)]
    assert_ne!(asked.head.target, super::tests::panics::TRAP);

    // First what costs nothing to see: nobody below should look at what is too large.
    if asked.head_bytes > head_bytes_max {
        return send(Fault::FieldsTooLarge.reply(), None);
    }

    // Then whose request it is: every rule below is a site's own.
    let Ok(host) = host(asked.authority) else {
        return send(Fault::BadRequest.reply(), None);
    };
    let Some(site) = hosts.find(host.as_deref()) else {
        return send(Fault::Misdirected.reply(), None);
    };

    // To TLS, before anything of the site is shown to those who listen on the way.
    if let (Transport::Plain, PlainHttp::Redirect { https_port }) =
        (asked.transport, site.plain_http)
    {
        return send(to_tls(host.as_deref(), https_port, &asked.head), None);
    }

    // The one place where the snapshot is loaded: all of a reply is of one generation.
    let published = site.live.load();
    let (snapshot, controls) = (&published.snapshot, &*site.controls);
    let path = target::parse(asked.head.target).map(|target| target.path);
    let path = path.unwrap_or_default();

    // Who closed the site wants nothing of it to be seen, and pictures are kept from whoever only borrows them.
    let refusal = match controls.maintenance {
        Maintenance::On => Some(Fault::Maintenance),
        Maintenance::Off => controls::is_hotlink(controls, host.as_deref(), &path, &asked.head)
            .then_some(Fault::Forbidden),
    };
    let dressed = |mut reply| {
        let to = controls::To {
            host: host.as_deref(),
            path: &path,
            asked,
        };
        controls::dress(&mut reply, (controls, snapshot), to);
        reply
    };
    if let Some(fault) = refusal {
        let mut reply = dressed(answer::refuse(snapshot, fault, &asked.head));
        reply.refusal = (fault == Fault::Forbidden).then_some(Refusal::Hotlink);
        return send(reply, None);
    }

    match site.audience {
        Audience::Visitors => {
            let origin = Origin {
                site,
                generation: published.generation,
            };
            let is_read = matches!(asked.head.method, "GET" | "HEAD");
            let reply = controls
                .speculation
                .rules(snapshot, &path)
                .filter(|_| is_read);
            let answer = || answer::answer(snapshot, &controls.rules.redirects, &asked.head);
            let reply = reply.unwrap_or_else(answer);
            send(dressed(reply), Some(origin))
        }
        // The author's own paths come before the site's, and his pages are changed on their way.
        Audience::Author => send(dev::answer(&site.live, &published, &asked.head), None),
    }
}

type Host<'r> = Option<Cow<'r, str>>;

fn host(authority: Authority<'_>) -> Result<Host<'_>, Fault> {
    match authority {
        Authority::Absent => Ok(None),
        Authority::Named(name) => hosts::canonical(name).map(Some).ok_or(Fault::BadRequest),
        Authority::Wrong => Err(Fault::BadRequest),
    }
}

/// The same target at the same host over TLS. A client that names no host cannot be sent anywhere.
fn to_tls(host: Option<&str>, https_port: u16, head: &RequestHead<'_>) -> Reply<'static> {
    let Some(host) = host.filter(|_| head.target.starts_with('/')) else {
        return Fault::BadRequest.reply();
    };
    let port = match https_port {
        HTTPS_PORT => String::new(),
        port => format!(":{port}"),
    };
    // 301 may be turned into a GET on its way (RFC 9110 §15.4.2), which is all that it ever was.
    let status = match head.method {
        "GET" | "HEAD" => 301,
        _ => 308,
    };
    answer::moved(format!("https://{host}{port}{}", head.target)).with_status(status)
}

/// The port that `https` means where none is named.
const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack,
        publish::Live,
        serve::reply::{Body, NoFields},
    };

    fn hosts(plain_http: PlainHttp) -> Hosts {
        let site = Arc::new(Site {
            live: Arc::new(Live::new(pack::Packer::plain().pack(vec![], ""), vec![])),
            plain_http,
            audience: Audience::Visitors,
            controls: Arc::default(),
        });
        let mut hosts = Hosts::default();
        hosts.add("example.org", site.clone());
        hosts.add("[::1]", site);
        hosts
    }

    fn asked<'r>(method: &'r str, authority: Authority<'r>, target: &'r str) -> Asked<'r> {
        Asked {
            head: RequestHead {
                method,
                target,
                fields: &NoFields,
            },
            authority,
            transport: Transport::Plain,
            head_bytes: 100,
        }
    }

    #[test]
    fn head_gets_no_body_whatever_is_wrong() {
        use Authority::{Named, Wrong};
        let (serve, redirect) = (
            hosts(PlainHttp::Serve),
            hosts(PlainHttp::Redirect { https_port: 443 }),
        );
        // The length that is told, and whether anything of it is sent.
        let body = |hosts, method, authority| {
            let asked = asked(method, authority, "/");
            let body = |reply: Reply<'_>| {
                let is_sent = matches!(reply.body, Body::Whole(_));
                (reply.body.length(), is_sent)
            };
            respond(hosts, 1000, &asked, |reply, _| body(reply))
        };
        for (hosts, authority) in [
            (&serve, Named("example.org")),
            (&serve, Named("other.test")),
            (&serve, Wrong),
            (&redirect, Named("example.org")),
        ] {
            let (length, _) = body(hosts, "GET", authority);
            assert_eq!(body(hosts, "HEAD", authority), (length, false));
        }
    }

    fn outcome(hosts: &Hosts, asked: &Asked<'_>) -> (u16, Option<String>) {
        respond(hosts, 1000, asked, |reply, _| {
            (reply.status, reply.field("location"))
        })
    }

    #[test]
    fn gates_stand_in_order() {
        use Authority::{Absent, Named, Wrong};
        let serve = hosts(PlainHttp::Serve);
        for (authority, status) in [
            (Named("example.org"), 404),
            (Named("Example.org:80"), 404),
            (Named("other.test"), 421),
            (Named("a b"), 400),
            (Absent, 421),
            (Wrong, 400),
        ] {
            let asked = asked("GET", authority, "/");
            assert_eq!(outcome(&serve, &asked).0, status, "{authority:?}");
        }
        let large = Asked {
            head_bytes: 1001,
            ..asked("GET", Wrong, "/")
        };
        assert_eq!(outcome(&serve, &large).0, 431);
    }

    #[test]
    fn plain_http_is_sent_to_tls() {
        for (https_port, method, host, target, expected) in [
            (
                443,
                "GET",
                "example.org",
                "/",
                (301, "https://example.org/"),
            ),
            (
                443,
                "HEAD",
                "Example.org:80",
                "/a?b=%20",
                (301, "https://example.org/a?b=%20"),
            ),
            (
                8443,
                "POST",
                "example.org:8080",
                "/",
                (308, "https://example.org:8443/"),
            ),
            (8443, "GET", "[::1]:8080", "/", (301, "https://[::1]:8443/")),
        ] {
            let hosts = hosts(PlainHttp::Redirect { https_port });
            let asked = asked(method, Authority::Named(host), target);
            let (status, location) = outcome(&hosts, &asked);
            assert_eq!(
                (status, location.as_deref()),
                (expected.0, Some(expected.1))
            );
            let secure = Asked {
                transport: Transport::Tls,
                ..asked
            };
            assert_eq!(outcome(&hosts, &secure).1, None);
        }
    }
}
