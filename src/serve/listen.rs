//! Sockets: bound first, so that whoever starts the node learns at once what is wrong, and served
//! until the word to stop.

use std::{future::Future, io, num::NonZeroUsize, sync::Arc, thread};

use arc_swap::ArcSwap;
use mio::Waker;
use rustls::ServerConfig;
use tokio::{
    runtime,
    sync::{mpsc, watch},
};

use super::{
    app::Transport,
    guests::Guests,
    hosts::Hosts,
    log::Log,
    place::{Place, Socket},
    service::Service,
    settings::Settings,
    tally::Tally,
    worker::{Listener, Orders, Worker},
};
use crate::certs;

/// Sockets that clients can connect to already; they are answered once the node runs.
#[derive(Debug)]
pub(crate) struct Bound {
    settings: Settings,
    tally: Tally,
    sockets: Vec<(Transport, Socket)>,
}

/// Why a node does not serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A socket cannot be had.
    #[error("cannot listen on {place}: {}", way_out(source))]
    Bind {
        /// What was asked for.
        place: Place,
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
    let of = |transport, places: &[Place]| -> Result<Vec<_>, Error> {
        let mut sockets = Vec::new();
        for place in places {
            let bound = place.bind().map_err(|source| Error::Bind {
                place: place.clone(),
                source,
            })?;
            sockets.extend(bound.into_iter().map(|socket| (transport, socket)));
        }
        Ok(sockets)
    };
    let mut sockets = of(Transport::Plain, &settings.http)?;
    sockets.extend(of(Transport::Tls, &settings.https)?);
    let guests = Guests::new(settings.connections_max, settings.network_connections_max);
    Ok(Bound {
        settings: settings.clone(),
        tally: Tally::new(guests),
        sockets,
    })
}

impl Bound {
    /// What is counted of its connections.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
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

/// Serves until `shutdown` is done, then lets the answers under way finish.
pub(crate) async fn run(
    bound: Bound,
    hosts: Arc<ArcSwap<Hosts>>,
    certs: Arc<certs::Store>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let mut tls = certs::server_config(certs)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let log = Log::start(bound.settings.access_log, io::stdout())?;
    let (stop, stopping) = watch::channel(false);
    let service = Service {
        hosts,
        log,
        settings: bound.settings.clone(),
        tally: bound.tally.clone(),
        stopping,
    };
    let mut workers = start(&bound, &service, &Arc::new(tls))?;
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
    Ok(())
}

struct Workers {
    wakers: Vec<Arc<Waker>>,
    /// Hears when one has ended.
    ended: mpsc::Receiver<()>,
}

fn start(bound: &Bound, service: &Service, tls: &Arc<ServerConfig>) -> io::Result<Workers> {
    let settings = &bound.settings;
    let (end, ended) = mpsc::channel(1);
    let mut wakers = Vec::new();
    for number in 0..settings.workers.map_or_else(processors, NonZeroUsize::get) {
        let listeners = bound.sockets.iter().map(|(transport, socket)| {
            io::Result::Ok(Listener {
                socket: socket.handle()?,
                transport: *transport,
            })
        });
        let (worker, waker) = Worker::new(Orders {
            listeners: listeners.collect::<io::Result<_>>()?,
            tls: Arc::clone(tls),
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
        io::ErrorKind::NotFound => "make the folder that the socket is to lie in",
        io::ErrorKind::AddrNotAvailable => "no interface of this machine has that address",
        _ => return source.to_string(),
    };
    format!("{source}: {advice}")
}
