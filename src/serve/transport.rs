//! The way to a client: a socket, with TLS on it or without. Neither ever waits.

use std::{
    io::{self, IoSlice, Read, Write},
    net::Shutdown,
};

use mio::{Interest, Registry, Token, event::Source, net::TcpStream};
use rustls::ServerConnection;

/// A socket and what is spoken on it below HTTP.
#[derive(Debug)]
pub(super) struct Transport {
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
    /// Whether the system has nothing more to read, until it says so.
    is_drained: bool,
    /// Whether the end of what the client sends was told. Then nothing more will be, so nothing but the end says that
    /// all is read.
    is_ending: bool,
}

impl Transport {
    /// Speaks over `socket`, in the clear or through `tls`.
    pub(super) fn new(socket: TcpStream, tls: Option<Box<ServerConnection>>) -> Self {
        Self {
            socket,
            tls,
            is_drained: false,
            is_ending: false,
        }
    }

    /// Has `registry` tell under `token` when there is something to do.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let all = Interest::READABLE | Interest::WRITABLE;
        self.socket.register(registry, token, all)
    }

    /// Undoes that.
    pub(super) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.deregister(registry)
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
        self.tls.as_ref()?.alpn_protocol()
    }

    /// Notes that there may be something to read.
    pub(super) fn note_readable(&mut self) {
        self.is_drained = false;
    }

    /// Notes that nothing comes after what there is to read.
    pub(super) fn note_ending(&mut self) {
        self.is_drained = false;
        self.is_ending = true;
    }

    /// Reads what has come. 0 says that the client sends nothing more.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut wire = Wire {
            socket: &mut self.socket,
            is_drained: &mut self.is_drained,
            is_ending: self.is_ending,
        };
        let Some(tls) = &mut self.tls else {
            return wire.read(room);
        };
        loop {
            match tls.reader().read(room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            if tls.read_tls(&mut wire)? == 0 {
                return Ok(0);
            }
            let processed = tls.process_new_packets();
            send_sealed(tls, wire.socket)?;
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Takes as much of `slices` as can be sent now. What TLS took may still be on its way: see [`Self::flush`].
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.socket.write_vectored(slices);
        };
        // Nothing more is sealed before what was is gone, so that a slow client holds little.
        if !send_sealed(tls, &mut self.socket)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let taken = tls.writer().write_vectored(slices)?;
        send_sealed(tls, &mut self.socket)?;
        Ok(taken)
    }

    /// Sends what TLS still holds. False if not all of it could be sent.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        match &mut self.tls {
            Some(tls) => send_sealed(tls, &mut self.socket),
            None => Ok(true),
        }
    }

    /// Whether TLS still holds something that is to be sent.
    pub(super) fn has_unsent(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Says that nothing more will be sent. The client may still be sending.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            self.flush()?;
        }
        self.socket.shutdown(Shutdown::Write)
    }
}

/// Sends what is sealed. False if not all of it can be sent now.
fn send_sealed(tls: &mut ServerConnection, socket: &mut TcpStream) -> io::Result<bool> {
    while tls.wants_write() {
        match tls.write_tls(socket) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// The socket, as TLS reads it.
struct Wire<'s> {
    socket: &'s mut TcpStream,
    is_drained: &'s mut bool,
    is_ending: bool,
}

impl Read for Wire<'_> {
    /// What is less than there was room for is all there is: to ask again costs a call of the system for each request,
    /// only to hear that.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if *self.is_drained {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.socket.read(room);
        *self.is_drained = match &read {
            Ok(read) => *read < room.len() && !self.is_ending,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        read
    }
}
