//! One connection: what comes is handed to the protocol that is spoken on it, and what that gives is sent.
//!
//! **Invariant:** while something waits to be sent nothing is read, so a client that does not take its answers can have
//! no more of them made.

use std::{io, net::SocketAddr, time::Instant};

use bytes::Bytes;

use super::{
    app,
    guests::Guest,
    outbox::Backlog,
    producer::Address,
    protocol::Protocol,
    service::Desk,
    settings::Settings,
    tally::Refusal,
    transport::Transport,
    wait::{Pace, Wait},
};

/// A connection, whatever is spoken on it.
#[derive(Debug)]
pub(super) struct Connection {
    transport: Transport,
    peer: Peer,
    protocol: Protocol,
    /// What came and is not a whole request yet, or comes behind an answer that is not sent yet.
    unread: Vec<u8>,
    backlog: Backlog,
    stage: Stage,
    wait: Wait,
    since: Instant,
    pace: Pace,
    guest: Guest,
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) client: Option<SocketAddr>,
    pub(super) transport: app::Transport,
    pub(super) slot: usize,
    pub(super) serial: u64,
}

impl Peer {
    /// Where what is made for a stream of this connection is posted to.
    pub(super) fn address(&self, stream: u32) -> Address {
        Address {
            slot: self.slot,
            serial: self.serial,
            stream,
        }
    }
}

/// How far its end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// All is sent that will be; what the client sends is read and thrown away, so that it reads what was sent and not
    /// that the connection was reset (RFC 9112 §9.6).
    Lingering {
        bytes_left: usize,
    },
}

/// What becomes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    /// It has more to do, and others have their turn first.
    HasMore,
    Ends,
}

impl Connection {
    pub(super) fn new(transport: Transport, peer: Peer, guest: Guest, now: Instant) -> Self {
        Self {
            wait: match transport.is_tls() {
                true => Wait::Handshake,
                false => Wait::Head,
            },
            transport,
            peer,
            protocol: Protocol::Unknown,
            unread: Vec::new(),
            backlog: Backlog::default(),
            stage: Stage::Open,
            since: now,
            pace: Pace::default(),
            guest,
        }
    }

    pub(super) fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    pub(super) fn serial(&self) -> u64 {
        self.peer.serial
    }

    /// Takes in what was posted for one of its streams.
    pub(super) fn take(&mut self, stream: u32, read: io::Result<Option<Bytes>>) {
        self.protocol.take(stream, read);
    }

    /// Lets no further request come: the node stops.
    pub(super) fn stop(&mut self, desk: &mut Desk) {
        self.protocol.stop(desk);
    }

    /// Does all that can be done now. `room` is for what is read.
    pub(super) fn drive(&mut self, room: &mut [u8], desk: &mut Desk) -> Fate {
        let before = self.protocol.answered();
        let sent_before = self.pace.bytes;
        let fate = match self.go_on(room, desk) {
            Ok(fate) => fate,
            // The client is gone, or does not keep to its protocol. There is nobody to tell.
            Err(_) => Fate::Ends,
        };
        desk.outbox.clear();
        let wait = self.waits_for();
        let moved = self.protocol.answered() != before || self.pace.bytes != sent_before;
        if wait != self.wait || moved {
            self.since = desk.clock.now;
        }
        match wait {
            Wait::Output => self.pace.go_on(desk.clock.now, &desk.service.settings),
            _ => self.pace = Pace::default(),
        }
        self.wait = wait;
        fate
    }

    /// When something has to have happened; None if nothing has to.
    pub(super) fn deadline(&self, settings: &Settings) -> Option<Instant> {
        let deadline = self.since + self.wait.patience(settings)?;
        Some(
            self.pace
                .deadline(settings)
                .map_or(deadline, |other| deadline.min(other)),
        )
    }

    /// Its time is over: says so, where there is a way to.
    pub(super) fn time_out(&mut self, room: &mut [u8], desk: &mut Desk) -> Fate {
        let tally = &desk.service.tally;
        self.wait
            .refusal()
            .into_iter()
            .for_each(|why| tally.refuse(why));
        match self.wait {
            Wait::Idle | Wait::Head | Wait::Body if self.protocol.time_out(desk) => {
                self.drive(room, desk)
            }
            _ => Fate::Ends,
        }
    }
}

impl Connection {
    fn go_on(&mut self, room: &mut [u8], desk: &mut Desk) -> io::Result<Fate> {
        if self.transport.awaits_proxy() && !self.introduce(room, desk)? {
            return Ok(Fate::Stays);
        }
        for _ in 0..ROUNDS_MAX {
            if !self.send_backlog()? {
                return Ok(Fate::Stays);
            }
            self.protocol.produce(&self.peer, desk)?;
            if desk.outbox.bytes() > 0 {
                self.send(desk)?;
                continue;
            }
            if let Some(fate) = self.end()? {
                return Ok(fate);
            }
            if !self.receive(room, desk)? && desk.outbox.bytes() == 0 {
                return Ok(Fate::Stays);
            }
            if desk.outbox.bytes() > 0 {
                self.send(desk)?;
            }
        }
        Ok(Fate::HasMore)
    }

