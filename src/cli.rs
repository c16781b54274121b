//! What was typed: the command line, and the help that explains it.
//!
//! The help texts are the reference of the command line (the manual page and the completions are
//! made of them), so every option says its default and its unit.
//!
//! **Invariant:** touches no file and knows not what an option leads to; [`config`](crate::config)
//! and the commands turn these words into meaning.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{
    Args, Parser, Subcommand,
    builder::{PathBufValueParser, TypedValueParser},
};

use crate::serve::{NoPlace, Place};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "littoral", version, about, long_about = LONG_ABOUT, after_long_help = EXIT_CODES)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve sites from memory; a change of their files is on the air whole or not at all
    #[command(after_long_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Write a site as a tree of files and print its root hash
    #[command(after_long_help = BUILD_EXAMPLES)]
    Build(Build),
    /// Show every problem of a site, or of a node's configuration, with the way out
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Serve a site for its author: drafts, live reload, problems on top of the page
    #[command(after_long_help = DEV_EXAMPLES)]
    Dev(Dev),
    /// Write a small starter site into a new folder
    #[command(after_long_help = INIT_EXAMPLES)]
    Init(Init),
    /// Print the completions for a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page, in roff
    #[command(after_long_help = MAN_EXAMPLES)]
    Man,
}

/// `littoral serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    /// The folder of the site [default: the sites of --config, else the current folder]
    pub(crate) site: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// The node's configuration (littoral.toml): listeners, sites by host, limits [default: none;
    /// every setting has a default of its own]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) listeners: Listeners,
    /// One PEM file with a private key and its certificate chain, for https [default: the
    /// configuration's, else a self-signed certificate made at start]
    #[arg(long, value_name = "PEM")]
    pub(crate) cert: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) readiness: Readiness,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
}

/// `littoral build`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that may be typed"
)]
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The folder of the site
    #[arg(default_value = ".")]
    pub(crate) site: PathBuf,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// The folder to write to; it is replaced as a whole, and only once all is written
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Replace a folder that littoral did not write, too [default: off]
    #[arg(long)]
    pub(crate) force: bool,
    /// Take drafts in [default: off]
    #[arg(long)]
    pub(crate) drafts: bool,
    /// Leave out of HTML what no browser misses, as `minify_html` of the site does [default: off]
    #[arg(long)]
    pub(crate) minify: bool,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
}

/// `littoral check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The folder of the site [default: the sites of --config, else the current folder]
    pub(crate) site: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// Check this node configuration (littoral.toml) and every site it names [default: none]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["site", "base_url", "site_config", "allow_net"])]
    pub(crate) config: Option<PathBuf>,
    /// Take drafts in [default: off]
    #[arg(long)]
    pub(crate) drafts: bool,
    /// Let warnings count as errors do, for the exit code [default: off]
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `littoral dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The folder of the site
    #[arg(default_value = ".")]
    pub(crate) site: PathBuf,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = DEV_HTTP)]
    pub(crate) http: SocketAddr,
    /// Leave drafts out [default: drafts are taken in]
    #[arg(long, overrides_with = "drafts")]
    pub(crate) no_drafts: bool,
    /// Take drafts in, which is the default of this command
    #[arg(long)]
    pub(crate) drafts: bool,
    #[command(flatten)]
    pub(crate) readiness: Readiness,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
}

/// `littoral init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder to make; it may exist if it is empty
    pub(crate) dir: PathBuf,
}

/// `littoral completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell to complete for
    pub(crate) shell: clap_complete::Shell,
}

/// What is said about a site on the command line rather than in its own configuration.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Overrides {
    /// The address the site is published under, in place of the `base_url` of its configuration
    /// [default: the site's `base_url`; for dev, the address it listens on]
    #[arg(long, short = 'u', value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The site's own configuration [default: zola.toml in its folder, else config.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) site_config: Option<PathBuf>,
    /// Let templates fetch what `load_data(url=...)` names from the network [default: off]
    #[arg(long)]
    pub(crate) allow_net: bool,
}

/// Where to listen, in place of what the configuration says.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Listeners {
    /// Where plain HTTP comes in: an address, `unix:/path`, `systemd` or `off`; may be given several
    /// times; port 0 takes a free one [default: the configuration's, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Vec<Listener>,
    /// Where HTTPS comes in, in the same way
    /// [default: the configuration's, else 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR")]
    pub(crate) https: Vec<Listener>,
}

/// Where to keep what takes long to make.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Keeping {
    /// A folder for what took long to make, so that the next start need not make it again, or `off`; it
    /// may be deleted at any time [default: the configuration's, else none]
    #[arg(long, value_name = "DIR", env = "LITTORAL_CACHE")]
    #[arg(value_parser = PathBufValueParser::new().map(Kept::from))]
    pub(crate) cache: Option<Kept>,
}

/// How a service manager wants to hear that the node listens.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Readiness {
    /// A file descriptor that gets the line that is printed when the node listens [default: none]
    #[arg(long, value_name = "FD", env = "LITTORAL_READY_FD")]
    #[arg(hide = true)]
    pub(crate) ready_fd: Option<u32>,
}

