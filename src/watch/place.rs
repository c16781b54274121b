//! Where the system's events about a site come from.
//!
//! A watch follows the inode, not the name: after `mv site.new site` or a flip of a symlink it hangs
//! on a folder that nobody serves. So the folder that holds the site is watched too, and the watch is
//! laid anew whenever the name leads elsewhere. Of the site's root only its own entries and the
//! folders that count are watched, so that a `target/` beside `content/` costs nothing.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind,
};
use walkdir::WalkDir;

use super::mailbox::{Lay, Mailbox, Told};
use crate::load::{Name, News};

/// The watch on one site.
pub(super) struct Place {
    /// The site's folder as it was named, absolute.
    root: PathBuf,
    /// A file that belongs to the site and may lie elsewhere, absolute.
    beside: Option<PathBuf>,
    mailbox: Arc<Mailbox>,
    laid: Ground,
    /// Whether something may be there that is not watched.
    stale: bool,
    /// None where the system reports nothing; then the poll is all there is.
    watcher: Option<RecommendedWatcher>,
    /// A file that nobody but this watcher opens, and whose opening is reported; None where there is no
    /// such thing.
    fence: Option<PathBuf>,
}

/// What is watched.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ground {
    /// The site's folder without symlinks.
    real: PathBuf,
    /// The folders, each with what its name leads to and how deep.
    folders: BTreeMap<PathBuf, (Inode, RecursiveMode)>,
}

/// A device and an inode on it.
type Inode = (u64, u64);

/// The paths by which events are judged.
struct Names {
    /// The site's folder as it was named.
    root: PathBuf,
    /// The same without symlinks; the events inside it are named so.
    real: PathBuf,
    beside: Option<PathBuf>,
    fence: Option<PathBuf>,
}

/// What an event is about; paths are relative to the site's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    Content(PathBuf),
    /// An entry right in the folder.
    Ground(PathBuf),
    /// The folder itself.
    Site,
    Beside,
    Nothing,
    Transfer(PathBuf),
}

impl Place {
    /// Begins to watch.
    pub(super) fn new(root: PathBuf, beside: Option<PathBuf>, mailbox: Arc<Mailbox>) -> Self {
        let mut place = Self {
            root,
            beside,
            mailbox,
            laid: Ground::default(),
            stale: false,
            watcher: None,
            fence: None,
        };
        place.lay();
        place
    }

    /// Has the watch laid anew the next time.
    pub(super) fn spoil(&mut self) {
        self.stale = true;
    }

    /// Lays the watch anew if it is spoilt, or if a folder's name leads elsewhere than when it was last laid. To
    /// be called before the site is read: what changes later is then told. Returns whether it was laid anew: what
    /// changed meanwhile was told to nobody.
    ///
    /// It reads no folder. One that is new in the site's was told, and [`Self::lay`] goes by what is there.
    pub(super) fn keep(&mut self) -> bool {
        !self.is_in_place() && self.lay()
    }

    /// The same, and also if the site has other folders.
    pub(super) fn lay(&mut self) -> bool {
        let mut ground = self.ground();
        if ground == self.laid && self.watcher.is_some() && !self.stale {
            return false;
        }
        for _ in 0..LAYINGS_MAX {
            self.lay_on(ground);
            // A folder that was made before its own was watched was told to nobody.
            ground = self.ground();
            if ground == self.laid {
                return true;
            }
        }
        self.stale = true;
        true
    }

    fn lay_on(&mut self, ground: Ground) {
        self.stale = false;
        self.fence = None;
        match self.watch(&ground) {
            Ok((watcher, fence)) => {
                self.watcher = Some(watcher);
                self.fence = fence;
            }
            Err(error) => {
                // Said once: the poll tries again, and fails again, every time.
                if self.watcher.take().is_some() || self.laid.folders.is_empty() {
                    tracing::warn!(
                        site = %self.root.display(),
                        %error,
                        "changes are seen by the poll alone, since the system does not report \
                         them; if it says that no watches are left, raise \
                         fs.inotify.max_user_watches"
                    );
                }
            }
        }
        self.laid = ground;
    }

    /// Waits until all that changed so far was told. False if nobody can know.
    ///
    /// The system tells in the order in which things happen: when a file is opened, and this is told, all
    /// that came before has been.
    #[expect(clippy::disallowed_methods, reason = "opens what is no part of a site")]
    pub(super) fn fence(&mut self) -> bool {
        let Some(fence) = &self.fence else {
            return false;
        };
        let reached = self.mailbox.fence(|| fs::File::open(fence).is_ok());
        // Its event may still come, and must not pass for the next one's.
        self.stale |= !reached;
        reached
    }

    fn is_in_place(&self) -> bool {
        let Ground { real, folders } = &self.laid;
        let is_led_to = |path: &Path, inode: Inode| inode_of(path) == Some(inode);
        self.watcher.is_some()
            && !self.stale
            && folders
                .get(real)
                .is_some_and(|&(inode, _)| is_led_to(&self.root, inode))
            && (folders.iter()).all(|(path, &(inode, _))| is_led_to(path, inode))
    }

