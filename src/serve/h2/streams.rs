//! The answers under way on one connection, and whose turn it is (RFC 9113 §5 and RFC 9218).

use super::frame::{self, Code};
use crate::serve::{
    body::Body,
    connection::Peer,
    log,
    outbox::Outbox,
    producer::{Post, Produced},
};

/// An answer whose head is sent.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: u32,
    pub(super) urgency: u8,
    pub(super) is_incremental: bool,
    /// Whether the client may still send.
    pub(super) is_remote_open: bool,
    pub(super) body: Body,
    /// How much of it the client takes now; less than nothing after it has taken some back.
    pub(super) window: i64,
    pub(super) line: Option<Box<log::Open>>,
}

/// The streams of a connection.
#[derive(Debug)]
pub(super) struct Streams {
    all: Vec<Stream>,
    /// How much the client takes on all of them.
    window: i64,
    /// How much it takes on a new one, and in one frame.
    pub(super) initial_window: i64,
    pub(super) frame_bytes_max: usize,
}

/// A window that would be larger than there may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overflow;

impl Streams {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            window: WINDOW_BYTES,
            initial_window: WINDOW_BYTES,
            frame_bytes_max: FRAME_BYTES_MAX,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn push(&mut self, stream: Stream) {
        self.all.push(stream);
    }

    pub(super) fn stream(&mut self, id: u32) -> Option<&mut Stream> {
        self.all.iter_mut().find(|stream| stream.id == id)
    }

    /// Forgets a stream. False if there is none of that number.
    pub(super) fn remove(&mut self, id: u32) -> bool {
        let place = self.all.iter().position(|stream| stream.id == id);
        place.map(|place| self.all.remove(place)).is_some()
    }

    /// Whether all that is left waits for something that is being made.
    pub(super) fn wait_for_bytes(&self) -> bool {
        self.all.iter().all(|stream| stream.body.runs.is_empty())
    }

    /// The client takes more on all streams.
    pub(super) fn widen(&mut self, bytes: u32) -> Result<(), Overflow> {
        self.window = wider(self.window, i64::from(bytes))?;
        Ok(())
    }

    /// The client takes so much on new streams, and so much more or less on those that there are.
    pub(super) fn set_initial_window(&mut self, bytes: u32) -> Result<(), Overflow> {
        let difference = wider(0, i64::from(bytes))? - self.initial_window;
        self.initial_window = i64::from(bytes);
        for stream in &mut self.all {
            stream.window = wider(stream.window, difference)?;
        }
        Ok(())
    }

    /// Adds frames to the outbox, as many as the client takes and `ahead_bytes_max` lets. Returns how many.
    pub(super) fn produce(
        &mut self,
        outbox: &mut Outbox,
        ahead_bytes_max: usize,
        (peer, post): (&Peer, &Post),
    ) -> u32 {
        let mut frames = 0;
        self.fetch(outbox, (peer, post));
        while outbox.bytes() < ahead_bytes_max
            && let Some(place) = self.next()
        {
            frames += 1;
            let Some(stream) = self.all.get_mut(place) else {
                break;
            };
            let room = self.window.min(stream.window).max(0) as usize;
            let sent = stream.write(outbox, room.min(self.frame_bytes_max));
            self.window -= sent as i64;
            if stream.body.is_done() {
                stream.finish(outbox);
                self.all.remove(place);
            } else if stream.is_incremental {
                // The others of its kind have their turn first.
                let stream = self.all.remove(place);
                self.all.push(stream);
            }
            self.fetch(outbox, (peer, post));
        }
        frames
    }

    /// Takes from producers what there is.
    fn fetch(&mut self, outbox: &mut Outbox, (peer, post): (&Peer, &Post)) {
        self.all.retain_mut(|stream| {
            let Body { runs, producer } = &mut stream.body;
            let Some(making) = producer.as_mut().filter(|_| runs.is_empty()) else {
                return true;
            };
            match making.next(post, peer.address(stream.id)) {
                Produced::Bytes(bytes) => runs.push_back(bytes),
                Produced::Later => {}
                Produced::End => {
                    *producer = None;
                    frame_of(stream.id, frame::END_STREAM, 0, outbox);
                    stream.finish(outbox);
                    return false;
                }
                Produced::Failed => {
                    reset(stream.id, Code::Internal, outbox);
                    return false;
                }
            }
            true
        });
    }

    /// Whose turn it is: the most urgent, and among those the one that came first.
    fn next(&self) -> Option<usize> {
        let streams = self.all.iter().enumerate();
        let ready = streams.filter(|(_, stream)| {
            let runs = &stream.body.runs;
            !runs.is_empty() && stream.window > 0 && self.window > 0
        });
        ready
            .min_by_key(|(place, stream)| (stream.urgency, *place))
            .map(|(place, _)| place)
    }
}

impl Stream {
    /// Writes one frame of at most `room` bytes.
    fn write(&mut self, outbox: &mut Outbox, room: usize) -> usize {
        let Some(run) = self.body.runs.front_mut() else {
            return 0;
        };
        let part = run.split_to(room.min(run.len()));
        if run.is_empty() {
            self.body.runs.pop_front();
        }
        let flags = match self.body.is_done() {
            true => frame::END_STREAM,
            false => 0,
        };
        let bytes = part.len();
        frame_of(self.id, flags, bytes, outbox);
        outbox.push(&part);
        self.window -= bytes as i64;
        if let Some(line) = &mut self.line {
            line.note_sent(bytes as u64);
        }
        bytes
    }

    /// Nothing more is sent; nothing more need come (RFC 9113 §8.1).
    fn finish(&self, outbox: &mut Outbox) {
        if self.is_remote_open {
            reset(self.id, Code::None, outbox);
        }
    }

    pub(super) fn widen(&mut self, bytes: u32) -> Result<(), Overflow> {
        self.window = wider(self.window, i64::from(bytes))?;
        Ok(())
    }
}

/// Has the client forget a stream.
pub(super) fn reset(id: u32, code: Code, outbox: &mut Outbox) {
    outbox.write(|to| frame::write_number(to, frame::RST_STREAM, id, code as u32));
}

fn frame_of(id: u32, flags: u8, length: usize, outbox: &mut Outbox) {
    let head = frame::Head {
        length,
        kind: frame::DATA,
        flags,
        stream: id,
    };
    outbox.write(|to| head.write(to));
}

fn wider(window: i64, by: i64) -> Result<i64, Overflow> {
    let window = window + by;
    match window <= WINDOW_BYTES_MAX {
        true => Ok(window),
        false => Err(Overflow),
    }
}

/// RFC 9113 §6.5.2 and §6.9.1.
const WINDOW_BYTES: i64 = 65_535;
const WINDOW_BYTES_MAX: i64 = (1 << 31) - 1;
const FRAME_BYTES_MAX: usize = 16 << 10;
