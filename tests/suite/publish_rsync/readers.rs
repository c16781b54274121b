//! Readers who never stop while versions come and go, each on a connection of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::versions;
use crate::node::{Connection, Node};

/// Several readers at work.
pub(super) struct Readers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Read>>,
}

/// What a reader has read.
struct Read {
    answers: usize,
    /// The last version seen.
    last: usize,
    /// What must not have been seen.
    wrong: Vec<String>,
}

impl Readers {
    /// Lets some read with plain HTTP and some with TLS.
    pub(super) fn start(node: &Node, pages: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..READERS).map(|reader| {
            let (http, https) = (node.http, node.https);
            let connect = move || match reader % 2 {
                0 => Connection::plain(http),
                _ => Connection::tls(https, "example.org"),
            };
            let stop = Arc::clone(&stop);
            thread::spawn(move || read(connect, reader, pages, &stop))
        });
        Self {
            threads: threads.collect(),
            stop,
        }
    }

    /// Sends them home, and fails unless each saw whole versions alone, in their order, up to `last`.
    pub(super) fn saw_only_whole_versions(self, last: usize) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let read = thread.join().unwrap();
            assert!(read.wrong.is_empty(), "{:#?}", read.wrong);
            assert_eq!(read.last, last, "the last of {} answers", read.answers);
        }
    }
}

fn read(connect: impl Fn() -> Connection, reader: usize, pages: usize, stop: &AtomicBool) -> Read {
    let mut connection = connect();
    let mut read = Read {
        answers: 0,
        last: 0,
        wrong: Vec::new(),
    };
    loop {
        // Judged before the request, so that one whole answer follows the word to stop.
        let last_round = stop.load(Ordering::Relaxed);
        let path = path(read.answers + reader, pages);
        match connection.try_request("GET", &path, &[]) {
            Ok(reply) if [200, 404].contains(&reply.status) => match versions::of(&reply.body) {
                Ok(version) if version >= read.last => read.last = version,
                Ok(version) => {
                    let wrong = format!("{path}: version {version} after {}", read.last);
                    read.wrong.push(wrong);
                }
                Err(wrong) => read.wrong.push(format!("{path}: {wrong}")),
            },
            Ok(reply) => read.wrong.push(format!("{path}: status {}", reply.status)),
            Err(error) => {
                read.wrong.push(format!("{path}: {error}"));
                return read;
            }
        }
        read.answers += 1;
        // A connection has so many requests, and no more.
        if read.answers.is_multiple_of(REQUESTS) {
            connection = connect();
        }
        if last_round || read.wrong.len() >= WRONG_MAX {
            return read;
        }
    }
}

/// The paths in turn: the list of all pages, one page, a style sheet, a page that may have gone, none.
fn path(turn: usize, pages: usize) -> String {
    match turn % 8 {
        0 => "/".to_owned(),
        1 => "/style.css".to_owned(),
        2 => "/only-1/".to_owned(),
        3 => "/nowhere".to_owned(),
        _ => format!("/{}/", versions::name(turn * 7 % pages)),
    }
}

const READERS: usize = 4;
const REQUESTS: usize = 5_000;

/// How many mistakes are enough to show.
const WRONG_MAX: usize = 5;
