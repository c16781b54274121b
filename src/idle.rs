//! Threads for work that nobody waits for, or not as soon as for an answer.
//!
//! **Invariant:** a thread that stepped back runs when no other wants the processor, and gives it up the moment one
//! does: niceness alone would let it finish its slice, and a request wait for milliseconds.
//! **Invariant:** work that is waited for is never done by threads that can't come forward again ([`Crew`]): on
//! processors that others keep busy it would never end.

mod crew;

use thread_priority::{
    Error, NormalThreadSchedulePolicy as Normal, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

pub(crate) use self::crew::{Crew, give_way, step};

/// Makes this thread one that nobody waits for, for good (`SCHED_IDLE` on Linux). A system that refuses leaves it
/// as it was: slower answers while it works, nothing worse.
pub(crate) fn step_back() {
    if let Err(error) = set(Normal::Idle) {
        tracing::debug!(
            ?error,
            "work that nobody waits for has the ordinary priority"
        );
    }
}

/// Takes back that this thread [stepped back](step_back), which takes a right, and has it [step aside](step_aside).
fn come_forward() -> Result<(), String> {
    set(Normal::Other).map_err(|error| format!("{error:?}"))?;
    step_aside()
}

/// Lets this thread have a share of the processors, however busy they are: about a tenth of what others get.
/// On Linux niceness belongs to the thread.
fn step_aside() -> Result<(), String> {
    rustix::process::setpriority_process(None, NICENESS).map_err(|error| error.to_string())
}

/// Sets the policy of this thread, and with it the least niceness there is.
fn set(policy: Normal) -> Result<(), Error> {
    let policy = ThreadSchedulePolicy::Normal(policy);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy)
}

const NICENESS: i32 = 10;

#[cfg(test)]
mod tests {
    use std::thread;

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
        assert_eq!(idle, ThreadSchedulePolicy::Normal(Normal::Idle));
        assert_eq!(policy(), before);
    }
}
