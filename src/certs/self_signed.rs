//! A certificate of our own for a node that was given none.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use rcgen::{CertificateParams, DnType, KeyPair};

use super::{Certificate, Error, pem};

/// Makes a certificate for this machine and `hosts`, good from the day before `now`. Browsers warn
/// of it; whoever calls this says so.
pub(crate) fn self_signed(hosts: &[String], now: Timestamp) -> Result<Certificate, Error> {
    let mut names = vec![
        "localhost".into(),
        Ipv4Addr::LOCALHOST.to_string(),
        Ipv6Addr::LOCALHOST.to_string(),
    ];
    names.extend(hosts.iter().filter(|host| *host != "localhost").cloned());
    let made = make(&names, now).map_err(|source| Error::SelfSigned { names, source });
    let (certificate, key) = made?;
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    pem::check(vec![certificate.der().clone()], key.into(), None)
}

fn make(names: &[String], now: Timestamp) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "littoral, self-signed");
    let day = |time: Timestamp| {
        let date = Offset::UTC.to_datetime(time).date();
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        rcgen::date_time_ymd(date.year().into(), month, day)
    };
    params.not_before = day(now - DAY);
    params.not_after = day(now + DAY * DAYS_VALID);
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?, key))
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What Apple's systems take at most, even for one that was trusted by hand.
const DAYS_VALID: i32 = 825;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_good_for_this_machine_and_the_given_hosts() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let made = self_signed(&["example.org".into(), "*.example.net".into()], now).unwrap();
        assert_eq!(made.names, ["localhost", "example.org", "*.example.net"]);
        assert_eq!(made.complaint(now), None);
        assert!(made.complaint(now + DAY * (DAYS_VALID + 1)).is_some());
    }
}
