//! QUIC, as the crate of HTTP/3 wants to see it.
//!
//! That crate waits for whole frames, however long they say that they are. So what comes on one stream is counted here, and
//! a stream that brings more than anybody means is not read any further.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use h3::{
    error::Code,
    quic::{self, ConnectionErrorIncoming, StreamErrorIncoming, StreamId, WriteBuf},
};
use quinn::{ReadError, VarInt, WriteError};

use crate::serve::tally::{Refusal, Tally};

/// A connection that a client has begun.
pub(super) struct Connection {
    connection: quinn::Connection,
    incoming_bidi: Option<Waiting<Result<(quinn::SendStream, quinn::RecvStream), Lost>>>,
    incoming_uni: Option<Waiting<Result<quinn::RecvStream, Lost>>>,
    outgoing_uni: Option<Waiting<Result<quinn::SendStream, Lost>>>,
    bounds: Arc<Bounds>,
}

type Waiting<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Lost = quinn::ConnectionError;

/// How much may come, and where it is counted when that is not enough.
#[derive(Debug)]
pub(super) struct Bounds {
    /// On a stream with a request.
    pub(super) request_bytes_max: u64,
    pub(super) tally: Tally,
}

/// What one side sends on a stream.
pub(super) struct SendStream {
    stream: quinn::SendStream,
    writing: Option<WriteBuf<Bytes>>,
    /// Once all is written: whether all has arrived.
    arriving: Option<Waiting<Result<Option<VarInt>, quinn::StoppedError>>>,
}

/// What the other side sends.
pub(super) struct RecvStream {
    stream: quinn::RecvStream,
    left: u64,
    bounds: Arc<Bounds>,
    /// Until it is known what kind of stream it is, the connection to be ended if it may not be there.
    unknown: Option<quinn::Connection>,
}

/// A stream with a request.
pub(super) struct BidiStream {
    send: SendStream,
    recv: RecvStream,
}

impl Connection {
    pub(super) fn new(connection: quinn::Connection, bounds: Arc<Bounds>) -> Self {
        Self {
            connection,
            incoming_bidi: None,
            incoming_uni: None,
            outgoing_uni: None,
            bounds,
        }
    }
}

impl quic::Connection<Bytes> for Connection {
    type RecvStream = RecvStream;
    type OpenStreams = Self;

    fn poll_accept_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<RecvStream, ConnectionErrorIncoming>> {
        let connection = &self.connection;
        let accept = || {
            let connection = connection.clone();
            Box::pin(async move { connection.accept_uni().await }) as Waiting<_>
        };
        let stream = ready!(poll(&mut self.incoming_uni, accept, cx)).map_err(lost)?;
        let mut stream = RecvStream::new(stream, CONTROL_BYTES_MAX, &self.bounds);
        stream.unknown = Some(connection.clone());
        Poll::Ready(Ok(stream))
    }

    fn poll_accept_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<BidiStream, ConnectionErrorIncoming>> {
        let connection = &self.connection;
        let accept = || {
            let connection = connection.clone();
            Box::pin(async move { connection.accept_bi().await }) as Waiting<_>
        };
        let (send, recv) = ready!(poll(&mut self.incoming_bidi, accept, cx)).map_err(lost)?;
        Poll::Ready(Ok(BidiStream {
            send: SendStream::new(send),
            recv: RecvStream::new(recv, self.bounds.request_bytes_max, &self.bounds),
        }))
    }

    fn opener(&self) -> Self {
        Self::new(self.connection.clone(), Arc::clone(&self.bounds))
    }
}

impl quic::OpenStreams<Bytes> for Connection {
    type BidiStream = BidiStream;
    type SendStream = SendStream;

    fn poll_open_bidi(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<Result<BidiStream, StreamErrorIncoming>> {
        let error = "only a client begins a request".into();
        Poll::Ready(Err(StreamErrorIncoming::Unknown(error)))
    }

    fn poll_open_send(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<SendStream, StreamErrorIncoming>> {
        let connection = &self.connection;
        let open = || {
            let connection = connection.clone();
            Box::pin(async move { connection.open_uni().await }) as Waiting<_>
        };
        let opened = ready!(poll(&mut self.outgoing_uni, open, cx));
        Poll::Ready(opened.map(SendStream::new).map_err(lost_stream))
    }

    fn close(&mut self, code: Code, reason: &[u8]) {
        self.connection.close(number(code.value()), reason);
    }
}

/// Goes on waiting for what `begin` begins.
fn poll<T>(
    waiting: &mut Option<Waiting<T>>,
    begin: impl FnOnce() -> Waiting<T>,
    cx: &mut Context<'_>,
) -> Poll<T> {
    let polled = waiting.get_or_insert_with(begin).as_mut().poll(cx);
    if polled.is_ready() {
        *waiting = None;
    }
    polled
}

impl SendStream {
    fn new(stream: quinn::SendStream) -> Self {
        Self {
            stream,
            writing: None,
            arriving: None,
        }
    }
}

impl Drop for SendStream {
    fn drop(&mut self) {
        if self.arriving.is_none() {
            // Half an answer must not look like a whole one. Of a stream that is over already nothing is told.
            let code = number(Code::H3_REQUEST_CANCELLED.value());
            self.stream.reset(code).unwrap_or_default();
        }
    }
}

impl quic::SendStream<Bytes> for SendStream {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        while let Some(writing) = self.writing.as_mut().filter(|one| one.has_remaining()) {
            let stream = Pin::new(&mut self.stream);
            let written = ready!(stream.poll_write(cx, writing.chunk())).map_err(not_taken)?;
            writing.advance(written);
        }
        self.writing = None;
        Poll::Ready(Ok(()))
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        // Whoever sends waits until this is ready.
        self.writing = Some(data.into());
        Ok(())
    }

    /// Ends when the other side has all: what is only on its way would be lost with the connection.
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        let Self {
            stream, arriving, ..
        } = self;
        let arriving = arriving.get_or_insert_with(|| {
            // A stream that can't be finished is over.
            stream.finish().unwrap_or_default();
            Box::pin(stream.stopped())
        });
        let arrived = ready!(arriving.as_mut().poll(cx));
        Poll::Ready(match arrived {
            Ok(None) => Ok(()),
            Ok(Some(code)) => Err(StreamErrorIncoming::StreamTerminated {
                error_code: code.into_inner(),
            }),
            Err(quinn::StoppedError::ConnectionLost(error)) => Err(lost_stream(error)),
            Err(error) => Err(StreamErrorIncoming::Unknown(error.into())),
        })
    }

