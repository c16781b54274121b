//! The best codings of what is on the air, made when nobody else needs the processor.
//!
//! One thread, at the lowest priority there is. It looks at the bodies that are still held in quick
//! codings, takes the one that was asked for most, and puts its best forms into the place of the quick
//! ones. A body that left the air is passed over: the list keeps nothing alive. If memory is short at the end,
//! what was held in all codings before becomes lean, until it is not.

use std::{
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    Holding,
    coding::{ENCODED, Effort, Encoders},
    holding, inflate,
    kept::Kept,
    living::Living,
};
use crate::{
    idle,
    site::{Coding, Encoded, Packed, Stage},
};

/// The list, and the thread that works it off: there is one while there is something to do, so that its
/// memory is given back afterwards. Dropping it ends the thread after the body it is at.
#[derive(Debug)]
pub(super) struct Best {
    list: Arc<List>,
    holding: Holding,
    kept: Option<Kept>,
    living: Arc<Living>,
}

#[derive(Debug, Default)]
struct List {
    told: Mutex<Told>,
    /// Tells that the thread is to end, or that nobody holds it back any more.
    ending: Condvar,
    /// How many the thread has before it.
    at_work: AtomicUsize,
}

#[derive(Debug, Default)]
struct Told {
    /// What was added since the thread last looked; bounded by what the sites hold.
    new: Vec<Weak<Packed>>,
    /// How many of them there were after the dead were last swept out: a site that is mended again and
    /// again before it is published leaves many.
    swept: usize,
    thread: Thread,
    /// How many are about to put something on the air, for whom the thread waits.
    publishers: usize,
    /// When the last of them was done.
    published: Option<Instant>,
}

/// Whoever has one puts something on the air. Until it is dropped, and for a moment after it, no best coding is begun.
#[derive(Debug)]
pub(crate) struct HeldBack {
    list: Arc<List>,
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        let mut told = self.list.lock();
        told.publishers -= 1;
        told.published = Some(Instant::now());
        drop(told);
        self.list.ending.notify_all();
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// There is none.
    #[default]
    Absent,
    /// It works, and looks at the list before it ends.
    Working,
    /// It ends as soon as it can.
    Ending,
}

impl Best {
    /// What it makes is put into `kept`, too. Of the `living`, it makes lean what has to be.
    pub(super) fn new(holding: Holding, kept: Option<Kept>, living: Arc<Living>) -> Self {
        Self {
            list: Arc::default(),
            holding,
            kept,
            living,
        }
    }

    /// Puts `body` on the list: it has quick codings. Its turn comes after the next [`Self::begin`].
    pub(super) fn note(&self, body: &Arc<Packed>) {
        let mut told = self.list.lock();
        told.new.push(Arc::downgrade(body));
        if told.new.len() > told.swept * 2 + SWEEP_MIN {
            told.new.retain(|body| body.strong_count() > 0);
            told.swept = told.new.len();
        }
    }

    /// Has the list worked off from now on, if there is anything on it.
    pub(super) fn begin(&self) {
        let mut told = self.list.lock();
        if told.thread == Thread::Absent && !told.new.is_empty() {
            match self.start() {
                Ok(()) => told.thread = Thread::Working,
                // The quick codings do as well; the next publication tries again.
                Err(error) => tracing::warn!(%error, "no thread to make the best codings on"),
            }
        }
    }

    /// Lets whoever asks go first.
    pub(super) fn hold_back(&self) -> HeldBack {
        self.list.lock().publishers += 1;
        HeldBack {
            list: Arc::clone(&self.list),
        }
    }

