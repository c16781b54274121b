//! The `[limits]` table: what one client, one file, one wait may cost.

use std::{ops::RangeInclusive, time::Duration};

use super::Section;

/// The bounds of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A static file larger than this is streamed from disk rather than held in memory.
    pub(crate) memory_file_bytes_max: u64,
    /// Connections at a time, over all listeners.
    pub(crate) connections_max: usize,
    /// Bytes of a request's target and fields together.
    pub(crate) head_bytes_max: usize,
    /// How long a client may take to send the head of a request, or to finish a TLS handshake.
    pub(crate) head_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub(crate) idle_timeout: Duration,
    /// How long the answers under way may take once the node is told to stop.
    pub(crate) drain_timeout: Duration,
}

impl Limits {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let limits = Self {
            memory_file_bytes_max: section.number(
                "memory_file_bytes_max",
                MEMORY_FILE_BYTES_MAX,
                0..=1 << 30,
            ),
            connections_max: count(
                &mut section,
                "connections_max",
                CONNECTIONS_MAX,
                1..=1_000_000,
            ),
            head_bytes_max: count(
                &mut section,
                "head_bytes_max",
                HEAD_BYTES_MAX,
                1_024..=1 << 20,
            ),
            head_timeout: Duration::from_millis(section.number(
                "head_timeout_ms",
                HEAD_TIMEOUT_MS,
                100..=600_000,
            )),
            idle_timeout: Duration::from_secs(section.number(
                "idle_timeout_s",
                IDLE_TIMEOUT_S,
                1..=3_600,
            )),
            drain_timeout: Duration::from_secs(section.number(
                "drain_timeout_s",
                DRAIN_TIMEOUT_S,
                0..=3_600,
            )),
        };
        section.finish();
        limits
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_file_bytes_max: MEMORY_FILE_BYTES_MAX,
            connections_max: CONNECTIONS_MAX,
            head_bytes_max: HEAD_BYTES_MAX,
            head_timeout: Duration::from_millis(HEAD_TIMEOUT_MS),
            idle_timeout: Duration::from_secs(IDLE_TIMEOUT_S),
            drain_timeout: Duration::from_secs(DRAIN_TIMEOUT_S),
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

const MEMORY_FILE_BYTES_MAX: u64 = 8 << 20;
const CONNECTIONS_MAX: usize = 10_000;
const HEAD_BYTES_MAX: usize = 16 << 10;
const HEAD_TIMEOUT_MS: u64 = 5_000;
const IDLE_TIMEOUT_S: u64 = 30;
const DRAIN_TIMEOUT_S: u64 = 30;
