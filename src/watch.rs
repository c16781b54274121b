//! Notices that a site's files changed, waits until the change is finished, and has it published.
//!
//! A thread of its own for each site: system events and a slow poll say that something changed
//! ([`place`]), a state machine says when it is over ([`quiet`]), and a fingerprint of the folder
//! before and after the site was read says that it was read in one piece ([`fingerprint`]).
//!
//! **Invariant:** knows nothing of requests; opens no content, only looks at names and metadata.
//! **Invariant:** what is published was read from a folder that did not change meanwhile.
//! **Invariant:** a watcher ends when its [`Watcher`] is dropped, and for no other reason.

mod fingerprint;
mod mailbox;
mod names;
mod place;
mod quiet;
mod rules;

use std::{
    any::Any,
    collections::BTreeSet,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime},
};

pub(crate) use rules::Rules;

use self::{
    fingerprint::Fingerprint,
    mailbox::{Lay, Mailbox, Told},
    place::Place,
    quiet::{Next, Quiet},
};
use crate::{
    load,
    pipeline::{Known, Outcome, Pipeline},
    publish::Live,
    site::Problem,
};

/// A site that can be read again and again.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Which site, and how.
    pub(crate) options: load::Options,
    /// What reads it.
    pub(crate) pipeline: Arc<Pipeline>,
    /// What is known of it from the last time. A lock, held while it is read.
    pub(crate) known: Mutex<Known>,
}

/// A site as it was read at one time.
#[derive(Debug)]
pub(crate) struct Reading {
    /// What the pipeline made of it.
    outcome: Outcome,
    /// How long that took.
    took: Duration,
    /// Whether its folder stayed as it was meanwhile.
    whole: bool,
    fingerprint: Fingerprint,
}

/// A running watcher. Dropping it ends the watch.
#[derive(Debug)]
pub(crate) struct Watcher {
    mailbox: Arc<Mailbox>,
}

impl Subject {
    /// Reads the site in one piece: again and again while it changes, but for a bounded number of
    /// times, after which a problem says so.
    pub(crate) fn read(&self) -> Reading {
        let mut reading = self.attempt();
        for _ in 1..READINGS_MAX {
            if reading.whole {
                return reading;
            }
            reading = self.attempt();
        }
        if !reading.whole {
            let problem = Problem::error("the files of the site changed each time it was read");
            reading.outcome = Outcome::refused(vec![
                problem.way_out("try again when what writes them is done"),
            ]);
        }
        reading
    }

    /// Reads the site once. Symlinks on the way to it are followed once too: files that stay on disk
    /// are remembered where they lie, not where the next release will be.
    fn attempt(&self) -> Reading {
        let fingerprint = self.fingerprint();
        let start = Instant::now();
        let root = &self.options.root;
        let options = load::Options {
            root: fs::canonicalize(root).unwrap_or_else(|_| root.clone()),
            ..self.options.clone()
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.pipeline.run_changed(&options, &mut known)
        }));
        let mut outcome = outcome.unwrap_or_else(|panic| {
            *known = Known::default();
            failed(panic.as_ref())
        });
        let whole = self.fingerprint().agrees_with(&fingerprint);
        let learned = outcome.learned.take().filter(|_| whole);
        learned.into_iter().for_each(|learned| known.learn(learned));
        Reading {
            outcome,
            took: start.elapsed(),
            whole,
            fingerprint,
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Fingerprint::of(&self.options.root, self.options.config.as_deref(), now)
    }
}

impl Reading {
    /// How long it took.
    pub(crate) fn took(&self) -> Duration {
        self.took
    }

    /// What the pipeline made of the site; afterwards only the look of its folder is left, to compare
    /// with.
    pub(crate) fn take_outcome(&mut self) -> Outcome {
        std::mem::replace(&mut self.outcome, Outcome::refused(Vec::new()))
    }
}

impl Watcher {
    /// Watches `subject`, of which `reading` is on the air as `live`, until the watcher is dropped.
    pub(crate) fn start(
        subject: Subject,
        reading: &Reading,
        live: Arc<Live>,
        rules: Rules,
    ) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let mut watch = Watch {
            seen: reading.fingerprint.clone(),
            given_up: BTreeSet::new(),
            asked: false,
            root: absolute(&subject.options.root),
            beside: subject.options.config.as_deref().map(absolute),
            mailbox: Arc::clone(&mailbox),
            subject,
            live,
            rules,
        };
        thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || watch.supervised())?;
        Ok(Self { mailbox })
    }

    /// Has the site read again, changed or not, once no transfer is under way.
    pub(crate) fn look(&self) {
        self.mailbox.tell(|told| told.errands.look = true);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.mailbox.tell(|told| told.errands.stop = true);
    }
}

/// What the thread of a watcher knows.
struct Watch {
    subject: Subject,
    root: PathBuf,
    beside: Option<PathBuf>,
    live: Arc<Live>,
    rules: Rules,
    mailbox: Arc<Mailbox>,
    /// What the folder looked like when it was last read, published or not.
    seen: Fingerprint,
    /// Temporary names of transfers that are not waited for any more.
    given_up: BTreeSet<PathBuf>,
    /// Whether the next look reads the site even if it seems unchanged.
    asked: bool,
}

