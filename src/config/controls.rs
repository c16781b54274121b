//! What a `[[site]]` says of answers: redirects, fields, and who gets none.

use std::str::FromStr;

use super::Section;
use crate::{
    serve::{
        Controls, Cors, Hotlinks, Hsts, Maintenance, Preload, Referer, Security, Speculation,
        USUAL_POLICY,
    },
    site::{HeaderRule, PathPattern, Problem, RedirectRule, Rules},
};

/// Reads the keys of a `[[site]]` that are of its answers.
pub(super) fn read(site: &mut Section<'_>) -> Controls {
    let redirects = site.tables("redirect", "[[site.redirect]]");
    let headers = site.tables("header", "[[site.header]]");
    let expires = site.tables("expires", "[[site.expires]]");
    Controls {
        rules: Rules::of(
            redirects.into_iter().filter_map(redirect).collect(),
            headers.into_iter().filter_map(header).collect(),
        ),
        security: site.choice(
            "security_headers",
            Security::On,
            &[("on", Security::On), ("off", Security::Off)],
        ),
        policy: policy(site),
        preload: match site.flag("preload") {
            true => Preload::On,
            false => Preload::Off,
        },
        speculation: site.choice(
            "speculation",
            Speculation::Off,
            &[
                ("off", Speculation::Off),
                ("prefetch", Speculation::Prefetch),
                ("prerender", Speculation::Prerender),
            ],
        ),
        hsts: site.choice(
            "hsts",
            Hsts::Off,
            &[
                ("off", Hsts::Off),
                ("on", Hsts::On),
                ("subdomains", Hsts::Subdomains),
                ("preload", Hsts::Preload),
            ],
        ),
        maintenance: match site.flag("maintenance") {
            true => Maintenance::On,
            false => Maintenance::Off,
        },
        hotlinks: hotlinks(site.table("hotlinks", "[site.hotlinks]")),
        cors: cors(site.table("cors", "[site.cors]")),
        expires: expires.into_iter().filter_map(expiry).collect(),
    }
}

/// The content security policy of documents, of which nobody but its author knows what it should say.
fn policy(site: &mut Section<'_>) -> Option<Box<str>> {
    let Policy(text) = site.text("csp")?;
    match &*text {
        "off" => None,
        "on" => Some(USUAL_POLICY.into()),
        _ => Some(text),
    }
}

/// A policy, or a word for one.
struct Policy(Box<str>);

/// Why a text is no [`Policy`].
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a policy is one line of directives, as `script-src 'self' 'hashes'; style-src 'self'`; or \"on\", or \"off\""
)]
struct NoPolicy;

impl FromStr for Policy {
    type Err = NoPolicy;

    fn from_str(text: &str) -> Result<Self, NoPolicy> {
        let is_directive = |directive: &str| {
            let name = directive
                .split_ascii_whitespace()
                .next()
                .unwrap_or_default();
            name.bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        };
        let is_word = ["on", "off"].contains(&text);
        let is_policy = text.contains('-') && text.is_ascii() && text.split(';').all(is_directive);
        let is_line = !text.bytes().any(|byte| byte.is_ascii_control());
        match is_word || (is_policy && is_line) {
            true => Ok(Self(text.into())),
            false => Err(NoPolicy),
        }
    }
}

fn redirect(mut section: Section<'_>) -> Option<RedirectRule> {
    let from: Option<String> = required(&mut section, "from");
    let to: Option<String> = required(&mut section, "to");
    let status = section.number("status", 301, 200..=451);
    let force = match section.flag("force") {
        true => "!",
        false => "",
    };
    let rule = from.zip(to).map(|(from, to)| {
        let (path, query) = from.split_once('?').unwrap_or((&from, ""));
        let query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        RedirectRule::new(path, &query, &to, &format!("{status}{force}"))
    });
    finished(section, rule)
}

fn header(mut section: Section<'_>) -> Option<HeaderRule> {
    let on: Option<PathPattern> = required(&mut section, "path");
    let given: Vec<String> = section.texts("set").unwrap_or_default();
    let taken: Vec<String> = section.texts("remove").unwrap_or_default();
    let taken = taken.into_iter().map(|name| format!("!{name}"));
    let lines: Vec<String> = given.into_iter().chain(taken).collect();
    let rule = on.map(|on| {
        let changes = lines.iter().map(|line| HeaderRule::change(&on, line));
        let changes = changes.collect::<Result<_, _>>()?;
        Ok(HeaderRule { on, changes })
    });
    finished(section, rule)
}

fn expiry(mut section: Section<'_>) -> Option<(PathPattern, u64)> {
    let on = required(&mut section, "path");
    let seconds = section.number("max_age_s", 0, 0..=YEAR_S);
    section.finish();
    Some((on?, seconds))
}

fn hotlinks(mut section: Section<'_>) -> Option<Hotlinks> {
    let paths = section.texts("paths").unwrap_or_default();
    let referers = section.texts("referers");
    section.finish();
    let usual = || vec![Referer::None, Referer::Blocked, Referer::Own];
    (!paths.is_empty()).then(|| Hotlinks {
        paths,
        referers: referers.unwrap_or_else(usual),
    })
}

