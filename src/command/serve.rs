//! `littoral serve`: sites on the air until a signal says otherwise.

mod certificates;
mod gauges;
mod memory;
mod reload;
mod roster;

use std::{path::Path, process::ExitCode, sync::Arc, time::Instant};

use arc_swap::ArcSwap;
use tokio::signal::unix::{SignalKind, signal};

use self::{
    reload::Node,
    roster::{Means, Roster},
};
use super::{Misuse, ROOT_HASH_DIGITS, cache, log, pages, plural, ready, runtime, typed_site};
use crate::{
    admin,
    cli::{self, Listeners},
    config::Config,
    images::Studio,
    last_good::Shelf,
    pack::Packer,
    pipeline::{Pipeline, Priority},
    serve::{self, Settings},
    shutdown,
};

/// Serves until told to stop.
pub(super) fn run(typed: &cli::Serve) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let config = settle(typed)?;
    log::start(config.log.level);
    memory::give_back();
    let bound = serve::bind(&settings(&config))?;
    let admin = config.admin.listen.map(admin::bind).transpose()?;
    let urls = bound.urls();
    let certs = certificates::first(&config)?.map(Arc::new);
    let cache = cache(config.cache.clone());
    let packer = Packer::encoding(config.memory.bodies, cache.clone());
    let packer = Arc::new(packer);
    let pipeline = Pipeline::new(
        Priority::Background,
        Studio::new(cache.clone()),
        Arc::clone(&packer),
    )?;
    let gauges = gauges::of(&packer, cache.as_ref(), bound.tally());
    let means = Means {
        pipeline: Arc::new(pipeline),
        shelf: cache.map(|cache| Arc::new(Shelf::new(&cache, packer))),
    };
    let roster = Roster::open(&config, means)?;
    let https_port = https_port(&config, &urls);
    let told = Arc::new(ArcSwap::from_pointee(roster.told()));
    let node = Node {
        told: Arc::clone(&told),
        typed: typed.clone(),
        hosts: Arc::new(ArcSwap::from_pointee(roster.hosts(https_port))),
        certs,
        config,
        roster,
        https_port,
    };
    if let Some(listener) = admin {
        let sites = told;
        admin::start(listener, admin::Told { sites, gauges })?;
    }
    let line = format!(
        "listening on {}{}, serving {} in {:.2} s",
        urls.join(" and "),
        if node.config.http3 {
            " (HTTP/3 as well)"
        } else {
            ""
        },
        summary(&node.roster),
        start.elapsed().as_secs_f64()
    );
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        // Both before the line is printed: whoever reads it may send a signal at once.
        let mut shutdown = shutdown::on_signals()?;
        let hangup = signal(SignalKind::hangup())?;
        let (hosts, certs) = (Arc::clone(&node.hosts), node.certs.clone());
        tokio::spawn(reload::on_hangup(hangup, node));
        ready::announce(typed.readiness, &line);
        serve::run(bound, hosts, certs, async move { shutdown.given().await }).await?;
        anyhow::Ok(())
    });
    // A reload that is under way is of no use to anybody any more.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

/// The configuration, with what was typed in its place where both speak.
fn settle(typed: &cli::Serve) -> anyhow::Result<Config> {
    let mut config = match &typed.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    if config.sites.is_empty() {
        let root = typed.site.as_deref().unwrap_or_else(|| Path::new("."));
        config.sites = vec![typed_site(root, &typed.overrides)];
    } else if let (Some(file), Some(word)) = (&typed.config, typed.about_one_site()) {
        let config = file.clone();
        return Err(Misuse::TwoSites { word, config }.into());
    }
    if let Some(http) = Listeners::chosen(&typed.listeners.http) {
        config.http = http;
    }
    if let Some(https) = Listeners::chosen(&typed.listeners.https) {
        config.https = https;
    }
    if let Some(cert) = &typed.cert {
        config.tls.cert = Some(cert.clone());
    }
    config.cache.folder = typed.keeping.folder(config.cache.folder);
    if config.http.is_empty() && config.https.is_empty() {
        return Err(Misuse::NoListener.into());
    }
    let redirected = config.sites.iter().find(|site| site.redirect_to_https);
    if let (Some(site), true) = (redirected, config.https.is_empty()) {
        let root = site.root.clone();
        return Err(Misuse::NoHttps { root }.into());
    }
    Ok(config)
}

fn settings(config: &Config) -> Settings {
    let limits = config.limits;
    Settings {
        http: config.http.clone(),
        https: config.https.clone(),
        http3: config.http3,
        https_port: config.https_port,
        proxies: config.proxies.clone(),
        workers: config.workers,
        connections_max: limits.connections_max,
        network_connections_max: limits.network_connections_max,
        requests_max: limits.requests_max,
        head_bytes_max: limits.head_bytes_max,
        body_bytes_max: limits.body_bytes_max,
        head_timeout: limits.head_timeout,
        body_timeout: limits.body_timeout,
        idle_timeout: limits.idle_timeout,
        write_timeout: limits.write_timeout,
        rate_bytes_min: limits.rate_bytes_min,
        drain_timeout: limits.drain_timeout,
        access_log: config.log.access,
        server_timing: config.log.server_timing,
    }
}

/// The port that plain HTTP is redirected to.
fn https_port(config: &Config, urls: &[String]) -> u16 {
    let listening = || {
        let https = urls.iter().find(|url| url.starts_with("https://"))?;
        https.rsplit_once(':')?.1.parse().ok()
    };
    config.https_port.or_else(listening).unwrap_or(HTTPS_PORT)
}

/// `42 pages of ./site (root hash 1a2b3c4d5e6f)`, or the sum over several sites.
fn summary(roster: &Roster) -> String {
    let count = |entry: &roster::Entry| pages(&entry.live.load().snapshot);
    let all = plural(roster.entries.iter().map(count).sum(), "page");
    match &roster.entries[..] {
        [one] => {
            let root_hash = one.live.load().snapshot.root_hash.hex(ROOT_HASH_DIGITS);
            let root = one.site.root.display();
            let stale = match one.is_behind() {
                true => ", the last good snapshot of a site that has errors now",
                false => "",
            };
            format!("{all} of {root} (root hash {root_hash}{stale})")
        }
        several => {
            let sites = plural(several.len(), "site");
            match several.iter().filter(|entry| entry.is_behind()).count() {
                0 => format!("{all} of {sites}"),
                behind => format!("{all} of {sites} ({behind} with errors, as last good)"),
            }
        }
    }
}

/// RFC 9110 §4.2.2.
const HTTPS_PORT: u16 = 443;
