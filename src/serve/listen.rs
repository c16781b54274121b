//! Sockets: bound first, so that whoever starts the node learns at once what is wrong, and served
//! until the word to stop.

use std::{
    any::Any,
    convert::Infallible,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    num::NonZeroUsize,
    pin::pin,
    rc::Rc,
    sync::Arc,
    thread,
};

use actix_http::{Extensions, Request};
use actix_web::{
    HttpServer,
    dev::{Server, fn_service},
    rt::net::TcpStream,
};
use arc_swap::ArcSwap;
use rustls::ServerConfig;

use super::{
    actix::{Service, Tls},
    app::Transport,
    hosts::Hosts,
    log::Log,
    settings::Settings,
};
use crate::certs;

/// Sockets that clients can connect to already; they are answered once the node runs.
#[derive(Debug)]
pub(crate) struct Bound {
    settings: Settings,
    sockets: Vec<(Transport, TcpListener)>,
}

/// Why a node does not serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A socket cannot be had.
    #[error("cannot listen on {address}: {}", way_out(source))]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] certs::Error),
    /// The server failed while it ran.
    #[error("the server cannot go on")]
    Server(#[from] io::Error),
}

/// Binds every address of `settings`.
pub(crate) fn bind(settings: &Settings) -> Result<Bound, Error> {
    let http = settings
        .http
        .iter()
        .map(|address| (Transport::Plain, *address));
    let https = settings
        .https
        .iter()
        .map(|address| (Transport::Tls, *address));
    let sockets = http
        .chain(https)
        .map(|(transport, address)| match TcpListener::bind(address) {
            Ok(listener) => Ok((transport, listener)),
            Err(source) => Err(Error::Bind { address, source }),
        })
        .collect::<Result<_, _>>()?;
    Ok(Bound {
        settings: settings.clone(),
        sockets,
    })
}

impl Bound {
    /// Where it listens, as `http://127.0.0.1:8080`: a port that was 0 is the one that was given.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.sockets
            .iter()
            .filter_map(|(transport, listener)| {
                let address = listener.local_addr().ok()?;
                Some(match transport {
                    Transport::Plain => format!("http://{address}"),
                    Transport::Tls => format!("https://{address}"),
                })
            })
            .collect()
    }
}

/// Serves until `shutdown` is done, then lets the answers under way finish.
pub(crate) async fn run(
    bound: Bound,
    hosts: Arc<ArcSwap<Hosts>>,
    certs: Arc<certs::Store>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let tls = certs::server_config(certs)?;
    let log = Log::start(bound.settings.access_log, io::stdout())?;
    let service = Service::new(&bound.settings, hosts, log);
    let drain = service.drain.clone();

    let server = start(bound, service, &tls)?;
    let handle = server.handle();
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = shutdown => {}
    }

    drain.stop();
    // Sent when it is called; it need not be waited for, since the server itself is.
    drop(handle.stop(true));
    tokio::select! {
        ended = server => Ok(ended?),
        // HTTP/2 connections that their clients keep open would be waited for in vain: actix has no
        // way to say goodbye on them.
        () = drain.quiet() => Ok(()),
    }
}

fn start(bound: Bound, service: Service, tls: &ServerConfig) -> io::Result<Server> {
    let Bound { settings, sockets } = bound;
    let workers = settings.workers.map_or_else(processors, NonZeroUsize::get);
    let mut server = HttpServer::new(move || {
        // One for each worker, so that no count of references is shared between them.
        let service = Rc::new(service.clone());
        fn_service(move |request: Request| {
            let service = service.clone();
            async move { Ok::<_, Infallible>(service.answer(&request).await) }
        })
    })
    .workers(workers)
    .max_connections(settings.connections_max.div_ceil(workers))
    // Without it an answer over HTTP/2 waits for the client's delayed acknowledgement: 40 ms.
    .tcp_nodelay(true)
    .client_request_timeout(settings.head_timeout)
    .tls_handshake_timeout(settings.head_timeout)
    .keep_alive(settings.idle_timeout)
    .shutdown_timeout(settings.drain_timeout.as_secs())
    .on_connect(note_transport)
    .disable_signals();
    for (transport, listener) in sockets {
        server = match transport {
            Transport::Plain => server.listen(listener)?,
            Transport::Tls => server.listen_rustls_0_23(listener, tls.clone())?,
        };
    }
    Ok(server.run())
}

fn note_transport(stream: &dyn Any, extensions: &mut Extensions) {
    if !stream.is::<TcpStream>() {
        extensions.insert(Tls);
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// What the system says, and what to do about it.
fn way_out(source: &io::Error) -> String {
    let advice = match source.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there (`ss -ltnp` says which); stop it, or choose another port"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need CAP_NET_BIND_SERVICE, which the packaged service has; choose a \
             higher port otherwise"
        }
        io::ErrorKind::AddrNotAvailable => "no interface of this machine has that address",
        _ => return source.to_string(),
    };
    format!("{source}: {advice}")
}
