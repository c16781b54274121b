//! A thread that answers: it waits for sockets, lets connections in, and drives those for which there is something to do.

use std::{
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use arc_swap::Cache;
use mio::{Events, Interest, Poll, Token, Waker, event::Event};
use slab::Slab;
use tokio::runtime;

use super::{
    app,
    block::Block,
    connection::{Connection, Fate, Peer},
    guests::Full,
    memo::Memo,
    outbox::Outbox,
    producer::{Letter, Letters, Post},
    service::{Clock, Desk, Service},
    stream::{self, Stream},
    tally::Refusal,
    ticks::Ticks,
    tls::Tls,
    transport::Transport,
};
use crate::certs::OverTcp;

/// What a worker is started with.
pub(super) struct Orders {
    pub(super) listeners: Vec<Listener>,
    pub(super) service: Service,
    pub(super) runtime: runtime::Handle,
}

/// A socket that clients connect to.
pub(super) struct Listener {
    pub(super) socket: stream::Listener,
    /// How TLS is spoken with them, if it is.
    pub(super) tls: Option<Arc<OverTcp>>,
}

/// A worker, made and not yet at work.
pub(super) struct Worker {
    poll: Poll,
    listeners: Vec<Listener>,
    connections: Slab<Box<Connection>>,
    letters: mpsc::Receiver<Letter>,
    desk: Desk,
    room: Vec<u8>,
    /// Connections that have more to do, after the others had their turn.
    again: Vec<usize>,
    /// Listeners at which more may wait.
    knocking: Vec<usize>,
    /// Listeners that are left alone until then.
    wait_at: Vec<(usize, Instant)>,
    next_serial: u64,
    /// When the deadlines are looked at.
    ticks: Ticks,
    /// When the word to stop came.
    stopped: Option<Instant>,
}

impl Worker {
    /// A worker, and what wakes it up.
    pub(super) fn new(orders: Orders) -> io::Result<(Self, Arc<Waker>)> {
        let Orders {
            mut listeners,
            service,
            runtime,
        } = orders;
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let ticks = Ticks::start(SWEEP_EVERY, (poll.registry(), TICKS))?;
        for (number, listener) in listeners.iter_mut().enumerate() {
            let token = Token(LISTENERS + number);
            listener
                .socket
                .source()
                .register(poll.registry(), token, Interest::READABLE)?;
        }
        let (sender, letters) = mpsc::channel();
        let clock = Clock::new();
        let worker = Self {
            poll,
            listeners,
            connections: Slab::new(),
            letters,
            ticks,
            desk: Desk {
                hosts: Cache::new(Arc::clone(&service.hosts)),
                service,
                outbox: Outbox::default(),
                spans: Vec::new(),
                block: Block::default(),
                post: Post {
                    runtime,
                    letters: Letters::Worker(sender, Arc::clone(&waker)),
                },
                memo: Memo::default(),
                clock,
                stops: false,
            },
            room: vec![0; ROOM_BYTES],
            again: Vec::new(),
            knocking: Vec::new(),
            wait_at: Vec::new(),
            next_serial: 0,
            stopped: None,
        };
        Ok((worker, waker))
    }

    /// Works until the node stops and all answers under way are sent, or it is too late for them.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        while !self.is_done() {
            match self.poll.poll(&mut events, self.patience()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a worker can't wait for its sockets and ends");
                    return;
                }
            }
            self.desk.clock.look();
            for slot in std::mem::take(&mut self.again) {
                self.drive(slot);
            }
            for event in &events {
                self.meet(event);
            }
            self.open_letters();
            for number in std::mem::take(&mut self.knocking) {
                self.let_in(number);
            }
            self.sweep();
        }
    }
}

impl Worker {
    fn is_done(&self) -> bool {
        self.stopped.is_some() && self.connections.is_empty()
    }

    fn patience(&self) -> Option<Duration> {
        match self.again.is_empty() && self.knocking.is_empty() {
            true => self.ticks.patience(),
            false => Some(Duration::ZERO),
        }
    }

    fn meet(&mut self, event: &Event) {
        let Token(number) = event.token();
        if let Some(slot) = number.checked_sub(CONNECTIONS) {
            if let Some(connection) = self.connections.get_mut(slot) {
                note(connection.transport(), event);
                self.drive(slot);
            }
        } else if let Some(listener) = number.checked_sub(LISTENERS) {
            self.knocking.push(listener);
        } else if event.token() == TICKS {
            self.ticks.note();
        }
    }

    /// Has a connection do what it can.
    fn drive(&mut self, slot: usize) {
        self.with(slot, Connection::drive);
    }

    /// A panic is a bug of ours; it costs the connection that met it its life, and nobody else anything.
    fn with(
        &mut self,
        slot: usize,
        work: impl FnOnce(&mut Connection, &mut [u8], &mut Desk) -> Fate,
    ) {
        let Self {
            connections,
            desk,
            room,
            ..
        } = self;
        let Some(connection) = connections.get_mut(slot) else {
            return;
        };
        let worked = catch_unwind(AssertUnwindSafe(|| work(connection, room, desk)));
        match worked {
            Ok(Fate::Stays) => {}
            Ok(Fate::HasMore) => self.again.push(slot),
            Ok(Fate::Ends) => self.remove(slot),
            Err(_) => {
                self.desk.outbox.clear();
                self.desk.service.tally.refuse(Refusal::Panic);
                self.remove(slot);
            }
        }
    }

