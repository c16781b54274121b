//! One request and its answer, on a stream of their own.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use bytes::Bytes;
use h3::{
    error::{Code, StreamError},
    proto::frame::{Frame, PayloadLen},
    server::{RequestResolver, RequestStream},
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time,
};

use super::{connection::Shared, qpack, quic};
use crate::serve::{
    app::Transport,
    block::{
        self, Block,
        request::{self, Rest},
    },
    body::Body,
    fault::Fault,
    lines::Lines,
    log,
    producer::{Address, Letter, Letters, Post, Produced},
    reply::{self, Reply},
    service::{Clock, Common, Request},
    tally::Refusal,
};

/// A request that has not come yet.
pub(super) type Resolver = RequestResolver<quic::Connection, Bytes>;

type Stream = RequestStream<quic::BidiStream, Bytes>;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client has its answer.
    Answered,
    /// There was none to give, or the client did not want it any more.
    InVain,
}

/// Takes in a request and answers it.
pub(super) async fn serve(resolver: Resolver, shared: Arc<Shared>) -> Ending {
    let Some((packed, stream)) = receive(resolver, &shared).await else {
        return Ending::InVain;
    };
    match answer(&packed, stream, &shared).await {
        Some(()) => Ending::Answered,
        None => Ending::InVain,
    }
}

/// The packed fields of a request, and the stream they came on.
async fn receive(mut resolver: Resolver, shared: &Shared) -> Option<(Bytes, Stream)> {
    let tally = &shared.service.tally;
    let frame = poll_fn(|cx| resolver.frame_stream.poll_next(cx));
    let patience = shared.service.settings.head_timeout;
    let Ok(frame) = time::timeout(patience, frame).await else {
        tally.refuse(Refusal::Head);
        return None;
    };
    // The crate reads requests as well, and is content where two fields say where one is meant. So it is given one that is
    // always the same, and what was sent is read here.
    let (packed, frame) = match frame {
        Ok(Some(Frame::Headers(packed))) => {
            let stand_in = Frame::<PayloadLen>::Headers(Bytes::from_static(STAND_IN));
            (packed, Ok(Some(stand_in)))
        }
        other => (Bytes::new(), other),
    };
    let resolved = resolver.accept_with_frame(frame).ok()?;
    let (_, stream) = resolved.resolve().await.ok()?;
    Some((packed, stream))
}

/// None if there was nobody to answer.
async fn answer(packed: &[u8], mut stream: Stream, shared: &Shared) -> Option<()> {
    let tally = &shared.service.tally;
    let mut block = Block::default();
    let size_max = shared.service.settings.head_bytes_max;
    if let Err(block::Malformed) = qpack::decode(packed, size_max, &mut block) {
        tally.refuse(Refusal::Malformed);
        let code = quic::number(Code::QPACK_DECOMPRESSION_FAILED.value());
        shared.connection.close(code, b"");
        return None;
    }
    let came = poll_fn(|cx| Poll::Ready(stream.poll_recv_data(cx).map_ok(|data| data.is_some())));
    let rest = match came.await {
        Poll::Ready(Ok(false)) => Rest::Nothing,
        Poll::Ready(Err(_)) => return None,
        _ => Rest::Body,
    };
    let request = match request::read(&block, rest) {
        // What was left out may be what makes it whole.
        _ if block.is_too_large => Err(Fault::FieldsTooLarge),
        Ok(request) if request.expects_more => Err(Fault::ExpectationFailed),
        Ok(request) => Ok(request),
        Err(request::Malformed) => {
            // RFC 9114 §4.1.2.
            tally.refuse(Refusal::Malformed);
            stream.stop_stream(Code::H3_MESSAGE_ERROR);
            stream.stop_sending(Code::H3_MESSAGE_ERROR);
            return None;
        }
    };
    let (answer, letters) = Answer::make(request, &block, shared);
    let sent = answer.send(&mut stream, letters, shared).await;
    if rest == Rest::Body {
        // RFC 9114 §4.1: nobody needs what is left of it.
        stream.stop_sending(Code::H3_NO_ERROR);
    }
    sent.ok()
}

/// An answer on its way.
struct Answer {
    head: Response<()>,
    body: Body,
    post: Post,
    line: Option<Box<log::Open>>,
}

type Mailbox = UnboundedReceiver<Letter>;

