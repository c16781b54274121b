//! The line that says that the node listens: for people, for tests, and for service managers.

use std::{
    fs::OpenOptions,
    io::{self, Write},
};

use crate::cli::Readiness;

/// Prints `line`, after the name of the program, on standard error, and to the descriptor that a
/// service manager gave.
pub(super) fn announce(readiness: Readiness, line: &str) {
    // Whoever closed standard error does not want to know.
    writeln!(io::stderr(), "littoral: {line}").ok();
    if let Some(descriptor) = readiness.ready_fd
        && let Err(error) = write(descriptor, line)
    {
        tracing::warn!(descriptor, %error, "the service manager could not be told of the start");
    }
}

/// Writes to an inherited descriptor by its name in `/proc`, which opens the same pipe again.
fn write(descriptor: u32, line: &str) -> io::Result<()> {
    let path = format!("/proc/self/fd/{descriptor}");
    let mut pipe = OpenOptions::new().append(true).open(path)?;
    writeln!(pipe, "{line}")
}
