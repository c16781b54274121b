//! The access log: one line for each request, written by a thread of its own.
//!
//! A worker only puts a line into a queue. When the reader of standard output is too slow, lines
//! are lost and counted, and nobody waits.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;

use super::settings::AccessLog;

/// Where requests are logged. Clones write to the same place.
#[derive(Debug, Clone)]
pub(super) struct Log {
    json: bool,
    lines: SyncSender<String>,
    lost: Arc<AtomicU64>,
}

/// What is known of a request when its answer begins.
#[derive(Debug)]
pub(super) struct Entry {
    log: Log,
    started: Instant,
    request: Request,
}

/// What a line tells of a request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) client: Option<SocketAddr>,
    pub(super) host: String,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) protocol: &'static str,
    pub(super) status: u16,
    pub(super) referer: Option<String>,
    pub(super) user_agent: Option<String>,
}

impl Log {
    /// Starts the writer, if there is to be a log.
    pub(super) fn start(
        form: AccessLog,
        out: impl Write + Send + 'static,
    ) -> io::Result<Option<Self>> {
        let json = match form {
            AccessLog::Off => return Ok(None),
            AccessLog::Common => false,
            AccessLog::Json => true,
        };
        let (lines, queue) = sync_channel(QUEUE_LINES_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let log = Self {
            json,
            lines,
            lost: lost.clone(),
        };
        thread::Builder::new()
            .name("access-log".into())
            .spawn(move || write_all(&queue, out, &lost))?;
        Ok(Some(log))
    }

    /// The entry of a request that came at `started`.
    pub(super) fn entry(&self, started: Instant, request: Request) -> Entry {
        Entry {
            log: self.clone(),
            started,
            request,
        }
    }
}

/// A line that is written when its answer has ended, whether the client got all of it or left.
#[derive(Debug)]
pub(super) struct Open {
    entry: Option<Entry>,
    sent: u64,
}

impl Open {
    pub(super) fn of(entry: Entry) -> Self {
        Self {
            entry: Some(entry),
            sent: 0,
        }
    }

    /// Counts what was sent of the body.
    pub(super) fn note_sent(&mut self, bytes: u64) {
        self.sent += bytes;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.write(self.sent);
        }
    }
}

impl Entry {
    /// Logs the request, of whose answer `bytes` were sent.
    pub(super) fn write(self, bytes: u64) {
        let (now, took) = (Timestamp::now(), self.started.elapsed());
        let line = if self.log.json {
            json_line(&self.request, bytes, now, took)
        } else {
            common_line(&self.request, bytes, now)
        };
        if self.log.lines.try_send(line).is_err() {
            self.log.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes what comes, and flushes whenever nothing more is waiting.
fn write_all(queue: &Receiver<String>, out: impl Write, lost: &AtomicU64) {
    let mut out = io::BufWriter::new(out);
    while let Ok(first) = queue.recv() {
        let mut next = Ok(first);
        while let Ok(line) = next {
            if out.write_all(line.as_bytes()).is_err() {
                return tracing::error!("the access log ends: standard output is closed");
            }
            next = queue.try_recv();
        }
        let ended = matches!(next, Err(TryRecvError::Disconnected));
        if out.flush().is_err() || ended {
            return;
        }
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            lines => tracing::warn!(lines, "access log lines were lost: standard output is slow"),
        }
    }
}

/// `host ident authuser [date] "request" status bytes`.
fn common_line(request: &Request, bytes: u64, now: Timestamp) -> String {
    let client = client(request).unwrap_or_else(|| "-".into());
    let Request {
        method,
        target,
        protocol,
        status,
        ..
    } = request;
    let date = now.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let target = target.escape_default();
    let bytes = match bytes {
        0 => "-".to_owned(),
        bytes => bytes.to_string(),
    };
    format!("{client} - - [{date}] \"{method} {target} {protocol}\" {status} {bytes}\n")
}

fn json_line(request: &Request, bytes: u64, now: Timestamp, took: Duration) -> String {
    let line = json!({
        "time": now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "client": client(request),
        "host": request.host,
        "method": request.method,
        "target": request.target,
        "protocol": request.protocol,
        "status": request.status,
        "bytes": bytes,
        "micros": u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "referer": request.referer,
        "user_agent": request.user_agent,
    });
    format!("{line}\n")
}

fn client(request: &Request) -> Option<String> {
    // Over a socket for both, IPv4 comes in the clothes of IPv6.
    request
        .client
        .map(|client| client.ip().to_canonical().to_string())
}

/// Some seconds of a busy node.
const QUEUE_LINES_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            client: Some(([192, 0, 2, 1], 5000).into()),
            host: "example.org".into(),
            method: "GET".into(),
            target: "/a\"b".into(),
            protocol: "HTTP/1.1",
            status: 200,
            referer: None,
            user_agent: Some("curl".into()),
        }
    }

    #[test]
    fn writes_the_common_format() {
        for (bytes, end) in [(12, "200 12\n"), (0, "200 -\n")] {
            let line = common_line(&request(), bytes, Timestamp::UNIX_EPOCH);
            let expected =
                r#"192.0.2.1 - - [01/Jan/1970:00:00:00 +0000] "GET /a\"b HTTP/1.1" "#.to_owned();
            assert_eq!(line, expected + end);
        }
    }

    #[test]
    fn writes_json() {
        let line = json_line(
            &request(),
            7,
            Timestamp::UNIX_EPOCH,
            Duration::from_micros(323),
        );
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["time"], "1970-01-01T00:00:00.000Z");
        assert_eq!(value["client"], "192.0.2.1");
        assert_eq!(
            (&value["micros"], &value["bytes"]),
            (&323.into(), &7.into())
        );
        assert_eq!(value["referer"], serde_json::Value::Null);
        assert!(line.ends_with("}\n"));
    }

    #[test]
    fn a_slow_reader_loses_lines_and_stops_nobody() {
        struct Stuck(Receiver<()>);
        impl Write for Stuck {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.recv().ok();
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (release, stuck) = sync_channel(0);
        let log = Log::start(AccessLog::Common, Stuck(stuck))
            .unwrap()
            .unwrap();
        for _ in 0..3 * QUEUE_LINES_MAX {
            log.entry(Instant::now(), request()).write(1);
        }
        assert!(log.lost.load(Ordering::Relaxed) > 0);
        drop(release);
    }
}
