//! The `littoral` command: arguments in, exit code out.

use std::{env, process::ExitCode};

/// A node holds many bodies of many sizes for months; mimalloc keeps the process smaller over that
/// time than the allocator of glibc, and much faster than musl's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    littoral::run(env::args_os())
}