fn cors(mut section: Section<'_>) -> Option<Cors> {
    let paths = section.texts("paths").unwrap_or_default();
    let origins: Vec<Origin> = section.texts("origins").unwrap_or_default();
    section.finish();
    let is_for_all = origins.is_empty() || origins.contains(&Origin("*".to_owned()));
    (!paths.is_empty()).then(|| Cors {
        paths,
        origins: (!is_for_all).then(|| origins.into_iter().map(|origin| origin.0).collect()),
    })
}

/// A key that there must be.
fn required<T: FromStr<Err: std::fmt::Display>>(
    section: &mut Section<'_>,
    key: &'static str,
) -> Option<T> {
    let is_there = section.has(key);
    let found = section.text(key);
    if !is_there {
        let problem = Problem::error(format!("this table has no `{key}`"));
        section.complain(problem.way_out(format!(
            "name a path, or a pattern of paths: {key} = \"/blog/*\""
        )));
    }
    found
}

/// The rule of a table, of whose mistakes it is told.
fn finished<T>(section: Section<'_>, rule: Option<Result<T, Problem>>) -> Option<T> {
    let rule = rule.and_then(|rule| rule.map_err(|problem| section.complain(problem)).ok());
    section.finish();
    rule
}

/// `https://example.org`, or `*`.
#[derive(Debug, PartialEq, Eq)]
struct Origin(String);

#[derive(Debug, thiserror::Error)]
#[error("an origin is a scheme and a host, as `https://example.org`, without a path; `*` are all")]
struct NoOrigin;

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let is_host = |host: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
            !host.is_empty() && host.bytes().all(known)
        };
        let is_good = text == "*" || host.is_some_and(is_host);
        is_good
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or(NoOrigin)
    }
}

const YEAR_S: u64 = 366 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::section::File;

    fn told(text: &str) -> (Controls, Vec<String>) {
        let file = File::new(Path::new("l.toml"), text);
        let mut top = file.top();
        let mut site = top.tables("site", "[[site]]").remove(0);
        let controls = read(&mut site);
        site.finish();
        top.finish();
        let problems = file.into_problems();
        (controls, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(told("[[site]]\n"), (Controls::default(), vec![]));
    }

    #[test]
    fn a_site_says_much() {
        let (controls, problems) = told(
            "[[site]]\nhsts = 'subdomains'\nsecurity_headers = 'off'\nmaintenance = true\n\
             [[site.redirect]]\nfrom = '/old/*?id=:id'\nto = '/new/:splat?n=:id'\nstatus = 302\nforce = true\n\
             [[site.header]]\npath = '/*'\nset = ['X-A: b']\nremove = ['X-Frame-Options']\n\
             [[site.expires]]\npath = '/*.woff2'\nmax_age_s = 86_400\n\
             [site.hotlinks]\npaths = ['/img/*']\nreferers = ['own', '*.Example.org']\n\
             [site.cors]\npaths = ['/fonts/*']\norigins = ['https://A.test']\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            (controls.hsts, controls.security, controls.maintenance),
            (Hsts::Subdomains, Security::Off, Maintenance::On)
        );
        let led = controls
            .rules
            .redirects
            .before_pages("/old/a", Some("id=7"));
        assert_eq!(led.unwrap().to, "/new/a?n=7");
        assert_eq!(controls.rules.headers[0].changes.len(), 2);
        assert_eq!(controls.expires[0].1, 86_400);
        let hotlinks = controls.hotlinks.unwrap();
        assert_eq!(
            hotlinks.referers,
            [Referer::Own, Referer::Host("*.example.org".into())]
        );
        assert_eq!(controls.cors.unwrap().origins.unwrap(), ["https://a.test"]);
    }

    #[test]
    fn mistakes_are_told() {
        for (text, what) in [
            ("[[site.redirect]]\nto = '/a'\n", "has no `from`"),
            (
                "[[site.redirect]]\nfrom = 'a'\nto = '/a'\n",
                "begins with `/`",
            ),
            (
                "[[site.redirect]]\nfrom = '/a'\nto = '/b'\nstatus = 404\nx = 1\n",
                "no key `x`",
            ),
            (
                "[[site.redirect]]\nfrom = '/a'\nto = '/b'\nstatus = 300\n",
                "no status",
            ),
            ("[[site.header]]\nset = ['A: b']\n", "has no `path`"),
            ("[[site.header]]\npath = '/*'\nset = ['A b']\n", "no field"),
            (
                "[[site.header]]\npath = '/*'\nremove = ['Date']\n",
                "how an answer is sent",
            ),
            ("[[site.expires]]\nmax_age_s = 7\n", "has no `path`"),
            ("[site.hotlinks]\npaths = ['img']\n", "begins with `/`"),
            (
                "[site.hotlinks]\npaths = ['/img/*']\nreferers = ['a b']\n",
                "cannot be",
            ),
            (
                "[site.cors]\npaths = ['/a']\norigins = ['a.test']\n",
                "an origin is",
            ),
        ] {
            let (_, problems) = told(&format!("[[site]]\n{text}"));
            assert!(
                problems.iter().any(|problem| problem.contains(what)),
                "{text}: {problems:?}"
            );
        }
    }
}
