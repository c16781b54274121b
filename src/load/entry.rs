//! What stands at the paths of a site's folder, and nothing of why that is asked.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::facts::Facts;

/// What stands at a path. A folder's times are left out: they move with the temporary names inside, and
/// all else shows in its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Entry {
    #[default]
    Nothing,
    File(Facts),
    Folder(Inode, BTreeMap<Box<OsStr>, Self>),
    /// A pipe, a device.
    Other(Inode),
    Fault(Fault),
}

/// Device and inode.
pub(super) type Inode = (u64, u64);

/// Why there is nothing to be had from a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// A link that leads back to this folder, relative to the root.
    Loop(PathBuf),
    /// A link that leads nowhere.
    Nowhere,
    /// What the system says.
    Unreadable(String),
}

impl Entry {
    /// About what one takes in memory that is called `name`, without those in it.
    pub(super) fn held_bytes(name: &OsStr) -> usize {
        size_of::<(Box<OsStr>, Self)>() + name.len()
    }

    /// The facts of every file below this folder, in the order of [`Self::each`].
    pub(super) fn facts(&self) -> Vec<Facts> {
        let mut facts = Vec::new();
        self.add_facts(&mut facts);
        facts
    }

    fn add_facts(&self, facts: &mut Vec<Facts>) {
        match self {
            Self::File(own) => facts.push(*own),
            Self::Folder(_, entries) => entries.values().for_each(|entry| entry.add_facts(facts)),
            Self::Nothing | Self::Other(_) | Self::Fault(_) => {}
        }
    }

    /// Calls `with` for every file and every fault below this folder, by path; `path` is that of the
    /// folder.
    pub(super) fn each(&self, path: &Path, with: &mut impl FnMut(&Path, Result<&Facts, &Fault>)) {
        match self {
            Self::Nothing | Self::Other(_) => {}
            Self::File(facts) => with(path, Ok(facts)),
            Self::Fault(fault) => with(path, Err(fault)),
            Self::Folder(_, entries) => {
                let mut path = path.to_owned();
                for (name, entry) in entries {
                    path.push(&**name);
                    entry.each(&path, with);
                    path.pop();
                }
            }
        }
    }
}
