//! The `[limits]` table: what one client, one file, one wait may cost.

use std::{ops::RangeInclusive, time::Duration};

use super::Section;
use crate::serve::Settings;

/// The bounds of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A static file larger than this is streamed from disk rather than held in memory.
    pub(crate) memory_file_bytes_max: u64,
    /// Connections at a time, over all listeners.
    pub(crate) connections_max: usize,
    /// Connections at a time of one network; 0 for any number.
    pub(crate) network_connections_max: usize,
    /// Requests on one connection.
    pub(crate) requests_max: u32,
    /// Bytes of a request's target and fields together.
    pub(crate) head_bytes_max: usize,
    /// Bytes of a request's body, which is read to its end and thrown away.
    pub(crate) body_bytes_max: u64,
    /// How long a client may take to send the head of a request, or to finish a TLS handshake.
    pub(crate) head_timeout: Duration,
    /// How long it may take to send the body of one.
    pub(crate) body_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub(crate) idle_timeout: Duration,
    /// How long a client may take nothing of what it asked for.
    pub(crate) write_timeout: Duration,
    /// How many bytes of it a client has to take each second; 0 for any number.
    pub(crate) rate_bytes_min: u64,
    /// How long the answers under way may take once the node is told to stop.
    pub(crate) drain_timeout: Duration,
}

impl Limits {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let defaults = Self::default();
        let limits = Self {
            memory_file_bytes_max: section.number(
                "memory_file_bytes_max",
                defaults.memory_file_bytes_max,
                0..=1 << 30,
            ),
            connections_max: count(
                &mut section,
                "connections_max",
                defaults.connections_max,
                1..=1_000_000,
            ),
            network_connections_max: count(
                &mut section,
                "network_connections_max",
                defaults.network_connections_max,
                0..=1_000_000,
            ),
            requests_max: section.number(
                "requests_max",
                defaults.requests_max.into(),
                1..=u32::MAX.into(),
            ) as u32,
            head_bytes_max: count(
                &mut section,
                "head_bytes_max",
                defaults.head_bytes_max,
                1_024..=1 << 20,
            ),
            body_bytes_max: section.number("body_bytes_max", defaults.body_bytes_max, 0..=1 << 30),
            head_timeout: millis(&mut section, "head_timeout_ms", defaults.head_timeout),
            body_timeout: seconds(&mut section, "body_timeout_s", defaults.body_timeout, 1),
            idle_timeout: seconds(&mut section, "idle_timeout_s", defaults.idle_timeout, 1),
            write_timeout: seconds(&mut section, "write_timeout_s", defaults.write_timeout, 1),
            rate_bytes_min: section.number("rate_bytes_min", defaults.rate_bytes_min, 0..=1 << 30),
            drain_timeout: seconds(&mut section, "drain_timeout_s", defaults.drain_timeout, 0),
        };
        section.finish();
        limits
    }
}

impl Default for Limits {
    fn default() -> Self {
        let serve = Settings::default();
        Self {
            memory_file_bytes_max: 8 << 20,
            connections_max: serve.connections_max,
            network_connections_max: serve.network_connections_max,
            requests_max: serve.requests_max,
            head_bytes_max: serve.head_bytes_max,
            body_bytes_max: serve.body_bytes_max,
            head_timeout: serve.head_timeout,
            body_timeout: serve.body_timeout,
            idle_timeout: serve.idle_timeout,
            write_timeout: serve.write_timeout,
            rate_bytes_min: serve.rate_bytes_min,
            drain_timeout: serve.drain_timeout,
        }
    }
}

/// A number that counts things in memory.
fn count(
    section: &mut Section<'_>,
    key: &'static str,
    default: usize,
    range: RangeInclusive<u64>,
) -> usize {
    let number = section.number(key, default as u64, range);
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn millis(section: &mut Section<'_>, key: &'static str, default: Duration) -> Duration {
    let default = default.as_millis() as u64;
    Duration::from_millis(section.number(key, default, 100..=600_000))
}

fn seconds(
    section: &mut Section<'_>,
    key: &'static str,
    default: Duration,
    least: u64,
) -> Duration {
    Duration::from_secs(section.number(key, default.as_secs(), least..=3_600))
}