    fn ground(&self) -> Ground {
        let real = self.real();
        let holders = [Some(&self.root), Some(&real), self.beside.as_ref()];
        let holders = holders
            .into_iter()
            .flatten()
            .filter_map(|path| path.parent());
        let flat = holders.chain([real.as_path()]).map(Path::to_owned);
        let folders = WalkDir::new(&real)
            .min_depth(1)
            .max_depth(1)
            .follow_links(true);
        let deep = folders
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_dir())
            .filter(|entry| Name::of(Path::new(entry.file_name())) == Name::Content)
            .map(|entry| entry.path().to_owned());
        let flat = flat.map(|path| (path, RecursiveMode::NonRecursive));
        let deep = deep.map(|path| (path, RecursiveMode::Recursive));
        let folders = flat.chain(deep).filter_map(|(path, mode)| {
            let inode = inode_of(&path)?;
            Some((path, (inode, mode)))
        });
        Ground {
            folders: folders.collect(),
            real,
        }
    }

    fn watch(&self, ground: &Ground) -> notify::Result<(RecommendedWatcher, Option<PathBuf>)> {
        let fence = own_file();
        let names = Names {
            root: self.root.clone(),
            real: ground.real.clone(),
            beside: self.beside.clone(),
            fence: fence.clone(),
        };
        let mailbox = Arc::clone(&self.mailbox);
        let mut watcher = notify::recommended_watcher(move |event| tell(&mailbox, &names, &event))?;
        for (path, (_, mode)) in &ground.folders {
            watcher.watch(path, *mode)?;
        }
        let watch = |fence: &PathBuf| watcher.watch(fence, RecursiveMode::NonRecursive).is_ok();
        let fence = fence.filter(watch);
        Ok((watcher, fence))
    }

    fn real(&self) -> PathBuf {
        fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone())
    }
}

/// How often the watch is laid at once while new folders keep coming.
const LAYINGS_MAX: usize = 4;

/// What a name leads to, through symlinks.
fn inode_of(path: &Path) -> Option<Inode> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// A file of this thread's own, which others have no reason to open.
fn own_file() -> Option<PathBuf> {
    let thread = fs::read_link("/proc/thread-self").ok()?;
    Some(Path::new("/proc").join(thread).join("comm"))
}

/// Puts what an event means into the mailbox.
fn tell(mailbox: &Mailbox, names: &Names, event: &notify::Result<Event>) {
    let now = Instant::now();
    let event = match event {
        // Reading is no change. Without this, a look at the site would be followed by the next.
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => {
            let is_fence = names.fence.is_some() && names.fence.as_ref() == event.paths.first();
            return if is_fence {
                mailbox.reach_fence()
            };
        }
        Ok(event) if !event.need_rescan() => event,
        // Events were lost, those of new folders perhaps among them.
        Ok(_) | Err(_) => {
            return mailbox.tell(|told| {
                told.change = Some(now);
                told.news = News::Everything;
                told.transfers = News::Everything;
                told.errands.lay = told.errands.lay.max(Lay::Later);
            });
        }
    };
    for path in &event.paths {
        let about = names.judge(path);
        let may_bring = matches!(
            event.kind,
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        // A link to a folder counts too.
        let brings_folder = may_bring && about.is_of_site() && path.is_dir();
        // A folder's own times and rights move with what is in it.
        let about = match (about, event.kind) {
            (About::Site, EventKind::Modify(ModifyKind::Metadata(_))) => {
                About::Ground(PathBuf::new())
            }
            (about, _) => about,
        };
        let brought = if brings_folder { Lay::Later } else { Lay::Keep };
        mailbox.tell(|told| note(told, about, brought, now));
    }
}

fn note(told: &mut Told, about: About, brought: Lay, now: Instant) {
    let lay = match about {
        About::Nothing => return,
        About::Transfer(path) => {
            told.transfer = Some(now);
            return told.transfers.add(path);
        }
        About::Site => {
            told.news = News::Everything;
            Lay::Now
        }
        About::Beside => Lay::Now,
        About::Ground(path) => {
            told.news.add(path);
            Lay::Now
        }
        About::Content(path) => {
            told.news.add(path);
            Lay::Keep
        }
    };
    told.change = Some(now);
    if brought > Lay::Keep {
        told.news = News::Everything;
    }
    told.errands.lay = told.errands.lay.max(lay).max(brought);
}

impl About {
    fn is_of_site(&self) -> bool {
        matches!(self, Self::Ground(_) | Self::Content(_))
    }
}

impl Names {
    fn judge(&self, path: &Path) -> About {
        if path == self.root || path == self.real {
            return About::Site;
        }
        if self.beside.as_deref() == Some(path) {
            return About::Beside;
        }
        let Ok(inside) = path.strip_prefix(&self.real) else {
            // A neighbour of the site in the folder that holds it.
            return About::Nothing;
        };
        let path = inside.to_owned();
        match Name::of(inside) {
            Name::Noise => About::Nothing,
            Name::Transfer => About::Transfer(path),
            Name::Content if inside.components().count() <= 1 => About::Ground(path),
            Name::Content => About::Content(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_events_by_their_paths() {
        let names = Names {
            root: "/srv/current".into(),
            real: "/srv/releases/2".into(),
            beside: Some("/etc/site.toml".into()),
            fence: None,
        };
        for (path, expected) in [
            ("/srv/current", About::Site),
            ("/srv/other", About::Nothing),
            ("/srv/releases/2", About::Site),
            ("/srv/releases/1", About::Nothing),
            ("/srv/releases/2/content", About::Ground("content".into())),
            (
                "/srv/releases/2/config.toml",
                About::Ground("config.toml".into()),
            ),
            (
                "/srv/releases/2/content/a.md",
                About::Content("content/a.md".into()),
            ),
            ("/srv/releases/2/content/a.md~", About::Nothing),
            (
                "/srv/releases/2/content/.a.md.a1B2c3",
                About::Transfer("content/.a.md.a1B2c3".into()),
            ),
            (
                "/srv/releases/2/.~tmp~/config.toml",
                About::Transfer(".~tmp~/config.toml".into()),
            ),
            ("/srv/releases/2/target/debug", About::Nothing),
            ("/etc/site.toml", About::Beside),
            ("/etc/passwd", About::Nothing),
        ] {
            assert_eq!(names.judge(Path::new(path)), expected, "{path}");
        }
    }
}
