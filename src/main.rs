//! The `littoral` command: arguments in, exit code out.

use std::{env, process::ExitCode};

/// A node holds many bodies of many sizes for months, and a render leaves holes between them. Measured at
/// 10,000 pages, once settled: jemalloc 280 MiB, mimalloc 330, and musl's allocator takes several times as long.
/// How it is set is in `.cargo/config.toml`. With glibc the encoders, which are written in C, use it too: what they had
/// would stay in one of its arenas, 13 MiB of it after a start without a cache.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    littoral::run(env::args_os())
}
