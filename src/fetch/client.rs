//! One HTTP exchange, within its bounds.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use once_cell::sync::Lazy;
use rustls::crypto::aws_lc_rs;
use ureq::{
    Agent, Body, Error,
    http::{Request, Response},
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::site::{Fetch, Method, Unfetched};

/// The body of the answer to `fetch`; any answer but a 2xx is an error (RFC 9110 §15.3).
pub(super) fn run(fetch: &Fetch) -> Result<Bytes, Unfetched> {
    let answer = send(fetch).map_err(unfetched)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(Unfetched::Status(status.as_u16()));
    }
    let body = answer.into_body().into_with_config().limit(BODY_BYTES_MAX);
    body.read_to_vec().map(Bytes::from).map_err(unfetched)
}

fn send(fetch: &Fetch) -> Result<Response<Body>, Error> {
    let mut request = Request::builder()
        .uri(&fetch.url)
        .method(match fetch.method {
            Method::Get => "GET",
            Method::Post => "POST",
        });
    for (name, value) in &fetch.headers {
        request = request.header(name, value);
    }
    match fetch.method {
        Method::Get => AGENT.run(request.body(())?),
        Method::Post => AGENT.run(request.body(fetch.body.as_str())?),
    }
}

/// Connections are kept for the next fetch, as a render has many to one place.
static AGENT: Lazy<Agent> = Lazy::new(|| {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots())))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(FETCH_TIMEOUT))
        .max_redirects(REDIRECTS_MAX)
        .user_agent(concat!("littoral/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
});

/// Whom the system trusts. Without any, every https address fails, and says why.
fn roots() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate of the system can't be read");
    }
    let certs = found.certs.iter();
    certs
        .map(|cert| Certificate::from_der(cert).to_owned())
        .collect()
}

fn unfetched(error: Error) -> Unfetched {
    match error {
        Error::BodyExceedsLimit(bytes_max) => Unfetched::TooLong { bytes_max },
        Error::BadUri(_) | Error::Http(_) => Unfetched::Wrong(error.into()),
        other => Unfetched::Unreachable(other.into()),
    }
}

/// A host that takes no connection is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A render waits no longer than this for one answer, with all its redirects.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// From http to https, from a name to another, to where it is.
const REDIRECTS_MAX: u32 = 5;

/// Data for a page, not a download.
const BODY_BYTES_MAX: u64 = 4 * 1024 * 1024;
