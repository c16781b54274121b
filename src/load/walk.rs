//! A walk over a site's folder, or a look at one path of it: names and metadata, no content.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where a site is looked at"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    entry::{Entry, Fault, Inode},
    facts::Facts,
    names::Name,
};

/// A walk under way.
pub(super) struct Walk<'w> {
    root: &'w Path,
    /// The symlinks that were met.
    pub(super) links: BTreeSet<PathBuf>,
    /// The temporary names that were met.
    pub(super) transfers: BTreeSet<PathBuf>,
    /// The folders around, outermost first.
    above: Vec<(Inode, PathBuf)>,
    /// The facts of the file that changed last.
    pub(super) newest: Option<Facts>,
    /// What all names and facts take that were met.
    pub(super) bytes: usize,
}

impl<'w> Walk<'w> {
    pub(super) fn new(root: &'w Path) -> Self {
        Self {
            root,
            links: BTreeSet::new(),
            transfers: BTreeSet::new(),
            above: Vec::new(),
            newest: None,
            bytes: 0,
        }
    }

    /// What stands at `path`, with all that is in it.
    pub(super) fn entry(&mut self, path: &Path) -> Entry {
        let metadata = fs::symlink_metadata(self.root.join(path));
        self.found(path, metadata)
    }

    /// The same for a link somewhere in `top`: it must not lead back to a folder around it.
    pub(super) fn entry_within(&mut self, top: &Entry, path: &Path) -> Entry {
        let mut entry = top;
        let mut here = PathBuf::new();
        for part in path {
            let Entry::Folder(inode, entries) = entry else {
                break;
            };
            self.above.push((*inode, here.clone()));
            here.push(part);
            entry = entries.get(part).unwrap_or(&Entry::Nothing);
        }
        self.entry(path)
    }

    /// What stands at `path`; of a folder, only that it can be read.
    pub(super) fn outline(&mut self, path: &Path) -> Entry {
        let metadata = fs::symlink_metadata(self.root.join(path));
        match metadata {
            Ok(metadata) if metadata.is_dir() => match fs::read_dir(self.root.join(path)) {
                Ok(_) => Entry::Folder(inode(&metadata), BTreeMap::new()),
                Err(error) => Entry::Fault(Fault::Unreadable(error.to_string())),
            },
            metadata => self.found(path, metadata),
        }
    }

    fn found(&mut self, path: &Path, metadata: io::Result<fs::Metadata>) -> Entry {
        match metadata {
            Ok(metadata) if metadata.is_symlink() => {
                if !path.as_os_str().is_empty() {
                    self.links.insert(path.to_owned());
                }
                match fs::metadata(self.root.join(path)) {
                    Ok(metadata) => self.judged(path, &metadata),
                    Err(_) => Entry::Fault(Fault::Nowhere),
                }
            }
            Ok(metadata) => self.judged(path, &metadata),
            // Gone since its folder was listed.
            Err(error) if is_absence(&error) => Entry::Nothing,
            Err(error) => Entry::Fault(Fault::Unreadable(error.to_string())),
        }
    }

    fn judged(&mut self, path: &Path, metadata: &fs::Metadata) -> Entry {
        if metadata.is_file() {
            let facts = Facts::of(metadata);
            self.newest = Some(self.newest.map_or(facts, |newest| newest.later(facts)));
            Entry::File(facts)
        } else if metadata.is_dir() {
            self.folder(path, inode(metadata))
        } else {
            Entry::Other(inode(metadata))
        }
    }

    fn folder(&mut self, path: &Path, inode: Inode) -> Entry {
        if let Some((_, ancestor)) = self.above.iter().find(|(above, _)| *above == inode) {
            return Entry::Fault(Fault::Loop(ancestor.clone()));
        }
        let listed = match fs::read_dir(self.root.join(path)) {
            Ok(listed) => listed,
            Err(error) if is_absence(&error) => return Entry::Nothing,
            Err(error) => return Entry::Fault(Fault::Unreadable(error.to_string())),
        };
        let depth = path.iter().count();
        self.above.push((inode, path.to_owned()));
        let mut entries = Vec::new();
        for listed in listed.flatten() {
            let name = listed.file_name();
            let inner = path.join(&name);
            match judge(&name, depth) {
                Name::Content => match self.found(&inner, listed.metadata()) {
                    Entry::Nothing => {}
                    entry => {
                        self.bytes += Entry::held_bytes(&name);
                        entries.push((name.into_boxed_os_str(), entry));
                    }
                },
                Name::Noise => {}
                Name::Transfer => {
                    self.transfers.insert(inner);
                }
            }
        }
        self.above.pop();
        Entry::Folder(inode, entries.into_iter().collect())
    }
}

fn judge(name: &OsStr, depth: usize) -> Name {
    name.to_str()
        .map_or(Name::Content, |name| Name::of_part(name, depth))
}

fn inode(metadata: &fs::Metadata) -> Inode {
    (metadata.dev(), metadata.ino())
}

fn is_absence(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    kinds.contains(&error.kind())
}