    /// Waits until nobody is about to put something on the air.
    pub(super) fn wait_for_publishers(&self) {
        let is_held = |told: &mut Told| told.publishers > 0;
        let waited = self.list.ending.wait_while(self.list.lock(), is_held);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// How many bodies are on the list, those too that left the air meanwhile.
    pub(super) fn waiting(&self) -> usize {
        let new = self.list.lock().new.len();
        new + self.list.at_work.load(Ordering::Relaxed)
    }

    fn start(&self) -> io::Result<()> {
        let worker = Worker {
            list: Arc::clone(&self.list),
            holding: self.holding,
            kept: self.kept.clone(),
            living: Arc::clone(&self.living),
        };
        thread::Builder::new()
            .name("best-codings".to_owned())
            .spawn(move || worker.run())?;
        Ok(())
    }
}

impl Drop for Best {
    fn drop(&mut self) {
        self.list.lock().thread = Thread::Ending;
        self.list.ending.notify_all();
    }
}

impl List {
    /// Whether the thread is to go on, as soon as nobody holds it back: it would take half of what time there
    /// is from whom somebody waits for. While one edit follows another it takes a turn now and then.
    fn goes_on(&self) -> bool {
        let begun = Instant::now();
        let mut told = self.lock();
        while let Some(wait) = told.holds_back(begun, Instant::now()) {
            let waited = self.ending.wait_timeout(told, wait);
            // Whatever another thread died of, the list is as good as before.
            (told, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        told.thread == Thread::Working
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// How long whoever has waited since `begun` is to wait from `now` on, before it looks again.
    fn holds_back(&self, begun: Instant, now: Instant) -> Option<Duration> {
        if self.thread != Thread::Working {
            return None;
        }
        if self.publishers > 0 {
            return Some(CALM);
        }
        let calm = (self.published? + CALM).min(begun + TURN_AFTER);
        let wait = calm.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }
}

struct Worker {
    list: Arc<List>,
    holding: Holding,
    kept: Option<Kept>,
    living: Arc<Living>,
}

impl Worker {
    fn run(self) {
        idle::step_back();
        // Whoever is held back hears meanwhile which bodies are wanted.
        self.list.goes_on();
        let mut bodies: Vec<Weak<Packed>> = Vec::new();
        let mut improved = 0;
        while self.take_news(&mut bodies) {
            arrange(&mut bodies);
            improved += self.round(&mut bodies);
            self.list.at_work.store(bodies.len(), Ordering::Relaxed);
            if bodies.is_empty() && improved > 0 {
                tracing::info!(bodies = improved, "all is compressed as well as it can be");
                improved = 0;
            }
            if bodies.is_empty() {
                self.thin();
            }
        }
    }

    /// Adds what is new to the list. False if there is nothing left to do.
    fn take_news(&self, bodies: &mut Vec<Weak<Packed>>) -> bool {
        let mut told = self.list.lock();
        bodies.append(&mut told.new);
        told.swept = 0;
        self.list.at_work.store(bodies.len(), Ordering::Relaxed);
        let goes_on = told.thread == Thread::Working && !bodies.is_empty();
        if !goes_on {
            told.thread = Thread::Absent;
        }
        goes_on
    }

    /// Improves the most wanted, and not all of them at once: meanwhile others are asked for more, or
    /// added. Returns how many there were.
    fn round(&self, bodies: &mut Vec<Weak<Packed>>) -> usize {
        let mut encoders = Encoders::new(Effort::Best);
        let mut improved = 0;
        let rest = bodies.len().saturating_sub(ROUND);
        while bodies.len() > rest && self.list.goes_on() {
            self.list.at_work.store(bodies.len(), Ordering::Relaxed);
            if let Some(body) = bodies.pop().and_then(|body| body.upgrade()) {
                self.improve(&body, &mut encoders);
                improved += 1;
            }
        }
        improved
    }

    fn improve(&self, body: &Packed, encoders: &mut Encoders) {
        let forms = body.forms();
        let identity = forms.in_coding(Coding::Identity);
        let (Stage::Quick, Some(identity)) = (forms.stage, identity) else {
            return;
        };
        let bytes = forms.bytes(Coding::Identity);
        let bytes = bytes.unwrap_or_else(|| inflate::inflated(&forms).into());
        let lean = match self.holding.last_stage(body.ledger(), identity.length) {
            Stage::Lean => encoders.variant(holding::LAST, &bytes),
            _ => None,
        };
        // The codings are the best ones, whatever the quick ones were: they must be the same on every POP.
        let (stage, encoded) = match lean {
            Some(last) => {
                let lean = holding::lean(&last, &forms.encoded(), identity.length);
                (Stage::Lean, lean)
            }
            None => (Stage::Best, encoders.variants(&bytes, &ENCODED, &ENCODED)),
        };
        // An identity form that was left out may have none to be worked out from any more.
        if bytes.len() > COMMON_BODY_BYTES {
            // The tables of zstd have grown with it, to a hundred megabytes for the longest.
            *encoders = Encoders::new(Effort::Best);
        }
        let identity = Encoded::held(Coding::Identity, bytes, &body.hash());
        body.improve(self.holding.forms(stage, identity, encoded.clone()));
        if let Some(kept) = &self.kept {
            kept.keep(&body.hash(), &encoded);
        }
    }

    /// Makes bodies lean while memory is short, those first that were asked for least.
    fn thin(&self) {
        let mut full = self.living.all();
        full.retain(|body| {
            body.upgrade()
                .is_some_and(|body| body.forms().stage == Stage::Best)
        });
        full.sort_by_cached_key(|body| body.upgrade().map(|body| body.requests()));
        let mut encoders = Encoders::new(Effort::Quick);
        for body in full.iter().filter_map(Weak::upgrade) {
            let done = !self.holding.is_short(body.ledger());
            if done || self.list.lock().thread != Thread::Working {
                return;
            }
            self.make_lean(&body, &mut encoders);
        }
    }

    fn make_lean(&self, body: &Packed, quick: &mut Encoders) {
        let forms = body.forms();
        let bytes = Bytes::from(inflate::inflated(&forms));
        let length = bytes.len() as u64;
        let stage = self.holding.last_stage(body.ledger(), length);
        let encoded = forms.encoded();
        let last = encoded.iter().find(|one| one.coding == holding::LAST);
        if let (Stage::Lean, Some(last)) = (stage, last) {
            let quick = quick.variants(
                &bytes,
                holding::made_first(length),
                holding::at_first(length),
            );
            let lean = holding::lean(last, &quick, length);
            let identity = Encoded::held(Coding::Identity, bytes, &body.hash());
            body.improve(self.holding.forms(Stage::Lean, identity, lean));
        }
    }
}

/// The most wanted last, the dead and the done not at all.
fn arrange(bodies: &mut Vec<Weak<Packed>>) {
    let mut wanted: Vec<_> = bodies
        .drain(..)
        .filter_map(|weak| {
            let body = weak.upgrade()?;
            let waits = body.forms().stage == Stage::Quick;
            waits.then(|| (body.requests(), weak))
        })
        .collect();
    // One body is at several paths, and on the lists of several generations.
    wanted.sort_by_key(|(requests, weak)| (*requests, weak.as_ptr()));
    wanted.dedup_by_key(|(_, weak)| weak.as_ptr());
    bodies.extend(wanted.into_iter().map(|(_, weak)| weak));
}

/// How many bodies are taken before the list is looked over again: a few seconds' work.
const ROUND: usize = 256;

/// How long nothing is put on the air before the thread goes on, and after how long it takes a turn all the same.
const CALM: Duration = Duration::from_millis(500);
const TURN_AFTER: Duration = Duration::from_secs(2);

/// Longer bodies are so rare that tables can be made anew after each.
const COMMON_BODY_BYTES: usize = 256 << 10;

/// So many of the dead cost nothing.
const SWEEP_MIN: usize = 64;
