//! One connection: its requests, each a task of its own, and how long it may last.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use h3::{
    error::{Code, ConnectionError},
    quic::SendStream,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::{self, Instant, MissedTickBehavior},
};

use super::{
    exchange::{self, Ending},
    quic::{self, Bounds},
};
use crate::serve::{
    calm::Calm, guests::Guest, service::Service, settings::Settings, tally::Refusal, wait::Pace,
};

/// What the requests of a connection share.
pub(super) struct Shared {
    pub(super) service: Arc<Service>,
    pub(super) connection: quinn::Connection,
    pub(super) client: SocketAddr,
    /// Requests whose client does not take what is there for it.
    pub(super) sending: AtomicUsize,
}

/// Answers what `connection` asks until one of both has enough. `guest` is counted as long as it lasts.
pub(super) async fn serve(
    connection: quinn::Connection,
    guest: Guest,
    service: Arc<Service>,
    bounds: Arc<Bounds>,
) {
    let shared = Arc::new(Shared {
        client: connection.remote_address(),
        connection: connection.clone(),
        sending: AtomicUsize::new(0),
        service,
    });
    let head_bytes_max = shared.service.settings.head_bytes_max as u64;
    let transport = quic::Connection::new(connection.clone(), bounds);
    let begun = h3::server::builder()
        .max_field_section_size(head_bytes_max)
        .send_grease(false)
        .build(transport)
        .await;
    // Else it is gone already.
    if let Ok(frames) = begun {
        let mut open = Connection::new(frames, &shared);
        let code = open.last().await;
        connection.close(quic::number(code.value()), b"");
    }
    drop(guest);
}

type Frames = h3::server::Connection<quic::Connection, Bytes>;

struct Connection<'s> {
    frames: Frames,
    shared: &'s Arc<Shared>,
    requests: JoinSet<Ending>,
    begun: u32,
    calm: Calm,
    /// Until when the answers under way may take, once no more are begun.
    leaves_by: Option<Instant>,
    watch: Watch,
}

/// Why a connection ends before the client wants it to.
struct Ends(Code);

impl<'s> Connection<'s> {
    fn new(frames: Frames, shared: &'s Arc<Shared>) -> Self {
        Self {
            frames,
            shared,
            requests: JoinSet::new(),
            begun: 0,
            calm: Calm::new(),
            leaves_by: None,
            watch: Watch::begin(Instant::now()),
        }
    }

    /// Goes on to the end. Says why it came.
    async fn last(&mut self) -> Code {
        let mut pulse = time::interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = self.shared.service.stopped();
        tokio::pin!(stopped);
        loop {
            let is_leaving = self.leaves_by.is_some();
            let went = tokio::select! {
                accepted = self.frames.accept() => match accepted {
                    Ok(Some(resolver)) => self.begin(resolver).await,
                    Ok(None) => Err(Ends(Code::H3_NO_ERROR)),
                    Err(error) => Err(self.broken(&error)),
                },
                Some(ended) = self.requests.join_next() => self.note(ended),
                _ = pulse.tick() => self.look(),
                () = &mut stopped, if !is_leaving => self.leave().await,
            };
            if let Err(Ends(code)) = went {
                return code;
            }
            if self.leaves_by.is_some() && self.requests.is_empty() {
                return Code::H3_NO_ERROR;
            }
        }
    }

    async fn begin(&mut self, mut resolver: exchange::Resolver) -> Result<(), Ends> {
        if self.leaves_by.is_some() {
            // The client was told that this one is not looked at.
            let code = Code::H3_REQUEST_REJECTED.value();
            resolver.frame_stream.reset(code);
            return Ok(());
        }
        self.begun += 1;
        let exchange = exchange::serve(resolver, Arc::clone(self.shared));
        self.requests.spawn(exchange);
        let settings = &self.shared.service.settings;
        if self.begun >= settings.requests_max && self.leaves_by.is_none() {
            return self.leave().await;
        }
        Ok(())
    }

    /// Lets no further request begin (RFC 9114 §5.2).
    async fn leave(&mut self) -> Result<(), Ends> {
        let drain_timeout = self.shared.service.settings.drain_timeout;
        self.leaves_by = Instant::now().checked_add(drain_timeout);
        // What is told is the first request that is not answered: one behind the last that was begun.
        let told = self.frames.shutdown(1).await;
        told.map_err(|_| Ends(Code::H3_NO_ERROR))
    }

