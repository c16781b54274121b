//! What makers of pages give back, and how it becomes one sorted list.

use std::sync::Arc;

use bytes::Bytes;
use once_cell::sync::Lazy;
use serde_json::Value;

use super::{Pack, address, collision, world::World};
use crate::site::{Content, Files, Page, Problem, Resource, UrlPath};

/// A page, with what it was made from for messages, or why there is none.
pub(super) type Made = Result<Output, Problem>;

/// A page that was made.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) page: Page,
    /// The file it comes from, relative to the site's root; None if the site itself asked for it.
    pub(super) origin: Option<Arc<str>>,
    /// Who gives way if two are at one path.
    pub(super) rank: Rank,
}

/// An output, packed.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) resource: Arc<Resource>,
    /// As of the [`Output`].
    pub(super) origin: Option<Arc<str>>,
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
    pub(super) fn document(
        path: &str,
        media_type: &str,
        mut body: String,
    ) -> Result<Self, Problem> {
        // It stays for long: without the room that was left for more.
        body.shrink_to_fit();
        let content = Content::Bytes(Bytes::from(body));
        let media_type = match media_type {
            HTML => html_type(),
            other => other.into(),
        };
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
        let view = world.engine.view("internal/alias.html");
        let mut context = world.base(&config.default_language, &view);
        context.insert("url".into(), Value::from(permalink));
        let mut html = world.engine.render("internal/alias.html", context)?;
        html.shrink_to_fit();
        let html = Bytes::from(html);
        let content = Content::Redirect {
            to: location.into(),
            html,
        };
        let path = url_path(path)?;
        let page = Page {
            path,
            status: 301,
            media_type: html_type(),
            content,
            modified: None,
        };
        Ok(Self {
            page,
            origin: None,
            rank: Rank::Redirect,
        })
    }

    pub(super) fn packed(self, pack: &Pack<'_>) -> Placed {
        Placed {
            resource: pack(self.page),
            origin: self.origin,
            rank: self.rank,
        }
    }

    #[must_use]
    pub(super) fn from(mut self, file: impl Into<Arc<str>>) -> Self {
        self.origin = Some(file.into());
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

/// [`HTML`], shared by all pages.
fn html_type() -> Arc<str> {
    static TYPE: Lazy<Arc<str>> = Lazy::new(|| HTML.into());
    Arc::clone(&TYPE)
}

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

/// One resource for each path.
#[derive(Debug, Clone)]
pub(super) struct Sorted {
    /// By path.
    pub(super) resources: Vec<Arc<Resource>>,
    /// The place of each output among them; [`NOWHERE`] for one that lost its path.
    places: Vec<u32>,
    /// Who lost a path, unless it was only a default.
    pub(super) problems: Vec<Problem>,
}

const NOWHERE: u32 = u32::MAX;

/// Puts `outputs` in order.
pub(super) fn sorted(outputs: &[&Placed], files: &Files) -> Sorted {
    let mut problems = Vec::new();
    let mut by_path: Vec<(usize, &Placed)> = outputs.iter().copied().enumerate().collect();
    // Those at one path stay in the order in which they were made.
    by_path.sort_by(|(_, a), (_, b)| a.resource.path.cmp(&b.resource.path));
    let mut placed: Vec<(usize, &Placed)> = Vec::with_capacity(outputs.len());
    for (number, output) in by_path {
        match placed.last_mut() {
            Some((_, last)) if last.resource.path == output.resource.path => {
                problems.extend(collision::problem(last, output, files));
                if output.rank > last.rank {
                    placed.pop();
                    placed.push((number, output));
                }
            }
            _ => placed.push((number, output)),
        }
    }
    let mut places = vec![NOWHERE; outputs.len()];
    for (place, (number, _)) in placed.iter().enumerate() {
        let slot = places.get_mut(*number);
        slot.into_iter().for_each(|slot| *slot = place as u32);
    }
    let resources = placed
        .into_iter()
        .map(|(_, placed)| Arc::clone(&placed.resource));
    Sorted {
        resources: resources.collect(),
        places,
        problems,
    }
}

impl Sorted {
    /// The same with other outputs in the place of some, by number; None if they have not the same places.
    pub(super) fn with<'o>(
        &self,
        changes: impl Iterator<Item = (usize, &'o Placed, &'o Placed)>,
    ) -> Option<Self> {
        let mut sorted = self.clone();
        for (number, before, now) in changes {
            let place = |placed: &Placed| (placed.origin.clone(), placed.rank);
            if before.resource.path != now.resource.path || place(before) != place(now) {
                return None;
            }
            let at = self.places.get(number)?;
            let resource = sorted.resources.get_mut(*at as usize);
            resource
                .into_iter()
                .for_each(|resource| *resource = Arc::clone(&now.resource));
        }
        Some(sorted)
    }
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
}
