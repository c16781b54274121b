//! What each command does, from its arguments to its exit code.
//!
//! Here the rooms are put together; none of them knows of this one.
//!
//! **Invariant:** standard output carries what was asked for (a root hash, a manual page), standard
//! error everything else.

mod build;
mod check;
mod dev;
mod init;
mod log;
mod print;
mod ready;
mod serve;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use tokio::runtime::Runtime;

use crate::{
    cache::Cache,
    cli::{Command, Keeping, Overrides},
    config, fetch, load, sass,
    site::{Problem, Remote, Snapshot},
};

/// Does what was typed.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Build(typed) => build::run(&typed),
        Command::Check(typed) => check::run(&typed),
        Command::Completions(typed) => print::completions(&typed),
        Command::Dev(typed) => dev::run(&typed),
        Command::Init(typed) => init::run(&typed),
        Command::Man => print::man(),
        Command::Serve(typed) => serve::run(&typed),
    }
}

/// Arguments that contradict each other, or the configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misuse {
    /// A site redirects to listeners that are not there.
    #[error(
        "the site {} sends its visitors to https, but there is no https listener: \
         add one, or take redirect_to_https away",
        root.display()
    )]
    NoHttps {
        /// The folder of the site.
        root: PathBuf,
    },
    /// Nothing to listen on.
    #[error("there is no address to listen on: give --http or --https one")]
    NoListener,
    /// One site on the command line, and more in the file of `--config`.
    #[error(
        "{} names its own sites, which {word} cannot be about: say it there, in a [[site]], or \
         leave it out here",
        config.display()
    )]
    TwoSites {
        /// What was typed beside `--config`.
        word: String,
        /// The configuration.
        config: PathBuf,
    },
}

/// What answers are coordinated on; the workers of the server have threads of their own.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("node")
        .enable_all()
        .build()
}

/// What is to be read for a site of the configuration.
fn options(site: &config::Site, mode: load::Mode, limits: &config::Limits) -> load::Options {
    load::Options {
        root: site.root.clone(),
        config: site.site_config.clone(),
        base_url: site.base_url.clone(),
        drafts: mode == load::Mode::Dev,
        minify: false,
        markdown: site.markdown,
        mode,
        memory_file_bytes_max: limits.memory_file_bytes_max,
        remote: match site.allow_net {
            true => fetch::remote(),
            false => Remote::default(),
        },
        sass_compiler: sass::compiler(),
    }
}

/// A site that was named on the command line.
fn typed_site(root: &Path, overrides: &Overrides) -> config::Site {
    config::Site {
        site_config: overrides.site_config.clone(),
        base_url: overrides.base_url.clone(),
        allow_net: overrides.allow_net,
        ..config::Site::at(root.to_owned())
    }
}

/// What takes long to make is kept here, if `config` names a folder for it.
fn cache(config: config::Cache) -> Option<Arc<Cache>> {
    let folder = config.folder?;
    Some(Arc::new(Cache::open(folder, config.bytes_max)))
}

/// The cache of a site that was named on the command line.
fn typed_cache(typed: &Keeping) -> config::Cache {
    config::Cache {
        folder: typed.folder(None),
        ..config::Cache::default()
    }
}

/// How many documents a snapshot has: what a visitor would call a page.
fn pages(snapshot: &Snapshot) -> usize {
    let resources = snapshot.resources.values();
    resources
        .filter(|one| one.status == 200 && one.media_type.starts_with("text/html"))
        .count()
}

/// `2 errors, 1 warning`.
fn tally(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let counts = [(errors, "error"), (problems.len() - errors, "warning")];
    let words: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(*count, word))
        .collect();
    words.join(", ")
}

/// `1 page`, `2 pages`.
fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}

/// How many digits of a root hash are told: enough to compare POPs by eye.
const ROOT_HASH_DIGITS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_words() {
        let (error, warning) = (Problem::error(""), Problem::warning(""));
        for (problems, expected) in [
            (vec![], ""),
            (vec![error.clone()], "1 error"),
            (vec![warning.clone(); 2], "2 warnings"),
            (vec![error.clone(), error, warning], "2 errors, 1 warning"),
        ] {
            assert_eq!(tally(&problems), expected);
        }
    }
}
