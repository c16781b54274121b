//! Where the program speaks: one line an event, on standard error.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Level;

/// Begins to tell what is of `level` and graver. The libraries are heard from warnings on: what
/// they do in the ordinary course is nobody's concern but ours.
pub(super) fn start(level: Level) {
    let level = LevelFilter::from(level);
    let heard = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("littoral", level);
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
