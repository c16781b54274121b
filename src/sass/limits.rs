//! The bounds of a child, which it sets for itself before it does anything.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Sets them. A system that refuses one leaves the child with the others, and with the parent's patience.
pub(super) fn set() {
    for (resource, maximum) in [
        (Resource::Data, DATA_BYTES_MAX),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(maximum),
            maximum: Some(maximum),
        };
        setrlimit(resource, limit).ok();
    }
    #[cfg(target_os = "linux")]
    go_first();
}

/// If the parent goes, or if memory runs out on the machine, the child is the first to go.
#[cfg(target_os = "linux")]
fn go_first() {
    use rustix::process::{Signal, set_parent_process_death_signal};

    set_parent_process_death_signal(Some(Signal::KILL)).ok();
    std::fs::write("/proc/self/oom_score_adj", "1000").ok();
}

/// For sheets that are meant to call themselves. Only what is used of it is memory.
pub(super) const STACK_BYTES: usize = 64 << 20;

/// What a sheet may use: a quarter of the machine.
pub(super) const MEMORY_BYTES_MAX: u64 = 256 << 20;

/// With the stack, and what the program takes at its start.
const DATA_BYTES_MAX: u64 = MEMORY_BYTES_MAX + STACK_BYTES as u64 + (16 << 20);

/// The allocator takes a gigabyte at its start, of which it uses what it needs. All of that would count.
pub(super) const ENVIRONMENT: (&str, &str) = ("MIMALLOC_ARENA_EAGER_COMMIT", "0");

/// Longer than any parent waits, for one that went without a trace.
const CPU_SECONDS_MAX: u64 = 60;
