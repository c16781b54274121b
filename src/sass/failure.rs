//! Why there is no style sheet, as far as the sheet does not say so itself.

use std::{io, os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

use rustix::process::Signal;

use super::limits::MEMORY_BYTES_MAX;
use crate::site::Problem;

/// How a child failed its parent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the Sass compiler can't be started: {0}")]
    NotStarted(io::Error),
    #[error("it takes longer than {}", told(*.0))]
    TooLong(Duration),
    #[error("all together take longer than {}, and none was made from this one on", told(*.0))]
    AllTooLong(Duration),
    #[error("it calls itself without end, or its rules lie too deep within each other")]
    TooDeep,
    #[error("it takes more than {} MiB of memory", MEMORY_BYTES_MAX >> 20)]
    TooMuch,
    #[error("the system ended the compiler, as it does when memory runs out")]
    Killed,
    #[error("it ended: {0}")]
    Broken(String),
}

impl Failure {
    /// From how a child ended, and what it told last.
    pub(super) fn of(status: Option<ExitStatus>, last_words: &str) -> Self {
        let signal = status.and_then(|status| status.signal());
        let has = |words: &str| last_words.contains(words);
        if has("has overflowed its stack") {
            Self::TooDeep
        } else if has("memory allocation of") {
            Self::TooMuch
        } else if signal == Some(Signal::KILL.as_raw()) {
            Self::Killed
        } else {
            let status = status.map(|status| status.to_string());
            let words = last_words.lines().map(ToOwned::to_owned);
            let all: Vec<_> = status.into_iter().chain(words).collect();
            Self::Broken(all.join("; "))
        }
    }

    /// Whether no other sheet of the site would fare better.
    pub(super) fn is_of_all(&self) -> bool {
        matches!(self, Self::NotStarted(_) | Self::AllTooLong(_))
    }

    /// What is told of `file`, the sheet that the child was at.
    pub(super) fn problem(&self, file: &str) -> Problem {
        let problem = match self {
            Self::NotStarted(_) => Problem::error(self.to_string()),
            _ => Problem::error(format!("the style sheet can't be made: {self}")).in_file(file),
        };
        problem.way_out(self.way_out())
    }

    fn way_out(&self) -> &'static str {
        match self {
            Self::NotStarted(_) => {
                "style sheets are made by a process of their own: littoral must be allowed to start its own \
                 file (which a mount with `noexec` or a sandbox may forbid)"
            }
            Self::TooLong(_) | Self::AllTooLong(_) => {
                "look for a loop that never ends: a `@while` whose condition stays true"
            }
            Self::TooDeep => {
                "look for a mixin or a function that leads back to itself, and for a brace that is never closed"
            }
            Self::TooMuch | Self::Killed => {
                "look for a loop or a mixin that never ends, and for rules within rules that multiply"
            }
            Self::Broken(_) => "take away what was added last, or write it in another way",
        }
    }
}

/// `10 s`, `100 ms`.
fn told(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        _ => format!("{} ms", time.as_millis()),
    }
}
