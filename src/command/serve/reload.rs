//! SIGHUP: the configuration, the sites and the certificates are read again.
//!
//! **Invariant:** all of it is good and takes effect, or nothing does.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::signal::unix::Signal;

use super::{certificates, roster::Roster, settings, settle};
use crate::{admin, certs, cli, config::Config, serve::Hosts};

/// A running node: what a reload compares with and replaces.
pub(super) struct Node {
    pub(super) typed: cli::Serve,
    pub(super) config: Config,
    pub(super) roster: Roster,
    pub(super) told: Arc<ArcSwap<Vec<admin::Site>>>,
    pub(super) hosts: Arc<ArcSwap<Hosts>>,
    pub(super) certs: Option<Arc<certs::Store>>,
    pub(super) https_port: u16,
}

/// Reloads the node on each signal, one after the other, for as long as it runs.
pub(super) async fn on_hangup(mut hangup: Signal, mut node: Node) {
    while hangup.recv().await.is_some() {
        tracing::info!("SIGHUP: reading configuration, sites and certificates again");
        // On a thread that may take its time: a new site is rendered from nothing.
        let reloaded = tokio::task::spawn_blocking(move || {
            if let Err(error) = node.reload() {
                tracing::error!("nothing was reloaded, all goes on as it was: {error:#}");
            }
            node
        });
        match reloaded.await {
            Ok(back) => node = back,
            Err(error) => {
                tracing::error!(%error, "the reload failed; restart the node to have another");
                return;
            }
        }
    }
}

impl Node {
    fn reload(&mut self) -> anyhow::Result<()> {
        let config = settle(&self.typed)?;
        let certificates = certificates::configured(&config)?;
        let roster = self.roster.changed_to(&config)?;
        if let (Some(certs), false) = (&self.certs, certificates.is_empty()) {
            certs.replace(&certificates)?;
        }
        self.told.store(Arc::new(roster.told()));
        self.hosts.store(Arc::new(roster.hosts(self.https_port)));
        if settings(&config) != settings(&self.config)
            || config.log != self.config.log
            || config.cache != self.config.cache
            || config.memory != self.config.memory
            || config.admin != self.config.admin
        {
            tracing::warn!(
                "what the configuration says of listeners, workers, connections, timeouts, the log, \
                 memory, the cache and admin has changed; these need a restart"
            );
        }
        let (sites, certificates) = (roster.entries.len(), certificates.len());
        tracing::info!(sites, certificates, "reloaded");
        self.roster = roster;
        self.config = config;
        Ok(())
    }
}
