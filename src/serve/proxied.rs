//! What a proxy says of the client behind it, before anything else: the PROXY protocol, versions 1 and 2
//! (haproxy.org/download/3.1/doc/proxy-protocol.txt).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use ipnet::IpNet;

/// Whose word on their clients counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// Whoever comes over a Unix socket.
    Unix,
    /// Those of a network.
    Network(IpNet),
}

/// What was said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Who the client is; None if the proxy speaks for itself, or does not know.
    pub(super) client: Option<SocketAddr>,
    /// How long it was, in bytes.
    pub(super) bytes: usize,
}

/// It is neither version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Trusted {
    /// Whether `peer`, who has no address if he comes over a Unix socket, is one of them.
    pub(super) fn is_of(&self, peer: Option<IpAddr>) -> bool {
        match (self, peer) {
            (Self::Unix, None) => true,
            (Self::Network(network), Some(peer)) => network.contains(&peer.to_canonical()),
            (Self::Unix, Some(_)) | (Self::Network(_), None) => false,
        }
    }
}

impl FromStr for Trusted {
    type Err = NoTrusted;

    fn from_str(text: &str) -> Result<Self, NoTrusted> {
        match text {
            "unix" => Ok(Self::Unix),
            _ => match (text.parse(), text.parse::<IpAddr>()) {
                (Ok(network), _) => Ok(Self::Network(network)),
                (_, Ok(address)) => Ok(Self::Network(address.into())),
                _ => Err(NoTrusted),
            },
        }
    }
}

/// Why a text is no [`Trusted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is an address, a network as `192.0.2.0/24` or `2001:db8::/32`, or `unix` for whoever comes over a Unix socket"
)]
pub(crate) struct NoTrusted;

/// Reads what is said at the beginning of `bytes`; None if its end has not come yet.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Said>, Malformed> {
    if bytes.starts_with(SIGNATURE) {
        return binary(bytes);
    }
    if bytes.starts_with(WORD) {
        return text(bytes);
    }
    match SIGNATURE.starts_with(bytes) || WORD.starts_with(bytes) {
        true => Ok(None),
        false => Err(Malformed),
    }
}

/// Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 5000 443` and the end of the line.
fn text(bytes: &[u8]) -> Result<Option<Said>, Malformed> {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return match bytes.len() < TEXT_BYTES_MAX {
            true => Ok(None),
            false => Err(Malformed),
        };
    };
    let line = bytes.get(..end).and_then(|line| line.strip_suffix(b"\r"));
    let line = line.filter(|_| end < TEXT_BYTES_MAX).ok_or(Malformed)?;
    let line = str::from_utf8(line).map_err(|_| Malformed)?;
    let words: Vec<&str> = line.split(' ').collect();
    let client = match words[..] {
        ["PROXY", "UNKNOWN", ..] => None,
        ["PROXY", family, source, target, port, target_port] => {
            let address: IpAddr = source.parse().map_err(|_| Malformed)?;
            let target: IpAddr = target.parse().map_err(|_| Malformed)?;
            let is_meant = match family {
                "TCP4" => address.is_ipv4() && target.is_ipv4(),
                "TCP6" => address.is_ipv6() && target.is_ipv6(),
                _ => false,
            };
            target_port.parse::<u16>().map_err(|_| Malformed)?;
            let port = port.parse().map_err(|_| Malformed)?;
            Some(
                is_meant
                    .then(|| SocketAddr::new(address, port))
                    .ok_or(Malformed)?,
            )
        }
        _ => return Err(Malformed),
    };
    Ok(Some(Said {
        client,
        bytes: end + 1,
    }))
}

/// Version 2: a signature, how and for whom, a length, addresses, and what else the proxy knows.
fn binary(bytes: &[u8]) -> Result<Option<Said>, Malformed> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
        return Ok(None);
    };
    let [.., command, family, high, low] = *head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > BINARY_BYTES_MAX {
        return Err(Malformed);
    }
    let Some(addresses) = rest.get(..length) else {
        return Ok(None);
    };
    let client = match (command, family) {
        // LOCAL: the proxy itself, to see whether somebody is here.
        (0x20, _) => None,
        (0x21, 0x11) => Some(client::<4>(addresses, |octets| {
            Ipv4Addr::from(octets).into()
        })?),
        (0x21, 0x21) => Some(client::<16>(addresses, |octets| {
            Ipv6Addr::from(octets).into()
        })?),
        // Over something that has no addresses we know.
        (0x21, _) => None,
        _ => return Err(Malformed),
    };
    Ok(Some(Said {
        client,
        bytes: HEAD_BYTES + length,
    }))
}

