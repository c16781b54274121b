//! The sites of a node: each read, on the air, and watched.
//!
//! **Invariant:** a roster is opened as a whole or not at all. A node starts onto a site with errors only
//! if its last good snapshot is at hand; a running node stays on the roster it has.

use std::{fmt, io, path::PathBuf, sync::Arc, time::Instant};

use crate::{
    admin,
    command::{ROOT_HASH_DIGITS, options, tally},
    config::{Config, Limits, Site},
    last_good::{Shelf, SiteName},
    load::{Mode, Reader},
    pipeline::{Known, Outcome, Pipeline},
    publish::Live,
    serve::{self, Audience, Hosts, PlainHttp},
    site::{Problem, Snapshot},
    watch::{self, Subject, Watcher},
};

/// The sites of a node, in the order of its configuration.
#[derive(Debug)]
pub(super) struct Roster {
    pub(super) entries: Vec<Entry>,
    means: Means,
}

/// What sites are read with.
#[derive(Debug, Clone)]
pub(super) struct Means {
    pub(super) pipeline: Arc<Pipeline>,
    /// Where last good snapshots are kept, if there is a place for them.
    pub(super) shelf: Option<Arc<Shelf>>,
}

/// A site of the roster.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) site: Site,
    pub(super) live: Arc<Live>,
    /// What it was read with; a site whose terms stay the same stays on the air over a reload.
    terms: Terms,
    watcher: Arc<Watcher>,
}

type Terms = (Site, Limits, watch::Rules);

/// Why there is no roster.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Sites have problems.
    #[error("{}", Told(.0))]
    Problems(Vec<(PathBuf, Vec<Problem>)>),
    /// The system gives no thread.
    #[error("no thread to watch a site with")]
    Thread(#[from] io::Error),
}

impl Roster {
    /// Reads every site of `config` and begins to watch it. One with errors goes on the air as it last
    /// was without.
    pub(super) fn open(config: &Config, means: Means) -> Result<Self, Error> {
        let empty = Self {
            entries: Vec::new(),
            means,
        };
        empty.with_sites_of(config, Self::last_good)
    }

    /// The roster of another configuration. Sites that are in both stay on the air and are looked at
    /// again; `self` goes on as it is, and so it can stay if there is an error.
    pub(super) fn changed_to(&self, config: &Config) -> Result<Self, Error> {
        self.with_sites_of(config, |_, _, _| None)
    }

    /// `instead` may have something for a site that has errors.
    fn with_sites_of(
        &self,
        config: &Config,
        instead: impl Fn(&Self, &Site, &[Problem]) -> Option<Snapshot>,
    ) -> Result<Self, Error> {
        let tells = |site: &Site| site.controls.tell_of_documents();
        if config.sites.iter().any(tells) {
            self.means.pipeline.tell_ahead();
        }
        let (mut entries, mut refused) = (Vec::new(), Vec::new());
        for site in &config.sites {
            let terms = (site.as_read(), config.limits, config.watch);
            let kept = self.entries.iter().find(|entry| entry.terms == terms);
            match kept {
                Some(entry) => {
                    entry.watcher.look();
                    entries.push(entry.again(site.clone()));
                }
                None => match self.read(terms, &instead)? {
                    Ok(entry) => entries.push(entry.again(site.clone())),
                    Err(problems) => refused.push((site.root.clone(), problems)),
                },
            }
        }
        for entry in &entries {
            // It may be the last good one, or from before somebody asked for that.
            self.means
                .pipeline
                .look_ahead(&entry.live.load_full().snapshot);
        }
        match refused.is_empty() {
            true => Ok(Self {
                entries,
                means: self.means.clone(),
            }),
            false => Err(Error::Problems(refused)),
        }
    }

    /// The sites, for those who run the node.
    pub(super) fn told(&self) -> Vec<admin::Site> {
        let sites = self.entries.iter().map(|entry| admin::Site {
            root: entry.site.root.clone(),
            live: Arc::clone(&entry.live),
        });
        sites.collect()
    }

