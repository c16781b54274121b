//! What is spoken on a connection: nothing yet, HTTP/1 or HTTP/2.

use std::io;

use bytes::Bytes;

use super::{
    connection::Peer,
    h1::H1,
    h2::{self, H2},
    service::Desk,
    wait::Wait,
};

/// A protocol, and how far it is on one connection.
#[derive(Debug)]
pub(super) enum Protocol {
    /// It is not known yet.
    Unknown,
    H1(H1),
    H2(Box<H2>),
}

impl Protocol {
    /// Begins with what was agreed on; without an agreement, with what the client begins to speak with `bytes`.
    pub(super) fn begin(&mut self, agreed: Option<&[u8]>, bytes: &[u8], desk: &mut Desk) {
        if !matches!(self, Self::Unknown) {
            return;
        }
        let is_h2 = match agreed {
            Some(name) => name == b"h2",
            None if bytes.len() < h2::PREFACE.len() && h2::PREFACE.starts_with(bytes) => return,
            None => bytes.starts_with(h2::PREFACE),
        };
        *self = match is_h2 {
            true => Self::H2(Box::new(H2::begin(desk))),
            false => Self::H1(H1::default()),
        };
    }

    /// Takes requests from the beginning of `bytes` and answers them. Returns how many bytes are done with.
    pub(super) fn receive(&mut self, bytes: &[u8], peer: &Peer, desk: &mut Desk) -> usize {
        match self {
            Self::Unknown => 0,
            Self::H1(h1) => h1.receive(bytes, peer, desk),
            Self::H2(h2) => h2.receive(bytes, peer, desk),
        }
    }

    /// Adds what there is of long bodies to the outbox. An error is one that only the end of the connection can tell.
    pub(super) fn produce(&mut self, peer: &Peer, desk: &mut Desk) -> io::Result<()> {
        match self {
            Self::Unknown => Ok(()),
            Self::H1(h1) => h1.produce(peer.address(0), desk),
            Self::H2(h2) => {
                h2.produce(peer, desk);
                Ok(())
            }
        }
    }

    /// Takes in what was posted for a stream.
    pub(super) fn take(&mut self, stream: u32, read: io::Result<Option<Bytes>>) {
        match self {
            Self::Unknown => {}
            Self::H1(h1) => h1.take(read),
            Self::H2(h2) => h2.take(stream, read),
        }
    }

    /// Lets no further request come.
    pub(super) fn stop(&mut self, desk: &mut Desk) {
        match self {
            Self::Unknown => {}
            Self::H1(h1) => h1.stop(),
            Self::H2(h2) => h2.stop(desk),
        }
    }

    /// Tells a client that it was too slow. False if there is no way to.
    pub(super) fn time_out(&mut self, desk: &mut Desk) -> bool {
        match self {
            Self::Unknown => return false,
            Self::H1(h1) => h1.time_out(desk),
            Self::H2(h2) => h2.stop(desk),
        }
        true
    }

    /// Notes that all that was in the outbox is sent.
    pub(super) fn note_sent(&mut self) {
        if let Self::H1(h1) = self {
            h1.note_sent();
        }
    }

    /// Whether it takes more of what comes now.
    pub(super) fn accepts(&self, desk: &Desk) -> bool {
        match self {
            Self::Unknown | Self::H2(_) => true,
            Self::H1(h1) => h1.accepts(desk),
        }
    }

    /// Whether what came and was not taken is worth another look, although nothing came since: it lay behind an answer.
    pub(super) fn has_more_to_read(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::H1(h1) => h1.wait() != Wait::Head,
            Self::H2(h2) => h2.has_more_to_read(),
        }
    }

    /// Whether nothing more is to be sent, and whether more may be read.
    pub(super) fn is_over(&self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::H1(h1) => h1.is_over(),
            Self::H2(h2) => h2.is_over(),
        }
    }

    /// What is waited for, when nothing is to be sent.
    pub(super) fn wait(&self) -> Wait {
        match self {
            Self::Unknown => Wait::Head,
            Self::H1(h1) => h1.wait(),
            Self::H2(h2) => h2.wait(),
        }
    }

    /// How many requests were answered.
    pub(super) fn answered(&self) -> u32 {
        match self {
            Self::Unknown => 0,
            Self::H1(h1) => h1.answered(),
            Self::H2(h2) => h2.answered(),
        }
    }
}
