//! What is to be sent on a connection: heads and frames that are written here, and runs of bytes that are shared with
//! the snapshot, in their order.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    sync::Arc,
};

use bytes::Bytes;

/// Output that is being put together. A worker has one for all its connections, so that none needs room of its own
/// for what the system takes at once.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// What was written here, one after the other.
    written: Vec<u8>,
    parts: Vec<Part>,
    bytes: usize,
}

#[derive(Debug)]
enum Part {
    /// What was written up to here, from where the part before it ended.
    Written(usize),
    Shared(Bytes),
    /// An answer as it was put together, which is given again and again.
    Whole(Arc<[u8]>),
}

/// What the system did not take at once.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    runs: VecDeque<Bytes>,
    bytes: usize,
}

impl Outbox {
    /// How much is waiting in it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds what `write` appends.
    pub(super) fn write<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let before = self.written.len();
        let done = write(&mut self.written);
        let end = self.written.len();
        self.bytes += end - before;
        match self.parts.last_mut() {
            Some(Part::Written(last)) => *last = end,
            _ => self.parts.push(Part::Written(end)),
        }
        done
    }

    /// Adds a run of bytes, which stay where they are unless they are few.
    pub(super) fn push(&mut self, bytes: &Bytes) {
        match bytes.len() {
            0 => {}
            few if few <= COPIED_BYTES_MAX => self.write(|to| to.extend_from_slice(bytes)),
            many => {
                self.bytes += many;
                self.parts.push(Part::Shared(bytes.clone()));
            }
        }
    }

    /// Adds an answer, which stays where it is unless it is short and something is before it.
    pub(super) fn push_whole(&mut self, bytes: &Arc<[u8]>) {
        match self.parts.is_empty() || bytes.len() > COPIED_BYTES_MAX {
            true => {
                self.bytes += bytes.len();
                self.parts.push(Part::Whole(Arc::clone(bytes)));
            }
            false => self.write(|to| to.extend_from_slice(bytes)),
        }
    }

    /// Gives it to `send` in as few calls as that takes, until it takes no more. What is left goes to `backlog`.
    pub(super) fn send(
        &mut self,
        backlog: &mut Backlog,
        mut send: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let mut sent = 0;
        let sending = loop {
            if sent == self.bytes {
                break Ok(());
            }
            match self.send_from(sent, &mut send) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => sent += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if sent < self.bytes && sending.is_ok() {
            self.leave(sent, backlog);
        }
        self.clear();
        sending
    }

    /// Forgets all of it.
    pub(super) fn clear(&mut self) {
        // Also what is part of nothing: whoever wrote it may have panicked.
        self.written.clear();
        self.parts.clear();
        self.bytes = 0;
        if self.written.capacity() > KEPT_BYTES_MAX {
            self.written = Vec::new();
        }
    }

    fn send_from(
        &self,
        skip: usize,
        send: &mut impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if let ([Part::Whole(only)], 0) = (&*self.parts, skip) {
            return send(&[IoSlice::new(only)]);
        }
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let mut count = 0;
        for (slot, run) in slices.iter_mut().zip(self.runs_from(skip)) {
            *slot = IoSlice::new(run);
            count += 1;
        }
        send(slices.get(..count).unwrap_or_default())
    }

    /// Its runs behind the first `skip` bytes.
    fn runs_from(&self, mut skip: usize) -> impl Iterator<Item = &[u8]> {
        let mut begins = 0;
        self.parts.iter().filter_map(move |part| {
            let run = match part {
                Part::Written(end) => {
                    let run = self.written.get(begins..*end).unwrap_or_default();
                    begins = *end;
                    run
                }
                Part::Shared(bytes) => bytes,
                Part::Whole(bytes) => bytes,
            };
            let skipped = skip.min(run.len());
            skip -= skipped;
            run.get(skipped..).filter(|run| !run.is_empty())
        })
    }

    fn leave(&self, mut skip: usize, backlog: &mut Backlog) {
        let mut begins = 0;
        let mut skipped = |bytes: &[u8]| {
            let skipped = skip.min(bytes.len());
            skip -= skipped;
            skipped
        };
        for part in &self.parts {
            let run = match part {
                Part::Written(end) => {
                    let run = self.written.get(begins..*end).unwrap_or_default();
                    begins = *end;
                    Bytes::copy_from_slice(run.get(skipped(run)..).unwrap_or_default())
                }
                Part::Shared(bytes) => bytes.slice(skipped(bytes)..),
                Part::Whole(bytes) => Bytes::from_owner(Arc::clone(bytes)).slice(skipped(bytes)..),
            };
            backlog.push(run);
        }
    }
}

