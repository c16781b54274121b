//! TLS on a connection: how it is spoken is decided by the first thing that the client says.

use std::{
    fmt,
    io::{self, IoSlice, Read, Write},
    sync::Arc,
};

use rustls::{
    ServerConnection,
    server::{AcceptedAlert, Acceptor},
};

use crate::certs::OverTcp;

/// TLS on a connection.
pub(super) enum Tls {
    /// Waits until the client has said hello.
    Greeting(Acceptor, Arc<OverTcp>),
    /// Was agreed on, or is being so.
    Spoken(ServerConnection),
}

impl Tls {
    /// On a connection that is new.
    pub(super) fn new(over_tcp: Arc<OverTcp>) -> Self {
        Self::Greeting(Acceptor::default(), over_tcp)
    }

    /// Whether keys are still being agreed on.
    pub(super) fn is_handshaking(&self) -> bool {
        match self {
            Self::Greeting(..) => true,
            Self::Spoken(spoken) => spoken.is_handshaking(),
        }
    }

    /// The protocol that was agreed on (RFC 7301).
    pub(super) fn alpn(&self) -> Option<&[u8]> {
        match self {
            Self::Greeting(..) => None,
            Self::Spoken(spoken) => spoken.alpn_protocol(),
        }
    }

    /// Takes in what `wire` has.
    pub(super) fn take(&mut self, wire: &mut dyn Read) -> io::Result<usize> {
        match self {
            Self::Greeting(acceptor, _) => acceptor.read_tls(wire),
            Self::Spoken(spoken) => spoken.read_tls(wire),
        }
    }

    /// Makes of it what it is. Why a hello is refused is said on `stream` at once.
    pub(super) fn process(&mut self, stream: &mut impl Write) -> Result<(), rustls::Error> {
        if let Self::Greeting(acceptor, over_tcp) = self {
            match greeted(acceptor, over_tcp) {
                Ok(None) => return Ok(()),
                Ok(Some(spoken)) => *self = Self::Spoken(spoken),
                Err((error, alert)) => {
                    // It is the first that is sent here: there is room for it, or nobody to read it.
                    tell(alert, stream).unwrap_or_default();
                    return Err(error);
                }
            }
        }
        match self {
            Self::Greeting(..) => Ok(()),
            Self::Spoken(spoken) => spoken.process_new_packets().map(|_| ()),
        }
    }

    /// Reads what was sent through it.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Greeting(..) => Err(io::ErrorKind::WouldBlock.into()),
            Self::Spoken(spoken) => spoken.reader().read(room),
        }
    }

    /// Seals as much of `slices` as it has room for.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Greeting(..) => Err(io::ErrorKind::WouldBlock.into()),
            Self::Spoken(spoken) => spoken.writer().write_vectored(slices),
        }
    }

    /// Whether something sealed is to be sent.
    pub(super) fn has_unsent(&self) -> bool {
        match self {
            Self::Greeting(..) => false,
            Self::Spoken(spoken) => spoken.wants_write(),
        }
    }

    /// Sends what is sealed. False if not all of it can be sent now.
    pub(super) fn send(&mut self, stream: &mut impl Write) -> io::Result<bool> {
        let Self::Spoken(spoken) = self else {
            return Ok(true);
        };
        while spoken.wants_write() {
            match spoken.write_tls(stream) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Seals the word that nothing more will be sent (RFC 8446 §6.1).
    pub(super) fn say_goodbye(&mut self) {
        if let Self::Spoken(spoken) = self {
            spoken.send_close_notify();
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting(..) => f.write_str("Greeting"),
            Self::Spoken(spoken) => f.debug_tuple("Spoken").field(spoken).finish(),
        }
    }
}

/// What a client said hello to; None if it has not said all of it.
fn greeted(
    acceptor: &mut Acceptor,
    over_tcp: &OverTcp,
) -> Result<Option<ServerConnection>, (rustls::Error, AcceptedAlert)> {
    let Some(accepted) = acceptor.accept()? else {
        return Ok(None);
    };
    let config = over_tcp.answering(&accepted.client_hello());
    accepted.into_connection(config).map(Some)
}

/// Tells a client why its hello is refused.
fn tell(mut alert: AcceptedAlert, stream: &mut impl Write) -> io::Result<()> {
    match alert.write(stream)? {
        0 => stream.write_all(&UNEXPECTED_MESSAGE),
        _ => Ok(()),
    }
}

/// What is said to whoever begins with anything but a hello (RFC 8446 §5 and §6.2), in a record of its own.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];
