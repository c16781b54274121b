//! A body that is not at hand: parts of files, and news that have not happened yet.
//!
//! What may take a while is done on other threads, which post what came of it.

#![expect(
    clippy::disallowed_methods,
    reason = "opens the files that loading left on disk, by the names loading gave"
)]

use std::{
    collections::VecDeque,
    fs::File,
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, mpsc},
};

use bytes::Bytes;
use mio::Waker;
use tokio::{
    runtime,
    sync::{mpsc::UnboundedSender, watch},
    task::AbortHandle,
};

use super::{news, reply::Piece};
use crate::{publish::News, site::LargeFile};

/// A body that comes piece by piece.
#[derive(Debug)]
pub(super) struct Producer {
    pieces: VecDeque<Opened>,
    state: State,
    arrived: VecDeque<Bytes>,
}

#[derive(Debug)]
enum Opened {
    Bytes(Bytes),
    File(Arc<File>, Range<u64>),
}

#[derive(Debug)]
enum State {
    /// Nobody is at work.
    Idle,
    /// A file is being read.
    Reading,
    /// News are told as they happen.
    Following(AbortHandle),
    Failed,
    Done,
}

/// What a [`Producer`] has.
#[derive(Debug)]
pub(super) enum Produced {
    /// The next bytes.
    Bytes(Bytes),
    /// Nothing yet: something will be posted.
    Later,
    /// Nothing more.
    End,
    /// What was announced can't be sent.
    Failed,
}

/// Where posts are put.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) runtime: runtime::Handle,
    pub(super) letters: Letters,
}

/// Who opens them.
#[derive(Debug, Clone)]
pub(super) enum Letters {
    /// A worker, which is woken for it.
    Worker(mpsc::Sender<Letter>, Arc<Waker>),
    /// A task, which waits for nothing else.
    Task(UnboundedSender<Letter>),
}

/// Whose body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    /// The connection's place, and its number in the order in which they came.
    pub(super) slot: usize,
    pub(super) serial: u64,
    /// The stream on it; 0 in HTTP/1.
    pub(super) stream: u32,
}

/// A post.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) to: Address,
    /// The next bytes; None at the end of news.
    pub(super) read: io::Result<Option<Bytes>>,
}

impl Post {
    fn send(&self, letter: Letter) {
        // Who ended wants nothing any more.
        match &self.letters {
            Letters::Worker(letters, waker) => {
                if letters.send(letter).is_ok() {
                    waker.wake().unwrap_or_default();
                }
            }
            Letters::Task(letters) => letters.send(letter).unwrap_or_default(),
        }
    }
}

impl Producer {
    /// Opens what lies on disk, so that a file that is gone is known before the head is sent.
    pub(super) fn open(pieces: Vec<Piece>) -> io::Result<Self> {
        let opened = pieces.into_iter().map(|piece| match piece {
            Piece::Bytes(bytes) => Ok(Opened::Bytes(bytes)),
            Piece::File(file, range) => Ok(Opened::File(open(&file)?, range)),
        });
        Ok(Self {
            pieces: opened.collect::<io::Result<_>>()?,
            state: State::Idle,
            arrived: VecDeque::new(),
        })
    }

    /// Its bytes, of which none lie on disk.
    pub(super) fn into_bytes(mut self) -> VecDeque<Bytes> {
        let pieces = std::mem::take(&mut self.pieces).into_iter();
        let bytes = pieces.filter_map(|piece| match piece {
            Opened::Bytes(bytes) => Some(bytes),
            Opened::File(..) => None,
        });
        bytes.collect()
    }

    /// Tells `news`, until the client leaves or `stopping` says that the node stops.
    pub(super) fn follow(
        news: watch::Receiver<News>,
        stopping: &watch::Receiver<bool>,
        (post, to): (&Post, Address),
    ) -> Self {
        let own = post.clone();
        let tell = move |event: Option<Bytes>| {
            own.send(Letter {
                to,
                read: Ok(event),
            })
        };
        let following = news::follow(news, stopping.clone(), tell);
        let task = post.runtime.spawn(following);
        Self {
            pieces: VecDeque::new(),
            state: State::Following(task.abort_handle()),
            arrived: VecDeque::new(),
        }
    }

    /// The next bytes, or what there is instead.
    pub(super) fn next(&mut self, post: &Post, to: Address) -> Produced {
        if let Some(bytes) = self.arrived.pop_front() {
            return Produced::Bytes(bytes);
        }
        match self.state {
            State::Done => return Produced::End,
            State::Failed => return Produced::Failed,
            State::Reading | State::Following(_) => return Produced::Later,
            State::Idle => {}
        }
        match self.pieces.pop_front() {
            None => Produced::End,
            Some(Opened::Bytes(bytes)) => Produced::Bytes(bytes),
            Some(Opened::File(_, range)) if range.is_empty() => self.next(post, to),
            Some(Opened::File(file, range)) => {
                let end = range.end.min(range.start + CHUNK_BYTES);
                let chunk = range.start..end;
                self.pieces
                    .push_front(Opened::File(Arc::clone(&file), end..range.end));
                self.state = State::Reading;
                let own = post.clone();
                post.runtime.spawn_blocking(move || {
                    let read = read(&file, &chunk).map(Some);
                    own.send(Letter { to, read });
                });
                Produced::Later
            }
        }
    }

    /// Takes in what was posted. False if it is nothing to go on with.
    pub(super) fn take(&mut self, read: io::Result<Option<Bytes>>) {
        match read {
            Ok(Some(bytes)) => {
                self.arrived.push_back(bytes);
                if matches!(self.state, State::Reading) {
                    self.state = State::Idle;
                }
            }
            Ok(None) => self.state = State::Done,
            Err(error) => {
                tracing::error!(%error, "a file is not what was published");
                self.state = State::Failed;
            }
        }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        if let State::Following(task) = &self.state {
            task.abort();
        }
    }
}

fn open(large: &LargeFile) -> io::Result<Arc<File>> {
    if let Some(held) = &large.held {
        return Ok(Arc::clone(held));
    }
    let named = |source: io::Error| at(&large.file, &source);
    let file = File::open(&large.file).map_err(named)?;
    let bytes = file.metadata().map_err(named)?.len();
    if bytes == large.bytes {
        return Ok(Arc::new(file));
    }
    let change = format!(
        "has {bytes} bytes now and had {} when it was published; it is read anew with the next publication",
        large.bytes
    );
    Err(at(&large.file, &io::Error::other(change)))
}

fn at(path: &Path, source: &io::Error) -> io::Error {
    io::Error::new(source.kind(), format!("{}: {source}", path.display()))
}

fn read(file: &File, chunk: &Range<u64>) -> io::Result<Bytes> {
    let mut bytes = vec![0; (chunk.end - chunk.start) as usize];
    file.read_exact_at(&mut bytes, chunk.start)?;
    Ok(bytes.into())
}

/// Large enough that the way to the other thread and back is lost in it.
const CHUNK_BYTES: u64 = 256 << 10;
