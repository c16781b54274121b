//! `littoral serve`: sites on the air until a signal says otherwise.

mod roster;

use std::{path::Path, process::ExitCode, sync::Arc};

use super::{Misuse, log, ready, typed_site};
use crate::{
    cli::{self, Listeners},
    config::Config,
    pipeline::{Pipeline, Priority},
};

/// Serves until told to stop.
pub(super) fn run(typed: &cli::Serve) -> anyhow::Result<ExitCode> {
    let config = settle(typed)?;
    log::start(config.log.level);
    let pipeline = Arc::new(Pipeline::new(Priority::Background)?);
    let roster = roster::Roster::open(&config, pipeline)?;
    ready::announce(typed.readiness, "todo");
    drop(roster);
    Ok(ExitCode::SUCCESS)
}

/// The configuration, with what was typed in its place where both speak.
fn settle(typed: &cli::Serve) -> anyhow::Result<Config> {
    let mut config = match &typed.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    match (&typed.config, &typed.site) {
        (Some(path), Some(site)) if !config.sites.is_empty() => {
            let site = site.display().to_string();
            return Err(Misuse::TwoSites {
                site,
                config: path.clone(),
            }
            .into());
        }
        _ => {}
    }
    if config.sites.is_empty() {
        let root = typed.site.as_deref().unwrap_or(Path::new("."));
        config.sites = vec![typed_site(root, &typed.overrides)];
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
    Ok(config)
}
