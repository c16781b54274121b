//! The certificates in use, by name.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{Certificate, Error};

/// The certificates in use. A handshake reads it without a lock.
#[derive(Debug)]
pub(crate) struct Store(ArcSwap<Names>);

#[derive(Debug)]
struct Names {
    by_name: HashMap<String, Arc<CertifiedKey>>,
    /// For clients that name no host, or one that nobody has: a certificate that does not fit tells
    /// them more than a broken handshake.
    fallback: Arc<CertifiedKey>,
}

impl Store {
    /// A store of `certificates`, at least one. The first is for clients that name no host we know.
    pub(crate) fn new(certificates: &[Certificate]) -> Result<Self, Error> {
        Ok(Self(ArcSwap::from_pointee(Names::of(certificates)?)))
    }

    /// Replaces all certificates at once. Open connections keep what they were opened with.
    pub(crate) fn replace(&self, certificates: &[Certificate]) -> Result<(), Error> {
        self.0.store(Arc::new(Names::of(certificates)?));
        Ok(())
    }

    fn find(&self, server_name: Option<&str>) -> Arc<CertifiedKey> {
        let names = self.0.load();
        server_name
            .and_then(|name| names.find(&name.to_ascii_lowercase()))
            .unwrap_or(&names.fallback)
            .clone()
    }
}

impl Names {
    fn of(certificates: &[Certificate]) -> Result<Self, Error> {
        let fallback = certificates.first().ok_or(Error::None)?.key.clone();
        let mut chosen: HashMap<&String, &Certificate> = HashMap::new();
        let named = certificates.iter().flat_map(|certificate| {
            certificate
                .names
                .iter()
                .map(move |name| (name, certificate))
        });
        for (name, certificate) in named {
            let held = chosen.entry(name).or_insert(certificate);
            // Of two for one name the one that lasts longer is the renewed one.
            if held.valid.1 < certificate.valid.1 {
                *held = certificate;
            }
        }
        let by_name = chosen
            .into_iter()
            .map(|(name, certificate)| (name.clone(), certificate.key.clone()))
            .collect();
        Ok(Self { by_name, fallback })
    }

    /// RFC 6125 §6.4.3: a wildcard stands for one label, the first.
    fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        self.by_name.get(name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.by_name.get(&format!("*.{parent}"))
        })
    }
}

impl ResolvesServerCert for Store {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.find(hello.server_name()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::certs::self_signed;

    fn made(names: &[&str], day: i64) -> Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).into()).collect();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * (10_000 + day));
        let mut made = self_signed(&names, now).unwrap();
        made.names.retain(|name| name != "localhost");
        made
    }

    #[test]
    fn finds_exact_then_wildcard_then_the_first() {
        let certificates = [
            made(&["first.test"], 0),
            made(&["*.example.org", "example.org"], 0),
            made(&["www.example.org"], 0),
        ];
        let store = Store::new(&certificates).unwrap();
        for (name, expected) in [
            (Some("first.test"), 0),
            (Some("example.org"), 1),
            (Some("a.example.org"), 1),
            (Some("a.b.example.org"), 0),
            (Some("www.example.org"), 2),
            (Some("WWW.Example.org"), 2),
            (Some("unknown.test"), 0),
            (Some("org"), 0),
            (None, 0),
        ] {
            let found = store.find(name);
            assert!(Arc::ptr_eq(&found, &certificates[expected].key), "{name:?}");
        }
    }

    #[test]
    fn the_renewed_one_counts_whatever_its_place() {
        let (old, new) = (made(&["a.test"], 0), made(&["a.test"], 60));
        for order in [[&old, &new], [&new, &old]] {
            let store = Store::new(&order.map(Clone::clone)).unwrap();
            assert!(Arc::ptr_eq(&store.find(Some("a.test")), &new.key));
        }
    }

    #[test]
    fn a_bad_set_leaves_the_old_one() {
        let (old, new) = (made(&["a.test"], 0), made(&["b.test"], 0));
        let store = Store::new(std::slice::from_ref(&old)).unwrap();
        assert!(matches!(store.replace(&[]), Err(Error::None)));
        assert!(Arc::ptr_eq(&store.find(None), &old.key));
        store.replace(std::slice::from_ref(&new)).unwrap();
        assert!(Arc::ptr_eq(&store.find(None), &new.key));
    }
}
