//! A reply becomes a frame of fields, and a body that follows it.

use super::{
    frame::{self, Head},
    hpack,
};
use crate::serve::{
    body::Body,
    fault::Fault,
    h1::push_number,
    outbox::Outbox,
    producer::Address,
    reply::{self, Reply},
    service::Common,
};

/// Sends the head of a reply; returns the body that is to follow, if there is one.
pub(super) fn reply(
    address: Address,
    mut reply: Reply<'_>,
    (outbox, common): (&mut Outbox, &Common<'_>),
) -> Option<Body> {
    let length = reply.body.length();
    let body = std::mem::replace(&mut reply.body, reply::Body::None);
    let body = match Body::begin(body, address, common) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a file is not what was published");
            return self::reply(address, Fault::Internal.reply(), (outbox, common));
        }
    };
    let is_empty = body.is_done();
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
