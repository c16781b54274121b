//! The way to a client: a socket, with TLS on it or without. Neither ever waits.

use std::{
    io::{self, IoSlice, Read, Write},
    net::Shutdown,
};

use mio::{Interest, Registry, Token};

use super::{
    proxied::{self, Said},
    stream::Stream,
    tls::Tls,
};

/// A socket and what is spoken on it below HTTP.
#[derive(Debug)]
pub(super) struct Transport {
    stream: Stream,
    tls: Option<Box<Tls>>,
    incoming: Incoming,
    /// Whether TLS holds something that the system did not take.
    is_stuck: bool,
    /// Whether a proxy is to say who the client is, before anything else.
    awaits_proxy: bool,
    /// What came with that and belongs behind it.
    ahead: Vec<u8>,
}

/// What may still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Incoming {
    /// Perhaps something.
    Some,
    /// Nothing, until the system says that there is.
    Drained,
    /// Perhaps something, and then the end: nothing more will be said.
    Last,
    /// All of it was read.
    Over,
}

impl Transport {
    /// Speaks over `stream`, in the clear or through `tls`.
    pub(super) fn new(stream: Stream, tls: Option<Box<Tls>>) -> Self {
        Self {
            stream,
            tls,
            incoming: Incoming::Some,
            is_stuck: false,
            awaits_proxy: false,
            ahead: Vec::new(),
        }
    }

    /// Has a proxy say who the client is, before anything else.
    pub(super) fn await_proxy(&mut self) {
        self.awaits_proxy = true;
    }

    /// Whether that is still to come.
    pub(super) fn awaits_proxy(&self) -> bool {
        self.awaits_proxy
    }

    /// What the proxy says; None if not all of it is here. `room` is for what is read.
    pub(super) fn introduce(&mut self, room: &mut [u8]) -> io::Result<Option<Said>> {
        loop {
            match proxied::parse(&self.ahead) {
                Ok(None) => {}
                Ok(Some(said)) => {
                    self.ahead.drain(..said.bytes);
                    self.awaits_proxy = false;
                    return Ok(Some(said));
                }
                Err(proxied::Malformed) => return Err(io::ErrorKind::InvalidData.into()),
            }
            let mut wire = Wire {
                stream: &mut self.stream,
                incoming: &mut self.incoming,
                ahead: &mut Vec::new(),
            };
            match wire.read(room) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self
                    .ahead
                    .extend_from_slice(room.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Has `registry` tell under `token` when there is something to do.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let all = Interest::READABLE | Interest::WRITABLE;
        self.stream.register(registry, token, all)
    }

    /// Whether it is encrypted.
    pub(super) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether keys are still being agreed on.
    pub(super) fn is_handshaking(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }

    /// The protocol that was agreed on (RFC 7301).
    pub(super) fn alpn(&self) -> Option<&[u8]> {
        self.tls.as_ref()?.alpn()
    }

    /// Notes that there may be something to read.
    pub(super) fn note_readable(&mut self) {
        self.incoming = match self.incoming {
            Incoming::Some | Incoming::Drained => Incoming::Some,
            Incoming::Last | Incoming::Over => Incoming::Last,
        };
    }

    /// Notes that nothing comes after what there is to read.
    pub(super) fn note_ending(&mut self) {
        self.incoming = Incoming::Last;
    }

    /// Reads what has come. 0 says that the client sends nothing more; `Interrupted` that there is more, and nothing in it
    /// for HTTP yet: whoever sends empty records without end must not have a worker for itself.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut wire = Wire {
            stream: &mut self.stream,
            incoming: &mut self.incoming,
            ahead: &mut self.ahead,
        };
        let Some(tls) = &mut self.tls else {
            return wire.read(room);
        };
        for _ in 0..RECORDS_MAX {
            match tls.read(room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            match tls.take(&mut wire) {
                Ok(0) => return Ok(0),
                Ok(_) => {}
                Err(error) => {
                    // What the handshake gave, if no answer goes with it.
                    self.is_stuck = !tls.send(wire.stream)?;
                    return Err(error);
                }
            }
            let processed = tls.process(wire.stream);
            if tls.is_handshaking() || processed.is_err() {
                self.is_stuck = !tls.send(wire.stream)?;
            }
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        Err(io::ErrorKind::Interrupted.into())
    }

    /// Takes as much of `slices` as can be sent now. What TLS took may still be on its way: see [`Self::flush`].
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.stream.write_vectored(slices);
        };
        // Nothing more is sealed before what was is gone, so that a slow client holds little.
        if self.is_stuck {
            self.is_stuck = !tls.send(&mut self.stream)?;
        }
        if self.is_stuck {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let taken = tls.write(slices)?;
        self.is_stuck = !tls.send(&mut self.stream)?;
        Ok(taken)
    }

    /// The same, of all that will ever be sent: the word that it is all goes with it.
    pub(super) fn write_last(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes: usize = slices.iter().map(|slice| slice.len()).sum();
        match &mut self.tls {
            Some(tls) if !self.is_stuck => {
                let taken = tls.write(slices)?;
                if taken == bytes {
                    tls.say_goodbye();
                }
                self.is_stuck = !tls.send(&mut self.stream)?;
                Ok(taken)
            }
            _ => self.write(slices),
        }
    }

    /// Sends what TLS still holds. False if not all of it could be sent.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        if let Some(tls) = &mut self.tls {
            self.is_stuck = !tls.send(&mut self.stream)?;
        }
        Ok(!self.is_stuck)
    }

    /// Whether TLS still holds something that is to be sent.
    pub(super) fn has_unsent(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.has_unsent())
    }

    /// Says that nothing more will be sent (RFC 8446 §6.1). The client may still be sending.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.say_goodbye()?;
        self.stream.shutdown(Shutdown::Write)
    }

    /// The same, of a connection that is closed at once.
    pub(super) fn say_goodbye(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.say_goodbye();
            self.flush()?;
        }
        Ok(())
    }
}

/// The socket, as TLS reads it.
struct Wire<'s> {
    stream: &'s mut Stream,
    incoming: &'s mut Incoming,
    ahead: &'s mut Vec<u8>,
}

impl Read for Wire<'_> {
    /// What is less than there was room for is all there is: to ask again costs a call of the system for each request,
    /// only to hear that.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let read = self.ahead.len().min(room.len());
            let ahead = self.ahead.drain(..read);
            room.iter_mut().zip(ahead).for_each(|(to, byte)| *to = byte);
            if self.ahead.is_empty() {
                *self.ahead = Vec::new();
            }
            return Ok(read);
        }
        if matches!(self.incoming, Incoming::Drained | Incoming::Over) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.stream.read(room);
        let is_all = match &read {
            Ok(read) => *read < room.len() && *self.incoming == Incoming::Some,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        *self.incoming = match *self.incoming {
            Incoming::Some if is_all => Incoming::Drained,
            Incoming::Last if is_all => Incoming::Over,
            incoming => incoming,
        };
        read
    }
}

/// How often TLS is read from in search of something that it holds.
const RECORDS_MAX: usize = 16;