    /// Takes in who the client is. False if that was not said yet.
    fn introduce(&mut self, room: &mut [u8], desk: &Desk) -> io::Result<bool> {
        let tally = &desk.service.tally;
        let refused = |error: &io::Error| {
            if error.kind() == io::ErrorKind::InvalidData {
                tally.refuse(Refusal::Malformed);
            }
        };
        let Some(said) = self.transport.introduce(room).inspect_err(refused)? else {
            return Ok(false);
        };
        if let Some(client) = said.client {
            self.peer.client = Some(client);
            if self.guest.belong_to(client.ip()).is_err() {
                tally.refuse(Refusal::Network);
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
        }
        Ok(true)
    }

    /// Reads what there is and has it answered. False if there was nothing, or it is not wanted now.
    fn receive(&mut self, room: &mut [u8], desk: &mut Desk) -> io::Result<bool> {
        if let Stage::Lingering { bytes_left } = &mut self.stage {
            let read = match self.transport.read(room) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(true),
                Err(error) => return Err(error),
            };
            *bytes_left = bytes_left.saturating_sub(read);
            return match (read, *bytes_left) {
                (0, _) | (_, 0) => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(true),
            };
        }
        if !self.protocol.accepts(desk) {
            return Ok(false);
        }
        if !self.unread.is_empty() && self.protocol.has_more_to_read() {
            let unread = std::mem::take(&mut self.unread);
            let done = self.hand_over(&unread, desk);
            self.keep(unread, done);
            if done > 0 || desk.outbox.bytes() > 0 {
                return Ok(true);
            }
        }
        let read = match self.transport.read(room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(true),
            Err(error) => return Err(error),
        };
        let came = room.get(..read).unwrap_or_default();
        if self.unread.is_empty() {
            let done = self.hand_over(came, desk);
            let rest = came.get(done..).unwrap_or_default();
            self.unread.extend_from_slice(rest);
        } else {
            let mut unread = std::mem::take(&mut self.unread);
            unread.extend_from_slice(came);
            let done = self.hand_over(&unread, desk);
            self.keep(unread, done);
        }
        Ok(true)
    }

    fn keep(&mut self, mut unread: Vec<u8>, done: usize) {
        if done == unread.len() {
            // An idle connection holds no room.
            return;
        }
        unread.drain(..done);
        self.unread = unread;
    }

    fn hand_over(&mut self, bytes: &[u8], desk: &mut Desk) -> usize {
        self.protocol.begin(self.transport.alpn(), bytes, desk);
        self.protocol.receive(bytes, &self.peer, desk)
    }

    fn send(&mut self, desk: &mut Desk) -> io::Result<()> {
        let Self {
            transport,
            protocol,
            backlog,
            pace,
            ..
        } = self;
        let is_over = protocol.is_over().is_some();
        let mut left = desk.outbox.bytes();
        desk.outbox.send(backlog, |slices| {
            let offered = || slices.iter().map(|slice| slice.len()).sum::<usize>();
            let sent = match is_over && offered() == left {
                true => transport.write_last(slices)?,
                false => transport.write(slices)?,
            };
            left -= sent;
            pace.bytes += sent as u64;
            Ok(sent)
        })?;
        self.note_sent();
        Ok(())
    }

    /// Sends what is left over. False if not all of it is gone.
    fn send_backlog(&mut self) -> io::Result<bool> {
        let Self {
            transport,
            backlog,
            pace,
            ..
        } = self;
        if backlog.bytes() > 0 {
            backlog.send(|slices| {
                let sent = transport.write(slices)?;
                pace.bytes += sent as u64;
                Ok(sent)
            })?;
            self.note_sent();
        }
        Ok(self.backlog.bytes() == 0 && self.transport.flush()?)
    }

    fn note_sent(&mut self) {
        if self.backlog.bytes() == 0 {
            self.protocol.note_sent();
        }
    }

    /// Begins the end, once all is sent.
    fn end(&mut self) -> io::Result<Option<Fate>> {
        if self.stage != Stage::Open {
            return Ok(None);
        }
        match self.protocol.is_over() {
            None => Ok(None),
            Some(false) if self.unread.is_empty() => {
                self.transport.say_goodbye()?;
                Ok(Some(Fate::Ends))
            }
            Some(_) => {
                self.transport.end()?;
                self.unread = Vec::new();
                self.stage = Stage::Lingering {
                    bytes_left: LINGER_BYTES_MAX,
                };
                Ok(None)
            }
        }
    }

    fn waits_for(&self) -> Wait {
        if self.stage != Stage::Open {
            return Wait::End;
        }
        if self.backlog.bytes() > 0 || self.transport.has_unsent() {
            return Wait::Output;
        }
        match self.transport.awaits_proxy() || self.transport.is_handshaking() {
            true => Wait::Handshake,
            false => self.protocol.wait(),
        }
    }
}

/// How often a connection is sent to and read from before others have their turn.
const ROUNDS_MAX: usize = 16;

/// How much is read of a client that will get no more.
const LINGER_BYTES_MAX: usize = 256 << 10;
