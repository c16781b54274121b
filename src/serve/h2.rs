//! HTTP/2 on one connection (RFC 9113): frames become requests, and answers become frames.
//!
//! Knows no socket: it is given what came, and writes what goes to the worker's outbox. What breaks the protocol ends the
//! connection with the reason; what only breaks a stream ends that.

mod blocks;
mod control;
mod frame;
mod hpack;
mod send;
mod streams;

use std::io;

use bytes::Bytes;

use self::{
    blocks::Assembling,
    frame::{Code, Head},
    hpack::Decoder,
    streams::{Overflow, Streams},
};
use super::{
    calm::{Calm, Restless},
    connection::Peer,
    service::Desk,
    tally::Refusal,
    wait::Wait,
};

/// One connection.
#[derive(Debug)]
pub(super) struct H2 {
    decoder: Decoder,
    streams: Streams,
    /// The highest stream that the client has opened.
    last: u32,
    /// A block of which not all has come.
    assembling: Option<Assembling>,
    calm: Calm,
    /// What came in bodies and is not given back to the window of the connection.
    taken: u32,
    stage: Stage,
    answered: u32,
    /// Whether there may be a whole frame among what was read.
    has_more_to_read: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The client has not said that it speaks HTTP/2.
    Preface,
    Open,
    /// No stream is begun any more.
    Leaving,
    Broken,
}

/// Why something can't go on.
enum Broken {
    Connection(Code),
    Stream(u32, Code),
}

impl From<Restless> for Broken {
    fn from(_: Restless) -> Self {
        Self::Connection(Code::EnhanceYourCalm)
    }
}

impl From<Overflow> for Broken {
    fn from(_: Overflow) -> Self {
        Self::Connection(Code::FlowControl)
    }
}

const PROTOCOL: Broken = Broken::Connection(Code::Protocol);
const FRAME_SIZE: Broken = Broken::Connection(Code::FrameSize);

impl H2 {
    /// Begins to speak: says what is taken here.
    pub(super) fn begin(desk: &mut Desk) -> Self {
        control::announce(desk);
        Self {
            decoder: Decoder::new(),
            streams: Streams::new(),
            last: 0,
            assembling: None,
            calm: Calm::new(),
            taken: 0,
            stage: Stage::Preface,
            answered: 0,
            has_more_to_read: false,
        }
    }

    /// Takes frames from the beginning of `bytes`. Returns how many bytes are done with.
    pub(super) fn receive(&mut self, bytes: &[u8], peer: &Peer, desk: &mut Desk) -> usize {
        let mut at = 0;
        if self.stage == Stage::Preface {
            match bytes.starts_with(PREFACE) {
                true => {
                    at = PREFACE.len();
                    self.stage = Stage::Open;
                }
                false if PREFACE.starts_with(bytes) => return 0,
                false => self.break_off(Code::Protocol, desk),
            }
        }
        self.has_more_to_read = false;
        while self.stage != Stage::Broken
            && let Some((head, payload)) = whole_frame(bytes.get(at..).unwrap_or_default())
        {
            if desk.outbox.bytes() >= AHEAD_BYTES_MAX {
                self.has_more_to_read = true;
                break;
            }
            let Some(payload) = payload else {
                match head.length > FRAME_BYTES_MAX {
                    true => self.break_off(Code::FrameSize, desk),
                    false => break,
                }
                continue;
            };
            at += frame::HEAD_BYTES + head.length;
            match self.frame(head, payload, peer, desk) {
                Ok(()) => {}
                Err(Broken::Stream(id, code)) => {
                    self.streams.remove(id);
                    streams::reset(id, code, &mut desk.outbox);
                }
                Err(Broken::Connection(code)) => self.break_off(code, desk),
            }
        }
        self.produce(peer, desk);
        at
    }

    /// Adds what there is of bodies to the outbox.
    pub(super) fn produce(&mut self, peer: &Peer, desk: &mut Desk) {
        if self.stage != Stage::Broken {
            let Desk { outbox, post, .. } = desk;
            let frames = self.streams.produce(outbox, AHEAD_BYTES_MAX, (peer, post));
            self.calm.earn(2 * frames);
        }
    }

    /// Takes in what was posted for a stream.
    pub(super) fn take(&mut self, stream: u32, read: io::Result<Option<Bytes>>) {
        let stream = self.streams.stream(stream);
        if let Some(producer) = stream.and_then(|stream| stream.body.producer.as_mut()) {
            producer.take(read);
        }
    }

    /// Lets no further stream begin.
    pub(super) fn stop(&mut self, desk: &mut Desk) {
        if matches!(self.stage, Stage::Preface | Stage::Open) {
            self.stage = Stage::Leaving;
            self.say_goodbye(Code::None, desk);
        }
    }

    /// How many requests were answered.
    pub(super) fn answered(&self) -> u32 {
        self.answered
    }

    /// Whether nothing more is to be sent, and whether more may be read.
    pub(super) fn is_over(&self) -> Option<bool> {
        match self.stage {
            Stage::Preface | Stage::Open => None,
            Stage::Leaving => self.streams.is_empty().then_some(true),
            Stage::Broken => Some(true),
        }
    }

    /// Whether there may be frames among what was read and not taken.
    pub(super) fn has_more_to_read(&self) -> bool {
        self.has_more_to_read
    }

    /// What is waited for, when nothing is to be sent.
    pub(super) fn wait(&self) -> Wait {
        if self.stage == Stage::Preface || self.assembling.is_some() {
            Wait::Head
        } else if self.streams.is_empty() {
            Wait::Idle
        } else if self.streams.wait_for_bytes() {
            Wait::Answer
        } else {
            // The client has to say that it takes more.
            Wait::Output
        }
    }
}

