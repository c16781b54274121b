//! What the words of the operator mean: `littoral.toml`, read once, with every default filled in.
//!
//! A file has one table for each concern; each is a small struct that reads its own keys. Mistakes
//! are collected, each with its line and the way out, and a file with any is refused as a whole.
//!
//! **Invariant:** nothing here opens a site, a socket or a certificate.
#![expect(
    clippy::disallowed_methods,
    reason = "this room reads the node's own configuration, which is no part of a site"
)]

mod admin;
mod cache;
mod controls;
mod limits;
mod log;
mod memory;
mod section;
mod site;
mod tls;

use std::{
    fs, io,
    net::Ipv4Addr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

pub(crate) use admin::Admin;
pub(crate) use cache::Cache;
pub(crate) use limits::Limits;
pub(crate) use log::{Level, Log};
pub(crate) use memory::Memory;
pub(crate) use section::Section;
pub(crate) use site::Site;
pub(crate) use tls::Tls;

use crate::{
    serve::{Place, Trusted},
    site::Problem,
    watch,
};

/// A node's configuration.
///
/// # Defaults
///
/// - `http`: `127.0.0.1:8080`
/// - `https`: `127.0.0.1:8443`
/// - `http3`: false
/// - `proxies`: none
/// - `https_port`: the port of the first `https` listener
/// - `workers`: 0, which is one for each processor
/// - `[[site]]`: none; the site of the command line is served for every host
/// - `[tls]`: no `cert`, no `certs`: a self-signed certificate is made at start
/// - `[log]`: `access = "off"`, `level = "info"`, `server_timing = "asked"`
/// - `[limits]`: `memory_file_bytes_max` = 8 MiB, `connections_max` = 10,000, `network_connections_max` =
///   1,000, `requests_max` = 10,000, `head_bytes_max` = 16 KiB, `body_bytes_max` = 64 KiB, `head_timeout_ms` = 5,000,
///   `body_timeout_s` = 10, `idle_timeout_s` = 30, `write_timeout_s` = 30, `rate_bytes_min` = 256,
///   `drain_timeout_s` = 30
/// - `[admin]`: no `listen`
/// - `[memory]`: `identity = "inflate"`, `bodies_bytes_max` = 384 MiB
/// - `[cache]`: no `folder`; `bytes_max` = 2 GiB
/// - `[watch]`: `quiet_ms` = 300, `longest_ms` = 5,000, `transfer_stall_s` = 60,
///   `transfer_longest_s` = 3,600, `poll_s` = 60
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where plain HTTP comes in.
    pub(crate) http: Vec<Place>,
    /// Where HTTPS comes in.
    pub(crate) https: Vec<Place>,
    /// Whether HTTP/3 is spoken at the addresses of `https`, too.
    pub(crate) http3: bool,
    /// Who says, before anything else, for whom he asks.
    pub(crate) proxies: Vec<Trusted>,
    /// The port that visitors reach HTTPS at, where it is not that of the first listener.
    pub(crate) https_port: Option<u16>,
    /// Threads that answer; None for one a processor.
    pub(crate) workers: Option<NonZeroUsize>,
    /// The sites, in the order of the file; the first answers for hosts that nobody names.
    pub(crate) sites: Vec<Site>,
    /// Where the certificates are.
    pub(crate) tls: Tls,
    /// What one client, one file, one wait may cost.
    pub(crate) limits: Limits,
    /// Where it tells how it is.
    pub(crate) admin: Admin,
    /// What is held in memory.
    pub(crate) memory: Memory,
    /// What is kept over a restart.
    pub(crate) cache: Cache,
    /// What is told, and how.
    pub(crate) log: Log,
    /// When a change counts as finished.
    pub(crate) watch: watch::Rules,
}

/// Why there is no [`Config`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file has mistakes.
    #[error("the configuration has mistakes\n{}", lines(problems))]
    Wrong {
        /// Each of them, in the order of the file.
        problems: Vec<Problem>,
    },
}

