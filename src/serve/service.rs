//! What a worker answers with, whichever protocol asks.

use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use arc_swap::{ArcSwap, Cache};
use tokio::sync::watch;

use super::{
    app::{self, Asked, Authority, Origin, Transport},
    block::Block,
    date::{self, ImfDate},
    hosts::Hosts,
    lines::{Lines, Span},
    log::{self, Log},
    memo::{Given, Heard, Known, Memo, Seat},
    outbox::Outbox,
    producer::Post,
    reply::Reply,
    settings::{ServerTiming, Settings},
    tally::Tally,
};

/// What all workers share.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) hosts: Arc<ArcSwap<Hosts>>,
    pub(super) log: Option<Log>,
    pub(super) settings: Settings,
    pub(super) tally: Tally,
    /// Where else the same is to be had (RFC 7838).
    pub(super) alt_svc: Option<Arc<str>>,
    /// The word to stop.
    pub(super) stopping: watch::Receiver<bool>,
}

/// What a worker has on its desk: room that each of its connections uses in turn, so that none needs its own.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) service: Service,
    /// Those of the service: to look whether they are still the same takes no more than a read.
    pub(super) hosts: Cache<Arc<ArcSwap<Hosts>>, Arc<Hosts>>,
    pub(super) outbox: Outbox,
    /// Where the field lines of the request lie that is being read.
    pub(super) spans: Vec<Span>,
    /// The unpacked fields of a request over HTTP/2.
    pub(super) block: Block,
    pub(super) post: Post,
    pub(super) memo: Memo,
    pub(super) clock: Clock,
    /// Whether the node stops: every answer is the last on its connection.
    pub(super) stops: bool,
}

/// The time, looked at once for all that is done at a moment.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) now: Instant,
    /// When the date is to be told anew: at each full second, by another clock that may be set meanwhile.
    stale: Instant,
    date: ImfDate,
}

/// A request, with what the log tells of it.
#[derive(Clone, Copy)]
pub(super) struct Request<'r> {
    pub(super) asked: Asked<'r>,
    pub(super) lines: Lines<'r>,
    pub(super) protocol: &'static str,
    pub(super) client: Option<SocketAddr>,
    /// The bytes that it came in over HTTP/1.1, if nothing else came with them, and the answer says nothing of the
    /// connection.
    pub(super) verbatim: Option<&'r [u8]>,
}

/// What was sent, as whoever sent it says, and what is to be logged of it.
pub(super) type Answered<R> = (R, Option<Box<log::Open>>);

