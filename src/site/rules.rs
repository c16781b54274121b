//! What an owner says of paths beside the pages that stand there: where some lead, and which fields their answers have.
//!
//! They come from the files `_redirects` and `_headers`, in the grammar that Netlify and Cloudflare Pages share, and
//! from the node's own configuration.

mod headers;
mod pattern;
mod redirects;
mod template;

use super::{Hash, Problem};

pub(crate) use self::{
    headers::{Change, HeaderRule},
    pattern::{Captures, PathPattern},
    redirects::{Led, Redirects, Rule as RedirectRule, Turn},
};

/// The rules of one owner.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Where paths lead.
    pub(crate) redirects: Redirects,
    /// Which fields answers have, in their order.
    pub(crate) headers: Vec<HeaderRule>,
    /// What they were read from.
    files: RuleFiles,
}

/// The files that rules are read from, as far as they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RuleFiles {
    /// `_redirects`.
    pub(crate) redirects: Option<RuleFile>,
    /// `_headers`.
    pub(crate) headers: Option<RuleFile>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleFile {
    /// The file, relative to the site's root.
    pub(crate) file: String,
    /// What stands in it.
    pub(crate) text: String,
}

impl Rules {
    /// Whether some answers have a content security policy.
    pub(crate) fn has_policies(&self) -> bool {
        let mut changes = self.headers.iter().flat_map(|rule| &rule.changes);
        changes.any(|change| match change {
            Change::Give(name, _) => POLICIES.contains(&name.as_str()),
            Change::Take(_) => false,
        })
    }

    /// Reads `files`. A rule with a mistake is left out; the problems say why.
    pub(crate) fn read(files: RuleFiles) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let redirects = files.redirects.as_ref().map(|file| {
            let (rules, found) = redirects::read(&file.text);
            problems.extend(found.into_iter().map(|problem| problem.in_file(&file.file)));
            rules
        });
        let headers = files.headers.as_ref().map(|file| {
            let (rules, found) = headers::read(&file.text);
            problems.extend(found.into_iter().map(|problem| problem.in_file(&file.file)));
            rules
        });
        let rules = Self {
            redirects: Redirects::of(redirects.unwrap_or_default()),
            headers: headers.unwrap_or_default(),
            files,
        };
        (rules, problems)
    }

    /// What is wrong with them in a site that has something only at the paths that `is_there` knows.
    pub(crate) fn dangling(&self, is_there: impl Fn(&str) -> bool) -> Vec<Problem> {
        let file = self.files.redirects.as_ref();
        let found = file.map(|file| {
            let problems = redirects::dangling(&file.text, is_there);
            problems
                .into_iter()
                .map(|problem| problem.in_file(&file.file))
        });
        found.into_iter().flatten().collect()
    }

    /// Rules that were read elsewhere.
    pub(crate) fn of(redirects: Vec<RedirectRule>, headers: Vec<HeaderRule>) -> Self {
        Self {
            redirects: Redirects::of(redirects),
            headers,
            files: RuleFiles::default(),
        }
    }

    /// What they were read from.
    pub(crate) fn files(&self) -> &RuleFiles {
        &self.files
    }

    /// The hash of what they say; None if they say nothing.
    pub(crate) fn hash(&self) -> Option<Hash> {
        let RuleFiles { redirects, headers } = &self.files;
        if redirects.is_none() && headers.is_none() {
            return None;
        }
        let texts = [redirects, headers].map(|file| file.as_ref().map_or("", |file| &file.text));
        Some(Hash::of_fields(texts.map(str::as_bytes)))
    }
}

/// The names of the files.
pub(crate) const REDIRECTS: &str = "_redirects";
/// The same.
pub(crate) const HEADERS: &str = "_headers";

/// Reads `text` as both files, and what follows its first NUL as a path. Wherever that leads, it is a place on this host or
/// one that the files name, in one line.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    let (text, path) = text.split_once('\0').unwrap_or((text, "/a/b"));
    let file = RuleFile {
        file: REDIRECTS.to_owned(),
        text: text.to_owned(),
    };
    let (rules, problems) = Rules::read(RuleFiles {
        redirects: Some(file.clone()),
        headers: Some(file),
    });
    problems
        .iter()
        .for_each(|problem| drop(problem.to_string()));
    if super::UrlPath::new(path).is_err() {
        return;
    }
    let is_one_line = |text: &str| !text.contains(['\r', '\n', '\0']);
    let redirects = &rules.redirects;
    let led = [
        redirects.before_pages(path, Some("a=b")),
        redirects.behind_pages(path, None),
    ];
    for led in led.into_iter().flatten() {
        assert!(is_one_line(&led.to) && !led.to.starts_with("//") && !led.to.starts_with("/\\"));
    }
    for rule in &rules.headers {
        let Some(captures) = rule.on.captures(path) else {
            continue;
        };
        for change in &rule.changes {
            if let Change::Give(_, value) = change {
                assert!(is_one_line(&value.fill(&captures)));
            }
        }
    }
}

/// The fields that hold content security policies (W3C CSP3 §3).
pub(crate) const POLICIES: [&str; 2] = [
    "content-security-policy",
    "content-security-policy-report-only",
];
