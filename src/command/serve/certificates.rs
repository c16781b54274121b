//! Which certificates a node serves with.
#![expect(
    clippy::disallowed_methods,
    reason = "lists the certificates folder, which is no part of a site"
)]

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;
use jiff::Timestamp;

use crate::{
    certs::{self, Certificate},
    config::Config,
};

/// The configured certificates, or a self-signed one for the hosts of the node. None where nobody can ask for one.
pub(super) fn first(config: &Config) -> anyhow::Result<Option<certs::Store>> {
    // Those of a node without HTTPS are read as well: whoever names one that is no good wants to know.
    let certificates = configured(config)?;
    if config.https.is_empty() {
        return Ok(None);
    }
    let certificates = match certificates.is_empty() {
        true => vec![self_signed(config)?],
        false => certificates,
    };
    Ok(Some(certs::Store::new(&certificates)?))
}

fn self_signed(config: &Config) -> anyhow::Result<Certificate> {
    tracing::warn!(
        "https has a self-signed certificate, made at this start, which no browser trusts; \
         --cert, or [tls] in the configuration, names a real one"
    );
    let hosts: BTreeSet<_> = config
        .sites
        .iter()
        .flat_map(|site| site.hosts.clone())
        .collect();
    let hosts: Vec<_> = hosts.into_iter().collect();
    Ok(certs::self_signed(&hosts, Timestamp::now())?)
}

/// The configured certificates: the one of `cert`, then those of the folder `certs` by name. None if
/// neither is configured.
pub(super) fn configured(config: &Config) -> anyhow::Result<Vec<Certificate>> {
    let mut files = Vec::new();
    files.extend(config.tls.cert.clone());
    if let Some(folder) = &config.tls.certs {
        let mut found = pem_files(folder)
            .with_context(|| format!("cannot list the certificates in {}", folder.display()))?;
        found.sort();
        files.extend(found);
    }
    let now = Timestamp::now();
    let mut certificates = Vec::with_capacity(files.len());
    for file in files {
        let certificate = certs::load(&file)?;
        if let Some(complaint) = certificate.complaint(now) {
            tracing::warn!("{complaint}");
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}

/// The certificates of a folder. A name that begins with a dot is of one on its way in.
fn pem_files(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|ending| ending == "pem") {
            files.push(path);
        }
    }
    Ok(files)
}
