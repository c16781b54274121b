//! A reply becomes the head of an answer, and a body that follows it (RFC 9112 §4 and §6).

use bytes::Bytes;

use crate::serve::{
    fault::Fault,
    memo::Given,
    outbox::Outbox,
    producer::{Address, Producer},
    reply::{Body, Piece, Reply},
    service::Common,
    status,
};

/// What became of a reply.
pub(super) struct Sent {
    /// How much of its body is in the outbox.
    pub(super) bytes: u64,
    pub(super) producer: Option<Box<Producer>>,
    /// Whether only the end of the connection ends it.
    pub(super) is_endless: bool,
}

/// Sends a reply: all of it, or what there is of it.
pub(super) fn send(
    mut reply: Reply<'_>,
    (connection, address): (Option<&str>, Address),
    (outbox, common): (&mut Outbox, &Common<'_>),
) -> Sent {
    let mut sent = Sent {
        bytes: 0,
        producer: None,
        is_endless: matches!(reply.body, Body::News(_)),
    };
    let is_on_disk = |piece: &Piece| matches!(piece, Piece::File(..));
    if let Body::Pieces(pieces) = &mut reply.body
        && pieces.iter().any(is_on_disk)
    {
        let length = pieces.iter().map(Piece::length).sum();
        match Producer::open(std::mem::take(pieces)) {
            Ok(producer) => {
                sent.producer = Some(Box::new(producer));
                reply.body = Body::Omitted(length);
            }
            Err(error) => {
                tracing::error!(%error, "a file is not what was published");
                reply = Fault::Internal.reply();
            }
        }
    }
    let connection = match sent.is_endless {
        true => Some("close"),
        false => connection,
    };
    outbox.write(|to| write_head(to, &reply, connection, common));
    match reply.body {
        Body::None | Body::Omitted(_) => {}
        Body::Whole(bytes) => {
            sent.bytes = bytes.len() as u64;
            outbox.push(&bytes);
        }
        Body::Pieces(pieces) => {
            for piece in pieces {
                if let Piece::Bytes(bytes) = piece {
                    sent.bytes += bytes.len() as u64;
                    outbox.push(&bytes);
                }
            }
        }
        Body::News(news) => {
            let producer = Producer::follow(news, common.stopping, (common.post, address));
            sent.producer = Some(Box::new(producer));
        }
    }
    sent
}

/// Sends an answer again that was given before.
pub(super) fn send_again(
    given: &mut Given,
    connection: Option<&str>,
    (outbox, common): (&mut Outbox, &Common<'_>),
) -> Sent {
    let bytes = given.body.len() as u64;
    let is_usual = connection.is_none() && common.timing.is_none();
    let whole = is_usual.then(|| given.whole(common.date, |to| write_end(to, None, common)));
    match whole.flatten() {
        Some(whole) => outbox.push_whole(whole),
        None => {
            outbox.write(|to| {
                to.extend_from_slice(&given.head);
                write_end(to, connection, common);
            });
            outbox.push(&given.body);
        }
    }
    Sent {
        bytes,
        producer: None,
        is_endless: false,
    }
}

/// What `reply` becomes, if it can be sent again.
pub(super) fn given(reply: &Reply<'_>) -> Option<Given> {
    let body = match &reply.body {
        Body::None => Bytes::new(),
        Body::Whole(bytes) => bytes.clone(),
        Body::Omitted(_) | Body::Pieces(_) | Body::News(_) => return None,
    };
    let mut head = Vec::new();
    write_beginning(&mut head, reply);
    Some(Given::new(reply.status, head, body))
}

/// Writes the head of an answer.
pub(super) fn write_head(
    to: &mut Vec<u8>,
    reply: &Reply<'_>,
    connection: Option<&str>,
    common: &Common<'_>,
) {
    write_beginning(to, reply);
    write_end(to, connection, common);
}

/// Writes what of a head depends on the reply alone.
fn write_beginning(to: &mut Vec<u8>, reply: &Reply<'_>) {
    assert!(reply.status < 1_000, "a status has three digits");
    to.extend_from_slice(b"HTTP/1.1 ");
    push_number(to, u64::from(reply.status));
    to.push(b' ');
    to.extend_from_slice(status::phrase(reply.status).as_bytes());
    to.extend_from_slice(b"\r\n");
    if let Some(length) = reply.body.length() {
        to.extend_from_slice(b"content-length: ");
        push_number(to, length);
        to.extend_from_slice(b"\r\n");
    }
    for (name, value) in &reply.fields {
        value.with_bytes(|value| push_field(to, name, value));
    }
}

/// Writes the rest of it.
fn write_end(to: &mut Vec<u8>, connection: Option<&str>, common: &Common<'_>) {
    push_field(to, "date", common.date.as_bytes());
    push_field(to, "server", b"littoral");
    if let Some(timing) = common.timing {
        push_field(to, "server-timing", timing.as_bytes());
    }
    if let Some(connection) = connection {
        push_field(to, "connection", connection.as_bytes());
    }
    to.extend_from_slice(b"\r\n");
}

fn push_field(to: &mut Vec<u8>, name: &str, value: &[u8]) {
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b": ");
    to.extend_from_slice(value);
    to.extend_from_slice(b"\r\n");
}

/// Appends a number in digits.
pub(in crate::serve) fn push_number(to: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let (mut left, mut at) = (number, digits.len());
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (left % 10) as u8;
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    to.extend_from_slice(digits.get(at..).unwrap_or_default());
}
