//! What a site's folder looks like from outside: the names and facts of all that is in it.
//!
//! It is walked once, and looked at path by path after that. Two equal trees, taken before and after
//! the site was read, say that it was read in one piece; no content is opened for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{
    entry::{Entry, Fault},
    facts::Facts,
    names::Name,
    walk::Walk,
};

/// The state of a folder, as its metadata tell it. Noise and the temporary names of transfers are no part
/// of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    root: PathBuf,
    top: Entry,
    shape: Shape,
    /// Paths of symlinks, relative to the root: what changes behind them is told to nobody.
    links: BTreeSet<PathBuf>,
    /// The temporary names of transfers when it was walked, relative to the root.
    transfers: BTreeSet<PathBuf>,
    /// Of the file that changed last.
    newest: Option<Facts>,
    /// What all names and facts take in memory.
    bytes: usize,
}

/// Two trees of one shape hold the same names, at each of which stands the same kind of thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape(u64);

/// What came of a look at some paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// All of them are as before.
    Same,
    Differs,
    /// A folder came or went, with who knows what in it: only a walk can tell.
    Beyond,
}

impl Tree {
    /// Walks `root`.
    pub(super) fn of(root: &Path) -> Self {
        let mut walk = Walk::new(root);
        let top = walk.entry(Path::new(""));
        Self {
            root: root.to_owned(),
            top,
            shape: Shape::another(),
            links: walk.links,
            transfers: walk.transfers,
            newest: walk.newest,
            bytes: walk.bytes,
        }
    }

    /// Whether both are of the same folder, and of the same content; a transfer under way is none.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        self.root == other.root && self.top == other.top
    }

    /// The temporary names of transfers that were there when it was walked, relative to the root.
    pub(super) fn transfers(&self) -> &BTreeSet<PathBuf> {
        &self.transfers
    }

    /// Takes them over from a later one.
    pub(super) fn have_transfers_of(&mut self, later: Self) {
        self.transfers = later.transfers;
    }

    /// The same, and nothing else of it.
    pub(super) fn into_transfers(self) -> BTreeSet<PathBuf> {
        self.transfers
    }

    /// Whether an equal tree, taken later, proves that nothing changed between the two. `now` is the
    /// time since 1970 before it was taken.
    pub(super) fn is_settled(&self, now: Duration) -> bool {
        self.newest.is_none_or(|facts| facts.are_settled(now))
    }

    /// Looks at `paths`, which are relative to the root, and at what lies behind links, and takes in
    /// what it finds. After [`Look::Beyond`] the tree is of no use but to be compared with a walk.
    pub(super) fn refresh(&mut self, paths: &BTreeSet<PathBuf>) -> Look {
        let mut look = Look::Same;
        for path in paths.union(&self.links.clone()) {
            match self.refresh_one(path) {
                Look::Same => {}
                Look::Differs => look = Look::Differs,
                Look::Beyond => return Look::Beyond,
            }
        }
        look
    }

    fn refresh_one(&mut self, path: &Path) -> Look {
        if Name::of(path) != Name::Content {
            return Look::Same;
        }
        let mut walk = Walk::new(&self.root);
        if path.as_os_str().is_empty() {
            return match (&self.top, walk.outline(path)) {
                (Entry::Folder(before, _), Entry::Folder(now, _)) if *before == now => Look::Same,
                _ => Look::Beyond,
            };
        }
        let mut above = path.ancestors().skip(1);
        if above.any(|folder| self.links.contains(folder)) {
            // The same file may have another name that was not told.
            return Look::Beyond;
        }
        let is_link = self.links.contains(path);
        let now = match is_link {
            true => walk.entry_within(&self.top, path),
            false => walk.outline(path),
        };
        let links = walk.links;
        if let Some(facts) = walk.newest {
            self.newest = Some(self.newest.map_or(facts, |newest| newest.later(facts)));
        }
        let (Some(folder), Some(name)) = (holder(&mut self.top, path), path.file_name()) else {
            // Its folder is not known: it is a new one, or came and went.
            let is_gone = matches!(now, Entry::Nothing);
            return if is_gone { Look::Same } else { Look::Beyond };
        };
        let before = folder.get(name).unwrap_or(&Entry::Nothing);
        let look = match (before, &now) {
            (before, now) if before == now => return Look::Same,
            (Entry::File(_), Entry::File(_)) => Look::Differs,
            (Entry::Folder(before, _), Entry::Folder(now, _)) if before == now && !is_link => {
                return Look::Same;
            }
            (Entry::Folder(..), _) | (_, Entry::Folder(..)) => Look::Beyond,
            _ => {
                self.shape = Shape::another();
                Look::Differs
            }
        };
        self.links.extend(links);
        let before = match now {
            Entry::Nothing => folder.remove(name),
            now => {
                self.bytes += Entry::held_bytes(name);
                folder.insert(name.into(), now)
            }
        };
        if before.is_some() {
            self.bytes -= Entry::held_bytes(name);
        }
        look
    }

    /// About what it takes in memory.
    pub(super) fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// As long as it is the same, so are all names.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// What stands at `path`, which is relative to the root. A link that leads back to a folder around it
    /// stands for that folder here: the theme of a site may be the site.
    pub(super) fn entry(&self, path: &str) -> &Entry {
        let mut entry = &self.top;
        for part in Path::new(path) {
            let Entry::Folder(_, entries) = entry else {
                return &Entry::Nothing;
            };
            entry = match entries.get(part).unwrap_or(&Entry::Nothing) {
                // Folders around are no links, so that this has an end.
                Entry::Fault(Fault::Loop(ancestor)) => self.plain_entry(ancestor),
                entry => entry,
            };
        }
        entry
    }

    fn plain_entry(&self, path: &Path) -> &Entry {
        let mut entry = &self.top;
        for part in path {
            let Entry::Folder(_, entries) = entry else {
                return &Entry::Nothing;
            };
            entry = entries.get(part).unwrap_or(&Entry::Nothing);
        }
        entry
    }

    /// Whether `path` is part of the tree, if there is anything.
    pub(super) fn covers(path: &str) -> bool {
        Name::of(Path::new(path)) == Name::Content
    }
}

