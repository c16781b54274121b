//! The threads that read, render and pack.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use super::Priority;
use crate::idle::Crew;

/// Threads, one for each processor.
///
/// In the background they take only what nobody else wants of the processors, so that no request waits for
/// them. A node that is busy on all of them for minutes would never publish that way: then they insist on a
/// share.
#[derive(Debug)]
pub(super) struct Threads {
    pool: ThreadPool,
    /// None if nobody goes first.
    crew: Option<Arc<Crew>>,
}

impl Threads {
    /// Starts them.
    pub(super) fn new(priority: Priority) -> Result<Self, ThreadPoolBuildError> {
        let crew = (priority == Priority::Background).then(Crew::new);
        let of = crew.clone();
        let pool = ThreadPoolBuilder::new()
            .thread_name(|number| format!("render-{number}"))
            .stack_size(STACK_BYTES)
            .start_handler(move |_| of.iter().for_each(Crew::enlist))
            .build()?;
        Ok(Self { pool, crew })
    }

    /// Does `work` on them, and waits for it.
    pub(super) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let Some(crew) = &self.crew else {
            return self.pool.install(work);
        };
        // Whatever became of the work before.
        crew.dismiss();
        let (done, is_done) = mpsc::channel::<()>();
        let mut result = None;
        let slot = &mut result;
        self.pool.in_place_scope(|scope| {
            scope.spawn(move |_| {
                let _done = done;
                *slot = Some(work());
            });
            while is_done.recv_timeout(LOOK_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
                crew.look();
            }
        });
        result.expect("a panic of the work is one of the scope")
    }
}

/// How often somebody looks whether the threads get on.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Room for templates that go as deep into each other as rendering lets them. Only what is used of it
/// is memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn work_is_done_on_them() {
        for priority in [Priority::Background, Priority::Normal] {
            let threads = Threads::new(priority).unwrap();
            let name = || std::thread::current().name().unwrap_or_default().to_owned();
            assert!(threads.install(name).starts_with("render-"));
        }
    }

    #[test]
    fn a_panic_is_handed_on_and_harms_nothing() {
        let threads = Threads::new(Priority::Background).unwrap();
        let panics = || threads.install(|| panic!("as asked"));
        let panic = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"as asked"));
        assert_eq!(threads.install(|| 1), 1);
    }
}
