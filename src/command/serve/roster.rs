//! The sites of a node: each read, on the air, and watched.
//!
//! **Invariant:** a roster is opened as a whole or not at all; a site with errors keeps the node from
//! starting, and a running node on the roster it has.

use std::{fmt, io, path::PathBuf, sync::Arc};

use crate::{
    command::{options, tally},
    config::{Config, Limits, Site},
    load::{Mode, Reader},
    pipeline::{Known, Outcome, Pipeline},
    publish::Live,
    serve::{self, Audience, Hosts, PlainHttp},
    site::Problem,
    watch::{self, Subject, Watcher},
};

/// The sites of a node, in the order of its configuration.
#[derive(Debug)]
pub(super) struct Roster {
    pub(super) entries: Vec<Entry>,
    pipeline: Arc<Pipeline>,
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
    /// Reads every site of `config` and begins to watch it.
    pub(super) fn open(config: &Config, pipeline: Arc<Pipeline>) -> Result<Self, Error> {
        let empty = Self {
            entries: Vec::new(),
            pipeline,
        };
        empty.changed_to(config)
    }

    /// The roster of another configuration. Sites that are in both stay on the air and are looked at
    /// again; `self` goes on as it is, and so it can stay if there is an error.
    pub(super) fn changed_to(&self, config: &Config) -> Result<Self, Error> {
        let (mut entries, mut refused) = (Vec::new(), Vec::new());
        for site in &config.sites {
            let terms = (site.clone(), config.limits, config.watch);
            let kept = self.entries.iter().find(|entry| entry.terms == terms);
            match kept {
                Some(entry) => {
                    entry.watcher.look();
                    entries.push(entry.again());
                }
                None => match self.read(terms)? {
                    Ok(entry) => entries.push(entry),
                    Err(problems) => refused.push((site.root.clone(), problems)),
                },
            }
        }
        match refused.is_empty() {
            true => Ok(Self {
                entries,
                pipeline: Arc::clone(&self.pipeline),
            }),
            false => Err(Error::Problems(refused)),
        }
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

    fn read(&self, terms: Terms) -> io::Result<Result<Entry, Vec<Problem>>> {
        let (site, limits, rules) = &terms;
        let mut subject = Subject {
            reader: Reader::new(options(site, Mode::Build, limits)),
            pipeline: Arc::clone(&self.pipeline),
            known: Known::default(),
        };
        let Outcome {
            snapshot, problems, ..
        } = subject.read();
        let Some(snapshot) = snapshot else {
            return Ok(Err(problems));
        };
        watch::tell(&site.root, &problems);
        let live = Arc::new(Live::new(snapshot, problems));
        let watcher = Watcher::start(subject, Arc::clone(&live), *rules)?;
        Ok(Ok(Entry {
            site: site.clone(),
            live,
            watcher: Arc::new(watcher),
            terms,
        }))
    }
}

impl Entry {
    fn again(&self) -> Self {
        Self {
            site: self.site.clone(),
            live: Arc::clone(&self.live),
            terms: self.terms.clone(),
            watcher: Arc::clone(&self.watcher),
        }
    }
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