    fn reset(&mut self, reset_code: u64) {
        self.stream.reset(number(reset_code)).unwrap_or_default();
    }

    fn send_id(&self) -> StreamId {
        id(self.stream.id())
    }
}

impl RecvStream {
    fn new(stream: quinn::RecvStream, bytes_max: u64, bounds: &Arc<Bounds>) -> Self {
        Self {
            stream,
            left: bytes_max,
            bounds: Arc::clone(bounds),
            unknown: None,
        }
    }

    /// Looks at what a stream begins with: the crate lets one be that no client may open (RFC 9114 §6.2.2).
    fn look_at(&mut self, begins: &[u8]) {
        let connection = self.unknown.take();
        if let (Some(connection), [0x01, ..] | [0x40, 0x01, ..]) = (connection, begins) {
            self.bounds.tally.refuse(Refusal::Malformed);
            let code = number(Code::H3_STREAM_CREATION_ERROR.value());
            connection.close(code, b"");
        }
    }
}

impl quic::RecvStream for RecvStream {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamErrorIncoming>> {
        let mut room = [0; READ_BYTES];
        let read = ready!(self.stream.poll_read(cx, &mut room)).map_err(not_given)?;
        if read == 0 {
            return Poll::Ready(Ok(None));
        }
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.bounds.tally.refuse(Refusal::TooLarge);
                quic::RecvStream::stop_sending(self, Code::H3_EXCESSIVE_LOAD.value());
                let error = "more came than is read".into();
                return Poll::Ready(Err(StreamErrorIncoming::Unknown(error)));
            }
        }
        let came = room.get(..read).unwrap_or_default();
        self.look_at(came);
        Poll::Ready(Ok(Some(Bytes::copy_from_slice(came))))
    }

    fn stop_sending(&mut self, error_code: u64) {
        self.stream.stop(number(error_code)).unwrap_or_default();
    }

    fn recv_id(&self) -> StreamId {
        id(self.stream.id())
    }
}

impl quic::SendStream<Bytes> for BidiStream {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_ready(cx)
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        self.send.send_data(data)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_finish(cx)
    }

    fn reset(&mut self, reset_code: u64) {
        self.send.reset(reset_code);
    }

    fn send_id(&self) -> StreamId {
        self.send.send_id()
    }
}

impl quic::RecvStream for BidiStream {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamErrorIncoming>> {
        self.recv.poll_data(cx)
    }

    fn stop_sending(&mut self, error_code: u64) {
        self.recv.stop_sending(error_code);
    }

    fn recv_id(&self) -> StreamId {
        self.recv.recv_id()
    }
}

impl quic::BidiStream<Bytes> for BidiStream {
    type SendStream = SendStream;
    type RecvStream = RecvStream;

    fn split(self) -> (SendStream, RecvStream) {
        (self.send, self.recv)
    }
}

fn lost(error: Lost) -> ConnectionErrorIncoming {
    match error {
        Lost::ApplicationClosed(close) => ConnectionErrorIncoming::ApplicationClose {
            error_code: close.error_code.into_inner(),
        },
        Lost::TimedOut => ConnectionErrorIncoming::Timeout,
        error => ConnectionErrorIncoming::Undefined(Arc::new(error)),
    }
}

fn lost_stream(error: Lost) -> StreamErrorIncoming {
    StreamErrorIncoming::ConnectionErrorIncoming {
        connection_error: lost(error),
    }
}

fn not_taken(error: WriteError) -> StreamErrorIncoming {
    match error {
        WriteError::Stopped(code) => StreamErrorIncoming::StreamTerminated {
            error_code: code.into_inner(),
        },
        WriteError::ConnectionLost(error) => lost_stream(error),
        error => StreamErrorIncoming::Unknown(error.into()),
    }
}

fn not_given(error: ReadError) -> StreamErrorIncoming {
    match error {
        ReadError::Reset(code) => StreamErrorIncoming::StreamTerminated {
            error_code: code.into_inner(),
        },
        ReadError::ConnectionLost(error) => lost_stream(error),
        error => StreamErrorIncoming::Unknown(error.into()),
    }
}

fn id(id: quinn::StreamId) -> StreamId {
    let number = VarInt::from(id).into_inner();
    number.try_into().expect("both count in 62 bits")
}

/// A code of HTTP/3 as QUIC carries it.
pub(super) fn number(code: u64) -> VarInt {
    VarInt::from_u64(code).unwrap_or(VarInt::MAX)
}

/// What is read at a time.
const READ_BYTES: usize = 4 << 10;
/// On a stream without a request: settings, and how urgent each of very many requests is.
const CONTROL_BYTES_MAX: u64 = 1 << 20;
