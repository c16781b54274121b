//! Sockets: bound first, so that whoever starts the node learns at once what is wrong, and served
//! until the word to stop.

use std::{
    future::Future,
    io,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    thread,
};

use arc_swap::ArcSwap;
use mio::Waker;
use tokio::{
    runtime::{self, Runtime},
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    app::Transport,
    guests::Guests,
    h3,
    hosts::Hosts,
    log::Log,
    place::{Place, Socket, bind_udp},
    service::Service,
    settings::Settings,
    tally::Tally,
    worker::{Listener, Orders, Worker},
};
use crate::certs::{self, OverTcp};

/// Sockets that clients can connect to already; they are answered once the node runs.
#[derive(Debug)]
pub(crate) struct Bound {
    settings: Settings,
    tally: Tally,
    sockets: Vec<(Transport, Socket)>,
    /// Those of HTTP/3, where TLS is spoken as well.
    datagrams: Vec<UdpSocket>,
}

/// Why a node does not serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A socket cannot be had.
    #[error("cannot listen on {place}{}", way_out(source))]
    Bind {
        /// What was asked for.
        place: Place,
        /// What the system says.
        source: io::Error,
    },
    /// A socket for HTTP/3 cannot be had.
    #[error("cannot listen on {address} (UDP) for http3{}", way_out(source))]
    BindUdp {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There is nowhere to speak HTTP/3.
    #[error("http3 needs an address to listen on: give `https` one, such as [::]:443")]
    NoAddress,
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] certs::Error),
    /// The server failed while it ran.
    #[error("the server cannot go on")]
    Server(#[from] io::Error),
}

/// Binds every address of `settings`.
pub(crate) fn bind(settings: &Settings) -> Result<Bound, Error> {
    let of = |transport, places: &[Place]| -> Result<Vec<_>, Error> {
        let mut sockets = Vec::new();
        for place in places {
            let bound = place.bind(places).map_err(|source| Error::Bind {
                place: place.clone(),
                source,
            })?;
            sockets.extend(bound.into_iter().map(|socket| (transport, socket)));
        }
        Ok(sockets)
    };
    let mut sockets = of(Transport::Plain, &settings.http)?;
    sockets.extend(of(Transport::Tls, &settings.https)?);
    let datagrams = match settings.http3 {
        true => datagrams(&sockets, &settings.https)?,
        false => Vec::new(),
    };
    let guests = Guests::new(settings.connections_max, settings.network_connections_max);
    Ok(Bound {
        settings: settings.clone(),
        tally: Tally::new(guests),
        sockets,
        datagrams,
    })
}

/// A socket for HTTP/3 at each address where TLS is spoken, which are those of `places`.
fn datagrams(sockets: &[(Transport, Socket)], places: &[Place]) -> Result<Vec<UdpSocket>, Error> {
    let bind = |(transport, socket): &(Transport, Socket)| match (transport, socket.place()) {
        (Transport::Tls, Some(Place::Address(address))) => {
            let bound = bind_udp(address, places);
            Some(bound.map_err(|source| Error::BindUdp { address, source }))
        }
        _ => None,
    };
    let bound = sockets.iter().filter_map(bind);
    match bound.collect::<Result<Vec<_>, _>>()? {
        none if none.is_empty() => Err(Error::NoAddress),
        some => Ok(some),
    }
}

impl Bound {
    /// What is counted of its connections.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Where HTTP/3 is spoken, as visitors see it (RFC 7838 §3).
    fn alt_svc(&self) -> Option<Arc<str>> {
        let inside = self.datagrams.first()?.local_addr().ok()?.port();
        let port = self.settings.https_port.unwrap_or(inside);
        Some(format!("h3=\":{port}\"; ma={ALT_SVC_SECONDS}").into())
    }

    /// Where it listens, as `http://127.0.0.1:8080`: a port that was 0 is the one that was given.
    pub(crate) fn urls(&self) -> Vec<String> {
        let url = |(transport, socket): &(Transport, Socket)| {
            let scheme = match transport {
                Transport::Plain => "http",
                Transport::Tls => "https",
            };
            Some(match socket.place()? {
                Place::Address(address) => format!("{scheme}://{address}"),
                place => format!("{place} ({scheme})"),
            })
        };
        self.sockets.iter().filter_map(url).collect()
    }
}

