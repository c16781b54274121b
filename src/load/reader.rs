//! A site that is read again and again, of which only what changed is opened.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    Options, content,
    disk::Disk,
    facts::Facts,
    memory::{Memory, Templates},
    news::News,
    tree::{Look, Tree},
};
use crate::site::{Asset, AssetContent, ColourSource, Files, LargeFile, Problem, Source};

/// Reads one site, and remembers it.
///
/// [`look`](Self::look), then [`read`](Self::read), then, when all is done that was to be done with the
/// source, [`is_whole`](Self::is_whole).
#[derive(Debug)]
pub(crate) struct Reader {
    options: Options,
    /// The site's folder without symlinks: files that stay on disk are remembered where they lie, not
    /// where the next release will be.
    root: PathBuf,
    tree: Tree,
    /// The facts of the configuration, where that is named by itself.
    beside: Option<Facts>,
    /// When it was looked at, since 1970.
    looked: Duration,
    /// Whether what was looked at was read in one piece.
    whole: bool,
    known: Known,
    /// Those that the last source was given.
    files: Option<Files>,
}

/// What is known of the files of a site.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) content: content::Known,
    pub(super) templates: Templates,
    pub(super) statics: Memory<Arc<Asset>>,
    pub(super) colours: Memory<Arc<ColourSource>>,
}

impl Reader {
    /// A reader of the site that `options` name, which knows nothing of it yet.
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            root: PathBuf::new(),
            tree: Tree::default(),
            beside: None,
            looked: Duration::ZERO,
            whole: false,
            known: Known::default(),
            files: None,
        }
    }

    /// The site's folder, as it was named.
    pub(crate) fn root(&self) -> &Path {
        &self.options.root
    }

    /// The site's configuration, where it was named by itself.
    pub(crate) fn beside(&self) -> Option<&Path> {
        self.options.config.as_deref()
    }

    /// Looks for what changed. Same means that reading would give what it gave. After a look beyond what
    /// `news` can say, everything is to be looked at.
    pub(crate) fn look(&mut self, news: &News) -> Look {
        self.look_at(news, SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
    }

    /// The same; `now` is the time since 1970.
    fn look_at(&mut self, news: &News, now: Duration) -> Look {
        let (root, beside) = (self.real_root(), self.beside_facts());
        let is_elsewhere = root != self.root || beside != self.beside;
        let was_settled = self.tree.is_settled(self.looked);
        let look = match news {
            News::Paths(paths) if !is_elsewhere => self.tree.refresh(paths),
            News::Paths(_) => Look::Beyond,
            News::Everything => {
                let tree = Tree::of(&root);
                let look = match !is_elsewhere && tree.agrees_with(&self.tree) {
                    true => Look::Same,
                    false => Look::Differs,
                };
                self.tree = tree;
                look
            }
        };
        if look == Look::Beyond {
            // What is half taken in is not to be mistaken for what was read.
            self.tree = Tree::default();
            return look;
        }
        if root != self.root {
            self.known.content.doubt_assets();
            self.known.statics.doubt();
        }
        (self.root, self.beside, self.looked) = (root, beside, now);
        match look {
            Look::Same if self.whole && was_settled => Look::Same,
            _ => {
                self.whole = false;
                Look::Differs
            }
        }
    }

    /// Reads the site as it was looked at last; looks at it first if it never was. There is no source if
    /// its folder or its configuration can't be read at all; the problems then say why.
    pub(crate) fn read(&mut self) -> (Option<Source>, Vec<Problem>) {
        if self.looked.is_zero() {
            self.look(&News::Everything);
        }
        let start = Instant::now();
        let disk = Disk::new(&self.options, &self.root, &self.tree, self.known.held());
        let read = super::source(&disk, &self.options, &mut self.known, self.looked);
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(site = %self.options.root.display(), took_us, "read");
        self.files = read.0.as_ref().map(|source| source.files.clone());
        read
    }

    /// Whether what was read since the last look was read in one piece: nothing of the `news` that the
    /// look was for changed since. Whoever says that there was nothing but some paths must also know that
    /// nothing was told meanwhile.
    pub(crate) fn is_whole(&mut self, news: &News) -> bool {
        let is_torn = self.files.as_ref().is_some_and(Files::are_torn);
        self.whole = !is_torn
            && match news {
                News::Everything => self.is_as_looked_at(),
                News::Paths(paths) => self.is_in_place() && self.tree.refresh(paths) == Look::Same,
            };
        self.whole
    }

    /// Whether a walk finds everything as it was looked at last.
    pub(crate) fn is_as_looked_at(&mut self) -> bool {
        if !self.is_in_place() {
            return false;
        }
        let now = Tree::of(&self.root);
        let agrees = now.agrees_with(&self.tree);
        if agrees {
            self.tree.have_transfers_of(now);
        }
        agrees
    }

    /// The temporary names of transfers under way, relative to the site's folder. That takes a walk.
    pub(crate) fn transfers(&self) -> BTreeSet<PathBuf> {
        Tree::of(&self.real_root()).into_transfers()
    }

    /// The same, as of the last time that everything was looked at.
    pub(crate) fn transfers_seen(&self) -> &BTreeSet<PathBuf> {
        self.tree.transfers()
    }

    /// Lets go of all texts and bytes. What is read next is what is asked for again.
    pub(crate) fn release(&self) {
        self.known.content.release();
        let assets = self.known.content.assets().chain(self.known.statics.all());
        assets.for_each(|asset| asset.release());
    }

    /// About how many bytes it takes in memory to remember the site, but for texts and bytes that are held
    /// only until they are let go.
    pub(crate) fn held_bytes(&self) -> u64 {
        let bytes =
            self.tree.held_bytes() + self.known.held_bytes() + self.known.content.words_bytes();
        bytes as u64
    }

    /// Forgets what it remembers: what may be wrong with it now is nobody's guess.
    pub(crate) fn forget(&mut self) {
        self.known = Known::default();
        self.files = None;
    }

    fn is_in_place(&self) -> bool {
        self.real_root() == self.root && self.beside_facts() == self.beside
    }

    fn real_root(&self) -> PathBuf {
        let root = &self.options.root;
        fs::canonicalize(root).unwrap_or_else(|_| root.clone())
    }

    fn beside_facts(&self) -> Option<Facts> {
        let metadata = fs::metadata(self.options.config.as_ref()?).ok()?;
        Some(Facts::of(&metadata))
    }
}

impl Known {
    /// What it takes in memory, but for words that are shared.
    fn held_bytes(&self) -> usize {
        self.content.held_bytes()
            + self.templates.held_bytes()
            + self.statics.held_bytes()
            + self.colours.held_bytes()
    }

    /// How many files are held open.
    fn held(&self) -> usize {
        let held = |asset: &&Arc<Asset>| {
            matches!(
                asset.content,
                AssetContent::Disk(LargeFile { held: Some(_), .. })
            )
        };
        let assets = self.content.assets().chain(self.statics.all());
        assets.filter(held).count()
    }
}

#[cfg(test)]
mod tests;
