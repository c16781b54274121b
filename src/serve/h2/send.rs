//! A reply becomes a frame of fields, and a body that follows it.

use std::collections::VecDeque;

use super::{
    frame::{self, Head},
    hpack, streams,
};
use crate::serve::{
    fault::Fault,
    h1::push_number,
    outbox::Outbox,
    producer::{Address, Producer},
    reply::{self, Piece, Reply},
    service::Common,
};

/// Sends the head of a reply; returns the body that is to follow, if there is one.
pub(super) fn reply(
    address: Address,
    mut reply: Reply<'_>,
    (outbox, common): (&mut Outbox, &Common<'_>),
) -> Option<streams::Body> {
    let length = reply.body.length();
    let mut body = streams::Body {
        runs: VecDeque::new(),
        producer: None,
    };
    match std::mem::replace(&mut reply.body, reply::Body::None) {
        reply::Body::None | reply::Body::Omitted(_) => {}
        reply::Body::Whole(bytes) => body.runs.push_back(bytes),
        reply::Body::News(news) => {
            let producer = Producer::follow(news, common.stopping, (common.post, address));
            body.producer = Some(Box::new(producer));
        }
        reply::Body::Pieces(pieces) => {
            let is_on_disk = pieces.iter().any(|piece| matches!(piece, Piece::File(..)));
            match Producer::open(pieces) {
                Ok(producer) if is_on_disk => body.producer = Some(Box::new(producer)),
                Ok(producer) => body.runs = producer.into_bytes(),
                Err(error) => {
                    tracing::error!(%error, "a file is not what was published");
                    return self::reply(address, Fault::Internal.reply(), (outbox, common));
                }
            }
        }
    }
    body.runs.retain(|run| !run.is_empty());
    let is_empty = body.runs.is_empty() && body.producer.is_none();
    let flags = match is_empty {
        true => frame::END_HEADERS | frame::END_STREAM,
        false => frame::END_HEADERS,
    };
    outbox.write(|to| write_head(to, (address.stream, flags), (&reply, length), common));
    (!is_empty).then_some(body)
}

fn write_head(
    to: &mut Vec<u8>,
    (stream, flags): (u32, u8),
    (reply, length): (&Reply<'_>, Option<u64>),
    common: &Common<'_>,
) {
    let begins = to.len();
    to.extend_from_slice(&[0; frame::HEAD_BYTES]);
    hpack::push_status(to, reply.status);
    if let Some(length) = length {
        let mut digits = Vec::with_capacity(20);
        push_number(&mut digits, length);
        hpack::push_field(to, "content-length", &digits);
    }
    for (name, value) in &reply.fields {
        value.with_bytes(|value| hpack::push_field(to, name, value));
    }
    hpack::push_field(to, "date", common.date.as_bytes());
    hpack::push_field(to, "server", b"littoral");
    if let Some(timing) = common.timing {
        hpack::push_field(to, "server-timing", timing.as_bytes());
    }
    let mut head = Vec::with_capacity(frame::HEAD_BYTES);
    Head {
        length: to.len() - begins - frame::HEAD_BYTES,
        kind: frame::HEADERS,
        flags,
        stream,
    }
    .write(&mut head);
    let place = to.iter_mut().skip(begins);
    place.zip(head).for_each(|(to, byte)| *to = byte);
}
