//! Where clients come in: an address, a Unix socket, or a socket that whoever started the node had open already.

#![expect(
    clippy::disallowed_methods,
    reason = "a Unix socket is a file, which its listener makes and takes away"
)]

use std::{
    env, fmt, fs,
    io::{self, ErrorKind},
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    str::FromStr,
};

use listenfd::ListenFd;
use socket2::{Domain, Type};

use super::stream;

/// Where clients come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// An address of the network.
    Address(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
    /// Sockets that were handed over at the start (systemd's `LISTEN_FDS`): those of this name, or all.
    Inherited(Option<String>),
}

/// Why a text is no [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "where to listen is an IP address and a port, as 127.0.0.1:8080 or [::]:443, `unix:/run/littoral.sock`, `systemd` or \
     `systemd:NAME` for sockets that are handed over; on the command line `off` for none"
)]
pub(crate) struct NoPlace;

/// A socket that clients can connect to.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, Option<Kept>),
}

/// The file of a Unix socket; gone with this.
#[derive(Debug)]
pub(super) struct Kept(PathBuf);

impl Place {
    /// Its sockets. `all` are the places of its kind, itself among them.
    pub(super) fn bind(&self, all: &[Self]) -> io::Result<Vec<Socket>> {
        Ok(match self {
            Self::Address(address) => vec![Socket::Tcp(bind_tcp(*address, all)?)],
            Self::Unix(path) => vec![bind_unix(path)?],
            Self::Inherited(name) => inherited(name.as_deref())?,
        })
    }
}

impl Socket {
    /// Where it listens, as `127.0.0.1:8080` or `unix:/run/littoral.sock`: a port that was 0 is the one that was given.
    pub(super) fn place(&self) -> Option<Place> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(Place::Address),
            Self::Unix(listener, _) => {
                let address = listener.local_addr().ok()?;
                Some(Place::Unix(address.as_pathname()?.to_owned()))
            }
        }
    }

    /// Another handle to it, which never waits.
    pub(super) fn handle(&self) -> io::Result<stream::Listener> {
        Ok(match self {
            Self::Tcp(listener) => {
                let listener = listener.try_clone()?;
                listener.set_nonblocking(true)?;
                // Its connections inherit that. Without it an answer waits for the client's delayed acknowledgement: 40 ms.
                socket2::SockRef::from(&listener).set_tcp_nodelay(true)?;
                stream::Listener::Tcp(mio::net::TcpListener::from_std(listener))
            }
            Self::Unix(listener, _) => {
                let listener = listener.try_clone()?;
                listener.set_nonblocking(true)?;
                stream::Listener::Unix(mio::net::UnixListener::from_std(listener))
            }
        })
    }

    /// What has to be held for as long as clients come in.
    pub(super) fn into_kept(self) -> Option<Kept> {
        match self {
            Self::Tcp(_) => None,
            Self::Unix(_, kept) => kept,
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Whoever took it away was first.
        fs::remove_file(&self.0).unwrap_or_default();
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        if let Some(path) = text.strip_prefix("unix:") {
            let is_path = path.starts_with('/');
            return is_path.then(|| Self::Unix(path.into())).ok_or(NoPlace);
        }
        match text.strip_prefix("systemd") {
            Some("") => Ok(Self::Inherited(None)),
            Some(name) => match name.strip_prefix(':').filter(|name| !name.is_empty()) {
                Some(name) => Ok(Self::Inherited(Some(name.to_owned()))),
                None => Err(NoPlace),
            },
            None => text.parse().map(Self::Address).map_err(|_| NoPlace),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Inherited(None) => f.write_str("systemd"),
            Self::Inherited(Some(name)) => write!(f, "systemd:{name}"),
        }
    }
}

fn bind_tcp(address: SocketAddr, all: &[Place]) -> io::Result<TcpListener> {
    let socket = open(address, all, Type::STREAM)?;
    // Connections of the last run may linger there.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING_MAX)?;
    Ok(socket.into())
}

/// The socket for datagrams at `address`, which is among `all`.
pub(super) fn bind_udp(address: SocketAddr, all: &[Place]) -> io::Result<UdpSocket> {
    let socket = open(address, all, Type::DGRAM)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// A socket for `address`. `[::]` is for IPv4 as well, unless `0.0.0.0` stands beside it with the same port.
fn open(address: SocketAddr, all: &[Place], kind: Type) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::for_address(address), kind, None)?;
    if address.is_ipv6() {
        let ipv4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()));
        socket.set_only_v6(all.contains(&Place::Address(ipv4)))?;
    }
    Ok(socket)
}

/// A socket that nobody listens at any more is what an end without warning left behind.
fn bind_unix(path: &Path) -> io::Result<Socket> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let is_left = is_socket
        && UnixStream::connect(path)
            .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
    if is_left {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    let kept = Kept(path.to_owned());
    // Whoever stands before it is mostly another user. Who may come is up to the folder.
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    Ok(Socket::Unix(listener, Some(kept)))
}

/// The protocol of `sd_listen_fds(3)`.
fn inherited(name: Option<&str>) -> io::Result<Vec<Socket>> {
    let mut all = ListenFd::from_env();
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let mut sockets = Vec::new();
    for number in 0..all.len() {
        let own = names.next().unwrap_or_default();
        if name.is_some_and(|name| name != own) {
            continue;
        }
        if let Ok(Some(listener)) = all.take_tcp_listener(number) {
            sockets.push(Socket::Tcp(listener));
        } else if let Some(listener) = all.take_unix_listener(number)? {
            sockets.push(Socket::Unix(listener, None));
        }
    }
    match sockets.is_empty() {
        true => Err(io::Error::other(
            "no such socket was handed over; a unit has them from a .socket file with FileDescriptorName=",
        )),
        false => Ok(sockets),
    }
}

/// How many connections wait to be let in; the system may have its own bound.
const WAITING_MAX: i32 = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_leaves_ipv4_to_whoever_stands_beside_it() {
        let [ipv4, ipv6, other] =
            ["0.0.0.0:0", "[::]:0", "0.0.0.0:1"].map(|place| place.parse().unwrap());
        for (all, is_alone) in [
            (&[&ipv4, &ipv6][..], true),
            (&[&other, &ipv6], false),
            (&[&ipv6], false),
        ] {
            let all: Vec<Place> = all.iter().copied().cloned().collect();
            let address = "[::]:0".parse().unwrap();
            let tcp = bind_tcp(address, &all).unwrap();
            let udp = bind_udp(address, &all).unwrap();
            let alone = [
                socket2::SockRef::from(&tcp).only_v6().unwrap(),
                socket2::SockRef::from(&udp).only_v6().unwrap(),
            ];
            assert_eq!(alone, [is_alone; 2], "{all:?}");
        }
    }

    #[test]
    fn a_place_is_named_in_one_way() {
        for text in [
            "127.0.0.1:80",
            "[::1]:443",
            "unix:/run/a.sock",
            "systemd",
            "systemd:web",
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(place.to_string(), text);
        }
        for text in [
            "",
            "80",
            "localhost:80",
            "unix:",
            "unix:a",
            "systemd:",
            "systemdx",
            "/run/a",
        ] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }

    #[test]
    fn what_an_end_without_warning_left_behind_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sock");
        let place = Place::Unix(path.clone());
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let first = place.bind(&[]).unwrap();
        let error = place.bind(&[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "somebody listens");
        drop(first);
        assert!(!path.exists());
        fs::write(&path, "no socket").unwrap();
        assert!(place.bind(&[]).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"no socket");
    }
}