impl H2 {
    fn frame(
        &mut self,
        head: Head,
        payload: &[u8],
        peer: &Peer,
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        // RFC 9113 §6.10: nothing comes between the parts of a block.
        if let Some(assembling) = &self.assembling
            && (head.kind, head.stream) != (frame::CONTINUATION, assembling.stream)
        {
            return Err(PROTOCOL);
        }
        match head.kind {
            frame::DATA => self.data(head, payload, desk),
            frame::HEADERS => self.headers(head, payload, peer, desk),
            frame::CONTINUATION => self.continuation(head, payload, peer, desk),
            frame::PRIORITY => match (head.stream, payload.len()) {
                (0, _) => Err(PROTOCOL),
                (_, 5) => Ok(self.calm.spend(desk.clock.now)?),
                (id, _) => Err(Broken::Stream(id, Code::FrameSize)),
            },
            frame::RST_STREAM => {
                self.is_known(head.stream)?;
                frame::number(payload)
                    .filter(|_| payload.len() == 4)
                    .ok_or(FRAME_SIZE)?;
                self.streams.remove(head.stream);
                Ok(self.calm.spend(desk.clock.now)?)
            }
            frame::SETTINGS => self.settings(head, payload, desk),
            frame::PING => self.ping(head, payload, desk),
            frame::GOAWAY => match (head.stream, payload.len()) {
                (0, 8..) => Ok(()),
                (0, _) => Err(FRAME_SIZE),
                _ => Err(PROTOCOL),
            },
            frame::WINDOW_UPDATE => self.window_update(head, payload, desk),
            // Only a server pushes.
            frame::PUSH_PROMISE => Err(PROTOCOL),
            _ => Ok(self.calm.spend(desk.clock.now)?),
        }
    }

    /// Bodies of requests are of no use here. What they take of the connection's window is given back, of their own
    /// nothing: a client that has more is told by the end of the stream.
    fn data(&mut self, head: Head, payload: &[u8], desk: &mut Desk) -> Result<(), Broken> {
        self.is_known(head.stream)?;
        let data = unpadded(head, payload)?;
        self.taken += payload.len() as u32;
        if self.taken >= GIVE_BACK_BYTES {
            let taken = std::mem::take(&mut self.taken);
            desk.outbox
                .write(|to| frame::write_number(to, frame::WINDOW_UPDATE, 0, taken));
        }
        if data.is_empty() && !head.has(frame::END_STREAM) {
            self.calm.spend(desk.clock.now)?;
        }
        match self.streams.stream(head.stream) {
            Some(stream) if stream.is_remote_open => {
                stream.is_remote_open = !head.has(frame::END_STREAM);
                Ok(())
            }
            Some(_) => Err(Broken::Stream(head.stream, Code::StreamClosed)),
            // It was answered and forgotten, and this was on its way.
            None => Ok(self.calm.spend(desk.clock.now)?),
        }
    }

    /// RFC 9113 §5.1: nothing is said of a stream before it begins.
    fn is_known(&self, id: u32) -> Result<(), Broken> {
        match id == 0 || id > self.last {
            true => Err(PROTOCOL),
            false => Ok(()),
        }
    }

    fn break_off(&mut self, code: Code, desk: &mut Desk) {
        desk.service.tally.refuse(match code {
            Code::EnhanceYourCalm => Refusal::Restless,
            _ => Refusal::Malformed,
        });
        self.stage = Stage::Broken;
        self.say_goodbye(code, desk);
    }

    fn say_goodbye(&self, code: Code, desk: &mut Desk) {
        desk.outbox
            .write(|to| frame::write_goaway(to, self.last, code));
    }
}

/// The frame that `bytes` begin with: its head, and what follows that if all of it has come.
fn whole_frame(bytes: &[u8]) -> Option<(Head, Option<&[u8]>)> {
    let head = Head::read(bytes)?;
    let end = frame::HEAD_BYTES + head.length;
    let payload = bytes.get(frame::HEAD_BYTES..end);
    Some((head, payload.filter(|_| head.length <= FRAME_BYTES_MAX)))
}

/// RFC 9113 §6.1.
fn unpadded(head: Head, payload: &[u8]) -> Result<&[u8], Broken> {
    if !head.has(frame::PADDED) {
        return Ok(payload);
    }
    let (padding, rest) = payload.split_first().ok_or(FRAME_SIZE)?;
    let end = rest.len().checked_sub(usize::from(*padding));
    end.and_then(|end| rest.get(..end)).ok_or(PROTOCOL)
}

/// What a client says first (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What all browsers do with.
const STREAMS_MAX: usize = 128;
/// What every client may send, since nothing else is said.
const FRAME_BYTES_MAX: usize = 16 << 10;
/// How much is put together before the system is asked to take it.
const AHEAD_BYTES_MAX: usize = 64 << 10;
/// A quarter of the window of a connection.
const GIVE_BACK_BYTES: u32 = 16 << 10;

/// Unpacks `bytes` twice on one connection, and reads what comes of it as a request.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) {
    use super::block::{Block, request};

    const SIZE_MAX: usize = 16 << 10;
    let (mut decoder, mut block) = (Decoder::new(), Block::default());
    for rest in [request::Rest::Nothing, request::Rest::Body] {
        if decoder.decode(bytes, SIZE_MAX, &mut block).is_err() {
            return;
        }
        assert!(block.bytes.len() <= SIZE_MAX);
        drop(request::read(&block, rest));
    }
}