    /// Which host is answered from which site.
    pub(super) fn hosts(&self, https_port: u16) -> Hosts {
        let mut hosts = Hosts::default();
        for (place, entry) in self.entries.iter().enumerate() {
            let site = Arc::new(serve::Site {
                live: Arc::clone(&entry.live),
                plain_http: match entry.site.redirect_to_https {
                    true => PlainHttp::Redirect { https_port },
                    false => PlainHttp::Serve,
                },
                audience: Audience::Visitors,
                controls: Arc::clone(&entry.site.controls),
            });
            for host in &entry.site.hosts {
                hosts.add(host, Arc::clone(&site));
            }
            if place == 0 || entry.site.hosts.is_empty() {
                hosts.set_fallback(site);
            }
        }
        hosts
    }

    fn read(
        &self,
        terms: Terms,
        instead: impl Fn(&Self, &Site, &[Problem]) -> Option<Snapshot>,
    ) -> io::Result<Result<Entry, Vec<Problem>>> {
        let (site, limits, rules) = &terms;
        let start = Instant::now();
        let mut subject = Subject {
            reader: Reader::new(options(site, Mode::Build, limits)),
            pipeline: Arc::clone(&self.means.pipeline),
            known: Known::default(),
        };
        let Outcome {
            snapshot, problems, ..
        } = subject.read();
        let Some(snapshot) = snapshot.or_else(|| instead(self, site, &problems)) else {
            return Ok(Err(problems));
        };
        watch::tell(&site.root, &problems);
        let live = Arc::new(Live::new(snapshot, problems));
        live.note_attempt(start.elapsed());
        live.note_remembered(subject.remembered());
        if let Some(shelf) = &self.means.shelf {
            shelf.follow(name(site), &live)?;
        }
        let watcher = Watcher::start(subject, Arc::clone(&live), *rules)?;
        Ok(Ok(Entry {
            site: site.clone(),
            live,
            watcher: Arc::new(watcher),
            terms,
        }))
    }

    /// What a site was when it last was good.
    fn last_good(&self, site: &Site, problems: &[Problem]) -> Option<Snapshot> {
        let found = self.means.shelf.as_ref()?.find(&name(site))?;
        tracing::error!(
            site = %site.root.display(),
            root_hash = found.root_hash.hex(ROOT_HASH_DIGITS),
            resources = found.resources.len(),
            "the site has {}: its last good snapshot is served, from the cache, until it is mended",
            tally(problems)
        );
        Some(found)
    }
}

impl Entry {
    /// Whether what is on the air is older than the files, which have errors.
    pub(super) fn is_behind(&self) -> bool {
        let news = self.live.news();
        news.borrow().problems.iter().any(Problem::is_error)
    }

    /// The same, as it is configured now.
    fn again(&self, site: Site) -> Self {
        Self {
            site,
            live: Arc::clone(&self.live),
            terms: self.terms.clone(),
            watcher: Arc::clone(&self.watcher),
        }
    }
}

/// What the last good snapshot of a site is kept under: with what decides how the site looks.
fn name(site: &Site) -> SiteName {
    let config = site.site_config.as_deref().map(|path| path.as_os_str());
    let config = config.map_or(&[][..], |path| path.as_encoded_bytes());
    let base_url = site.base_url.as_deref().unwrap_or_default().as_bytes();
    SiteName::new(&site.root, &[config, base_url])
}

/// The problems of several sites, as they are told.
struct Told<'a>(&'a [(PathBuf, Vec<Problem>)]);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (root, problems) in self.0 {
            let tally = tally(problems);
            write!(f, "{separator}{} has {tally}", root.display())?;
            separator = "\n";
            for problem in problems {
                write!(f, "{separator}{problem}")?;
                separator = "\n\n";
            }
        }
        Ok(())
    }
}
