//! Reading a key and its chain from one PEM file, as it is pushed and renamed into place: two files
//! can disagree, one cannot.

#![expect(
    clippy::disallowed_methods,
    reason = "certificates are this room's own files, and no part of a site"
)]

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use rustls::{crypto::aws_lc_rs, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName};

use super::{Certificate, Error};

/// Reads and checks the certificate in `file`.
pub(crate) fn load(file: &Path) -> Result<Certificate, Error> {
    let text = fs::read(file).map_err(|source| Error::Unreadable {
        file: file.into(),
        source,
    })?;
    let chain = chain(&text, file)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|source| match source {
        pem::Error::NoItemsFound => Error::NoKey { file: file.into() },
        source => malformed(file, source),
    })?;
    check(chain, key, Some(file))
}

fn chain(text: &[u8], file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|source| malformed(file, source))?;
    if chain.is_empty() {
        return Err(Error::NoCertificate { file: file.into() });
    }
    Ok(chain)
}

fn malformed(file: &Path, source: pem::Error) -> Error {
    Error::Malformed {
        file: file.into(),
        source,
    }
}

/// Puts a key and its chain together, if they belong together.
pub(super) fn check(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    file: Option<&Path>,
) -> Result<Certificate, Error> {
    let place = || {
        file.unwrap_or_else(|| Path::new("the certificate made at start"))
            .to_owned()
    };
    let first = chain
        .first()
        .ok_or_else(|| Error::NoCertificate { file: place() })?;
    let (_, parsed) =
        x509_parser::parse_x509_certificate(first).map_err(|source| Error::BadCertificate {
            file: place(),
            source,
        })?;
    let (names, valid) = (names(&parsed), valid(&parsed));
    let provider = aws_lc_rs::default_provider();
    let key = CertifiedKey::from_der(chain, key, &provider).map_err(|source| Error::Mismatch {
        file: place(),
        source,
    })?;
    Ok(Certificate {
        file: file.map(Into::into),
        names,
        valid,
        key: Arc::new(key),
    })
}

/// The DNS names among its subject alternative names; the common name has not counted since RFC
/// 6125.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

/// Dates that jiff cannot hold lie so far away that they never come.
fn valid(certificate: &X509Certificate<'_>) -> (Timestamp, Timestamp) {
    let validity = certificate.validity();
    let from = Timestamp::from_second(validity.not_before.timestamp());
    let to = Timestamp::from_second(validity.not_after.timestamp());
    (from.unwrap_or(Timestamp::MIN), to.unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Made {
        cert: String,
        key: String,
    }

    fn made(names: &[&str]) -> Made {
        let names: Vec<String> = names.iter().map(|name| (*name).into()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        Made {
            cert: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    }

    #[test]
    fn reads_names_and_dates() {
        let Made { cert, key } = made(&["Example.org", "*.example.org"]);
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("a.pem");
        for text in [format!("{cert}{key}"), format!("{key}{cert}")] {
            fs::write(&file, text).unwrap();
            let loaded = load(&file).unwrap();
            assert_eq!(loaded.names, ["example.org", "*.example.org"]);
            assert_eq!(
                loaded.complaint(Timestamp::UNIX_EPOCH + 30 * 366 * day()),
                None
            );
            let early = loaded.complaint(Timestamp::UNIX_EPOCH).unwrap();
            assert!(early.contains("not valid before"), "{early}");
            let late = loaded.complaint(Timestamp::MAX).unwrap();
            assert!(late.contains("a.pem expired on"), "{late}");
        }
    }

    fn day() -> jiff::SignedDuration {
        jiff::SignedDuration::from_hours(24)
    }

    #[test]
    fn says_what_is_wrong_and_the_way_out() {
        let (one, two) = (made(&["a.test"]), made(&["a.test"]));
        let scratch = tempfile::tempdir().unwrap();
        for (text, expected) in [
            (String::new(), "holds no certificate"),
            ("hello".into(), "holds no certificate"),
            (one.cert.clone(), "holds no private key"),
            (one.key.clone(), "holds no certificate"),
            (format!("{}{}", one.cert, two.key), "does not belong"),
            ("-----BEGIN CERTIFICATE-----\n".into(), "is not PEM"),
            (
                format!(
                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{}",
                    one.key
                ),
                "cannot be understood",
            ),
        ] {
            let file = scratch.path().join("site.pem");
            fs::write(&file, &text).unwrap();
            let error = load(&file).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.contains("site.pem"), "{error}");
        }
        let error = load(&scratch.path().join("gone.pem")).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }));
    }
}
