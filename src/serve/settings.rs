//! How a node listens: what the configuration says about sockets, in the words of this room.

use std::{num::NonZeroUsize, thread, time::Duration};

use super::{place::Place, proxied::Trusted};

/// Listeners and their bounds. The default listens nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Addresses for plain HTTP. Port 0 takes a free one.
    pub(crate) http: Vec<Place>,
    /// Addresses for TLS.
    pub(crate) https: Vec<Place>,
    /// Whether HTTP/3 is spoken at the addresses of `https`, too.
    pub(crate) http3: bool,
    /// The port that visitors reach HTTPS at, where it is not the one that is listened on.
    pub(crate) https_port: Option<u16>,
    /// Threads that answer; None for one a processor.
    pub(crate) workers: Option<NonZeroUsize>,
    /// Open connections over all workers and listeners.
    pub(crate) connections_max: usize,
    /// Bytes of a request's target and fields together.
    pub(crate) head_bytes_max: usize,
    /// Open connections of one network: an IPv4 address, or 64 bits of IPv6; 0 for any number.
    pub(crate) network_connections_max: usize,
    /// Requests on one connection.
    pub(crate) requests_max: u32,
    /// Bytes of a request's body, which is read to its end and thrown away.
    pub(crate) body_bytes_max: u64,
    /// How long a client may take to send a head, or to shake hands.
    pub(crate) head_timeout: Duration,
    /// How long it may take to send a body.
    pub(crate) body_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub(crate) idle_timeout: Duration,
    /// How long a client may take nothing of what it asked for.
    pub(crate) write_timeout: Duration,
    /// How many bytes of it a client has to take each second, on average over each `write_timeout`; 0 for any number.
    pub(crate) rate_bytes_min: u64,
    /// Who says, before anything else, for whom he asks.
    pub(crate) proxies: Vec<Trusted>,
    /// How long the bodies under way may take after the node was told to stop.
    pub(crate) drain_timeout: Duration,
    /// One line on standard output for each request.
    pub(crate) access_log: AccessLog,
    /// Who is told how long an answer took.
    pub(crate) server_timing: ServerTiming,
}

/// The form of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessLog {
    /// None.
    Off,
    /// The Common Log Format.
    Common,
    /// One JSON object a line.
    Json,
}

/// Which answers have a `Server-Timing` field (W3C Server Timing).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerTiming {
    /// None.
    Never,
    /// Those to requests that have such a field themselves.
    Asked,
    /// All.
    Always,
}

impl Settings {
    /// How many threads answer.
    pub(super) fn threads(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.workers.map_or_else(processors, NonZeroUsize::get)
    }

    /// How many bytes a client has to take in each `write_timeout`.
    pub(super) fn bytes_min(&self) -> u64 {
        let millis = u64::try_from(self.write_timeout.as_millis()).unwrap_or(u64::MAX);
        self.rate_bytes_min.saturating_mul(millis) / 1_000
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            http: Vec::new(),
            https: Vec::new(),
            http3: false,
            https_port: None,
            workers: None,
            connections_max: 10_000,
            network_connections_max: 1_000,
            requests_max: 10_000,
            head_bytes_max: 16 << 10,
            body_bytes_max: 64 << 10,
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            rate_bytes_min: 256,
            proxies: Vec::new(),
            drain_timeout: Duration::from_secs(30),
            access_log: AccessLog::Off,
            server_timing: ServerTiming::Asked,
        }
    }
}
