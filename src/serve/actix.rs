//! Between actix and the gates: a request of its becomes ours, a reply of ours becomes its.
//!
//! Knows nothing of what is answered, and why.

use std::{
    borrow::Cow,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::Instant,
};

use actix_http::{
    ConnectionType, Request, Response, StatusCode, Version,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use arc_swap::ArcSwap;

use super::{
    app::{self, Asked, Authority, Transport},
    body::Sending,
    drain::Drain,
    fault::Fault,
    hosts::Hosts,
    log::{self, Log},
    reply::{Body, Fields, Reply, RequestHead},
    settings::{ServerTiming, Settings},
};

/// What a worker needs to answer.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) hosts: Arc<ArcSwap<Hosts>>,
    pub(super) log: Option<Log>,
    pub(super) drain: Drain,
    pub(super) head_bytes_max: usize,
    pub(super) server_timing: ServerTiming,
}

/// Put into a connection's data when it came over TLS.
pub(super) struct Tls;

impl Service {
    /// A service by `settings`.
    pub(super) fn new(settings: &Settings, hosts: Arc<ArcSwap<Hosts>>, log: Option<Log>) -> Self {
        Self {
            hosts,
            log,
            drain: Drain::new(),
            head_bytes_max: settings.head_bytes_max,
            server_timing: settings.server_timing,
        }
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: &Request) -> Response<Sending> {
        let started = Instant::now();
        // A panic is a bug of ours; it costs its own request an apology, and nobody else anything.
        let answered = panic::catch_unwind(AssertUnwindSafe(|| self.respond(request)));
        let response = answered.unwrap_or_else(|_| fault(Fault::Internal));
        let mut response = self.open(response).await;
        self.finish(request, &mut response, started);
        let entry = self.entry(request, response.status(), started);
        response.map_body(|_, body| body.logged(entry))
    }

    fn respond(&self, request: &Request) -> Response<Body> {
        let fields = ActixFields(request.head().headers());
        let target = target(request);
        let asked = Asked {
            head: RequestHead {
                method: request.method().as_str(),
                target: &target,
                fields: &fields,
            },
            authority: authority(request),
            transport: match request.conn_data::<Tls>() {
                Some(Tls) => Transport::Tls,
                None => Transport::Plain,
            },
            head_bytes: head_bytes(request),
        };
        app::respond(&self.hosts.load(), self.head_bytes_max, &asked, response)
    }

    /// Opens the files of a body. One that is gone is told while there still is a status to tell.
    async fn open(&self, response: Response<Body>) -> Response<Sending> {
        let (head, body) = response.into_parts();
        match Sending::open(body, &self.drain).await {
            Ok(sending) => head.set_body(sending),
            Err(error) => {
                tracing::error!(%error, "a file is not what was published");
                let (head, body) = fault(Fault::Internal).into_parts();
                let opened = Sending::open(body, &self.drain).await;
                head.set_body(opened.expect("a fault lies in memory"))
            }
        }
    }

    /// What every answer has, whatever it answers.
    fn finish(&self, request: &Request, response: &mut Response<Sending>, started: Instant) {
        let timed = match self.server_timing {
            ServerTiming::Never => false,
            ServerTiming::Asked => request.head().headers().contains_key(SERVER_TIMING),
            ServerTiming::Always => true,
        };
        let headers = response.headers_mut();
        headers.insert(header::SERVER, HeaderValue::from_static("littoral"));
        if timed {
            let millis = started.elapsed().as_secs_f64() * 1e3;
            let value = HeaderValue::try_from(format!("total;dur={millis:.3}"));
            headers.insert(
                HeaderName::from_static(SERVER_TIMING),
                value.expect("digits are fit for a field"),
            );
        }
        // Nobody reads a request's body here. Closing says so, and keeps what is in it from being
        // taken for the next request.
        if has_body(request) {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
    }

    fn entry(&self, request: &Request, status: StatusCode, started: Instant) -> Option<log::Entry> {
        let log = self.log.as_ref()?;
        let fields = ActixFields(request.head().headers());
        let text = |name| fields.value(name).map(Cow::into_owned);
        let host = match authority(request) {
            Authority::Named(host) => host.to_owned(),
            Authority::Absent | Authority::Wrong => String::new(),
        };
        let told = log::Request {
            client: request.peer_addr(),
            host,
            method: request.method().to_string(),
            target: target(request).into_owned(),
            protocol: protocol(request.version()),
            status: status.as_u16(),
            referer: text("referer"),
            user_agent: text("user-agent"),
        };
        Some(log.entry(started, told))
    }
}

fn response(reply: Reply<'_>) -> Response<Body> {
    let status = StatusCode::from_u16(reply.status).expect("replies have statuses of HTTP");
    let mut response = Response::with_body(status, reply.body);
    for (name, value) in &reply.fields {
        match HeaderValue::from_bytes(value.as_bytes()) {
            Ok(value) => response
                .headers_mut()
                .append(HeaderName::from_static(name), value),
            Err(_) => tracing::error!(name, %value, "a field holds what no field may hold"),
        }
    }
    response
}

fn fault(fault: Fault) -> Response<Body> {
    response(fault.reply())
}

/// The target in origin form, whatever form it came in (RFC 9112 §3.2).
fn target(request: &Request) -> Cow<'_, str> {
    match request.uri().path_and_query() {
        Some(target) => target.as_str().into(),
        None => "".into(),
    }
}

/// The target's own authority outranks the field (RFC 9112 §3.2.2); HTTP/2 has its `:authority`.
fn authority(request: &Request) -> Authority<'_> {
    let mut named = request.head().headers().get_all(header::HOST);
    let (first, second) = (named.next(), named.next());
    let in_target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    match (in_target, first.map(HeaderValue::to_str)) {
        _ if second.is_some() => Authority::Wrong,
        (_, Some(Err(_))) => Authority::Wrong,
        (Some(authority), _) | (None, Some(Ok(authority))) => Authority::Named(authority),
        (None, None) if request.version() < Version::HTTP_11 => Authority::Absent,
        (None, None) => Authority::Wrong,
    }
}

fn head_bytes(request: &Request) -> usize {
    let fields = request.head().headers().iter();
    let fields: usize = fields
        .map(|(name, value)| name.as_str().len() + value.len() + FIELD_FRAME_BYTES)
        .sum();
    fields + target(request).len()
}

fn has_body(request: &Request) -> bool {
    let headers = request.head().headers();
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .is_some_and(|length| length.as_bytes() != b"0");
    announced || headers.contains_key(header::TRANSFER_ENCODING) || request.upgrade()
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_11 => "HTTP/1.1",
        _ => "HTTP/1.0",
    }
}

struct ActixFields<'r>(&'r HeaderMap);

impl Fields for ActixFields<'_> {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self
            .0
            .get_all(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        let first = values.next()?;
        Some(values.fold(first, |joined, value| format!("{joined}, {value}").into()))
    }
}

const SERVER_TIMING: &str = "server-timing";

/// `: ` and the end of the line.
const FIELD_FRAME_BYTES: usize = 4;
