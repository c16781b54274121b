//! How many connections there are, in all and from each network.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The count. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Guests {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    all_max: usize,
    /// 0 for any number.
    network_max: usize,
    all: AtomicUsize,
    /// A lock, held for a look at one entry when a connection begins and when it ends. Bounded by `all_max`.
    networks: Mutex<HashMap<IpAddr, usize>>,
}

/// One that is counted, until it is dropped.
#[derive(Debug)]
pub(super) struct Guest {
    shared: Arc<Shared>,
    network: Option<IpAddr>,
}

/// Why a connection is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    All,
    Network,
}

impl Guests {
    /// Lets in so many in all, and so many from each network; 0 for any number.
    pub(super) fn new(all_max: usize, network_max: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                all_max,
                network_max,
                all: AtomicUsize::new(0),
                networks: Mutex::default(),
            }),
        }
    }

    /// Lets in one more.
    pub(super) fn admit(&self, client: Option<IpAddr>) -> Result<Guest, Full> {
        let shared = &self.shared;
        let one_more = |all| (all < shared.all_max).then_some(all + 1);
        let counted = shared
            .all
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.map_err(|_| Full::All)?;
        let mut guest = Guest {
            shared: Arc::clone(shared),
            network: None,
        };
        if let Some(client) = client {
            guest.belong_to(client)?;
        }
        Ok(guest)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.shared.all.load(Ordering::Relaxed)
    }
}

impl Guest {
    /// Counts it among those of the network of `client`, of whom it was not known before that it is.
    pub(super) fn belong_to(&mut self, client: IpAddr) -> Result<(), Full> {
        if self.shared.network_max == 0 || self.network.is_some() {
            return Ok(());
        }
        let network = network(client);
        let mut networks = self.shared.networks();
        let count = networks.entry(network).or_insert(0);
        if *count >= self.shared.network_max {
            return Err(Full::Network);
        }
        *count += 1;
        self.network = Some(network);
        Ok(())
    }
}

impl Shared {
    fn leave(&self, network: IpAddr) {
        let mut networks = self.networks();
        if let Entry::Occupied(mut count) = networks.entry(network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    // A count is never half written.
    fn networks(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.shared.all.fetch_sub(1, Ordering::Relaxed);
        if let Some(network) = self.network {
            self.shared.leave(network);
        }
    }
}

/// What one customer of a provider has: an address of IPv4, and 64 bits of IPv6 (RFC 6177).
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & (u128::MAX << 64);
            Ipv6Addr::from(prefix).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn each_network_has_its_share_and_all_together_theirs() {
        let guests = Guests::new(4, 2);
        let held = [
            "192.0.2.1",
            "::ffff:192.0.2.1",
            "2001:db8::1",
            "2001:db8::2",
        ];
        let mut held: Vec<_> = held
            .into_iter()
            .map(|text| guests.admit(address(text)).unwrap())
            .collect();
        assert_eq!(guests.admit(address("192.0.2.2")).unwrap_err(), Full::All);
        held.pop();
        assert_eq!(
            guests.admit(address("192.0.2.1")).unwrap_err(),
            Full::Network
        );
        assert_eq!(guests.count(), 3);
        let other = guests.admit(address("2001:db8:0:1::1")).unwrap();
        drop((held, other));
        assert_eq!(guests.count(), 0);
        assert!(guests.shared.networks().is_empty());
        let any = Guests::new(9, 0);
        let many = [(); 9].map(|()| any.admit(address("::1")).unwrap());
        assert_eq!(many.len(), any.count());
    }
}
