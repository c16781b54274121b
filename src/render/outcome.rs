//! What makers of pages give back, and how it becomes one sorted list.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use bytes::Bytes;
use serde_json::Value;

use super::{address, world::World};
use crate::site::{Content, Page, Problem, UrlPath};

/// A page, with what it was made from for messages, or why there is none.
pub(super) type Made = Result<Output, Problem>;

/// A page that was made.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) page: Page,
    /// The file it comes from, relative to the site's root; None if the site itself asked for it.
    pub(super) origin: Option<String>,
    /// Who gives way if two are at one path.
    pub(super) rank: Rank,
}

/// The order in which outputs at one path give way: the last one stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What every site gets, asked for or not.
    Default,
    /// A redirect from where something once was.
    Redirect,
    /// What the author wrote as content.
    Content,
    /// A taxonomy's list or term, which comes over a page that was written in its place.
    Taxonomy,
    /// A file of `static/`.
    Static,
}

impl Output {
    /// A document at `path`, which may hold anything that front matter says.
    pub(super) fn document(path: &str, media_type: &str, body: String) -> Result<Self, Problem> {
        let content = Content::Bytes(Bytes::from(body));
        let media_type = Arc::from(media_type);
        let path = url_path(path)?;
        let page = Page {
            path,
            status: 200,
            media_type,
            content,
            modified: None,
        };
        Ok(Self {
            page,
            origin: None,
            rank: Rank::Content,
        })
    }

    pub(super) fn html(path: &str, body: String) -> Result<Self, Problem> {
        Self::document(path, HTML, body)
    }

    /// A redirect from `path` to `to`: a path below the base URL, or a whole URL.
    pub(super) fn redirect(world: &World, path: &str, to: &str) -> Result<Self, Problem> {
        let config = &world.source.config;
        let is_url = to.contains("://") || to.starts_with("mailto:");
        let (location, permalink) = if is_url {
            (to.to_owned(), to.to_owned())
        } else {
            let inner = to.trim_start_matches('/');
            let last = inner.rsplit('/').next().unwrap_or_default();
            let slash = if last.is_empty() || last.contains(['.', '#', '?']) {
                ""
            } else {
                "/"
            };
            let inner = format!("{inner}{slash}");
            let base = address::base_path(&config.base_url);
            (
                format!("{base}/{inner}"),
                address::permalink(config, &inner),
            )
        };
        let mut context = world.base(&config.default_language);
        context.insert("url".into(), Value::from(permalink));
        let html = Bytes::from(world.engine.render("internal/alias.html", context)?);
        let content = Content::Redirect {
            to: location.into(),
            html,
        };
        let path = url_path(path)?;
        let page = Page {
            path,
            status: 301,
            media_type: HTML.into(),
            content,
            modified: None,
        };
        Ok(Self {
            page,
            origin: None,
            rank: Rank::Redirect,
        })
    }

    #[must_use]
    pub(super) fn from(mut self, file: &str) -> Self {
        self.origin = Some(file.to_owned());
        self
    }

    #[must_use]
    pub(super) fn ranked(mut self, rank: Rank) -> Self {
        self.rank = rank;
        self
    }

    #[must_use]
    pub(super) fn modified(mut self, seconds: Option<i64>) -> Self {
        self.page.modified = seconds;
        self
    }
}

pub(super) const HTML: &str = "text/html; charset=utf-8";

fn url_path(path: &str) -> Result<UrlPath, Problem> {
    UrlPath::new(path).map_err(|why| {
        Problem::error(format!("`{path}` can't be a URL path: {why}"))
            .way_out("mend `path`, `slug`, `aliases` or the file's name")
    })
}

