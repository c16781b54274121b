//! HTTP/1 on one connection: requests become answers, one after the other (RFC 9112).
//!
//! Knows no socket: it is given what came, and writes what goes to the worker's outbox.

mod head;
mod send;
mod skip;

use std::io;

use bytes::Bytes;

pub(super) use self::send::push_number;
use self::{
    head::{Head, Refused, Version},
    send::{given, send, send_again, write_head},
    skip::{Skip, Unread},
};
use super::{
    app::{Asked, Authority},
    connection::Peer,
    fault::Fault,
    lines::Lines,
    log,
    producer::{Address, Produced, Producer},
    reply::{Body, RequestHead},
    service::{Desk, Request},
    tally::Refusal,
    wait::Wait,
};

/// One connection.
#[derive(Debug, Default)]
pub(super) struct H1 {
    /// How many requests were answered.
    answered: u32,
    /// The body of the last one, while it is on its way.
    skip: Option<Skip>,
    /// The body of the answer, as long as not all of it is in the outbox.
    producer: Option<Box<Producer>>,
    /// The line of the log for the last answer.
    line: Option<Box<log::Open>>,
    persistence: Persistence,
    /// Whether the beginning of a head has come.
    has_begun: bool,
}

/// What becomes of the connection behind the answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Persistence {
    /// Another request may come.
    #[default]
    Stays,
    /// None, and all that was sent has been read.
    Closes,
    /// None, and what is still on its way must not keep the client from hearing the answer.
    Lingers,
}

impl H1 {
    /// Takes requests from the beginning of `bytes` and answers them. Returns how many bytes are done with.
    pub(super) fn receive(&mut self, bytes: &[u8], peer: &Peer, desk: &mut Desk) -> usize {
        let mut at = 0;
        while self.accepts(desk) {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.is_empty() {
                self.has_begun = false;
                break;
            }
            at += match self.skip.is_some() {
                true => self.skip(rest, desk),
                false => self.take_one(rest, peer, desk),
            };
            if self.has_begun {
                break;
            }
        }
        at
    }

    /// Whether it takes another request, or more of a body, now.
    pub(super) fn accepts(&self, desk: &Desk) -> bool {
        self.producer.is_none()
            && self.persistence == Persistence::Stays
            && desk.outbox.bytes() < AHEAD_BYTES_MAX
    }

