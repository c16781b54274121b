//! How a node listens: what the configuration says about sockets, in the words of this room.

use std::{net::SocketAddr, num::NonZeroUsize, time::Duration};

/// Listeners and their bounds. The default listens nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Addresses for plain HTTP. Port 0 takes a free one.
    pub(crate) http: Vec<SocketAddr>,
    /// Addresses for TLS.
    pub(crate) https: Vec<SocketAddr>,
    /// Threads that answer; None for one a processor.
    pub(crate) workers: Option<NonZeroUsize>,
    /// Open connections over all workers and listeners.
    pub(crate) connections_max: usize,
    /// Bytes of a request's target and fields together.
    pub(crate) head_bytes_max: usize,
    /// How long a client may take to send a head, or to shake hands.
    pub(crate) head_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub(crate) idle_timeout: Duration,
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

impl Default for Settings {
    fn default() -> Self {
        Self {
            http: Vec::new(),
            https: Vec::new(),
            workers: None,
            connections_max: 10_000,
            head_bytes_max: 16 << 10,
            head_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(30),
            access_log: AccessLog::Off,
            server_timing: ServerTiming::Asked,
        }
    }
}