/// The media type of a file by its name, with its charset where it is text.
pub(super) fn media_type(file: &str) -> Arc<str> {
    let guess = mime_guess::from_path(file)
        .first_raw()
        .unwrap_or("application/octet-stream");
    let guess = match file.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript",
        "xml" => "application/xml",
        "webmanifest" => "application/manifest+json",
        "map" => "application/json",
        "md" => "text/markdown",
        _ => guess,
    };
    let is_text = guess.starts_with("text/")
        || matches!(
            guess,
            "application/xml" | "application/manifest+json" | "application/json"
        );
    if is_text && !guess.contains("json") {
        format!("{guess}; charset=utf-8").into()
    } else {
        guess.into()
    }
}

/// One page for each path, sorted; who loses a path is a problem unless it was only a default.
pub(super) fn sorted(made: Vec<Made>) -> (Vec<Page>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut by_path: BTreeMap<UrlPath, Output> = BTreeMap::new();
    for made in made {
        let output = match made {
            Ok(output) => output,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match by_path.entry(output.page.path.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(output);
            }
            Entry::Occupied(mut entry) => {
                problems.extend(collision(entry.get(), &output));
                if output.rank > entry.get().rank {
                    entry.insert(output);
                }
            }
        }
    }
    (
        by_path.into_values().map(|output| output.page).collect(),
        problems,
    )
}

/// Two things at one path are a mistake if both were written as content, or if both are redirects; a
/// page under a taxonomy and an alias under a page are worth a word.
fn collision(a: &Output, b: &Output) -> Option<Problem> {
    let path = &a.page.path;
    if a.origin.is_some() && a.origin == b.origin {
        // One file that lies with two pages, one below the other; or one alias, written twice.
        return None;
    }
    let unmeant = [a.rank, b.rank]
        .iter()
        .any(|r| matches!(r, Rank::Default | Rank::Static));
    if unmeant {
        return None;
    }
    let name = |output: &Output| {
        output
            .origin
            .as_ref()
            .map_or_else(|| "the site itself".into(), |file| format!("`{file}`"))
    };
    let (first, second) = if a.origin <= b.origin { (a, b) } else { (b, a) };
    if a.rank != b.rank && a.rank.min(b.rank) == Rank::Redirect {
        let (alias, page) = if a.rank < b.rank { (a, b) } else { (b, a) };
        let what = format!("the alias {path} leads nowhere: {} is there", name(page));
        let problem = Problem::warning(what).way_out("take it out of `aliases`");
        return Some(problem.in_file(alias.origin.as_deref().unwrap_or_default()));
    }
    let what = format!(
        "two things are at {path}: {} and {}",
        name(first),
        name(second)
    );
    let problem = if a.rank.max(b.rank) == Rank::Taxonomy {
        Problem::warning(format!("{what}; the taxonomy is what is served"))
    } else {
        Problem::error(what)
    };
    let problem = problem.way_out("give one of them another `slug`, `path` or alias");
    Some(match &second.origin {
        Some(file) => problem.in_file(file.as_str()),
        None => problem,
    })
}

/// Each problem once, sorted by file: a broken template breaks every page that uses it, in the
/// same words.
pub(super) fn told_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut counted: BTreeMap<Problem, usize> = BTreeMap::new();
    for problem in problems {
        *counted.entry(problem).or_default() += 1;
    }
    counted
        .into_iter()
        .map(|(mut problem, count)| {
            if count > 1 {
                let and = format!("found {count} times");
                problem.way_out = Some(match problem.way_out {
                    Some(way_out) => format!("{way_out} ({and})"),
                    None => and,
                });
            }
            problem
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_a_charset() {
        for (file, media_type_) in [
            ("a.html", "text/html; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.json", "application/json"),
            ("a.svg", "image/svg+xml"),
            ("a.xml", "application/xml; charset=utf-8"),
            ("a.png", "image/png"),
            ("a.woff2", "font/woff2"),
            ("a", "application/octet-stream"),
        ] {
            assert_eq!(&*media_type(file), media_type_, "{file}");
        }
    }

    #[test]
    fn problems_are_told_once() {
        let same = Problem::error("broken").in_file("templates/page.html");
        let told = told_once(vec![same.clone(), same]);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].way_out.as_deref(), Some("found 2 times"));
    }
}