/// Serves until `shutdown` is done, then lets the answers under way finish. Without `certs`, TLS can't be spoken.
pub(crate) async fn run(
    mut bound: Bound,
    hosts: Arc<ArcSwap<Hosts>>,
    certs: Option<Arc<certs::Store>>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let log = Log::start(bound.settings.access_log, io::stdout())?;
    let (stop, stopping) = watch::channel(false);
    let service = Service {
        hosts,
        log,
        settings: bound.settings.clone(),
        tally: bound.tally.clone(),
        alt_svc: bound.alt_svc(),
        stopping,
    };
    let mut workers = start(&bound, &service, certs.as_ref())?;
    let http3 = Http3::start(&mut bound, &service, certs)?;
    // The workers have sockets of their own; these would take in connections that nobody answers.
    let kept: Vec<_> = bound
        .sockets
        .into_iter()
        .filter_map(|(_, socket)| socket.into_kept())
        .collect();
    tokio::select! {
        () = shutdown => {}
        _ = workers.ended.recv() => {}
    }
    drop(kept);
    stop.send_replace(true);
    for waker in &workers.wakers {
        waker.wake()?;
    }
    // Each of them holds a sender until it ends.
    while workers.ended.recv().await.is_some() {}
    http3.end().await
}

/// The threads of HTTP/3, and what they do.
struct Http3 {
    runtime: Option<Runtime>,
    endpoints: JoinSet<io::Result<()>>,
}

impl Http3 {
    fn start(
        bound: &mut Bound,
        service: &Service,
        certs: Option<Arc<certs::Store>>,
    ) -> Result<Self, Error> {
        let mut endpoints = JoinSet::new();
        let sockets = std::mem::take(&mut bound.datagrams);
        if sockets.is_empty() {
            return Ok(Self {
                runtime: None,
                endpoints,
            });
        }
        let certs = certs.ok_or(certs::Error::None)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(bound.settings.threads())
            .thread_name("http3")
            .enable_all()
            .build()?;
        for socket in sockets {
            let tls = certs::quic_config(Arc::clone(&certs))?;
            let serving = h3::serve(socket, tls, service.clone());
            endpoints.spawn_on(serving, runtime.handle());
        }
        Ok(Self {
            runtime: Some(runtime),
            endpoints,
        })
    }

    /// Waits for the answers under way.
    async fn end(mut self) -> Result<(), Error> {
        let mut done = Ok(());
        while let Some(ended) = self.endpoints.join_next().await {
            let ended = ended.map_err(io::Error::other).flatten();
            done = done.and(ended);
        }
        if let Some(runtime) = self.runtime {
            runtime.shutdown_background();
        }
        Ok(done?)
    }
}

struct Workers {
    wakers: Vec<Arc<Waker>>,
    /// Hears when one has ended.
    ended: mpsc::Receiver<()>,
}

fn start(
    bound: &Bound,
    service: &Service,
    certs: Option<&Arc<certs::Store>>,
) -> Result<Workers, Error> {
    let settings = &bound.settings;
    let is_tls = |(transport, _): &(Transport, Socket)| *transport == Transport::Tls;
    let tls = match bound.sockets.iter().any(is_tls) {
        true => Some(over_tcp(certs)?),
        false => None,
    };
    let (end, ended) = mpsc::channel(1);
    let mut wakers = Vec::new();
    for number in 0..settings.threads() {
        let listeners = bound.sockets.iter().map(|(transport, socket)| {
            io::Result::Ok(Listener {
                socket: socket.handle()?,
                tls: tls.clone().filter(|_| *transport == Transport::Tls),
            })
        });
        let (worker, waker) = Worker::new(Orders {
            listeners: listeners.collect::<io::Result<_>>()?,
            service: service.clone(),
            runtime: runtime::Handle::current(),
        })?;
        wakers.push(waker);
        let end = end.clone();
        thread::Builder::new()
            .name(format!("serve-{number}"))
            .spawn(move || {
                worker.run();
                drop(end);
            })?;
    }
    Ok(Workers { wakers, ended })
}

fn over_tcp(certs: Option<&Arc<certs::Store>>) -> Result<Arc<OverTcp>, Error> {
    let certs = certs.ok_or(certs::Error::None)?;
    Ok(Arc::new(OverTcp::new(
        Arc::clone(certs),
        &[b"h2", b"http/1.1"],
    )?))
}

/// What to do about what the system says.
fn way_out(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => {
            ": another program listens there (`ss -lntup` says which); stop it, or choose another port"
        }
        io::ErrorKind::PermissionDenied => {
            ": ports below 1024 need CAP_NET_BIND_SERVICE, which the packaged service has; choose a \
             higher port otherwise"
        }
        io::ErrorKind::NotFound => ": make the folder that the socket is to lie in",
        io::ErrorKind::AddrNotAvailable => ": no interface of this machine has that address",
        _ => "",
    }
}

/// How long a client remembers that there is HTTP/3.
const ALT_SVC_SECONDS: u32 = 86_400;
