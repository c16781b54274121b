//! What a node says of itself to those who run it: whether it is well, and what it holds.
//!
//! It has a listener of its own, which is off unless the configuration names it, and answers
//! `/healthz` and `/metrics`, the latter in Prometheus' text format 0.0.4. Whoever has something to
//! count hands in a [`Gauge`]; this room knows none of them.
//!
//! **Invariant:** the public listeners answer nothing of this, and this listener nothing of theirs.
//! **Invariant:** asking changes nothing, and costs the same for a small site and a large one.

mod metrics;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    thread,
};

use actix_web::{App, HttpResponse, HttpServer, dev::Server, rt::System, web};
use arc_swap::ArcSwap;

use crate::{publish::Live, site::Problem};

/// What is told of a node.
#[derive(Debug)]
pub(crate) struct Told {
    /// Its sites; a reload replaces them.
    pub(crate) sites: Arc<ArcSwap<Vec<Site>>>,
    /// What its rooms count, of which there is one for all sites.
    pub(crate) gauges: Vec<Gauge>,
}

/// A site, by the name its metrics have.
#[derive(Debug)]
pub(crate) struct Site {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// What is on the air.
    pub(crate) live: Arc<Live>,
}

/// A number that a room keeps.
pub(crate) struct Gauge {
    /// The metric, and the label that tells it from others of that name.
    pub(crate) name: Name,
    /// Reads it.
    pub(crate) read: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// Which metric a [`Gauge`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    /// Bodies by the stage of their codings.
    Bodies(&'static str),
    /// Bodies that wait for their best codings.
    BodiesWaiting,
    /// Bytes on disk.
    Cache,
    /// Open connections.
    Connections,
    /// Bytes in memory, by what they are.
    Memory(&'static str),
    /// Clients that were turned away, by the reason.
    Refused(&'static str),
}

impl fmt::Debug for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gauge").field(&self.name).finish()
    }
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address cannot be had.
    #[error("cannot listen on {address} for [admin]; choose another address")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("no thread for [admin]")]
    Thread(#[from] io::Error),
}

/// Binds `address`, so that whoever starts the node learns at once that it is taken.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).map_err(|source| Error::Bind { address, source })
}

/// Answers on `listener`, on a thread of its own, for as long as the process runs: also while the public
/// listeners finish their last answers.
pub(crate) fn start(listener: TcpListener, told: Told) -> Result<(), Error> {
    tracing::info!("[admin] listens on http://{}", listener.local_addr()?);
    let told = web::Data::new(told);
    thread::Builder::new()
        .name("admin".to_owned())
        .spawn(move || {
            let ended = System::new().block_on(async { server(listener, told)?.await });
            if let Err(error) = ended {
                tracing::error!(%error, "the listener of [admin] failed; all else goes on");
            }
        })?;
    Ok(())
}

fn server(listener: TcpListener, told: web::Data<Told>) -> io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(told.clone())
            .route("/healthz", web::get().to(healthz))
            .route("/metrics", web::get().to(metrics))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .max_connections(CONNECTIONS_MAX)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// A node that serves is well. One that serves what is older than its files says so.
async fn healthz(told: web::Data<Told>) -> HttpResponse {
    let mut text = String::from("ok\n");
    for site in told.sites.load().iter() {
        let news = site.live.news().borrow().clone();
        let errors = news.problems.iter().filter(|problem| problem.is_error());
        let errors = errors.count();
        if errors > 0 {
            let root = site.root.display();
            text += &format!("{root}: errors: {errors}; its last good snapshot is served\n");
        }
    }
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("cache-control", "no-store"))
        .body(text)
}

async fn metrics(told: web::Data<Told>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(metrics::MEDIA_TYPE)
        .insert_header(("cache-control", "no-store"))
        .body(metrics::text(&told))
}

impl Site {
    fn problems(&self, which: impl Fn(&Problem) -> bool) -> usize {
        let news = self.live.news();
        news.borrow()
            .problems
            .iter()
            .filter(|one| which(one))
            .count()
    }
}

/// Who runs a node asks from a few places.
const CONNECTIONS_MAX: usize = 16;