/// Where an answer is kept, and in which form. None for what can't be.
pub(super) type Keeping = (Seat, fn(&Reply<'_>) -> Option<Given>);

impl Desk {
    /// Answers `request`: `send` gets the reply, with room to write to. It is kept as `keeping` says.
    pub(super) fn answer<R>(
        &mut self,
        request: &Request<'_>,
        keeping: Option<Keeping>,
        send: impl FnOnce(Reply<'_>, &mut Outbox, &Common<'_>) -> R,
    ) -> Answered<R> {
        let Self {
            service,
            outbox,
            clock,
            post,
            memo,
            ..
        } = self;
        service.answer(request, clock.now, |reply, origin, timing| {
            let kept = keeping.zip(origin);
            if let Some(((seat, given), origin)) = kept.filter(|_| reply.is_settled) {
                given(&reply)
                    .into_iter()
                    .for_each(|given| memo.keep(seat, given, origin));
            }
            send(reply, outbox, &service.common(clock, post, timing))
        })
    }

    /// Answers `request` with what one like it got, if that still holds: `send` gets it, with room to write to. Else says
    /// where its answer is to be kept, if it is worth that.
    pub(super) fn repeat<R>(
        &mut self,
        request: &Request<'_>,
        send: impl FnOnce(&mut Given, &mut Outbox, &Common<'_>) -> R,
    ) -> Result<Answered<R>, Option<Seat>> {
        let Self {
            service,
            outbox,
            clock,
            post,
            memo,
            hosts,
            ..
        } = self;
        let given = match memo.look_up(request, hosts.load()) {
            Known::Answer(given) => given,
            Known::Wanted(seat) => return Err(Some(seat)),
            Known::Nothing => return Err(None),
        };
        let timing = service.timing(request, clock.now);
        let status = given.status;
        let common = service.common(clock, post, timing.as_deref());
        let sent = send(given, outbox, &common);
        if let Some(said) = request.verbatim.filter(|_| timing.is_none()) {
            memo.keep_said(said, request.asked.transport);
        }
        Ok((sent, service.entry(request, status, clock.now)))
    }

    /// Answers who says just these bytes with what somebody got who said the very same, if that still holds; false if not.
    /// `send` gets what is not put together yet. Whoever keeps a log wants to know more of a request.
    pub(super) fn repeat_verbatim(
        &mut self,
        said: (&[u8], Transport),
        send: impl FnOnce(&mut Given, &mut Outbox, &Common<'_>),
    ) -> bool {
        if self.service.log.is_some() {
            return false;
        }
        let date = self.clock.date;
        match self.memo.hear(said, self.hosts.load(), date) {
            None => return false,
            Some(Heard::Whole(bytes)) => self.outbox.push_whole(bytes),
            Some(Heard::Given(given)) => {
                let common = self.service.common(&self.clock, &self.post, None);
                send(given, &mut self.outbox, &common);
                self.memo.keep_whole();
            }
        }
        true
    }

    /// Sends what no page has a part in: the outbox, and what every answer has.
    pub(super) fn plain(&mut self) -> (&mut Outbox, Common<'_>) {
        let common = self.service.common(&self.clock, &self.post, None);
        (&mut self.outbox, common)
    }

    /// Lets go of what nobody can be answered with any more.
    pub(super) fn tidy(&mut self) {
        self.memo.tidy(self.hosts.load(), self.clock.date);
    }
}

/// What every answer has, or may need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'d> {
    /// Where bodies that take a while come from.
    pub(super) post: &'d Post,
    pub(super) stopping: &'d watch::Receiver<bool>,
    /// RFC 9110 §6.6.1.
    pub(super) date: ImfDate,
    /// Of the `Server-Timing` field, if there is to be one.
    pub(super) timing: Option<&'d str>,
}

impl Service {
    /// Answers `request`, which came at `now`: `send` gets the reply, the page that it comes from, and how long that took
    /// if the client is to be told.
    pub(super) fn answer<R>(
        &self,
        request: &Request<'_>,
        now: Instant,
        send: impl FnOnce(Reply<'_>, Option<Origin<'_>>, Option<&str>) -> R,
    ) -> Answered<R> {
        let timing = self.timing(request, now);
        let hosts = self.hosts.load();
        let head_bytes_max = self.settings.head_bytes_max;
        let mut status = 0;
        let services = self.alt_svc.as_deref();
        let services = services.filter(|_| request.asked.transport == Transport::Tls);
        let sent = app::respond(&hosts, head_bytes_max, &request.asked, |reply, origin| {
            status = reply.status;
            let refused = reply.refusal.into_iter();
            refused.for_each(|why| self.tally.refuse(why));
            // It borrows from the node now, too.
            let mut reply: Reply<'_> = reply;
            if let Some(services) = services {
                reply.push("alt-svc", Cow::from(services));
            }
            send(reply, origin, timing.as_deref())
        });
        (sent, self.entry(request, status, now))
    }

    /// Waits for the word to stop.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // Nobody is left who could say it.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }

    pub(super) fn common<'d>(
        &'d self,
        clock: &Clock,
        post: &'d Post,
        timing: Option<&'d str>,
    ) -> Common<'d> {
        Common {
            post,
            stopping: &self.stopping,
            date: clock.date,
            timing,
        }
    }

    fn timing(&self, request: &Request<'_>, begun: Instant) -> Option<String> {
        let is_told = match self.settings.server_timing {
            ServerTiming::Never => false,
            ServerTiming::Asked => request.lines.all("server-timing").next().is_some(),
            ServerTiming::Always => true,
        };
        is_told.then(|| format!("total;dur={:.3}", begun.elapsed().as_secs_f64() * 1e3))
    }

    fn entry(&self, request: &Request<'_>, status: u16, begun: Instant) -> Option<Box<log::Open>> {
        let log = self.log.as_ref()?;
        let text = |name| request.lines.joined(name, ", ").map(Cow::into_owned);
        let head = &request.asked.head;
        let told = log::Request {
            client: request.client,
            host: match request.asked.authority {
                Authority::Named(host) => host.to_owned(),
                Authority::Absent | Authority::Wrong => String::new(),
            },
            method: head.method.to_owned(),
            target: head.target.to_owned(),
            protocol: request.protocol,
            status,
            referer: text("referer"),
            user_agent: text("user-agent"),
        };
        Some(Box::new(log::Open::of(log.entry(begun, told))))
    }
}

impl Clock {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let mut clock = Self {
            now,
            stale: now,
            date: date::EPOCH,
        };
        clock.look();
        clock
    }

    /// Looks at the time.
    pub(super) fn look(&mut self) {
        self.now = Instant::now();
        if self.now < self.stale {
            return;
        }
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let begun = Duration::from_nanos(since_1970.subsec_nanos().into());
        self.stale = self.now + Duration::from_secs(1).saturating_sub(begun);
        self.date = date::format(since_1970.as_secs() as i64).unwrap_or(date::EPOCH);
    }
}
