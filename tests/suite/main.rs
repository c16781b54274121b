//! The suite: the real binary over real sockets and real files, and the source's own rules.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking, and reads what files it likes"
)]

mod browser;
mod build;
mod cli;
mod codings;
mod config;
mod deploy;
mod elder;
mod events;
mod fetching;
mod functions;
mod http;
mod http3;
mod last_good;
mod law;
mod listed;
mod manual;
mod node;
mod places;
mod problems;
mod publish_rsync;
mod reload;
mod rules;
mod sass;
mod setup;
mod tidy;
