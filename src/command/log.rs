//! Where the program speaks: one line an event, on standard error.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Level;

/// Begins to tell what is of `level` and graver. The libraries are heard from warnings on: what
/// they do in the ordinary course is nobody's concern but ours. Those that read what strangers send are not heard at
/// all: what is wrong with that is no event here, and nobody shall fill a disk with it.
pub(super) fn start(level: Level) {
    let level = LevelFilter::from(level);
    let heard = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("littoral", level)
        .with_targets(OF_STRANGERS.map(|library| (library, LevelFilter::OFF)));
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    // It fails only if it was called before, and then the first call counts.
    tracing_subscriber::registry()
        .with(lines)
        .with(heard)
        .try_init()
        .ok();
}

/// What warns of a client's mistakes, a line for each.
const OF_STRANGERS: [&str; 2] = ["rustls", "quinn_proto"];
