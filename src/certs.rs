//! Certificates: PEM files become checked keys, and a listener finds the one a client asks for.
//!
//! **Invariant:** what is in use is replaced only by a complete, checked set; whatever goes wrong
//! leaves the old one.
//! **Invariant:** aws-lc-rs is named here and nowhere else; no process-wide provider is needed.

mod pem;
mod self_signed;
mod store;
mod tcp;

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use rustls::{
    CipherSuite, ServerConfig, SupportedProtocolVersion, crypto::aws_lc_rs, sign::CertifiedKey,
};

pub(crate) use self::{pem::load, self_signed::self_signed, store::Store, tcp::OverTcp};

/// A key with its chain, checked to belong together.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// The file it came from; None for one made at start.
    pub(crate) file: Option<PathBuf>,
    /// The DNS names it is good for, in lower case; `*.example.org` for any one label.
    pub(crate) names: Vec<String>,
    /// From when to when browsers take it.
    pub(crate) valid: (Timestamp, Timestamp),
    /// What TLS needs.
    pub(crate) key: Arc<CertifiedKey>,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error("cannot read the certificate {}; it must be readable for the user littoral runs as", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no PEM.
    #[error("{} is not PEM; give a text file with `-----BEGIN` lines", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where it breaks off.
        source: rustls_pki_types::pem::Error,
    },
    /// The file has no certificate.
    #[error(
        "{} holds no certificate; put the chain and the key into one file: cat fullchain.pem privkey.pem > site.pem",
        file.display()
    )]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// The file has no key.
    #[error(
        "{} holds no private key; put the chain and the key into one file: cat fullchain.pem privkey.pem > site.pem",
        file.display()
    )]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// The first certificate cannot be understood.
    #[error("the first certificate of {} cannot be understood", file.display())]
    BadCertificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: x509_parser::nom::Err<x509_parser::error::X509Error>,
    },
    /// Key and certificate do not fit.
    #[error(
        "the key in {} does not belong to its first certificate; the site's own certificate comes first, and both must be of the same renewal",
        file.display()
    )]
    Mismatch {
        /// The file.
        file: PathBuf,
        /// What TLS says.
        source: rustls::Error,
    },
    /// There is no certificate at all.
    #[error(
        "there is no certificate to serve with; name one with --cert or in the configuration's [tls] table"
    )]
    None,
    /// No certificate could be made.
    #[error("cannot make a self-signed certificate for {names:?}")]
    SelfSigned {
        /// The names it was for.
        names: Vec<String>,
        /// What is wrong with them.
        source: rcgen::Error,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

impl Certificate {
    /// What its owner should know about it at the time `now`.
    pub(crate) fn complaint(&self, now: Timestamp) -> Option<String> {
        let (from, to) = self.valid;
        let name = match &self.file {
            Some(file) => file.display().to_string(),
            None => "the self-signed certificate".into(),
        };
        if now > to {
            Some(format!(
                "{name} expired on {to}: browsers refuse it until it is renewed"
            ))
        } else if now < from {
            Some(format!(
                "{name} is not valid before {from}: is the clock right?"
            ))
        } else {
            None
        }
    }
}

/// TLS for QUIC, which has TLS 1.3 alone (RFC 9001 §4.2), with the certificates of `store`. Protocols (ALPN) are
/// left for the listener to name.
pub(crate) fn quic_config(store: Arc<Store>) -> Result<ServerConfig, Error> {
    config(store, &[&rustls::version::TLS13])
}

fn config(
    store: Arc<Store>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ServerConfig, Error> {
    let mut provider = aws_lc_rs::default_provider();
    provider
        .cipher_suites
        .sort_by_key(|suite| Cost::of(suite.suite()));
    let mut config = ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(store);
    // Resumption without a table in memory: the client keeps the state, sealed for us.
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    // A browser that comes back uses one, and each costs as much as a small answer.
    config.send_tls13_tickets = 1;
    Ok(config)
}

/// What a cipher suite costs a server, the least first. All of them are as strong as anybody needs (RFC 9325 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    /// AES and SHA-256: processors have instructions for both.
    Aes128,
    /// SHA-384, for which few have any: deriving the keys takes as long as agreeing on them.
    Aes256,
    /// Without any instructions for it, the quickest on a client that has none for AES either.
    ChaCha20,
}

impl Cost {
    fn of(suite: CipherSuite) -> Self {
        match suite {
            CipherSuite::TLS13_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => Self::Aes128,
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => Self::ChaCha20,
            _ => Self::Aes256,
        }
    }
}
