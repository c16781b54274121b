//! Every resource of a snapshot: in the order of their paths, and found by path.
//!
//! A snapshot is made anew for each edit of a single page, so that its table is made of what each resource
//! knows of itself: no path is read but to see that all are in order.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher},
    ops::Index,
    sync::Arc,
};

use super::Resource;

/// Resources, each at a path of its own.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    /// By path.
    sorted: Box<[Arc<Resource>]>,
    /// An open table, at most half full: what is looked for stands at the slot that its hash names, or
    /// behind it before the next free one.
    slots: Box<[Slot]>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The upper half of the hash of a path: others are rarely looked at.
    tag: u32,
    /// In the sorted list, or none.
    place: u32,
}

impl Resources {
    /// Takes `resources`. Of two at one path the first counts. What comes sorted by path is not sorted.
    pub(crate) fn of(mut resources: Vec<Arc<Resource>>) -> Self {
        if !resources.is_sorted_by(|a, b| a.path < b.path) {
            // Stable, so that the first stays the first.
            resources.sort_by(|a, b| a.path.cmp(&b.path));
            resources.dedup_by(|later, first| later.path == first.path);
        }
        let sorted = resources.into_boxed_slice();
        let mut slots = vec![FREE; (sorted.len() * 2).next_power_of_two()].into_boxed_slice();
        for (place, resource) in (0..).zip(&sorted) {
            let hash = resource.summary.path_hash;
            let tag = tag(hash);
            let free =
                around(hash, slots.len()).find(|at| slots.get(*at).is_some_and(Slot::is_free));
            let slot = free.and_then(|at| slots.get_mut(at));
            *slot.expect("half of the slots are free") = Slot { tag, place };
        }
        Self { sorted, slots }
    }

    /// The resource at `path`.
    pub(crate) fn get(&self, path: &str) -> Option<&Arc<Resource>> {
        let hash = hash(path);
        let slots = around(hash, self.slots.len()).filter_map(|at| self.slots.get(at));
        slots
            .take_while(|slot| !slot.is_free())
            .filter(|slot| slot.tag == tag(hash))
            .filter_map(|slot| self.sorted.get(slot.place as usize))
            .find(|resource| resource.path.as_str() == path)
    }

    /// All of them, in the order of their paths.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = &Arc<Resource>> {
        self.sorted.iter()
    }

    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }
}

impl Index<&str> for Resources {
    type Output = Arc<Resource>;

    fn index(&self, path: &str) -> &Arc<Resource> {
        self.get(path).expect("there is a resource at the path")
    }
}

impl Slot {
    fn is_free(&self) -> bool {
        self.place == FREE.place
    }
}

/// By what a path is found. The keys are those of a site, not of its clients: they can't be chosen to
/// collide by whoever asks.
pub(super) fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

fn tag(hash: u64) -> u32 {
    (hash >> u32::BITS) as u32
}

/// The slots at which a hash may stand, of so many, which is a power of two.
fn around(hash: u64, slots: usize) -> impl Iterator<Item = usize> {
    let first = hash as usize;
    (0..slots).map(move |step| first.wrapping_add(step) & (slots - 1))
}

const FREE: Slot = Slot {
    tag: 0,
    place: u32::MAX,
};

/// What a resource takes in the table: its place in the list, and between two and four slots.
pub(super) const PLACE_BYTES: usize = size_of::<Arc<Resource>>() + 3 * size_of::<Slot>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Redirect, Stored, UrlPath};

    fn resource(path: &str, to: &str) -> Arc<Resource> {
        let stored = Stored::Redirect(Box::new(Redirect {
            to: to.into(),
            html: bytes::Bytes::new(),
        }));
        let path = UrlPath::new(path).unwrap();
        Arc::new(Resource::new(path, 200, "text/html".into(), stored, None))
    }

    #[test]
    fn each_is_found_at_its_path_and_nothing_else_is() {
        assert!(Resources::default().get("/").is_none());
        for count in [0, 1, 2, 3, 7, 8, 9, 1_000] {
            let paths: Vec<_> = (0..count).map(|number| format!("/{number}/")).collect();
            let of = |paths: &mut dyn Iterator<Item = &String>| {
                Resources::of(paths.map(|path| resource(path, path)).collect())
            };
            for table in [of(&mut paths.iter()), of(&mut paths.iter().rev())] {
                assert!(table.values().is_sorted_by(|a, b| a.path < b.path));
                let found = paths.iter().filter_map(|path| table.get(path));
                let found: Vec<_> = found.map(|one| one.path.as_str()).collect();
                assert_eq!(
                    (table.len(), found),
                    (count, paths.iter().map(String::as_str).collect())
                );
                let mut others = (count..count + 1_000).map(|number| format!("/{number}/"));
                assert!(others.all(|path| table.get(&path).is_none()));
            }
        }
    }

    #[test]
    fn the_first_of_two_counts() {
        let two = [("/b/", "1"), ("/a/", "2"), ("/b/", "3"), ("/a/", "4")];
        let table = Resources::of(two.map(|(path, to)| resource(path, to)).into());
        let told = table.values().map(|one| match &one.stored {
            Stored::Redirect(redirect) => redirect.to.to_string(),
            _ => unreachable!("all of them are redirects"),
        });
        assert_eq!(told.collect::<Vec<_>>(), ["2", "1"]);
    }
}