impl Watch {
    /// Watches until told to stop; a panic is told, and the watch begins again.
    fn supervised(&mut self) {
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.watch())) {
            let site = self.subject.options.root.display();
            let panic = message(panic.as_ref());
            tracing::error!(%site, panic, "the watcher failed and begins again");
            if self.mailbox.wait(RESTART_AFTER).errands.stop {
                return;
            }
        }
    }

    fn watch(&mut self) {
        let mailbox = Arc::clone(&self.mailbox);
        let mut place = Place::new(self.root.clone(), self.beside.clone(), Arc::clone(&mailbox));
        let mut quiet = Quiet::new(self.rules);
        // What changed between the first reading and now was told to nobody.
        self.poll(&mut quiet);
        loop {
            let next = quiet.next(Instant::now(), || {
                // From here on a transfer into folders it made itself is heard.
                place.lay();
                self.transfer_in_flight()
            });
            let told = match next {
                Next::Idle => mailbox.wait(self.rules.poll),
                Next::Wait(patience) => mailbox.wait(patience),
                Next::Look => {
                    quiet.done();
                    place.lay();
                    self.look(&mut quiet);
                    continue;
                }
            };
            if told.errands.stop {
                return;
            }
            match told.errands.lay {
                Lay::Keep => {}
                Lay::Later => place.spoil(),
                Lay::Now => place.lay(),
            }
            if let Some(at) = told.change {
                quiet.note(at);
            }
            if let Some(at) = told.transfer {
                quiet.note_transfer(at);
            }
            if told.errands.look {
                self.asked = true;
                quiet.note(Instant::now());
            } else if next == Next::Idle && told == Told::default() {
                place.lay();
                self.poll(&mut quiet);
            }
        }
    }

    /// Looks over the files for changes that nobody told.
    fn poll(&self, quiet: &mut Quiet) {
        if !self.subject.fingerprint().agrees_with(&self.seen) {
            quiet.note(Instant::now());
        }
    }

    fn transfer_in_flight(&self) -> bool {
        let now = self.subject.fingerprint();
        now.transfers().difference(&self.given_up).next().is_some()
    }

    /// Reads the site if it is not as it was, and publishes it unless it changed meanwhile.
    fn look(&mut self, quiet: &mut Quiet) {
        let now = self.subject.fingerprint();
        self.given_up.clone_from(now.transfers());
        if !self.asked && now.agrees_with(&self.seen) && self.seen.is_settled() {
            return;
        }
        let reading = self.subject.attempt();
        if reading.whole {
            self.asked = false;
            self.seen = reading.fingerprint.clone();
            self.publish(reading);
        } else {
            let took_ms = reading.took.as_millis();
            tracing::info!(site = %self.root.display(), took_ms, "changed while it was read: once more");
            quiet.note(Instant::now());
        }
    }

    fn publish(&self, reading: Reading) {
        let root = &self.subject.options.root;
        let site = root.display();
        let took_ms = u64::try_from(reading.took.as_millis()).unwrap_or(u64::MAX);
        let Outcome {
            snapshot, problems, ..
        } = reading.outcome;
        self.live.note_attempt(reading.took);
        tell(root, &problems);
        let Some(snapshot) = snapshot else {
            tracing::error!(%site, took_ms, "not published: the last good one stays on the air");
            return self.live.refuse(problems);
        };
        let root_hash = snapshot.root_hash;
        let resources = snapshot.resources.len();
        if self.live.load().snapshot.root_hash == root_hash {
            tracing::info!(%site, took_ms, "read again: nothing differs");
            return self.live.refuse(problems);
        }
        let generation = self.live.publish(snapshot, problems);
        let root_hash = root_hash.hex(ROOT_HASH_DIGITS);
        tracing::info!(%site, generation, root_hash, resources, took_ms, "published");
    }
}

/// Tells every problem of a site, in one piece and once.
pub(crate) fn tell(site: &Path, problems: &[Problem]) {
    let site = site.display();
    let texts: Vec<_> = problems.iter().map(Problem::to_string).collect();
    let texts = texts.join("\n\n");
    if problems.iter().any(Problem::is_error) {
        tracing::error!("{site} has problems\n{texts}\n");
    } else if !problems.is_empty() {
        tracing::warn!("{site} has problems\n{texts}\n");
    }
}

/// The outcome of a run that panicked.
fn failed(panic: &(dyn Any + Send)) -> Outcome {
    let what = format!("Littoral itself failed on this site: {}", message(panic));
    let way_out = "that is a mistake of Littoral's: please report it with what changed last";
    Outcome::refused(vec![Problem::error(what).way_out(way_out)])
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// How often a site that changes while it is read is read at start.
const READINGS_MAX: usize = 10;

/// How long a watcher that failed pauses, so that one that fails at once does not fill the log.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// How many digits of a root hash are told: enough to compare POPs by eye.
const ROOT_HASH_DIGITS: usize = 12;
