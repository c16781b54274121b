//! Littoral: a small CDN that one person can own.
//!
//! ```text
//! disk --load--> Source --render--> pages --pack--> Snapshot --publish--> ArcSwap <--read-- serve
//!           ^                                                               |
//!           +---- watch (rsync finished) ---- pipeline ---------------------+
//! ```
//!
//! # The rooms
//!
//! A room is `<room>.rs`, its door, and `<room>/`, its inside. To read the doors is to know the
//! program.
//!
//! - [`site`]: the nouns. A *site* as its author keeps it is read into a *source*, rendered into *pages*,
//!   packed into *resources*; all resources of one moment are a *snapshot*; a *problem* is a mistake in
//!   the site.
//! - [`load`]: a folder becomes a source. The only room that reads a site.
//! - [`render`]: a source becomes pages. [`images`]: pictures in other sizes. [`fetch`]: what a
//!   template asks of the network, where it may. [`sass`]: style sheets, made by a process of their own.
//! - [`cache`]: what took long to make, in a folder, for the next start.
//! - [`pack`]: pages become a snapshot, in every coding.
//! - [`pipeline`]: the three above, as one sentence.
//! - [`publish`]: what is on the air, and the news about it.
//! - [`last_good`]: what was published, in files, for a start onto a site that is broken.
//! - [`watch`]: notices that a site changed and has it published.
//! - [`serve`]: answers requests from the snapshot.
//! - [`admin`]: what a node says of itself to those who run it.
//! - [`certs`]: certificates, and their exchange while the node runs.
//! - [`export`]: a snapshot becomes a tree of files.
//! - [`cli`], [`config`]: what was typed, and what it means. [`command`]: what is done about it.
//! - [`idle`]: threads for work that nobody waits for. [`shutdown`]: one signal to stop, handed to every task.
//!
//! # A page is published
//!
//! 1. rsync puts a new `a.md` in its place. The kernel tells the watcher's
//!    [`place`](watch), which knows rsync's temporary names from content.
//! 2. Nothing more comes for a moment and no temporary name is left: the change is finished.
//! 3. A fingerprint of the folder is taken, [`pipeline`] loads, renders and packs the site on threads
//!    of its own, and a second fingerprint says that nothing changed meanwhile.
//! 4. If the site has problems they are told, and what is on the air stays. Otherwise
//!    [`publish::Live`] swaps one `Arc`: the next request sees the new snapshot, whole.
//!
//! # A request is answered
//!
//! 1. [`serve`] picks the site by the request's host and loads its snapshot, once.
//! 2. A pure function from the snapshot, the method, the path and the header fields to a reply finds the
//!    resource, chooses a coding and a range, and compares entity tags.
//! 3. The reply's body is a counted reference into the snapshot. It stays whole for as long as the client
//!    takes to read it, whatever is published meanwhile.
//!
//! # A certificate is renewed
//!
//! 1. A new PEM file with a key and its chain takes the place of the old one, by a rename.
//! 2. The node gets SIGHUP. [`certs`] reads every file and checks that each key belongs to its chain.
//! 3. If all are good they are swapped in; the next handshake uses them, and open connections go on. If
//!    one is not, it is told and the old ones stay.

mod admin;
mod cache;
mod certs;
mod cli;
mod command;
mod config;
mod export;
mod fetch;
#[cfg(fuzzing)]
pub mod fuzzing;
mod idle;
mod images;
mod last_good;
mod load;
mod pack;
mod pipeline;
mod publish;
mod render;
mod sass;
mod serve;
mod shutdown;
mod site;
mod watch;

use std::{ffi::OsString, io::Write, process::ExitCode};

use clap::Parser;

/// Does what `arguments` say (the first is the name of the program) and returns the exit code: 0
/// when all is well, 1 when something failed, 64 when the arguments or a configuration are wrong.
/// What failed is told on standard error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == sass::WORD) {
        return sass::child();
    }
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    command::run(cli.command).unwrap_or_else(|error| {
        // Nobody is left to tell if standard error is closed.
        writeln!(std::io::stderr(), "littoral: {error:#}").ok();
        match error.is::<config::Error>() || error.is::<command::Misuse>() {
            true => ExitCode::from(EX_USAGE),
            false => ExitCode::FAILURE,
        }
    })
}

/// Prints what clap has to say: an error, or the help or version that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    error.print().ok();
    match error.use_stderr() {
        true => ExitCode::from(EX_USAGE),
        false => ExitCode::SUCCESS,
    }
}

/// Of `sysexits.h`: the command was used incorrectly.
const EX_USAGE: u8 = 64;
