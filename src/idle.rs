//! Threads for work that nobody waits for, or not as soon as for an answer.
//!
//! **Invariant:** a thread that stepped back runs when no other wants the processor, and gives it up the moment one
//! does: niceness alone would let it finish its slice, and a request wait for milliseconds.

use std::thread;

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// Makes this thread such a one (`SCHED_IDLE` on Linux). A system that refuses leaves it as it was: slower
/// answers while it works, nothing worse.
pub(crate) fn step_back() {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let set = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    if let Err(error) = set {
        tracing::debug!(
            ?error,
            "work that nobody waits for has the ordinary priority"
        );
    }
}

/// Lets whoever waits for this processor have it, between one piece of work and the next.
///
/// Linux preempts such a thread by itself, mostly. But who has just had more than its share of a processor, as a thread
/// that answers many may have, is not eligible again before the others have caught up, and the thread runs on for up to
/// a tick of the clock, four milliseconds. To give way is to catch up at once.
pub(crate) fn give_way() {
    thread::yield_now();
}

/// Lets this thread have a share of the processors, however busy they are: about a tenth of what others get.
/// On Linux niceness belongs to the thread. A system that refuses leaves it as it was.
pub(crate) fn step_aside() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "work that may wait has the ordinary priority");
    }
}

const NICENESS: i32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_steps_back_alone() {
        let policy = || thread_priority::unix::thread_schedule_policy().unwrap();
        let before = policy();
        let idle = thread::spawn(move || {
            step_back();
            policy()
        });
        let idle = idle.join().unwrap();
        assert_eq!(
            idle,
            ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle)
        );
        assert_eq!(policy(), before);
    }
}
