//! The `[log]` table: what is told, and how.

use tracing::level_filters::LevelFilter;

use super::Section;
use crate::serve::{AccessLog, ServerTiming};

/// What a node tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Log {
    /// One line for each request.
    pub(crate) access: AccessLog,
    /// How much else is told.
    pub(crate) level: Level,
    /// Which answers have a `Server-Timing` field.
    pub(crate) server_timing: ServerTiming,
}

/// How much the log tells, on standard error: this and what is graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// How things came about.
    Debug,
    /// What failed.
    Error,
    /// What happened: publications, reloads.
    Info,
    /// What will need a hand soon.
    Warn,
}

impl Log {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let defaults = Self::default();
        let log = Self {
            access: section.choice(
                "access",
                defaults.access,
                &[
                    ("off", AccessLog::Off),
                    ("common", AccessLog::Common),
                    ("json", AccessLog::Json),
                ],
            ),
            level: section.choice(
                "level",
                defaults.level,
                &[
                    ("error", Level::Error),
                    ("warn", Level::Warn),
                    ("info", Level::Info),
                    ("debug", Level::Debug),
                ],
            ),
            server_timing: section.choice(
                "server_timing",
                defaults.server_timing,
                &[
                    ("never", ServerTiming::Never),
                    ("asked", ServerTiming::Asked),
                    ("always", ServerTiming::Always),
                ],
            ),
        };
        section.finish();
        log
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            access: AccessLog::Off,
            level: Level::Info,
            server_timing: ServerTiming::Asked,
        }
    }
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::DEBUG,
            Level::Error => Self::ERROR,
            Level::Info => Self::INFO,
            Level::Warn => Self::WARN,
        }
    }
}
