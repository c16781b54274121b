//! Threads that stand back as long as there are processors enough, and come forward where others leave them none.

#![expect(
    clippy::disallowed_methods,
    reason = "what it reads is the system's, of its own threads"
)]

use std::{
    cell::{Cell, OnceCell},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use super::{come_forward, step_aside, step_back};

thread_local! {
    /// Whom this thread belongs to.
    static CREW: OnceCell<Arc<Crew>> = const { OnceCell::new() };
    /// Whether it has come forward.
    static IS_FORWARD: Cell<bool> = const { Cell::new(false) };
    /// The steps that this thread took since it gave way.
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// Threads that work together.
///
/// A thread that stepped back gets next to nothing of a processor that others want: less than a hundredth. One that
/// insists gets about a tenth, and others wait for it, some milliseconds now and then. So they stand back, somebody
/// looks from time to time whether they get on ([`Crew::look`]), and where they don't all insist until the work is
/// done. To come forward again takes a right, `RLIMIT_NICE`, which root has. Without it they insist always.
#[derive(Debug)]
pub(crate) struct Crew {
    /// Whether they stand back as long as they can.
    stands_back: bool,
    is_called: AtomicBool,
    members: Mutex<Vec<Member>>,
}

#[derive(Debug)]
struct Member {
    /// The thread's folder in `/proc`.
    folder: PathBuf,
    seen: Option<Seen>,
}

/// A thread that has work, at one moment.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    /// The processor time that it had so far.
    ran_ns: u64,
}

impl Crew {
    /// A crew without members.
    pub(crate) fn new() -> Arc<Self> {
        let tries = || thread::spawn(may_return).join().unwrap_or(false);
        Arc::new(Self {
            stands_back: tries(),
            is_called: AtomicBool::new(false),
            members: Mutex::default(),
        })
    }

    /// Makes this thread a member.
    pub(crate) fn enlist(self: &Arc<Self>) {
        if self.stands_back {
            step_back();
            if let Some(folder) = own_folder() {
                let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
                members.push(Member { folder, seen: None });
            }
        } else {
            expect(step_aside());
        }
        // It is new, and belongs to no other.
        CREW.with(|crew| crew.set(Arc::clone(self)).unwrap_or_default());
    }

    /// Looks whether the members get on since the last look. If one of them wants a processor and had less than a
    /// tenth of it, all are called forward. They come as soon as they [`give_way`].
    pub(crate) fn look(&self) {
        let now = Instant::now();
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let starves = |member: &mut Member| {
            let before = member.seen;
            member.seen = Seen::of(&member.folder, now);
            let starves = |(before, seen)| Seen::starves(before, seen);
            before.zip(member.seen).is_some_and(starves)
        };
        // All are looked at, for the next time.
        if members.iter_mut().map(starves).fold(false, |a, b| a | b) {
            self.is_called.store(true, Ordering::Relaxed);
        }
    }

    /// Sends all back, at their next step: other work begins.
    pub(crate) fn dismiss(&self) {
        self.is_called.store(false, Ordering::Relaxed);
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.iter_mut().for_each(|member| member.seen = None);
    }
}

/// Lets whoever waits for this processor have it, between one piece of work and the next. Costs nothing on a thread
/// that belongs to no crew.
///
/// Linux preempts a thread that stands back by itself, mostly. But who has just had more than its share of a
/// processor, as a thread that answers many may have, is not eligible again before the others have caught up, and the
/// thread runs on for up to a tick of the clock, four milliseconds. To give way is to catch up at once.
pub(crate) fn give_way() {
    CREW.with(|crew| {
        let Some(crew) = crew.get().filter(|crew| crew.stands_back) else {
            return;
        };
        match (crew.is_called.load(Ordering::Relaxed), IS_FORWARD.get()) {
            (true, false) => {
                expect(come_forward());
                IS_FORWARD.set(true);
            }
            // To yield is to wait for all others, and with a share it is not needed.
            (true, true) => {}
            (false, true) => {
                step_back();
                IS_FORWARD.set(false);
            }
            (false, false) => thread::yield_now(),
        }
    });
}

/// Takes a small step of a long way, such as an entry of a list: gives way after some tenths of a millisecond of them.
pub(crate) fn step() {
    let steps = STEPS.get() + 1;
    STEPS.set(steps % GIVE_WAY_EVERY);
    if steps == GIVE_WAY_EVERY {
        give_way();
    }
}

const GIVE_WAY_EVERY: u32 = 64;

/// Tells what failed. Nothing is worse then but the time that something takes.
fn expect(done: Result<(), String>) {
    if let Err(error) = done {
        tracing::debug!(%error, "work that may wait has the ordinary priority");
    }
}

/// Whether a thread that stepped back could come forward again, and be seen to need it; this one tries.
fn may_return() -> bool {
    step_back();
    let is_seen = || own_folder().is_some_and(|folder| Seen::ran_ns(&folder).is_some());
    come_forward().is_ok() && is_seen()
}

fn own_folder() -> Option<PathBuf> {
    let thread = fs::read_link("/proc/thread-self").ok()?;
    Some(Path::new("/proc").join(thread))
}

impl Seen {
    /// None of a thread that wants no processor.
    fn of(folder: &Path, at: Instant) -> Option<Self> {
        let ran_ns = Self::ran_ns(folder)?;
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        // A name may have anything in it, so the state is behind its last parenthesis.
        let (_, state) = stat.rsplit_once(')')?;
        state
            .trim_start()
            .starts_with('R')
            .then_some(Self { at, ran_ns })
    }

    fn ran_ns(folder: &Path) -> Option<u64> {
        let times = fs::read_to_string(folder.join("schedstat")).ok()?;
        times.split(' ').next()?.parse().ok()
    }

    fn starves(before: Self, now: Self) -> bool {
        let passed_ns = (now.at - before.at).as_nanos();
        u128::from(now.ran_ns - before.ran_ns) * 10 < passed_ns
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    /// Takes a processor until it `is_over`.
    fn hog(is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    }

    /// Works until it is called forward, or it `is_over`. Returns whether it was.
    fn comes_forward(crew: &Arc<Crew>, is_over: &AtomicBool) -> bool {
        crew.enlist();
        while crew.stands_back && !IS_FORWARD.get() && !is_over.load(Ordering::Relaxed) {
            give_way();
        }
        IS_FORWARD.get()
    }

    #[test]
    fn who_gets_no_processor_comes_forward() {
        let (crew, is_over) = (Crew::new(), AtomicBool::new(false));
        thread::scope(|scope| {
            let hogs = 2 * thread::available_parallelism().unwrap().get();
            (0..hogs).for_each(|_| drop(scope.spawn(|| hog(&is_over))));
            let (comes, come) = mpsc::channel();
            let (crew, is_over) = (&crew, &is_over);
            let member = scope.spawn(move || comes.send(comes_forward(crew, is_over)));
            let end = Instant::now() + Duration::from_secs(60);
            let pause = Duration::from_millis(20);
            let mut came = come.recv_timeout(pause);
            while came.is_err() && Instant::now() < end {
                crew.look();
                came = come.recv_timeout(pause);
            }
            is_over.store(true, Ordering::Relaxed);
            member.join().unwrap().unwrap();
            assert_eq!(came, Ok(crew.stands_back));
        });
    }

    #[test]
    fn who_is_dismissed_stands_back_again() {
        let crew = Crew::new();
        let policy = || thread_priority::unix::thread_schedule_policy().unwrap();
        let policies = thread::scope(|scope| {
            let member = scope.spawn(|| {
                crew.enlist();
                let before = policy();
                crew.is_called.store(true, Ordering::Relaxed);
                give_way();
                let called = policy();
                crew.dismiss();
                give_way();
                [before, called, policy()]
            });
            member.join().unwrap()
        });
        let [before, called, after] = policies;
        assert_eq!(before, after);
        assert_eq!(before != called, crew.stands_back);
    }
}