impl Backlog {
    /// How much is waiting in it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn push(&mut self, run: Bytes) {
        if !run.is_empty() {
            self.bytes += run.len();
            self.runs.push_back(run);
        }
    }

    /// Gives it to `send` until that takes no more.
    pub(super) fn send(
        &mut self,
        mut send: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<()> {
        while !self.runs.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let mut count = 0;
            for (slot, run) in slices.iter_mut().zip(&self.runs) {
                *slot = IoSlice::new(run);
                count += 1;
            }
            match send(slices.get(..count).unwrap_or_default()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => self.advance(sent),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // Who was slow once need not be so again.
        self.runs = VecDeque::new();
        Ok(())
    }

    fn advance(&mut self, mut sent: usize) {
        self.bytes -= sent;
        while let Some(run) = self.runs.front_mut() {
            if sent < run.len() {
                *run = run.slice(sent..);
                return;
            }
            sent -= run.len();
            self.runs.pop_front();
        }
    }
}

/// To copy so little costs less than to hand it over by itself: the system takes one run faster than two.
const COPIED_BYTES_MAX: usize = 4 << 10;

/// What is handed to the system at a time: some pipelined answers, or the frames of some streams.
const SLICES_MAX: usize = 32;

/// More is given back.
const KEPT_BYTES_MAX: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes at a time, and no more than `room` in all.
    fn taking(
        step: usize,
        mut room: usize,
        taken: &mut Vec<u8>,
    ) -> impl FnMut(&[IoSlice<'_>]) -> io::Result<usize> {
        move |slices| {
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            let count = all.len().min(step).min(room);
            if count == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            room -= count;
            taken.extend(&all[..count]);
            Ok(count)
        }
    }

    fn filled(outbox: &mut Outbox) -> Vec<u8> {
        outbox.write(|to| to.extend_from_slice(b"head one "));
        outbox.push(&Bytes::from(vec![b'x'; COPIED_BYTES_MAX + 1]));
        outbox.push(&Bytes::from_static(b"few"));
        outbox.write(|to| to.extend_from_slice(b"head two "));
        outbox.push(&Bytes::from(vec![b'y'; COPIED_BYTES_MAX + 2_000]));
        outbox.push_whole(&b"short one".as_slice().into());
        outbox.push_whole(&vec![b'z'; COPIED_BYTES_MAX + 1].into());
        let all: Vec<u8> = outbox.runs_from(0).flatten().copied().collect();
        assert_eq!(all.len(), outbox.bytes());
        all
    }

    #[test]
    fn all_is_sent_in_order_however_little_is_taken() {
        for step in [1, 7, 600, usize::MAX] {
            for room in [0, 1, 9, 4_110, 6_000, usize::MAX] {
                let (mut outbox, mut backlog) = (Outbox::default(), Backlog::default());
                let all = filled(&mut outbox);
                let mut taken = Vec::new();
                outbox
                    .send(&mut backlog, taking(step, room, &mut taken))
                    .unwrap();
                assert_eq!(outbox.bytes(), 0);
                assert_eq!(taken.len() + backlog.bytes(), all.len());
                backlog.send(taking(step, usize::MAX, &mut taken)).unwrap();
                assert_eq!(taken, all, "{step} {room}");
                assert_eq!(backlog.bytes(), 0);
            }
        }
    }

    #[test]
    fn an_answer_that_is_all_there_is_goes_as_it_lies() {
        let whole: Arc<[u8]> = b"HTTP/1.1 204 No Content\r\n\r\n".as_slice().into();
        for room in [0, 9, usize::MAX] {
            let (mut outbox, mut backlog) = (Outbox::default(), Backlog::default());
            outbox.push_whole(&whole);
            assert_eq!(outbox.runs_from(0).next().unwrap().as_ptr(), whole.as_ptr());
            let mut taken = Vec::new();
            let mut send = |slices: &[IoSlice<'_>]| taking(9, room, &mut taken)(slices);
            outbox.send(&mut backlog, &mut send).unwrap();
            backlog.send(taking(9, usize::MAX, &mut taken)).unwrap();
            assert_eq!(taken, *whole);
            drop(outbox);
            assert_eq!(Arc::strong_count(&whole), 1);
        }
    }

    #[test]
    fn nothing_is_left_of_what_panicked() {
        let mut outbox = Outbox::default();
        let halfway = std::panic::AssertUnwindSafe(|| {
            outbox.write(|to| {
                to.extend_from_slice(b"of another");
                panic!("as asked");
            });
        });
        std::panic::catch_unwind(halfway).unwrap_err();
        outbox.clear();
        outbox.write(|to| to.extend_from_slice(b"mine"));
        let all: Vec<u8> = outbox.runs_from(0).flatten().copied().collect();
        assert_eq!((&*all, outbox.bytes()), (&b"mine"[..], 4));
    }

    #[test]
    fn what_fails_is_told() {
        let (mut outbox, mut backlog) = (Outbox::default(), Backlog::default());
        filled(&mut outbox);
        let gone = |_: &[IoSlice<'_>]| Err(io::ErrorKind::BrokenPipe.into());
        assert!(outbox.send(&mut backlog, gone).is_err());
        assert_eq!((outbox.bytes(), backlog.bytes()), (0, 0));
        filled(&mut outbox);
        assert!(outbox.send(&mut backlog, |_| Ok(0)).is_err());
    }
}