    fn note(&mut self, ended: Result<Ending, JoinError>) -> Result<(), Ends> {
        let tally = &self.shared.service.tally;
        let now = Instant::now();
        self.watch.rested = now;
        match ended {
            Ok(Ending::Answered) => self.calm.earn(2),
            Ok(Ending::InVain) => self.calm.spend(now.into_std()).map_err(|_| {
                tally.refuse(Refusal::Restless);
                Ends(Code::H3_EXCESSIVE_LOAD)
            })?,
            Err(error) if error.is_panic() => {
                tally.refuse(Refusal::Panic);
                return Err(Ends(Code::H3_INTERNAL_ERROR));
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn broken(&self, error: &ConnectionError) -> Ends {
        // What the client did wrong was told to it. Its going is nothing wrong.
        if let ConnectionError::Local { .. } = error {
            self.shared.service.tally.refuse(Refusal::Malformed);
        }
        Ends(Code::H3_NO_ERROR)
    }

    /// Looks whether something takes too long.
    fn look(&mut self) -> Result<(), Ends> {
        let now = Instant::now();
        if self.leaves_by.is_some_and(|leaves_by| leaves_by <= now) {
            return Err(Ends(Code::H3_NO_ERROR));
        }
        let Shared {
            service,
            connection,
            sending,
            ..
        } = &**self.shared;
        if self.requests.is_empty() {
            let rests = now.saturating_duration_since(self.watch.rested);
            return match rests >= service.settings.idle_timeout {
                true => Err(Ends(Code::H3_NO_ERROR)),
                false => Ok(()),
            };
        }
        let is_sending = sending.load(Ordering::Relaxed) > 0;
        let frames = is_sending.then(|| connection.stats().frame_tx.stream);
        if self.watch.is_late(frames, (now, &service.settings)) {
            service.tally.refuse(Refusal::Write);
            return Err(Ends(Code::H3_EXCESSIVE_LOAD));
        }
        Ok(())
    }
}

/// How fast a client takes what it asked for, as far as that can be seen: QUIC sends on when what was sent has arrived.
struct Watch {
    /// When there was no request, or an answer had arrived.
    rested: Instant,
    /// When the last was sent.
    moved: Instant,
    frames: u64,
    pace: Pace,
}

impl Watch {
    fn begin(now: Instant) -> Self {
        Self {
            rested: now,
            moved: now,
            frames: 0,
            pace: Pace::default(),
        }
    }

    /// Takes in how many frames were sent in all, if there is more to send; says whether it is too slow.
    fn is_late(&mut self, frames: Option<u64>, (now, settings): (Instant, &Settings)) -> bool {
        let Some(frames) = frames else {
            self.moved = now;
            self.pace = Pace::default();
            return false;
        };
        let sent = frames.saturating_sub(self.frames);
        self.frames = frames;
        if sent > 0 {
            self.moved = now;
        }
        self.pace.bytes += sent * FRAME_BYTES_TYPICAL;
        self.pace.go_on(now.into_std(), settings);
        let deadline = self.pace.deadline(settings);
        now.saturating_duration_since(self.moved) >= settings.write_timeout
            || deadline.is_some_and(|deadline| deadline <= now.into_std())
    }
}

/// How exact timeouts are.
const PULSE: Duration = Duration::from_millis(250);
/// What a packet carries on most ways.
const FRAME_BYTES_TYPICAL: u64 = 1_200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_nothing_is_late_and_who_takes_a_little_is_not() {
        let settings = Settings {
            write_timeout: Duration::from_secs(10),
            rate_bytes_min: 500,
            ..Settings::default()
        };
        let begin = Instant::now();
        let late_at = |sent_each_second: u64| {
            let mut watch = Watch::begin(begin);
            (0..60).find(|second| {
                let now = begin + Duration::from_secs(*second);
                watch.is_late(Some(second * sent_each_second), (now, &settings))
            })
        };
        assert_eq!(late_at(0), Some(10));
        assert_eq!(late_at(1), None);
        // Nothing is waited for.
        let mut watch = Watch::begin(begin);
        let later = begin + Duration::from_secs(100);
        assert!(!watch.is_late(None, (later, &settings)));
    }
}
