//! A file too large for memory, read chunk by chunk on the blocking pool, never on a worker.

#![expect(
    clippy::disallowed_methods,
    reason = "opens the files that loading left on disk, by the names loading gave"
)]

use std::{
    fs::File,
    future::Future,
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::task::{self, JoinHandle};

use crate::site::LargeFile;

/// Reads a range of a file.
pub(super) struct Reader {
    file: Arc<File>,
    range: Range<u64>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Reader {
    /// Takes `large` as it is held, or opens it, if it still is what was published.
    pub(super) async fn open(large: LargeFile, range: Range<u64>) -> io::Result<Self> {
        let file = match large.held {
            Some(file) => file,
            None => Arc::new(task::spawn_blocking(move || open(&large)).await??),
        };
        Ok(Self {
            file,
            range,
            reading: None,
        })
    }

    /// The next chunk. An error ends the connection, which is how a client learns that a body of
    /// announced length is not whole.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.range.is_empty() {
            return Poll::Ready(None);
        }
        let Self { file, range, .. } = self;
        let reading = self.reading.get_or_insert_with(|| {
            let (file, range) = (file.clone(), range.clone());
            task::spawn_blocking(move || read(&file, &range))
        });
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let read = read.unwrap_or_else(|error| Err(error.into()));
        if let Ok(chunk) = &read {
            self.range.start += chunk.len() as u64;
        }
        Poll::Ready(Some(read))
    }
}

fn open(large: &LargeFile) -> io::Result<File> {
    let named = |source: io::Error| at(&large.file, &source);
    let file = File::open(&large.file).map_err(named)?;
    let bytes = file.metadata().map_err(named)?.len();
    if bytes == large.bytes {
        Ok(file)
    } else {
        let change = format!(
            "has {bytes} bytes now and had {} when it was published; it is read anew with the \
             next publication",
            large.bytes
        );
        Err(at(&large.file, &io::Error::other(change)))
    }
}

fn at(path: &Path, source: &io::Error) -> io::Error {
    io::Error::new(source.kind(), format!("{}: {source}", path.display()))
}

fn read(file: &File, range: &Range<u64>) -> io::Result<Bytes> {
    let length =
        usize::try_from(range.end - range.start).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
    let mut chunk = vec![0; length];
    file.read_exact_at(&mut chunk, range.start)?;
    Ok(Bytes::from(chunk))
}

/// Large enough that the way to the pool and back is lost in it.
const CHUNK_BYTES: usize = 256 << 10;