impl Config {
    /// Reads the configuration at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text).map_err(|problems| Error::Wrong { problems })
    }

    /// Reads `text`, the content of `path`.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let file = section::File::new(path, text);
        let mut top = file.top();
        let defaults = Self::default();
        let config = Self {
            http: top.texts("http").unwrap_or(defaults.http),
            https: top.texts("https").unwrap_or(defaults.https),
            http3: top.flag("http3"),
            proxies: top.texts("proxies").unwrap_or_default(),
            https_port: match top.number("https_port", 0, 0..=65_535) {
                0 => None,
                port => u16::try_from(port).ok(),
            },
            workers: match top.number("workers", 0, 0..=1_024) {
                0 => None,
                workers => usize::try_from(workers).ok().and_then(NonZeroUsize::new),
            },
            sites: Site::read_all(top.tables("site", "[[site]]")),
            tls: Tls::read(top.table("tls", "[tls]")),
            limits: Limits::read(top.table("limits", "[limits]")),
            admin: Admin::read(top.table("admin", "[admin]")),
            memory: Memory::read(top.table("memory", "[memory]")),
            cache: Cache::read(top.table("cache", "[cache]")),
            log: Log::read(top.table("log", "[log]")),
            watch: watch::Rules::read(top.table("watch", "[watch]")),
        };
        top.finish();
        match file.into_problems() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(problems),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        let local = |port| vec![Place::Address((Ipv4Addr::LOCALHOST, port).into())];
        Self {
            http: local(8080),
            https: local(8443),
            http3: false,
            proxies: Vec::new(),
            https_port: None,
            workers: None,
            sites: Vec::new(),
            tls: Tls::default(),
            limits: Limits::default(),
            admin: Admin::default(),
            memory: Memory::default(),
            cache: Cache::default(),
            log: Log::default(),
            watch: watch::Rules::default(),
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    let texts: Vec<_> = problems.iter().map(Problem::to_string).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commented sample that is installed with the program.
    const SAMPLE: &str = include_str!("../packaging/littoral.toml");

    fn parse(text: &str) -> Result<Config, Vec<Problem>> {
        Config::parse(Path::new("/etc/littoral/littoral.toml"), text)
    }

    /// The lines of the sample that begin with `mark`, without it.
    fn sample(mark: &str) -> String {
        let lines = SAMPLE.lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn an_empty_file_gives_the_defaults() {
        assert_eq!(parse(""), Ok(Config::default()));
    }

    #[test]
    fn the_sample_says_nothing_as_it_stands() {
        assert_eq!(parse(SAMPLE), Ok(Config::default()));
    }

    #[test]
    fn the_sample_names_every_default() {
        let settings: String = sample("#")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with(' '))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(parse(&settings), Ok(Config::default()), "{settings}");
        for key in [
            "http =",
            "https =",
            "http3 =",
            "proxies =",
            "https_port =",
            "workers =",
            "[tls]",
            "[limits]",
            "memory_file_bytes_max =",
            "\nconnections_max =",
            "network_connections_max =",
            "requests_max =",
            "head_bytes_max =",
            "body_bytes_max =",
            "head_timeout_ms =",
            "body_timeout_s =",
            "idle_timeout_s =",
            "write_timeout_s =",
            "rate_bytes_min =",
            "drain_timeout_s =",
            "[memory]",
            "identity =",
            "bodies_bytes_max =",
            "[cache]",
            "bytes_max =",
            "[log]",
            "access =",
            "level =",
            "server_timing =",
            "[watch]",
            "quiet_ms =",
            "longest_ms =",
            "transfer_stall_s =",
            "transfer_longest_s =",
            "poll_s =",
        ] {
            assert!(settings.contains(key), "the sample lacks {key}");
        }
    }

    #[test]
    fn the_examples_of_the_sample_are_good() {
        let config = parse(&sample("#    ")).unwrap();
        assert_eq!(config.sites.len(), 3);
        assert!(config.tls.cert.is_some() && config.tls.certs.is_some());
    }

    #[test]
    fn paths_count_from_the_folder_of_the_file() {
        let config = parse("[[site]]\nroot = '../sites/a'\n[tls]\ncert = '/x.pem'\n").unwrap();
        let roots: Vec<_> = config.sites.iter().map(|site| site.root.clone()).collect();
        assert_eq!(roots, [Path::new("/etc/littoral/../sites/a")]);
        assert_eq!(config.tls.cert.as_deref(), Some(Path::new("/x.pem")));
    }
}
