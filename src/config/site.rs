//! The `[[site]]` tables: which folder answers for which hosts.

use std::{collections::HashSet, net::Ipv6Addr, path::PathBuf, str::FromStr, sync::Arc};

use super::{Section, controls};
use crate::{
    serve::{Controls, Referer},
    site::Problem,
};

/// A site and the hosts it answers for.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// Names, `*.` and a name, or addresses, in lower case, without a port. Empty: every host that no
    /// other site names.
    pub(crate) hosts: Vec<String>,
    /// The folder of the site.
    pub(crate) root: PathBuf,
    /// The site's own configuration, where it is not `config.toml` or `zola.toml` in `root`.
    pub(crate) site_config: Option<PathBuf>,
    /// In place of the site's `base_url`.
    pub(crate) base_url: Option<String>,
    /// Whether a request over plain HTTP is sent to HTTPS.
    pub(crate) redirect_to_https: bool,
    /// Whether its templates may fetch from the network.
    pub(crate) allow_net: bool,
    /// Whether documents are served in Markdown, too.
    pub(crate) markdown: bool,
    /// What becomes of its answers.
    pub(crate) controls: Arc<Controls>,
}

/// A host's name as it is compared: lower case, no port.
struct Host(String);

/// Why a string is no [`Host`].
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a host is a name alone, as `example.org` or `*.example.org`: no scheme, no port, no path, \
     and other letters than a to z in punycode"
)]
struct NoHost;

impl Site {
    /// The site at `root`, for every host.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self {
            hosts: Vec::new(),
            root,
            site_config: None,
            base_url: None,
            redirect_to_https: false,
            allow_net: false,
            markdown: false,
            controls: Arc::default(),
        }
    }

    /// The same, but for what makes no difference to what is read of it.
    pub(crate) fn as_read(&self) -> Self {
        Self {
            hosts: Vec::new(),
            redirect_to_https: false,
            controls: Arc::default(),
            ..self.clone()
        }
    }

    /// Reads the tables, and sees to it that no two sites answer for one host.
    pub(super) fn read_all(sections: Vec<Section<'_>>) -> Vec<Self> {
        let mut taken = HashSet::new();
        let mut for_the_rest = 0;
        let mut sites = Vec::new();
        for mut section in sections {
            let site = Self::read(&mut section);
            for host in site
                .hosts
                .iter()
                .filter(|host| !taken.insert((*host).clone()))
            {
                let what = format!("the host `{host}` belongs to two sites");
                section.complain(Problem::error(what).way_out("take it from one of them"));
            }
            for_the_rest += usize::from(site.hosts.is_empty());
            if site.hosts.is_empty() && for_the_rest > 1 {
                let what = "two sites have no `hosts`, so both would answer for every other host";
                section.complain(Problem::error(what).way_out("give one of them `hosts`"));
            }
            section.finish();
            sites.push(site);
        }
        sites
    }

    fn read(section: &mut Section<'_>) -> Self {
        let hosts = section.texts::<Host>("hosts").unwrap_or_default();
        let root = section.path("root");
        if root.is_none() {
            let problem = Problem::error("this `[[site]]` has no `root`");
            section.complain(problem.way_out("name the folder of the site: root = \"/srv/site\""));
        }
        Self {
            hosts: hosts.into_iter().map(|host| host.0).collect(),
            root: root.unwrap_or_default(),
            site_config: section.path("site_config"),
            base_url: section.text("base_url"),
            redirect_to_https: section.flag("redirect_to_https"),
            allow_net: section.flag("allow_net"),
            markdown: section.flag("markdown"),
            controls: Arc::new(controls::read(section)),
        }
    }
}

impl FromStr for Host {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        let host = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let address = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let good = match address {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => host
                .strip_prefix("*.")
                .unwrap_or(&host)
                .split('.')
                .all(is_label),
        };
        good.then_some(Self(host)).ok_or(NoHost)
    }
}

impl FromStr for Referer {
    type Err = NoReferer;

    fn from_str(text: &str) -> Result<Self, NoReferer> {
        match text {
            "none" => Ok(Self::None),
            "blocked" => Ok(Self::Blocked),
            "own" => Ok(Self::Own),
            _ => match text.parse::<Host>() {
                Ok(host) => Ok(Self::Host(host.0)),
                Err(NoHost) => Err(NoReferer),
            },
        }
    }
}

/// Why a string is no [`Referer`].
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "it is `none` (who does not say where he comes from), `blocked` (who has that taken out), `own` (the site itself), or \
     a host, as `example.org` or `*.example.org`"
)]
pub(crate) struct NoReferer;

fn is_label(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::section::File;

    fn read(text: &str) -> (Vec<Site>, Vec<String>) {
        let file = File::new(Path::new("l.toml"), text);
        let sites = Site::read_all(file.top().tables("site", "[[site]]"));
        let problems = file.into_problems();
        let told = problems.into_iter().map(|problem| problem.what).collect();
        (sites, told)
    }

    #[test]
    fn hosts_have_one_form() {
        for (typed, expected) in [
            ("Example.ORG.", Some("example.org")),
            ("*.example.org", Some("*.example.org")),
            ("192.0.2.1", Some("192.0.2.1")),
            ("[2001:DB8::1]", Some("[2001:db8::1]")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("", None),
            ("*", None),
            ("a..b", None),
            ("example.org:80", None),
            ("https://example.org", None),
            ("example.org/blog", None),
            ("2001:db8::1", None),
            ("bücher.example", None),
        ] {
            let host = typed.parse::<Host>().ok().map(|host| host.0);
            assert_eq!(host.as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn sites_that_contradict_each_other_are_refused() {
        for (text, expected) in [
            (
                "[[site]]\nroot='a'\nhosts=['x']\n[[site]]\nroot='b'\nhosts=['X']\n",
                "the host `x` belongs to two sites",
            ),
            (
                "[[site]]\nroot='a'\n[[site]]\nroot='b'\n",
                "two sites have no `hosts`, so both would answer for every other host",
            ),
            ("[[site]]\nhosts=['x']\n", "this `[[site]]` has no `root`"),
        ] {
            assert_eq!(read(text).1, [expected], "{text}");
        }
    }
}
