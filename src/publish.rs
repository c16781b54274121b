//! The snapshot on the air, and the news about it.
//!
//! **Invariant:** one `ArcSwap` per site; what is on the air is replaced only by a complete snapshot.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use crate::site::{Problem, Snapshot};

/// One site on the air. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub(crate) struct Live {
    current: ArcSwap<Published>,
    /// For whoever wants to know only that: see [`Self::generation`].
    generation: AtomicU64,
    news: watch::Sender<News>,
    /// Written by the one thread that publishes, read by those who run the node.
    last: ArcSwap<LastAttempt>,
    /// The same.
    remembered: ArcSwap<Remembered>,
}

/// The last attempt to publish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastAttempt {
    /// How it went.
    pub(crate) attempt: Attempt,
    /// How long it took to read the site and to render and pack it.
    pub(crate) took: Duration,
}

/// About how many bytes of memory a site takes between two attempts to publish it, beside its snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Remembered {
    /// What is known of its files: names, front matter, templates.
    pub(crate) source_bytes: u64,
    /// What is known of its pages: what each text and each template asked, where each page stands.
    pub(crate) known_bytes: u64,
}

/// How an attempt to publish went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Something new went on the air.
    Published,
    /// The site has errors.
    Refused,
    /// Nothing differs.
    Unchanged,
}

/// A snapshot with its place in this process's history.
#[derive(Debug)]
pub(crate) struct Published {
    /// Counts the published snapshots of this process, from 1.
    pub(crate) generation: u64,
    /// What is served.
    pub(crate) snapshot: Snapshot,
}

/// How the last attempt to publish went.
#[derive(Debug, Clone)]
pub(crate) struct News {
    /// The generation on the air.
    pub(crate) generation: u64,
    /// What the last attempt complained of; with an error among them it was not published.
    pub(crate) problems: Arc<[Problem]>,
}

impl Live {
    /// Puts a first snapshot on the air.
    ///
    /// With an error among `problems` it is the last good one of a site that has errors now.
    pub(crate) fn new(snapshot: Snapshot, problems: Vec<Problem>) -> Self {
        let last = LastAttempt {
            attempt: match is_refused(&problems) {
                true => Attempt::Refused,
                false => Attempt::Published,
            },
            took: Duration::ZERO,
        };
        let news = News {
            generation: 1,
            problems: problems.into(),
        };
        Self {
            current: ArcSwap::from_pointee(Published {
                generation: 1,
                snapshot,
            }),
            generation: AtomicU64::new(1),
            news: watch::Sender::new(news),
            last: ArcSwap::from_pointee(last),
            remembered: ArcSwap::default(),
        }
    }

    /// What is on the air now. A request calls this once.
    pub(crate) fn load(&self) -> Guard<Arc<Published>> {
        self.current.load()
    }

    /// The generation of what is on the air, or will be in a moment: never an older one than [`load`](Self::load) gave.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What is on the air now, for whoever holds it for longer than a request.
    pub(crate) fn load_full(&self) -> Arc<Published> {
        self.current.load_full()
    }

    /// Replaces what is on the air; returns the new generation, once nobody reads the old one any more.
    pub(crate) fn publish(&self, snapshot: Snapshot, problems: Vec<Problem>) -> u64 {
        let generation = self.current.load().generation + 1;
        // First this: who has seen the new snapshot must not take the old one for it.
        self.generation.store(generation, Ordering::Release);
        let before = self.current.swap(Arc::new(Published {
            generation,
            snapshot,
        }));
        self.note(Attempt::Published);
        self.news.send_replace(News {
            generation,
            problems: problems.into(),
        });
        wait_for_readers(&before);
        generation
    }

    /// Tells how an attempt went that published nothing: with errors because the site cannot be
    /// published, without because nothing differs. What is on the air stays.
    pub(crate) fn refuse(&self, problems: Vec<Problem>) {
        self.note(match is_refused(&problems) {
            true => Attempt::Refused,
            false => Attempt::Unchanged,
        });
        let problems = problems.into();
        self.news.send_modify(|news| news.problems = problems);
    }

    /// How the last attempt to publish went.
    pub(crate) fn last_attempt(&self) -> LastAttempt {
        **self.last.load()
    }

    /// Notes how long the attempt took that was told of last, or is told of next.
    pub(crate) fn note_attempt(&self, took: Duration) {
        let attempt = self.last_attempt().attempt;
        self.last.store(Arc::new(LastAttempt { attempt, took }));
    }

    /// What is remembered since the last attempt.
    pub(crate) fn remembered(&self) -> Remembered {
        **self.remembered.load()
    }

    /// Notes what is remembered from now on.
    pub(crate) fn note_remembered(&self, remembered: Remembered) {
        self.remembered.store(Arc::new(remembered));
    }

    fn note(&self, attempt: Attempt) {
        let took = self.last_attempt().took;
        self.last.store(Arc::new(LastAttempt { attempt, took }));
    }

    /// Follows the news: the latest is there at once, and each later one wakes the reader.
    pub(crate) fn news(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }
}

/// Waits until no request reads what was on the air before: whoever lets go last takes it apart, which takes a
/// millisecond for a large site, and must not be who answers.
fn wait_for_readers(before: &Arc<Published>) {
    let begun = Instant::now();
    while Arc::strong_count(before) > 1 && begun.elapsed() < READ_FOR_MAX {
        thread::yield_now();
    }
}

/// No request reads a snapshot for so long. Whoever does is nobody that others wait for.
const READ_FOR_MAX: Duration = Duration::from_millis(20);

fn is_refused(problems: &[Problem]) -> bool {
    problems.iter().any(Problem::is_error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Hash, Resources};

    fn snapshot(name: &str) -> Snapshot {
        Snapshot {
            root_hash: Hash::of(name.as_bytes()),
            has_markdown: false,
            rules: Arc::default(),
            base_path: "".into(),
            resources: Resources::default(),
            not_found: None,
            overhead_bytes: 0,
        }
    }

    #[test]
    fn a_reader_keeps_what_it_loaded() {
        let live = Live::new(snapshot("one"), vec![]);
        let before = live.load();
        assert_eq!(live.publish(snapshot("two"), vec![]), 2);
        let read = |published: &Published| (published.generation, published.snapshot.root_hash);
        assert_eq!(read(&before), (1, Hash::of(b"one")));
        assert_eq!(read(&live.load()), (2, Hash::of(b"two")));
    }

    #[test]
    fn who_has_seen_the_new_one_does_not_take_the_old_one_for_it() {
        const PUBLISHED: u64 = 5_000;
        let live = Live::new(snapshot("one"), vec![]);
        let read = || {
            while live.load().generation < PUBLISHED {
                let seen = live.load().generation;
                assert!(live.generation() >= seen, "{seen}");
            }
        };
        thread::scope(|scope| {
            scope.spawn(read);
            for _ in 1..PUBLISHED {
                live.publish(snapshot("next"), vec![]);
            }
        });
    }

    #[test]
    fn what_is_refused_is_news_and_nothing_more() {
        let live = Live::new(snapshot("one"), vec![]);
        let mut news = live.news();
        let problem = Problem::error("no");
        live.refuse(vec![problem.clone()]);
        assert!(news.has_changed().unwrap());
        let told = news.borrow_and_update().clone();
        assert_eq!((told.generation, &told.problems[..]), (1, &[problem][..]));
        assert_eq!(live.load().generation, 1);
        assert_eq!(live.last_attempt().attempt, Attempt::Refused);
    }
}
