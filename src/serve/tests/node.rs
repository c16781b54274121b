//! The harness: a node on a free port of the loopback, and clients that say exactly what they send.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::CertificateDer;
use tokio::sync::oneshot;

use crate::{
    certs::{self, Certificate},
    pack,
    publish::Live,
    serve::{self, Audience, Hosts, PlainHttp, Settings, Site, Tally, listen::Error},
    site::{Content, Hash, LargeFile, Page, Snapshot, UrlPath},
};

/// A node that serves until it is dropped.
pub(super) struct Node {
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
    pub(super) live: Arc<Live>,
    pub(super) hosts: Arc<ArcSwap<Hosts>>,
    pub(super) certs: Arc<certs::Store>,
    pub(super) root: CertificateDer<'static>,
    pub(super) tally: Tally,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Result<(), Error>>>,
}

/// An answer as it came over the wire.
pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Node {
    /// Serves `snapshot` to visitors.
    pub(super) fn start(snapshot: Snapshot) -> Self {
        Self::start_with(snapshot, PlainHttp::Serve, Audience::Visitors)
    }

    pub(super) fn start_with(
        snapshot: Snapshot,
        plain_http: PlainHttp,
        audience: Audience,
    ) -> Self {
        Self::start_by(snapshot, (plain_http, audience), &settings())
    }

    pub(super) fn start_by(
        snapshot: Snapshot,
        (plain_http, audience): (PlainHttp, Audience),
        settings: &Settings,
    ) -> Self {
        let live = Arc::new(Live::new(snapshot, vec![]));
        let site = Arc::new(Site {
            live: live.clone(),
            plain_http,
            audience,
            controls: Arc::default(),
        });
        let hosts = Arc::new(ArcSwap::from_pointee(Hosts::one(site)));
        let made = certificate();
        let root = made.key.cert[0].clone();
        let certs = Arc::new(certs::Store::new(&[made]).unwrap());
        let bound = serve::bind(settings).unwrap();
        let tally = bound.tally().clone();
        let addresses: Vec<SocketAddr> = bound
            .urls()
            .iter()
            .map(|url| url.rsplit('/').next().unwrap().parse().unwrap())
            .collect();

        let (stop, stopped) = oneshot::channel();
        let (shared_hosts, shared_certs) = (hosts.clone(), certs.clone());
        let serving = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let stopped = async { drop(stopped.await) };
            runtime.block_on(serve::run(bound, shared_hosts, Some(shared_certs), stopped))
        });
        Self {
            http: addresses[0],
            https: addresses[1],
            live,
            hosts,
            certs,
            root,
            tally,
            stop: Some(stop),
            serving: Some(serving),
        }
    }

    /// Gives the word to stop.
    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(super) fn stopped(&mut self) {
        let serving = self.serving.take().expect("waited for once");
        serving.join().unwrap().unwrap();
    }

    /// A connection over plain HTTP.
    pub(super) fn connect(&self) -> TcpStream {
        connect(self.http)
    }

    /// A connection over TLS that offers no protocol by ALPN.
    pub(super) fn connect_tls(&self, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let name = name.to_owned().try_into().unwrap();
        let client = ClientConnection::new(Arc::new(self.client_config()), name).unwrap();
        StreamOwned::new(client, connect(self.https))
    }

    /// A client that trusts this node and nobody else.
    pub(super) fn client_config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// Asks on a connection of its own and reads the whole answer.
    pub(super) fn ask(&self, method: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
        let mut stream = self.connect();
        let fields: String = fields
            .iter()
            .map(|(n, v)| format!("{n}: {v}\r\n"))
            .collect();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n{fields}\r\n"
        );
        Answer::whole(&exchange(&mut stream, request.as_bytes()))
    }

    pub(super) fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[])
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Answer {
    /// The answer that fills a connection to its end.
    pub(super) fn whole(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(bytes)));
        Self {
            head: String::from_utf8(bytes[..end].to_vec()).unwrap(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The next answer of announced length on a connection that stays open.
    pub(super) fn next(stream: &mut impl Read) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let mut answer = Self::whole(&head);
        let length = answer
            .field("content-length")
            .map_or(0, |l| l.parse().unwrap());
        answer.body.resize(length, 0);
        stream.read_exact(&mut answer.body).unwrap();
        answer
    }

    pub(super) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends bytes and reads to the end of the connection.
pub(super) fn exchange(stream: &mut (impl Read + Write), request: &[u8]) -> Vec<u8> {
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => answer,
        // A server that closes on unread bytes resets; what came before that counts.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => answer,
        Err(error) => panic!("{error}: {:?}", String::from_utf8_lossy(&answer)),
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub(super) fn settings() -> Settings {
    Settings {
        http: vec![serve::Place::Address(([127, 0, 0, 1], 0).into())],
        https: vec![serve::Place::Address(([127, 0, 0, 1], 0).into())],
        workers: std::num::NonZeroUsize::new(2),
        drain_timeout: Duration::from_secs(20),
        ..Settings::default()
    }
}

/// Runs `wait` with a bound on its time, so that a test that hangs fails instead.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    wait: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, waited) = mpsc::channel();
    thread::spawn(move || done.send(wait()));
    waited.recv_timeout(limit).expect("it took too long")
}

pub(super) fn certificate() -> Certificate {
    certs::self_signed(&["a.test".into()], Timestamp::now()).unwrap()
}

pub(super) fn page(path: &str, media_type: &str, body: impl Into<Bytes>) -> Page {
    Page {
        path: UrlPath::new(path).unwrap(),
        status: if path == "/404.html" { 404 } else { 200 },
        media_type: media_type.into(),
        content: Content::Bytes(body.into()),
        modified: Some(784_111_777),
    }
}

pub(super) fn html(path: &str, body: impl Into<Bytes>) -> Page {
    page(path, "text/html; charset=utf-8", body)
}

pub(super) fn large(path: &str, file: PathBuf, bytes: u64) -> Page {
    Page {
        content: Content::Large(LargeFile {
            file,
            bytes,
            hash: Hash::of(path.as_bytes()),
            held: None,
        }),
        ..page(path, "video/mp4", Bytes::new())
    }
}

pub(super) fn snapshot(pages: Vec<Page>) -> Snapshot {
    pack::settled(pages, "")
}

/// A site with a long and a short page.
pub(super) fn small_site() -> Snapshot {
    let long = "<p>a line of the home page</p>\n".repeat(300);
    snapshot(vec![
        html("/", long),
        html("/blog/", "blog"),
        html("/404.html", "nothing here"),
        page("/a.txt", "text/plain", "0123456789"),
    ])
}
