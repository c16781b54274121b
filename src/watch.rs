//! Notices that a site's files changed, waits until the change is finished, and has it published.
//!
//! A thread of its own for each site: system events and a slow poll say that something changed
//! ([`place`]), a state machine says when it is over ([`quiet`]), and the reader of the site looks at what
//! the events named, or at everything where they can't be trusted to have named all.
//!
//! **Invariant:** knows nothing of requests; opens no content, only looks at names and metadata.
//! **Invariant:** what is published was read from a folder that did not change meanwhile: a walk over it
//! finds the same before and after; or all changes are told by events, every event up to the start of the
//! reading was heard before, and up to its end none came that counts. To know that every event was heard,
//! one is brought forth that comes behind them ([`Place::fence`]).
//! **Invariant:** what no event tells (a change by another machine on a network file system, one behind a
//! link, one by another name of the same file) is found by the poll; everything is looked at then.
//! **Invariant:** a watcher ends when its [`Watcher`] is dropped, and for no other reason.

mod mailbox;
mod place;
mod quiet;
mod rules;
mod subject;

use std::{
    any::Any,
    collections::BTreeSet,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

pub(crate) use rules::Rules;
pub(crate) use subject::Subject;

use self::{
    mailbox::{Lay, Mailbox, Told},
    place::Place,
    quiet::{Next, Quiet},
};
use crate::{
    load::{Look, News},
    pipeline::Outcome,
    publish::Live,
    site::Problem,
};

/// A running watcher. Dropping it ends the watch.
#[derive(Debug)]
pub(crate) struct Watcher {
    mailbox: Arc<Mailbox>,
}

impl Watcher {
    /// Watches `subject`, of which the last reading is on the air as `live`, until the watcher is dropped.
    pub(crate) fn start(subject: Subject, live: Arc<Live>, rules: Rules) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let mut watch = Watch {
            news: News::Everything,
            transfers: News::Everything,
            given_up: BTreeSet::new(),
            asked: false,
            ended: false,
            root: absolute(subject.reader.root()),
            beside: subject.reader.beside().map(absolute),
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
    /// What may have changed since the last look.
    news: News,
    /// The temporary names of transfers that may be there.
    transfers: News,
    /// Temporary names of transfers that are not waited for any more.
    given_up: BTreeSet<PathBuf>,
    /// Whether the next look reads the site even if it seems unchanged.
    asked: bool,
    /// Whether to make an end.
    ended: bool,
}

impl Watch {
    /// Watches until told to stop; a panic is told, and the watch begins again.
    fn supervised(&mut self) {
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.watch())) {
            let site = self.root.display();
            let panic = message(panic.as_ref());
            tracing::error!(%site, panic, "the watcher failed and begins again");
            self.subject.forget();
            self.expect_everything();
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
        while !self.ended {
            let next = quiet.next(Instant::now(), || {
                // From here on a transfer into folders it made itself is heard.
                self.keep(&mut place);
                self.transfer_in_flight()
            });
            let told = match next {
                Next::Idle => mailbox.wait(self.rules.poll),
                Next::Rest(quiet) => mailbox.rest(quiet),
                Next::Wait(patience) => mailbox.wait(patience),
                Next::Look => {
                    quiet.done();
                    self.keep(&mut place);
                    self.look(&mut place, &mut quiet);
                    continue;
                }
            };
            if next == Next::Idle && told == Told::default() {
                self.lay(&mut place);
                self.poll(&mut quiet);
            } else {
                self.hear(told, &mut place, &mut quiet);
            }
        }
    }

    /// Takes in what was told. Returns whether something of the site changed.
    fn hear(&mut self, told: Told, place: &mut Place, quiet: &mut Quiet) -> bool {
        self.ended |= told.errands.stop;
        self.news.merge(told.news);
        self.transfers.merge(told.transfers);
        match told.errands.lay {
            Lay::Keep => {}
            Lay::Later => place.spoil(),
            Lay::Now => self.lay(place),
        }
        if let Some(at) = told.change {
            quiet.note(at);
        }
        if let Some(at) = told.transfer {
            quiet.note_transfer(at);
        }
        if told.errands.look {
            self.asked = true;
            self.expect_everything();
            quiet.note(Instant::now());
        }
        told.change.is_some()
    }

    fn keep(&mut self, place: &mut Place) {
        if place.keep() {
            self.expect_everything();
        }
    }

    fn lay(&mut self, place: &mut Place) {
        if place.lay() {
            self.expect_everything();
        }
    }

    fn expect_everything(&mut self) {
        self.news = News::Everything;
        self.transfers = News::Everything;
    }

    /// Looks over the files for changes that nobody told.
    fn poll(&mut self, quiet: &mut Quiet) {
        let start = Instant::now();
        if self.subject.reader.is_as_looked_at() {
            // From here on everything is told.
            self.news = News::default();
            self.know_transfers();
        } else {
            self.expect_everything();
            quiet.note(Instant::now());
        }
        tracing::debug!(site = %self.root.display(), took_us = micros(start), "looked over");
    }

    /// Knows the temporary names that a walk just saw.
    fn know_transfers(&mut self) {
        self.transfers = News::Paths(self.subject.reader.transfers_seen().clone());
    }

    fn transfer_in_flight(&mut self) -> bool {
        self.transfers_in_flight()
            .difference(&self.given_up)
            .next()
            .is_some()
    }

    fn transfers_in_flight(&mut self) -> BTreeSet<PathBuf> {
        match &mut self.transfers {
            News::Everything => self.subject.reader.transfers(),
            News::Paths(names) => {
                // One that is made once more is told once more.
                names.retain(|path| self.root.join(path).symlink_metadata().is_ok());
                names.clone()
            }
        }
    }

    /// Reads the site if it is not as it was, and publishes it unless it changed meanwhile.
    fn look(&mut self, place: &mut Place, quiet: &mut Quiet) {
        let start = Instant::now();
        self.catch_up(place, quiet);
        quiet.done();
        self.given_up = self.transfers_in_flight();
        let (look, news) = self.sight(place);
        let is_guided = news != News::Everything;
        tracing::debug!(site = %self.root.display(), is_guided, ?look, took_us = micros(start), "looked");
        if look == Look::Same && !self.asked {
            return;
        }
        let mut outcome = self.subject.attempt();
        let read = Instant::now();
        // Without the guidance of events a walk says it.
        let is_told = is_guided && (self.catch_up(place, quiet) || self.news == News::Everything);
        let is_whole = !is_told && self.subject.is_whole(&news);
        tracing::debug!(site = %self.root.display(), is_whole, took_us = micros(read), "looked again");
        if is_whole {
            self.asked = false;
            let learned = outcome.learned.take();
            self.publish(outcome, start);
            // What the next publish will want, nobody waits for now.
            let remembered = self.subject.learn(learned);
            self.live.note_remembered(remembered);
        } else {
            let took_ms = millis(start);
            tracing::info!(site = %self.root.display(), took_ms, "changed while it was read: once more");
            self.news.merge(news);
            quiet.note(Instant::now());
        }
    }

    /// Hears all that was told so far, and all that is on its way. Returns whether something changed.
    fn catch_up(&mut self, place: &mut Place, quiet: &mut Quiet) -> bool {
        let has_all = place.fence();
        let told = self.mailbox.take();
        let changed = self.hear(told, place, quiet);
        if !has_all {
            self.expect_everything();
        }
        changed
    }

    /// Looks for what changed, by the news or by a walk, and says by which.
    fn sight(&mut self, place: &mut Place) -> (Look, News) {
        let mut news = mem::take(&mut self.news);
        let mut look = self.subject.look(&news);
        if look == Look::Beyond {
            // There may be folders that are not watched yet.
            place.spoil();
            place.lay();
            news = News::Everything;
            look = self.subject.look(&news);
        }
        if news == News::Everything {
            self.know_transfers();
        }
        (look, news)
    }

    fn publish(&self, outcome: Outcome, start: Instant) {
        let site = self.root.display();
        let took_ms = millis(start);
        let Outcome {
            snapshot, problems, ..
        } = outcome;
        self.live.note_attempt(start.elapsed());
        tell(self.subject.reader.root(), &problems);
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
        // What is not on the air any more is freed by whoever takes it away.
        let pipeline = &self.subject.pipeline;
        let generation = pipeline.aside(|| self.live.publish(snapshot, problems));
        let root_hash = root_hash.hex(ROOT_HASH_DIGITS);
        tracing::info!(%site, generation, root_hash, resources, took_ms, "published");
    }
}

fn millis(since: Instant) -> u64 {
    micros(since) / 1_000
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
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

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// How long a watcher that failed pauses, so that one that fails at once does not fill the log.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// How many digits of a root hash are told: enough to compare POPs by eye.
const ROOT_HASH_DIGITS: usize = 12;