    fn remove(&mut self, slot: usize) {
        // With its socket it leaves the poll, too.
        drop(self.connections.try_remove(slot));
    }

    /// Lets in those who wait at a listener, one at a time: other workers are woken for them as well, and each should have
    /// its share.
    fn let_in(&mut self, number: usize) {
        let Some(listener) = self.listeners.get(number) else {
            return;
        };
        match listener.socket.accept() {
            Ok((stream, client)) => {
                let tls = listener.tls.clone();
                self.receive(stream, client, tls);
                self.knocking.push(number);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // A client that left while it waited is nobody's loss.
            Err(error) if is_of_the_client(&error) => self.knocking.push(number),
            Err(error) => {
                // Most likely there are no descriptors left; some connection will end.
                tracing::warn!(%error, "connections can't be taken in for the moment");
                let until = self.desk.clock.now + TRY_AGAIN_AFTER;
                self.wait_at.push((number, until));
            }
        }
    }

    fn receive(&mut self, stream: Stream, client: Option<SocketAddr>, tls: Option<Arc<OverTcp>>) {
        let peer_ip = client.map(|client| client.ip());
        let settings = &self.desk.service.settings;
        let is_proxy = settings.proxies.iter().any(|one| one.is_of(peer_ip));
        // Whoever is refused is told by the end of the connection: that costs least.
        let tally = &self.desk.service.tally;
        let guest = match tally.guests.admit(peer_ip.filter(|_| !is_proxy)) {
            Ok(guest) => guest,
            Err(Full::All) => return tally.refuse(Refusal::Connections),
            Err(Full::Network) => return tally.refuse(Refusal::Network),
        };
        let entry = self.connections.vacant_entry();
        let slot = entry.key();
        let peer = Peer {
            client,
            transport: match tls {
                None => app::Transport::Plain,
                Some(_) => app::Transport::Tls,
            },
            slot,
            serial: self.next_serial,
        };
        self.next_serial += 1;
        let tls = tls.map(Tls::new).map(Box::new);
        let mut way = Transport::new(stream, tls);
        if is_proxy {
            way.await_proxy();
        }
        let registered = way.register(self.poll.registry(), Token(CONNECTIONS + slot));
        if let Err(error) = registered {
            return tracing::error!(%error, "a connection can't be watched");
        }
        let now = self.desk.clock.now;
        entry.insert(Box::new(Connection::new(way, peer, guest, now)));
        // Mostly the first bytes are here already.
        self.drive(slot);
    }

    fn open_letters(&mut self) {
        while let Ok(letter) = self.letters.try_recv() {
            let Letter { to, read } = letter;
            let is_meant = |connection: &&mut Box<Connection>| connection.serial() == to.serial;
            if let Some(connection) = self.connections.get_mut(to.slot).filter(is_meant) {
                connection.take(to.stream, read);
                self.drive(to.slot);
            }
        }
    }

    /// Looks at the word to stop, and for those who have waited for too long.
    fn sweep(&mut self) {
        let now = self.desk.clock.now;
        if self.stopped.is_none() && *self.desk.service.stopping.borrow() {
            self.stop(now);
        }
        if !self.ticks.take(now) {
            return;
        }
        self.desk.tidy();
        let settings = &self.desk.service.settings;
        let drain_timeout = settings.drain_timeout;
        let is_late = |connection: &Connection| {
            let deadline = connection.deadline(settings);
            deadline.is_some_and(|deadline| deadline <= now)
        };
        let late = self.connections.iter().filter(|(_, one)| is_late(one));
        let late: Vec<usize> = late.map(|(slot, _)| slot).collect();
        for slot in late {
            self.with(slot, Connection::time_out);
        }
        let wait_at = std::mem::take(&mut self.wait_at);
        for (number, until) in wait_at {
            match until <= now {
                true => self.knocking.push(number),
                false => self.wait_at.push((number, until)),
            }
        }
        if self
            .stopped
            .is_some_and(|stopped| now.saturating_duration_since(stopped) > drain_timeout)
        {
            self.connections.clear();
        }
    }

    /// Lets nobody in any more, and has everybody leave when they got what they asked for.
    fn stop(&mut self, now: Instant) {
        self.stopped = Some(now);
        self.desk.stops = true;
        for mut listener in std::mem::take(&mut self.listeners) {
            let registry = self.poll.registry();
            let source = listener.socket.source();
            source.deregister(registry).unwrap_or_default();
        }
        let slots: Vec<usize> = self.connections.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.with(slot, |connection, room, desk| {
                connection.stop(desk);
                connection.drive(room, desk)
            });
        }
    }
}

fn note(transport: &mut Transport, event: &Event) {
    if event.is_read_closed() || event.is_error() {
        transport.note_ending();
    } else if event.is_readable() {
        transport.note_readable();
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
            | io::ErrorKind::PermissionDenied
    )
}

const WAKER: Token = Token(0);
const TICKS: Token = Token(1);
const LISTENERS: usize = 2;
/// More listeners than this are not configured by anybody.
const CONNECTIONS: usize = 1 << 16;

const EVENTS_MAX: usize = 256;
/// What is read at a time: four records of TLS, or some hundred requests.
const ROOM_BYTES: usize = 64 << 10;
/// How exact timeouts are.
const SWEEP_EVERY: Duration = Duration::from_millis(250);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);
