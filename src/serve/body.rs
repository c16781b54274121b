//! A body on its way to a client, in pieces that no connection has to hold all at once.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::{
    drain, file, log, news,
    reply::{Body, Piece},
};

/// A body being sent. While it lives the request counts as under way; with it the request ends,
/// whether the client got all of it or left.
pub(super) struct Sending {
    source: Source,
    size: BodySize,
    sent: u64,
    entry: Option<log::Entry>,
    _under_way: drain::Ticket,
}

enum Source {
    Bytes(Bytes),
    Pieces(VecDeque<Opened>),
    Events(mpsc::Receiver<Bytes>),
}

enum Opened {
    Bytes(Bytes),
    File(file::Reader),
}

impl Sending {
    /// Opens what lies on disk, so that a file that is gone is known before the head is sent.
    pub(super) async fn open(body: Body, drain: &drain::Drain) -> io::Result<Self> {
        let size = match (&body, body.length()) {
            (Body::News(_), _) => BodySize::Stream,
            (_, Some(length)) => BodySize::Sized(length),
            (_, None) => BodySize::None,
        };
        let source = match body {
            Body::None | Body::Omitted(_) => Source::Bytes(Bytes::new()),
            Body::Whole(bytes) => Source::Bytes(bytes),
            Body::Pieces(pieces) => Source::Pieces(open(pieces).await?),
            Body::News(news) => Source::Events(news::stream(news, drain.stopping())),
        };
        Ok(Self {
            source,
            size,
            sent: 0,
            entry: None,
            _under_way: drain.ticket(),
        })
    }

    /// Has `entry` written when the body ends.
    #[must_use]
    pub(super) fn logged(mut self, entry: Option<log::Entry>) -> Self {
        self.entry = entry;
        self
    }
}

async fn open(pieces: Vec<Piece>) -> io::Result<VecDeque<Opened>> {
    let mut opened = VecDeque::with_capacity(pieces.len());
    for piece in pieces {
        opened.push_back(match piece {
            Piece::Bytes(bytes) => Opened::Bytes(bytes),
            Piece::File(file, range) => Opened::File(file::Reader::open(file, range).await?),
        });
    }
    Ok(opened)
}

impl MessageBody for Sending {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        let this = self.get_mut();
        let polled = this.source.poll(context);
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            this.sent += chunk.len() as u64;
        }
        polled
    }
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self {
            Self::Bytes(bytes) => Poll::Ready(chunk(bytes).map(Ok)),
            Self::Events(events) => events.poll_recv(context).map(|event| event.map(Ok)),
            Self::Pieces(pieces) => loop {
                let polled = match pieces.front_mut() {
                    None => return Poll::Ready(None),
                    Some(Opened::Bytes(bytes)) => Poll::Ready(chunk(bytes).map(Ok)),
                    Some(Opened::File(reader)) => reader.poll(context),
                };
                match polled {
                    Poll::Ready(None) => pieces.pop_front(),
                    polled => return polled,
                };
            },
        }
    }
}

/// The next chunk of bytes in memory.
fn chunk(bytes: &mut Bytes) -> Option<Bytes> {
    let length = bytes.len().min(CHUNK_BYTES);
    (length > 0).then(|| bytes.split_to(length))
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.write(self.sent);
        }
    }
}

/// A connection copies a chunk into its write buffer, so this bounds what a slow reader costs.
const CHUNK_BYTES: usize = 64 << 10;
