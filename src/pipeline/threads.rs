//! The threads that read, render and pack.

use std::{sync::mpsc, time::Duration};

use once_cell::sync::OnceCell;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use super::Priority;
use crate::idle;

/// Threads, one for each processor.
///
/// In the background they take only what nobody else wants of the processors, so that no request waits for
/// them. A node that is busy on all of them for minutes would never publish that way: then others do the
/// work, which insist on a share.
#[derive(Debug)]
pub(super) struct Threads {
    usual: ThreadPool,
    priority: Priority,
    /// Those that insist, once they were needed.
    insistent: OnceCell<ThreadPool>,
}

impl Threads {
    /// Starts them.
    pub(super) fn new(priority: Priority) -> Result<Self, ThreadPoolBuildError> {
        let step_back = move || match priority {
            Priority::Background => idle::step_back(),
            Priority::Normal => {}
        };
        Ok(Self {
            usual: pool("render", step_back)?,
            priority,
            insistent: OnceCell::new(),
        })
    }

    /// Does `work` on them, and waits for it.
    pub(super) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.chosen().install(work)
    }

    fn chosen(&self) -> &ThreadPool {
        if self.priority == Priority::Normal || is_served_within(&self.usual, PATIENCE) {
            return &self.usual;
        }
        let insistent = || pool("render-busy", idle::step_aside);
        match self.insistent.get_or_try_init(insistent) {
            Ok(insistent) => insistent,
            Err(error) => {
                tracing::warn!(%error, "no more threads: rendering waits for a quieter moment");
                &self.usual
            }
        }
    }
}

/// Whether one of the threads of `pool` gets a processor so soon.
fn is_served_within(pool: &ThreadPool, patience: Duration) -> bool {
    let (served, is_served) = mpsc::channel();
    // Whoever comes too late finds nobody who listens.
    pool.spawn(move || served.send(()).unwrap_or_default());
    is_served.recv_timeout(patience).is_ok()
}

fn pool(
    name: &'static str,
    step_back: impl Fn() + Send + Sync + 'static,
) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .thread_name(move |number| format!("{name}-{number}"))
        .stack_size(STACK_BYTES)
        .start_handler(move |_| step_back())
        .build()
}

/// How long an idle thread waits for a processor on a node that is not busy, and some more.
const PATIENCE: Duration = Duration::from_millis(20);

/// Room for templates that go as deep into each other as rendering lets them. Only what is used of it
/// is memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn whoever_gets_no_processor_is_not_waited_for() {
        let threads = Threads::new(Priority::Background).unwrap();
        let name = || std::thread::current().name().unwrap_or_default().to_owned();
        assert_eq!(threads.install(name).split('-').next(), Some("render"));
        // Nobody is served as long as all of them are held up.
        let all_and_i = Barrier::new(threads.usual.current_num_threads() + 1);
        std::thread::scope(|scope| {
            let hold = |_: rayon::BroadcastContext<'_>| {
                all_and_i.wait();
                all_and_i.wait();
            };
            let usual = &threads.usual;
            scope.spawn(move || usual.broadcast(hold));
            all_and_i.wait();
            assert!(threads.install(name).starts_with("render-busy"));
            all_and_i.wait();
        });
    }
}