impl Shape {
    /// One that no tree had before.
    fn another() -> Self {
        Self(SHAPES.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

static SHAPES: AtomicU64 = AtomicU64::new(0);

/// The entries of the folder below `top` that holds `path`.
fn holder<'e>(top: &'e mut Entry, path: &Path) -> Option<&'e mut BTreeMap<Box<OsStr>, Entry>> {
    let mut entry = top;
    for part in path.parent()? {
        let Entry::Folder(_, entries) = entry else {
            return None;
        };
        entry = entries.get_mut(part)?;
    }
    match entry {
        Entry::Folder(_, entries) => Some(entries),
        _ => None,
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "reads a file to show that reading is no change"
)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    /// A site of two files, changed by `change`: whether the change shows, to a walk and to a look at
    /// these paths.
    fn check(paths: &[&str], expected: Look, change: impl FnOnce(&Path)) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("content")).unwrap();
        fs::write(root.join("config.toml"), "base_url = '/'").unwrap();
        fs::write(root.join("content/a.md"), "one").unwrap();
        let before = Tree::of(root);
        change(root);
        let after = Tree::of(root);
        assert_eq!(
            before.agrees_with(&after),
            expected == Look::Same,
            "{paths:?}"
        );
        let mut looked = before;
        let paths = paths.iter().map(PathBuf::from).collect();
        assert_eq!(looked.refresh(&paths), expected, "{paths:?}");
        assert!(
            expected == Look::Beyond || looked.agrees_with(&after),
            "{paths:?}"
        );
    }

    #[test]
    fn shows_what_may_change_a_page() {
        check(&["content/a.md"], Look::Differs, |root| {
            fs::write(root.join("content/a.md"), "three").unwrap();
        });
        check(&["content/b.md"], Look::Differs, |root| {
            fs::write(root.join("content/b.md"), "two").unwrap();
        });
        check(&["content/a.md"], Look::Differs, |root| {
            fs::remove_file(root.join("content/a.md")).unwrap();
        });
        check(&["content", "c"], Look::Beyond, |root| {
            fs::rename(root.join("content"), root.join("c")).unwrap();
        });
        check(&["content/new", "content/new/a.md"], Look::Beyond, |root| {
            fs::create_dir(root.join("content/new")).unwrap();
            fs::write(root.join("content/new/a.md"), "three").unwrap();
        });
        check(&["static"], Look::Beyond, |root| {
            symlink("content", root.join("static")).unwrap();
        });
        check(&["content/new", "content/a.md"], Look::Differs, |root| {
            fs::write(root.join("content/new"), "one").unwrap();
            fs::rename(root.join("content/new"), root.join("content/a.md")).unwrap();
        });
        check(&["content/a.md"], Look::Beyond, |root| {
            fs::remove_file(root.join("content/a.md")).unwrap();
            fs::create_dir(root.join("content/a.md")).unwrap();
        });
    }

    #[test]
    fn does_not_show_what_cannot() {
        check(&["content", "content/a.md"], Look::Same, |_| ());
        check(&["content/a.md~"], Look::Same, |root| {
            fs::write(root.join("content/a.md~"), "x").unwrap();
        });
        check(&["content/.a.md.X1y2Z3"], Look::Same, |root| {
            fs::write(root.join("content/.a.md.X1y2Z3"), "x").unwrap();
        });
        check(&[".git"], Look::Same, |root| {
            fs::create_dir(root.join(".git")).unwrap();
        });
        check(&["content/x/y.md"], Look::Same, |root| {
            fs::read(root.join("content/a.md")).unwrap();
        });
    }

    #[test]
    fn looks_behind_links_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("content")).unwrap();
        fs::write(outside.path().join("a.md"), "one").unwrap();
        symlink(outside.path(), root.join("content/out")).unwrap();
        symlink(outside.path().join("a.md"), root.join("content/a.md")).unwrap();
        symlink(root, root.join("content/loop")).unwrap();
        let mut tree = Tree::of(root);
        assert_eq!(tree.refresh(&BTreeSet::new()), Look::Same);
        assert_eq!(tree.entry("content/loop/content"), tree.entry("content"));
        let told = BTreeSet::from(["content/loop/config.toml".into()]);
        assert_eq!(tree.clone().refresh(&told), Look::Beyond);
        fs::write(outside.path().join("a.md"), "three").unwrap();
        assert_ne!(tree.refresh(&BTreeSet::new()), Look::Same);
    }

    #[test]
    fn names_the_transfers_under_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("content/.~tmp~")).unwrap();
        fs::write(folder.path().join(".config.toml.aB3dEf"), "").unwrap();
        let tree = Tree::of(folder.path());
        let names: Vec<_> = tree.transfers().iter().map(|path| path.to_str()).collect();
        assert_eq!(names, [Some(".config.toml.aB3dEf"), Some("content/.~tmp~")]);
    }

    #[test]
    fn a_folder_that_is_gone_has_one_too() {
        let gone = Tree::of(Path::new("/nowhere/at/all"));
        assert!(gone.agrees_with(&Tree::of(Path::new("/nowhere/at/all"))));
    }
}
