//! HTTP/3 (RFC 9114): what comes over QUIC is asked of the same hosts, through the same gates.
//!
//! QUIC is a crate's, and so are the frames of HTTP/3; what a request says is read here, in the way that HTTP/2's is.
//! The only place that knows either crate.

mod connection;
mod exchange;
mod qpack;
mod quic;

use std::{
    io,
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use quinn::{
    Endpoint, EndpointConfig, Incoming, ServerConfig, TokioRuntime, TransportConfig, VarInt,
    crypto::rustls::QuicServerConfig,
};
use tokio::{task::JoinSet, time};

use self::quic::Bounds;
use super::{guests::Full, service::Service, settings::Settings, tally::Refusal};

/// Answers what comes at `socket` until the node stops, and what is under way then.
pub(super) async fn serve(
    socket: UdpSocket,
    tls: rustls::ServerConfig,
    service: Service,
) -> io::Result<()> {
    let config = config(tls, &service.settings)?;
    let endpoint_config = EndpointConfig::default();
    let endpoint = Endpoint::new(
        endpoint_config,
        Some(config),
        socket,
        Arc::new(TokioRuntime),
    )?;
    let door = Door {
        bounds: Arc::new(Bounds {
            request_bytes_max: service.settings.head_bytes_max as u64
                + service.settings.body_bytes_max
                + FRAMES_BYTES,
            tally: service.tally.clone(),
        }),
        service: Arc::new(service),
        handshakes: Arc::default(),
    };
    let mut connections = JoinSet::new();
    let stopped = door.service.stopped();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => door.meet(incoming, &mut connections),
                None => break,
            },
            // Each tells its own end.
            Some(_) = connections.join_next() => {}
            () = &mut stopped => break,
        }
    }
    endpoint.set_server_config(None);
    while connections.join_next().await.is_some() {}
    // The last words are on their way.
    let gone = time::timeout(GOODBYE, endpoint.wait_idle()).await;
    endpoint.close(quic::number(0), b"");
    gone.or(Ok(()))
}

/// Where clients come in.
struct Door {
    service: Arc<Service>,
    bounds: Arc<Bounds>,
    /// Connections whose keys are not agreed on.
    handshakes: Arc<AtomicUsize>,
}

impl Door {
    fn meet(&self, incoming: Incoming, connections: &mut JoinSet<()>) {
        let tally = &self.service.tally;
        // An address may be a lie until something sent to it comes back (RFC 9000 §8.1.2): where many say that they are new,
        // each has to show that first.
        if self.handshakes.load(Ordering::Relaxed) >= HANDSHAKES_TRUSTED && incoming.may_retry() {
            return incoming.retry().unwrap_or_default();
        }
        let client = incoming.remote_address();
        let guest = match tally.guests.admit(Some(client.ip())) {
            Ok(guest) => guest,
            Err(full) => {
                tally.refuse(match full {
                    Full::All => Refusal::Connections,
                    Full::Network => Refusal::Network,
                });
                return incoming.refuse();
            }
        };
        let handshake = Handshake::begin(&self.handshakes);
        let (service, bounds) = (Arc::clone(&self.service), Arc::clone(&self.bounds));
        connections.spawn(async move {
            let connection = handshake.end(incoming, &service).await;
            if let Some(connection) = connection {
                connection::serve(connection, guest, service, bounds).await;
            }
        });
    }
}

/// One that is counted.
struct Handshake(Arc<AtomicUsize>);

impl Handshake {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }

    /// Agrees on keys.
    async fn end(self, incoming: Incoming, service: &Service) -> Option<quinn::Connection> {
        let connecting = incoming.accept().ok()?;
        match time::timeout(service.settings.head_timeout, connecting).await {
            Ok(connection) => connection.ok(),
            Err(_) => {
                service.tally.refuse(Refusal::Head);
                None
            }
        }
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn config(mut tls: rustls::ServerConfig, settings: &Settings) -> io::Result<ServerConfig> {
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let crypto = QuicServerConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    // Nobody waits long to be let in, so there is little to keep of those who do.
    config
        .max_incoming(INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BYTES_MAX)
        .incoming_buffer_size_total(INCOMING_MAX as u64 * INCOMING_BYTES_MAX);
    // Of a client that says nothing at all. Who only asks for nothing is told that its time is over.
    let patience = settings.idle_timeout.max(settings.write_timeout) + SILENCE;
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS_MAX)
        .max_concurrent_uni_streams(UNI_STREAMS_MAX)
        .stream_receive_window(STREAM_WINDOW_BYTES)
        .receive_window(WINDOW_BYTES)
        .send_window(SEND_BYTES_MAX)
        .datagram_receive_buffer_size(None)
        .max_idle_timeout(Some(patience.try_into().map_err(io::Error::other)?));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// Unpacks `bytes`, and reads what comes of it as a request.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) {
    use super::block::{Block, request};

    const SIZE_MAX: usize = 16 << 10;
    let mut block = Block::default();
    if qpack::decode(bytes, SIZE_MAX, &mut block).is_ok() {
        assert!(block.bytes.len() <= SIZE_MAX);
        drop(request::read(&block, request::Rest::Nothing));
    }
}

/// What all browsers do with; RFC 9114 §6.1 wants 100.
const STREAMS_MAX: VarInt = VarInt::from_u32(128);
/// A client has three, and may try whether others are let be (RFC 9114 §6.2).
const UNI_STREAMS_MAX: VarInt = VarInt::from_u32(8);
const STREAM_WINDOW_BYTES: VarInt = VarInt::from_u32(64 << 10);
const WINDOW_BYTES: VarInt = VarInt::from_u32(256 << 10);
/// What is held for one client that has not got it: 68 Mbit/s at 30 ms.
const SEND_BYTES_MAX: u64 = 256 << 10;
/// What frames take beside what is in them.
const FRAMES_BYTES: u64 = 4 << 10;

const INCOMING_MAX: usize = 256;
const INCOMING_BYTES_MAX: u64 = 16 << 10;
/// As many as one busy page may bring at once.
const HANDSHAKES_TRUSTED: usize = 64;

/// How much longer than any other wait.
const SILENCE: Duration = Duration::from_secs(5);
/// How long the end of all connections may take to be said.
const GOODBYE: Duration = Duration::from_secs(1);
