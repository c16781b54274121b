//! `littoral dev`: a site for its author, from the first moment, whatever is wrong with it.

use std::{process::ExitCode, sync::Arc, time::Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;

use super::{cache, log, options, pages, plural, ready, runtime, tally, typed_cache, typed_site};
use crate::{
    cli::Dev,
    config::{Level, Limits},
    images::Studio,
    load::{self, Mode},
    pack::Packer,
    pipeline::{Known, Outcome, Pipeline, Priority},
    publish::Live,
    serve::{self, Audience, Hosts, Place, PlainHttp, Settings, Site},
    shutdown,
    site::{Content, Page, Problem, Snapshot, UrlPath},
    watch::{self, Rules, Subject, Watcher},
};

/// Serves until told to stop.
pub(super) fn run(typed: &Dev) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    log::start(Level::Info);
    let bound = serve::bind(&Settings {
        http: vec![Place::Address(typed.http)],
        ..Settings::default()
    })?;
    let url = bound.urls().join("");
    let studio = Studio::new(cache(typed_cache(&typed.keeping)));
    let mut subject = Subject {
        reader: load::Reader::new(load_options(typed, &url)),
        // Nobody is far away: what codings save is less than what they cost.
        pipeline: Arc::new(Pipeline::new(
            Priority::Background,
            studio,
            Arc::new(Packer::plain()),
        )?),
        known: Known::default(),
    };
    let live = Arc::new(first(subject.read()));
    let news = live.news().borrow().clone();
    watch::tell(&typed.site, &news.problems);
    let line = format!(
        "listening on {url}, showing {} of {} in {:.2} s",
        match news.problems.iter().any(Problem::is_error) {
            true => tally(&news.problems),
            false => plural(pages(&live.load().snapshot), "page"),
        },
        typed.site.display(),
        start.elapsed().as_secs_f64()
    );
    let _watcher = Watcher::start(subject, Arc::clone(&live), Rules::default())?;
    let hosts = Hosts::one(Arc::new(Site {
        live,
        plain_http: PlainHttp::Serve,
        audience: Audience::Author,
        controls: Arc::default(),
    }));
    runtime()?.block_on(async {
        let mut shutdown = shutdown::on_signals()?;
        ready::announce(typed.readiness, &line);
        let hosts = Arc::new(ArcSwap::from_pointee(hosts));
        serve::run(bound, hosts, None, async move { shutdown.given().await }).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// What is read: with drafts, and published under the address it is served at.
fn load_options(typed: &Dev, url: &str) -> load::Options {
    let mut site = typed_site(&typed.site, &typed.overrides);
    site.base_url.get_or_insert_with(|| url.to_owned());
    load::Options {
        drafts: !typed.no_drafts,
        ..options(&site, Mode::Dev, &Limits::default())
    }
}

/// Puts the first outcome on the air; if it cannot be, a page to show its problems on.
fn first(outcome: Outcome) -> Live {
    Live::new(
        outcome.snapshot.unwrap_or_else(placeholder),
        outcome.problems,
    )
}

/// A site that says, at every path, that there is none yet.
fn placeholder() -> Snapshot {
    let page = |path: &str, status| Page {
        path: UrlPath::new(path).expect("the paths below are safe"),
        status,
        media_type: "text/html; charset=utf-8".into(),
        content: Content::Bytes(Bytes::from_static(PLACEHOLDER.as_bytes())),
        modified: None,
    };
    Packer::plain().pack(vec![page("/", 200), page("/404.html", 404)], "")
}

const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Nothing to show yet</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
  body { max-width: 36rem; margin: 20vh auto; padding: 0 1.5rem }
</style>
<body>
<h1>Nothing to show yet</h1>
<p>The site has problems that keep it from being rendered. Mend them, and it appears here by itself.</p>
</body>
</html>
"#;