/// The value of `--http` and `--https`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listener {
    /// Listen here.
    At(Place),
    /// Do not listen.
    Off,
}

/// The value of `--cache`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In this folder.
    In(PathBuf),
    /// Nowhere, whatever the configuration says.
    Off,
}

impl Serve {
    /// What was typed about one site, if anything was.
    pub(crate) fn about_one_site(&self) -> Option<String> {
        let site = self.site.as_ref().map(|site| site.display().to_string());
        let base_url = self.overrides.base_url.as_ref();
        let base_url = base_url.map(|_| "--base-url".to_owned());
        let site_config = self.overrides.site_config.as_ref();
        let site_config = site_config.map(|_| "--site-config".to_owned());
        let allow_net = self.overrides.allow_net.then(|| "--allow-net".to_owned());
        site.or(base_url).or(site_config).or(allow_net)
    }
}

impl Listeners {
    /// The addresses that were typed, or None if none was: then the configuration decides.
    pub(crate) fn chosen(typed: &[Listener]) -> Option<Vec<Place>> {
        let addresses = typed.iter().filter_map(|listener| match listener {
            Listener::At(place) => Some(place.clone()),
            Listener::Off => None,
        });
        (!typed.is_empty()).then(|| addresses.collect())
    }
}

impl Keeping {
    /// The folder to keep things in, which the configuration names as `configured`.
    pub(crate) fn folder(&self, configured: Option<PathBuf>) -> Option<PathBuf> {
        match &self.cache {
            Some(Kept::In(folder)) => Some(folder.clone()),
            Some(Kept::Off) => None,
            None => configured,
        }
    }
}

impl From<PathBuf> for Kept {
    fn from(path: PathBuf) -> Self {
        match path.as_os_str() == "off" {
            true => Self::Off,
            false => Self::In(path),
        }
    }
}

impl FromStr for Listener {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At),
        }
    }
}

const LONG_ABOUT: &str = "\
Littoral holds a site in memory, renders every page once and serves it over TLS.

A site is a folder in the layout of Zola: config.toml, content/, templates/, static/, sass/, themes/. \
Bring a change in with rsync: it is on the air within moments, whole or not at all.";

const EXIT_CODES: &str = "\
Exit codes:
  0   all is well
  1   it could not start, or the site has problems
  64  the command line or a configuration is wrong";

const SERVE_EXAMPLES: &str = "\
Examples:
  littoral serve
      The site in the current folder, on http://127.0.0.1:8080 and, with a self-signed
      certificate, https://127.0.0.1:8443
  littoral serve /srv/site --http 0.0.0.0:80 --https 0.0.0.0:443 --cert /etc/littoral/site.pem
  littoral serve --config /etc/littoral/littoral.toml

Signals:
  HUP         read the configuration, the sites and the certificates again
  TERM, INT   take no new connection, finish what is under way, leave; the second one leaves at once";

const BUILD_EXAMPLES: &str = "\
Examples:
  littoral build -o public
  littoral build /srv/site -o /tmp/out --base-url https://staging.example.org";

const CHECK_EXAMPLES: &str = "\
Examples:
  littoral check
  littoral check /srv/site --strict
  littoral check --config /etc/littoral/littoral.toml";

const DEV_EXAMPLES: &str = "\
Examples:
  littoral dev
  littoral dev /srv/site --http 0.0.0.0:8080 --base-url http://laptop.local:8080";

const INIT_EXAMPLES: &str = "\
Examples:
  littoral init blog
  littoral dev blog";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  littoral completions bash > /usr/share/bash-completion/completions/littoral";

const MAN_EXAMPLES: &str = "\
Examples:
  littoral man > /usr/share/man/man1/littoral.1";

/// Where `littoral dev` listens.
const DEV_HTTP: &str = "127.0.0.1:8080";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_last_word_on_listeners_is_what_was_typed() {
        let at = |text: &str| Listener::At(text.parse().unwrap());
        for (typed, chosen) in [
            (vec![], None),
            (vec![Listener::Off], Some(vec![])),
            (
                vec![at("127.0.0.1:80"), at("[::1]:80")],
                Some(vec!["127.0.0.1:80", "[::1]:80"]),
            ),
        ] {
            let chosen = chosen.map(|all| all.iter().map(|one| one.parse().unwrap()).collect());
            assert_eq!(Listeners::chosen(&typed), chosen, "{typed:?}");
        }
    }

    #[test]
    fn the_last_word_on_the_cache_is_what_was_typed() {
        let folder = |path: &str| Some(PathBuf::from(path));
        for (typed, chosen) in [
            (None, folder("/configured")),
            (Some("off"), None),
            (Some("./off"), folder("./off")),
            (Some("/typed"), folder("/typed")),
        ] {
            let cache = typed.map(|typed| Kept::from(PathBuf::from(typed)));
            let keeping = Keeping { cache };
            assert_eq!(keeping.folder(folder("/configured")), chosen, "{typed:?}");
        }
    }

    #[test]
    fn an_address_needs_its_port() {
        assert!("127.0.0.1".parse::<Listener>().is_err());
        assert_eq!("off".parse::<Listener>().unwrap(), Listener::Off);
    }
}
