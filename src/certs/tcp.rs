//! TLS over TCP: which cipher suite is used is for us to say, but for a client that cannot do AES quickly.

use std::sync::Arc;

use rustls::{CipherSuite, ServerConfig, server::ClientHello};

use super::{Cost, Error, Store, config};

/// How TLS is spoken over TCP, versions 1.3 and 1.2.
#[derive(Debug)]
pub(crate) struct OverTcp {
    /// In our order of cipher suites.
    ours: Arc<ServerConfig>,
    /// In the client's.
    theirs: Arc<ServerConfig>,
}

impl OverTcp {
    /// With the certificates of `store`, and for these `protocols` (ALPN, RFC 7301), the best first.
    pub(crate) fn new(store: Arc<Store>, protocols: &[&[u8]]) -> Result<Self, Error> {
        let mut theirs = config(store, &[&rustls::version::TLS13, &rustls::version::TLS12])?;
        theirs.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let mut ours = theirs.clone();
        ours.ignore_client_order = true;
        Ok(Self {
            ours: ours.into(),
            theirs: theirs.into(),
        })
    }

    /// How it is spoken with the client who says `hello`.
    pub(crate) fn answering(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let is_known = |suite: &&CipherSuite| {
            let known = &self.ours.crypto_provider().cipher_suites;
            known.iter().any(|known| known.suite() == **suite)
        };
        // A telephone without instructions for AES puts ChaCha20 first, and has a battery.
        let first = hello.cipher_suites().iter().find(is_known);
        match first.is_some_and(|first| Cost::of(*first) == Cost::ChaCha20) {
            true => Arc::clone(&self.theirs),
            false => Arc::clone(&self.ours),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rustls::{
        ClientConfig, ClientConnection, NamedGroup, RootCertStore, crypto::aws_lc_rs,
        server::Acceptor,
    };

    use super::*;
    use crate::certs::self_signed;

    /// The suite that is agreed on with a client who offers `suites`, in this order.
    fn agreed(suites: &[CipherSuite]) -> CipherSuite {
        let certificate = self_signed(&["a.test".to_owned()], Timestamp::now()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.key.cert[0].clone()).unwrap();
        let store = Arc::new(Store::new(&[certificate]).unwrap());
        let tls = OverTcp::new(store, &[b"h2"]).unwrap();

        let mut provider = aws_lc_rs::default_provider();
        let all = provider.cipher_suites;
        provider.cipher_suites = suites
            .iter()
            .map(|suite| *all.iter().find(|one| one.suite() == *suite).unwrap())
            .collect();
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = "a.test".try_into().unwrap();
        let mut client = ClientConnection::new(config.into(), name).unwrap();

        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        let mut acceptor = Acceptor::default();
        acceptor.read_tls(&mut wire.as_slice()).unwrap();
        let accepted = acceptor.accept().unwrap().unwrap();
        let config = tls.answering(&accepted.client_hello());
        let server = accepted.into_connection(config).unwrap();
        let suite = server.negotiated_cipher_suite().unwrap();
        if suite.tls13().is_some() {
            let group = server.negotiated_key_exchange_group().unwrap();
            assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
        }
        suite.suite()
    }

    #[test]
    fn the_suite_is_ours_to_choose_but_for_those_without_quick_aes() {
        use CipherSuite as S;
        for (offered, expected) in [
            (
                &[
                    S::TLS13_AES_256_GCM_SHA384,
                    S::TLS13_CHACHA20_POLY1305_SHA256,
                    S::TLS13_AES_128_GCM_SHA256,
                ][..],
                S::TLS13_AES_128_GCM_SHA256,
            ),
            (
                &[
                    S::TLS13_CHACHA20_POLY1305_SHA256,
                    S::TLS13_AES_128_GCM_SHA256,
                ],
                S::TLS13_CHACHA20_POLY1305_SHA256,
            ),
            (&[S::TLS13_AES_256_GCM_SHA384], S::TLS13_AES_256_GCM_SHA384),
            (
                &[
                    S::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                    S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                ],
                S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            ),
            (
                &[
                    S::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                    S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                ],
                S::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            ),
        ] {
            assert_eq!(agreed(offered), expected, "{offered:?}");
        }
    }
}
