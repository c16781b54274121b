//! Blocks of fields become requests, and those are answered (RFC 9113 §6.2 and §8.1).

use super::{
    Broken, FRAME_SIZE, H2, PROTOCOL, STREAMS_MAX, Stage,
    frame::{self, Code, Head},
    send,
    streams::{self, Stream},
    unpadded,
};
use crate::serve::{
    block::{self, Block, request},
    connection::Peer,
    fault::Fault,
    lines::Lines,
    service::{Desk, Request},
};

/// A block of which not all has come.
#[derive(Debug)]
pub(super) struct Assembling {
    pub(super) stream: u32,
    flags: u8,
    bytes: Vec<u8>,
}

impl H2 {
    pub(super) fn headers(
        &mut self,
        head: Head,
        payload: &[u8],
        peer: &Peer,
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        // RFC 9113 §5.1.1: the client's are odd.
        if head.stream.is_multiple_of(2) {
            return Err(PROTOCOL);
        }
        let mut block = unpadded(head, payload)?;
        if head.has(frame::HAS_PRIORITY) {
            block = block.get(5..).ok_or(FRAME_SIZE)?;
        }
        if head.has(frame::END_HEADERS) {
            return self.block(head, block, peer, desk);
        }
        self.assembling = Some(Assembling {
            stream: head.stream,
            flags: head.flags,
            bytes: block.to_vec(),
        });
        Ok(())
    }

    pub(super) fn continuation(
        &mut self,
        head: Head,
        payload: &[u8],
        peer: &Peer,
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        let mut assembling = self.assembling.take().ok_or(PROTOCOL)?;
        assembling.bytes.extend_from_slice(payload);
        if assembling.bytes.len() > BLOCK_BYTES_MAX {
            return Err(Broken::Connection(Code::EnhanceYourCalm));
        }
        if !head.has(frame::END_HEADERS) {
            self.assembling = Some(assembling);
            return Ok(self.calm.spend(desk.clock.now)?);
        }
        let head = Head {
            flags: assembling.flags,
            ..head
        };
        self.block(head, &assembling.bytes, peer, desk)
    }

    /// A whole block: a request, or what comes behind the body of one.
    fn block(
        &mut self,
        head: Head,
        packed: &[u8],
        peer: &Peer,
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        let mut block = std::mem::take(&mut desk.block);
        let size_max = desk.service.settings.head_bytes_max;
        // Whatever becomes of the stream: the table is the connection's.
        let decoded = self.decoder.decode(packed, size_max, &mut block);
        let done = match decoded {
            Ok(()) => self.begin_stream(head, &block, peer, desk),
            Err(block::Malformed) => Err(Broken::Connection(Code::Compression)),
        };
        desk.block = block;
        done
    }

    fn begin_stream(
        &mut self,
        head: Head,
        block: &Block,
        peer: &Peer,
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        let (id, is_whole) = (head.stream, head.has(frame::END_STREAM));
        if id <= self.last {
            return match self.streams.stream(id) {
                Some(stream) if stream.is_remote_open && is_whole => {
                    stream.is_remote_open = false;
                    Ok(())
                }
                Some(_) => Err(Broken::Stream(id, Code::Protocol)),
                None => Ok(self.calm.spend(desk.clock.now)?),
            };
        }
        if self.stage == Stage::Leaving {
            // It was told that this one would not be looked at (RFC 9113 §6.8).
            return Ok(());
        }
        self.last = id;
        if self.streams.len() >= STREAMS_MAX {
            self.calm.spend(desk.clock.now)?;
            return Err(Broken::Stream(id, Code::RefusedStream));
        }
        let rest = match is_whole {
            true => request::Rest::Nothing,
            false => request::Rest::Body,
        };
        let request = match request::read(block, rest) {
            // What was left out may be what makes it whole.
            _ if block.is_too_large => Err(Fault::FieldsTooLarge),
            Ok(request) if request.expects_more => Err(Fault::ExpectationFailed),
            Ok(request) => Ok(request),
            Err(request::Malformed) => {
                self.calm.spend(desk.clock.now)?;
                return Err(Broken::Stream(id, Code::Protocol));
            }
        };
        self.answer((id, is_whole), request, block, (peer, desk));
        if self.answered >= desk.service.settings.requests_max {
            self.stop(desk);
        }
        Ok(())
    }

    fn answer(
        &mut self,
        (id, is_whole): (u32, bool),
        request: Result<request::Request<'_>, Fault>,
        block: &Block,
        (peer, desk): (&Peer, &mut Desk),
    ) {
        self.answered += 1;
        let lines = Lines::new(&block.bytes, &block.spans);
        let (urgency, is_incremental) = match &request {
            Ok(request) => (request.urgency, request.is_incremental),
            Err(_) => (0, false),
        };
        let address = peer.address(id);
        let (body, line) = match request {
            Ok(request) => {
                let asked = request.asked(&lines, block.bytes.len(), peer.transport);
                let request = Request {
                    asked,
                    lines,
                    protocol: "HTTP/2.0",
                    client: peer.client,
                    verbatim: None,
                };
                desk.answer(&request, None, |reply, outbox, common| {
                    send::reply(address, reply, (outbox, common))
                })
            }
            Err(fault) => {
                let (outbox, common) = desk.plain();
                (send::reply(address, fault.reply(), (outbox, &common)), None)
            }
        };
        match body {
            Some(body) => self.streams.push(Stream {
                id,
                urgency,
                is_incremental,
                is_remote_open: !is_whole,
                body,
                window: self.streams.initial_window,
                line,
            }),
            None if !is_whole => streams::reset(id, Code::None, &mut desk.outbox),
            None => {}
        }
    }
}

/// Of packed fields: four times what is read of them at most.
const BLOCK_BYTES_MAX: usize = 64 << 10;
