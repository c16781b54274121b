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
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{CreateKind, ModifyKind},
};
use walkdir::WalkDir;

use super::{
    mailbox::{Lay, Mailbox},
    names::Name,
};

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
}

/// The folders to watch, each with its device and inode and how deep.
type Ground = BTreeMap<PathBuf, (u64, u64, RecursiveMode)>;

/// The paths by which events are judged.
struct Names {
    /// The site's folder as it was named.
    root: PathBuf,
    /// The same without symlinks; the events inside it are named so.
    real: PathBuf,
    beside: Option<PathBuf>,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Content,
    /// The folder itself, or an entry right in it.
    Ground,
    Nothing,
    Transfer,
}

impl Place {
    /// Begins to watch.
    pub(super) fn new(root: PathBuf, beside: Option<PathBuf>, mailbox: Arc<Mailbox>) -> Self {
        let mut place = Self {
            root,
            beside,
            mailbox,
            laid: Ground::new(),
            stale: false,
            watcher: None,
        };
        place.lay();
        place
    }

    /// Has the watch laid anew the next time.
    pub(super) fn spoil(&mut self) {
        self.stale = true;
    }

    /// Lays the watch anew if it is spoilt, or if the site's name leads elsewhere, or its folders are
    /// others, than when it was last laid. To be called before the site is read: what changes later is
    /// then told.
    pub(super) fn lay(&mut self) {
        let ground = self.ground();
        if ground == self.laid && self.watcher.is_some() && !self.stale {
            return;
        }
        self.stale = false;
        match self.watch(&ground) {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.laid = ground;
            }
            Err(error) => {
                // Said once: the poll tries again, and fails again, every time.
                if self.watcher.take().is_some() || self.laid.is_empty() {
                    tracing::warn!(
                        site = %self.root.display(),
                        %error,
                        "changes are seen by the poll alone, since the system does not report \
                         them; if it says that no watches are left, raise \
                         fs.inotify.max_user_watches"
                    );
                }
                self.laid = ground;
            }
        }
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
        flat.chain(deep)
            .filter_map(|(path, mode)| {
                let metadata = fs::metadata(&path).ok()?;
                Some((path, (metadata.dev(), metadata.ino(), mode)))
            })
            .collect()
    }

    fn watch(&self, ground: &Ground) -> notify::Result<RecommendedWatcher> {
        let names = Names {
            root: self.root.clone(),
            real: self.real(),
            beside: self.beside.clone(),
        };
        let mailbox = Arc::clone(&self.mailbox);
        let mut watcher = notify::recommended_watcher(move |event| tell(&mailbox, &names, &event))?;
        for (path, (_, _, mode)) in ground {
            watcher.watch(path, *mode)?;
        }
        Ok(watcher)
    }

    fn real(&self) -> PathBuf {
        fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone())
    }
}

/// Puts what an event means into the mailbox.
fn tell(mailbox: &Mailbox, names: &Names, event: &notify::Result<Event>) {
    let now = Instant::now();
    let event = match event {
        // Reading is no change. Without this, a look at the site would be followed by the next.
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
        Ok(event) if !event.need_rescan() => event,
        // Events were lost, those of new folders perhaps among them.
        Ok(_) | Err(_) => {
            return mailbox.tell(|told| {
                told.change = Some(now);
                told.errands.lay = told.errands.lay.max(Lay::Later);
            });
        }
    };
    let lay = match event.kind {
        EventKind::Create(CreateKind::Folder) => Lay::Later,
        EventKind::Modify(ModifyKind::Name(_)) => Lay::Later,
        _ => Lay::Keep,
    };
    for path in &event.paths {
        let (change, lay) = match names.judge(path) {
            About::Nothing => continue,
            About::Transfer => {
                mailbox.tell(|told| told.transfer = Some(now));
                continue;
            }
            About::Content => (Some(now), lay),
            About::Ground => (Some(now), Lay::Now),
        };
        mailbox.tell(|told| {
            told.change = change;
            told.errands.lay = told.errands.lay.max(lay);
        });
    }
}

impl Names {
    fn judge(&self, path: &Path) -> About {
        if path == self.root || path == self.real || self.beside.as_deref() == Some(path) {
            return About::Ground;
        }
        let Ok(inside) = path.strip_prefix(&self.real) else {
            // A neighbour of the site in the folder that holds it.
            return About::Nothing;
        };
        match Name::of(inside) {
            Name::Noise => About::Nothing,
            Name::Transfer => About::Transfer,
            Name::Content if inside.components().count() <= 1 => About::Ground,
            Name::Content => About::Content,
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
        };
        for (path, expected) in [
            ("/srv/current", About::Ground),
            ("/srv/other", About::Nothing),
            ("/srv/releases/2", About::Ground),
            ("/srv/releases/1", About::Nothing),
            ("/srv/releases/2/content", About::Ground),
            ("/srv/releases/2/config.toml", About::Ground),
            ("/srv/releases/2/content/a.md", About::Content),
            ("/srv/releases/2/content/a.md~", About::Nothing),
            ("/srv/releases/2/content/.a.md.a1B2c3", About::Transfer),
            ("/srv/releases/2/.~tmp~/config.toml", About::Transfer),
            ("/srv/releases/2/target/debug", About::Nothing),
            ("/etc/site.toml", About::Ground),
            ("/etc/passwd", About::Nothing),
        ] {
            assert_eq!(names.judge(Path::new(path)), expected, "{path}");
        }
    }
}
