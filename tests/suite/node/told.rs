//! What a running node prints, kept as it comes, so that a test can wait for a line.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use super::PATIENCE;

/// What a node told so far.
#[derive(Default)]
pub(super) struct Told {
    text: Mutex<(String, End)>,
    more: Condvar,
}

/// Whether more will come.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Closed,
}

impl Told {
    /// Reads `lines` to their end, on a thread of its own.
    pub(super) fn follow(lines: impl Read + Send + 'static) -> Arc<Self> {
        let told = Arc::new(Self::default());
        let teller = Arc::clone(&told);
        thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                let mut text = teller.text.lock().unwrap();
                text.0.push_str(&line);
                text.0.push('\n');
                teller.more.notify_all();
            }
            teller.text.lock().unwrap().1 = End::Closed;
            teller.more.notify_all();
        });
        told
    }

    /// The first line with `what` in it, waiting up to [`PATIENCE`].
    pub(super) fn wait_for(&self, what: &str) -> String {
        let found = |text: &str| {
            text.lines()
                .find(|line| line.contains(what))
                .map(str::to_owned)
        };
        let waited =
            self.more
                .wait_timeout_while(self.text.lock().unwrap(), PATIENCE, |(text, end)| {
                    found(text).is_none() && *end == End::Open
                });
        let (text, _) = waited.unwrap();
        match found(&text.0) {
            Some(line) => line,
            None => {
                let all = text.0.clone();
                drop(text);
                panic!("the node never told {what:?}, but:\n{all}")
            }
        }
    }

    /// All of it.
    pub(super) fn so_far(&self) -> String {
        self.text.lock().unwrap().0.clone()
    }
}