    /// Adds what there is of a long body to the outbox.
    pub(super) fn produce(&mut self, to: Address, desk: &mut Desk) -> io::Result<()> {
        let Some(producer) = &mut self.producer else {
            return Ok(());
        };
        while desk.outbox.bytes() < AHEAD_BYTES_MAX {
            match producer.next(&desk.post, to) {
                Produced::Bytes(bytes) => {
                    let line = self.line.iter_mut();
                    line.for_each(|line| line.note_sent(bytes.len() as u64));
                    desk.outbox.push(&bytes);
                }
                Produced::Later => return Ok(()),
                Produced::End => {
                    self.producer = None;
                    return Ok(());
                }
                // The announced length is not reached: that the connection ends says so.
                Produced::Failed => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        Ok(())
    }

    /// Takes in what was posted.
    pub(super) fn take(&mut self, read: io::Result<Option<Bytes>>) {
        if let Some(producer) = &mut self.producer {
            producer.take(read);
        }
    }

    /// Tells a client that was too slow with its request.
    pub(super) fn time_out(&mut self, desk: &mut Desk) {
        if self.has_begun && self.skip.is_none() {
            self.refuse_with(Fault::TimedOut, desk);
        } else {
            self.persistence = Persistence::Closes;
        }
    }

    /// Lets no further request come.
    pub(super) fn stop(&mut self) {
        if self.persistence == Persistence::Stays && !self.has_begun && self.skip.is_none() {
            self.persistence = Persistence::Closes;
        }
    }

    /// Notes that all that was in the outbox is sent.
    pub(super) fn note_sent(&mut self) {
        if self.producer.is_none() {
            self.line = None;
        }
    }

    /// How many requests were answered.
    pub(super) fn answered(&self) -> u32 {
        self.answered
    }

    /// Whether nothing more is to be sent, and whether more may be read.
    pub(super) fn is_over(&self) -> Option<bool> {
        match self.persistence {
            _ if self.producer.is_some() => None,
            Persistence::Stays => None,
            Persistence::Closes => Some(self.skip.is_some()),
            Persistence::Lingers => Some(true),
        }
    }

    /// What is waited for, when nothing is to be sent.
    pub(super) fn wait(&self) -> Wait {
        if self.producer.is_some() {
            Wait::Answer
        } else if self.skip.is_some() {
            Wait::Body
        } else if self.has_begun {
            Wait::Head
        } else {
            Wait::Idle
        }
    }
}

impl H1 {
    /// Takes what belongs to a body. Returns how many bytes those are.
    fn skip(&mut self, rest: &[u8], desk: &Desk) -> usize {
        let taken = self.skip.as_mut().map_or(Ok(0), |skip| skip.take(rest));
        self.skip.take_if(|skip| skip.is_done());
        taken.unwrap_or_else(|unread| {
            desk.service.tally.refuse(match unread {
                Unread::Malformed => Refusal::Malformed,
                Unread::TooLong => Refusal::TooLarge,
            });
            self.persistence = Persistence::Lingers;
            rest.len()
        })
    }

    /// Takes a request and answers it, if all of its head has come. Returns how many bytes are done with.
    fn take_one(&mut self, rest: &[u8], peer: &Peer, desk: &mut Desk) -> usize {
        if self.repeat(rest, peer, desk) {
            return rest.len();
        }
        let mut spans = std::mem::take(&mut desk.spans);
        let head_bytes_max = desk.service.settings.head_bytes_max;
        let parsed = head::parse(rest, head_bytes_max, &mut spans);
        self.has_begun = matches!(parsed, Ok(None));
        let done = match parsed {
            Ok(None) => 0,
            Ok(Some(head)) => {
                let lines = Lines::new(rest, &spans);
                self.answer(&head, lines, peer, desk);
                head.bytes
            }
            Err(refused) => {
                self.refuse(refused, desk);
                rest.len()
            }
        };
        desk.spans = spans;
        done
    }

    /// Answers who says what somebody said before, byte for byte. False if nobody did.
    fn repeat(&mut self, said: &[u8], peer: &Peer, desk: &mut Desk) -> bool {
        let is_last = self.answered + 1 >= desk.service.settings.requests_max || desk.stops;
        if is_last {
            return false;
        }
        let is_repeated = desk.repeat_verbatim((said, peer.transport), |given, outbox, common| {
            send_again(given, None, (outbox, common));
        });
        if is_repeated {
            self.answered += 1;
            self.has_begun = false;
        }
        is_repeated
    }

    fn answer(&mut self, head: &Head<'_>, lines: Lines<'_>, peer: &Peer, desk: &mut Desk) {
        self.answered += 1;
        let settings = &desk.service.settings;
        self.skip = Skip::of(head.framing, settings.body_bytes_max);
        let is_last = self.answered >= settings.requests_max || desk.stops;
        // Who waits for word may send the body or not (RFC 9110 §10.1.1): nobody knows what comes next.
        let stays = head.persists && !is_last && !(head.waits && self.skip.is_some());
        if !stays {
            self.persistence = match self.skip {
                Some(_) => Persistence::Lingers,
                None => Persistence::Closes,
            };
        }
        let connection = match (stays, head.version) {
            (false, _) => Some("close"),
            (true, Version::Http10) => Some("keep-alive"),
            (true, Version::Http11) => None,
        };
        let request = Request {
            asked: Asked {
                head: RequestHead {
                    method: head.method,
                    target: head.target,
                    fields: &lines,
                },
                authority: match head.authority {
                    Some(authority) => Authority::Named(authority),
                    None => Authority::Absent,
                },
                transport: peer.transport,
                head_bytes: head.bytes,
            },
            lines,
            protocol: match head.version {
                Version::Http11 => "HTTP/1.1",
                Version::Http10 => "HTTP/1.0",
            },
            client: peer.client,
            verbatim: Some(lines.bytes()).filter(|all| {
                head.bytes == all.len() && self.skip.is_none() && connection.is_none()
            }),
        };
        let repeated = desk.repeat(&request, |given, outbox, common| {
            send_again(given, connection, (outbox, common))
        });
        let (sent, mut line) = repeated.unwrap_or_else(|seat| {
            let keeping = seat.map(|seat| (seat, given as _));
            desk.answer(&request, keeping, |reply, outbox, common| {
                send(reply, (connection, peer.address(0)), (outbox, common))
            })
        });
        if let Some(line) = &mut line {
            line.note_sent(sent.bytes);
        }
        // The answer before it goes out with this one.
        self.line = line;
        self.producer = sent.producer;
        if sent.is_endless {
            self.persistence = Persistence::Closes;
        }
    }

    fn refuse(&mut self, refused: Refused, desk: &mut Desk) {
        let (fault, why) = match refused {
            Refused::Malformed => (Fault::BadRequest, Some(Refusal::Malformed)),
            Refused::TargetTooLong => (Fault::TargetTooLong, Some(Refusal::TooLarge)),
            Refused::TooLarge => (Fault::FieldsTooLarge, Some(Refusal::TooLarge)),
            Refused::Expectation => (Fault::ExpectationFailed, None),
            Refused::TransferCoding => (Fault::NotImplemented, None),
            Refused::Version => (Fault::VersionNotSupported, None),
        };
        why.into_iter()
            .for_each(|why| desk.service.tally.refuse(why));
        self.refuse_with(fault, desk);
    }

    fn refuse_with(&mut self, fault: Fault, desk: &mut Desk) {
        self.answered += 1;
        self.has_begun = false;
        self.persistence = Persistence::Lingers;
        let (outbox, common) = desk.plain();
        let reply = fault.reply();
        outbox.write(|to| write_head(to, &reply, Some("close"), &common));
        if let Body::Whole(page) = reply.body {
            outbox.push(&page);
        }
    }
}

/// How much is put together before the system is asked to take it.
const AHEAD_BYTES_MAX: usize = 64 << 10;

/// Reads `bytes` as a request and what follows it. Of a head that is good no beginning is bad.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) {
    const HEAD_BYTES_MAX: usize = 16 << 10;
    let mut spans = Vec::new();
    let Ok(Some(head)) = head::parse(bytes, HEAD_BYTES_MAX, &mut spans) else {
        return;
    };
    let lines = Lines::new(bytes, &spans);
    lines.joined("host", ", ");
    let (whole, rest) = bytes.split_at(head.bytes);
    for end in [whole.len() - 1, whole.len() / 2, whole.len() / 3] {
        let begun = whole.get(..end).unwrap_or_default();
        assert_eq!(
            head::parse(begun, HEAD_BYTES_MAX, &mut Vec::new()),
            Ok(None)
        );
    }
    if let Some(mut skip) = Skip::of(head.framing, 1 << 20) {
        assert!(skip.take(rest).is_ok_and(|taken| taken <= rest.len()) || !skip.is_done());
    }
}