/// Source and destination, and then the port of each.
fn client<const OCTETS: usize>(
    addresses: &[u8],
    address: impl Fn([u8; OCTETS]) -> IpAddr,
) -> Result<SocketAddr, Malformed> {
    let (source, rest) = addresses.split_first_chunk::<OCTETS>().ok_or(Malformed)?;
    let (_, ports) = rest.split_first_chunk::<OCTETS>().ok_or(Malformed)?;
    let (port, rest) = ports.split_first_chunk().ok_or(Malformed)?;
    match rest.len() {
        0 | 1 => Err(Malformed),
        _ => Ok(SocketAddr::new(address(*source), u16::from_be_bytes(*port))),
    }
}

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const WORD: &[u8] = b"PROXY ";
const HEAD_BYTES: usize = 16;
/// With its end (§2.1).
const TEXT_BYTES_MAX: usize = 107;
/// What proxies add takes some hundred bytes, with a certificate some thousand.
const BINARY_BYTES_MAX: usize = 4 << 10;

/// Reads `bytes`. Of what is good no beginning is bad.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) {
    if let Ok(Some(said)) = parse(bytes) {
        let whole = bytes.get(..said.bytes).expect("it lies inside");
        for end in [whole.len() - 1, whole.len() / 2, whole.len() / 3] {
            assert_eq!(parse(whole.get(..end).unwrap_or_default()), Ok(None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family], &length, addresses].concat()
    }

    fn v4() -> Vec<u8> {
        [
            &[192, 0, 2, 1, 198, 51, 100, 1][..],
            &5000_u16.to_be_bytes(),
            &443_u16.to_be_bytes(),
        ]
        .concat()
    }

    fn v6() -> Vec<u8> {
        let address = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).octets();
        [
            &address(1)[..],
            &address(2),
            &5000_u16.to_be_bytes(),
            &443_u16.to_be_bytes(),
        ]
        .concat()
    }

    #[test]
    fn both_versions_say_who_the_client_is() {
        let more = [v4(), vec![0x04, 0, 1, b'x']].concat();
        for (said, client) in [
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 5000 443\r\n".to_vec(),
                Some("192.0.2.1:5000"),
            ),
            (
                b"PROXY TCP6 2001:db8::1 2001:db8::2 5000 443\r\n".to_vec(),
                Some("[2001:db8::1]:5000"),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff:f...f 65535\r\n".to_vec(), None),
            (binary(0x21, 0x11, &v4()), Some("192.0.2.1:5000")),
            (binary(0x21, 0x11, &more), Some("192.0.2.1:5000")),
            (binary(0x21, 0x21, &v6()), Some("[2001:db8::1]:5000")),
            (binary(0x21, 0x31, &[0; 216]), None),
            (binary(0x20, 0x00, &[]), None),
            (binary(0x20, 0x11, &v4()), None),
        ] {
            let whole = [&said[..], b"GET / HTTP/1.1\r\n"].concat();
            let expected = Said {
                client: client.map(|client| client.parse().unwrap()),
                bytes: said.len(),
            };
            assert_eq!(
                parse(&whole),
                Ok(Some(expected)),
                "{}",
                whole.escape_ascii()
            );
            for end in 0..said.len() {
                assert_eq!(
                    parse(&said[..end]),
                    Ok(None),
                    "{}",
                    said[..end].escape_ascii()
                );
            }
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        let long = [WORD, &[b'x'; TEXT_BYTES_MAX]].concat();
        for said in [
            b"GET / HTTP/1.1\r\n".to_vec(),
            b"PROXY\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 198.51.100.1 5000 443\n".to_vec(),
            b"PROXY TCP4 2001:db8::1 2001:db8::2 5000 443\r\n".to_vec(),
            b"PROXY TCP6 192.0.2.1 198.51.100.1 5000 443\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 198.51.100.1 5000 99999\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 198.51.100.1 5000\r\n".to_vec(),
            b"PROXY UDP4 192.0.2.1 198.51.100.1 5000 443\r\n".to_vec(),
            long,
            binary(0x11, 0x11, &v4()),
            binary(0x22, 0x11, &v4()),
            binary(0x21, 0x11, &v4()[..11]),
            binary(0x21, 0x21, &v4()),
            binary(0x21, 0x11, &[0; BINARY_BYTES_MAX + 1]),
        ] {
            assert_eq!(parse(&said), Err(Malformed), "{}", said.escape_ascii());
        }
    }

    #[test]
    fn some_are_trusted() {
        let trusted = |text: &str, peer: &str| {
            let trusted: Trusted = text.parse().unwrap();
            trusted.is_of(peer.parse().ok())
        };
        assert!(trusted("192.0.2.0/24", "192.0.2.7"));
        assert!(trusted("192.0.2.0/24", "::ffff:192.0.2.7"));
        assert!(trusted("2001:db8::/32", "2001:db8::1"));
        assert!(trusted("192.0.2.1", "192.0.2.1"));
        assert!(trusted("unix", "-"));
        assert!(!trusted("192.0.2.1", "192.0.2.2"));
        assert!(!trusted("192.0.2.0/24", "-"));
        assert!(!trusted("unix", "192.0.2.1"));
        assert_eq!("lan".parse::<Trusted>(), Err(NoTrusted));
    }
}