impl Answer {
    fn make(
        request: Result<request::Request<'_>, Fault>,
        block: &Block,
        shared: &Shared,
    ) -> (Self, Mailbox) {
        let service = &shared.service;
        let (sender, letters) = unbounded_channel();
        let post = Post {
            runtime: Handle::current(),
            letters: Letters::Task(sender),
        };
        let clock = Clock::new();
        let lines = Lines::new(&block.bytes, &block.spans);
        let ((head, body), line) = match request {
            Ok(request) => {
                let request = Request {
                    asked: request.asked(&lines, block.bytes.len(), Transport::Tls),
                    lines,
                    protocol: "HTTP/3.0",
                    client: Some(shared.client),
                    verbatim: None,
                };
                service.answer(&request, clock.now, |reply, _, timing| {
                    parts(reply, &service.common(&clock, &post, timing))
                })
            }
            Err(fault) => {
                let common = service.common(&clock, &post, None);
                (parts(fault.reply(), &common), None)
            }
        };
        let answer = Self {
            head,
            body,
            post,
            line,
        };
        (answer, letters)
    }

    async fn send(
        mut self,
        stream: &mut Stream,
        mut letters: Mailbox,
        shared: &Shared,
    ) -> Result<(), StreamError> {
        let Self { head, body, .. } = self;
        Sending::of(shared).done(stream.send_response(head)).await?;
        let Body { runs, producer } = body;
        for run in runs {
            let line = self.line.as_deref_mut();
            send_run(run, stream, line, shared).await?;
        }
        let mut producer = producer;
        while let Some(making) = producer.as_deref_mut() {
            match making.next(&self.post, NOWHERE) {
                Produced::Bytes(run) => {
                    let line = self.line.as_deref_mut();
                    send_run(run, stream, line, shared).await?;
                }
                Produced::Later => match letters.recv().await {
                    Some(letter) => making.take(letter.read),
                    None => break,
                },
                Produced::End => break,
                Produced::Failed => {
                    stream.stop_stream(Code::H3_INTERNAL_ERROR);
                    return Ok(());
                }
            }
        }
        Sending::of(shared).done(stream.finish()).await
    }
}

async fn send_run(
    mut run: Bytes,
    stream: &mut Stream,
    mut line: Option<&mut log::Open>,
    shared: &Shared,
) -> Result<(), StreamError> {
    while !run.is_empty() {
        let part = run.split_to(run.len().min(FRAME_BYTES_MAX));
        let bytes = part.len() as u64;
        Sending::of(shared).done(stream.send_data(part)).await?;
        if let Some(line) = &mut line {
            line.note_sent(bytes);
        }
    }
    Ok(())
}

/// One of those that wait for the client to take something.
struct Sending<'s>(&'s AtomicUsize);

impl<'s> Sending<'s> {
    fn of(shared: &'s Shared) -> Self {
        shared.sending.fetch_add(1, Ordering::Relaxed);
        Self(&shared.sending)
    }

    async fn done<T>(self, sending: impl Future<Output = T>) -> T {
        sending.await
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The head and the body that a reply becomes.
fn parts(mut reply: Reply<'_>, common: &Common<'_>) -> (Response<()>, Body) {
    let length = reply.body.length();
    let body = std::mem::replace(&mut reply.body, reply::Body::None);
    let body = match Body::begin(body, NOWHERE, common) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a file is not what was published");
            return parts(Fault::Internal.reply(), common);
        }
    };
    let mut head = Response::new(());
    *head.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    let fields = head.headers_mut();
    if let Some(length) = length {
        fields.insert(http::header::CONTENT_LENGTH, length.into());
    }
    let mut push = |name: &str, value: &[u8]| {
        let name = HeaderName::from_bytes(name.as_bytes());
        // What is none was refused when the rules of the site were read.
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            fields.append(name, value);
        }
    };
    for (name, value) in &reply.fields {
        value.with_bytes(|value| push(name, value));
    }
    push("date", common.date.as_bytes());
    push("server", b"littoral");
    if let Some(timing) = common.timing {
        push("server-timing", timing.as_bytes());
    }
    (head, body)
}

/// Each answer has a post of its own.
const NOWHERE: Address = Address {
    slot: 0,
    serial: 0,
    stream: 0,
};

/// Small enough that a client which takes little takes something.
const FRAME_BYTES_MAX: usize = 16 << 10;
/// `GET https://x/`, packed.
const STAND_IN: &[u8] = &[0, 0, 0xd1, 0xd7, 0xc1, 0x50, 1, b'x'];
