//! A site as read from disk: parsed, unrendered.

use std::{
    fmt, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;

use super::{
    COUNTS_BYTES, Config, ContentFile, Hash, LargeFile, Lease, PageFront, Remote, Rules,
    SassCompiler, SectionFront,
};

/// A whole site, unrendered. What is shared with the source before it by an [`Arc`] is the same: none of
/// its files changed, nor what the configuration makes of them.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its configuration.
    pub(crate) config: Config,
    /// Every `_index.md`, by path; the root section of each language exists even without a file.
    pub(crate) sections: Vec<Arc<SectionSource>>,
    /// Every other Markdown file, by path.
    pub(crate) pages: Vec<Arc<PageSource>>,
    /// The templates of the site and of its theme, by name.
    pub(crate) templates: Vec<Arc<TemplateSource>>,
    /// The grammars and themes for code that the site brings itself.
    pub(crate) colours: Vec<Arc<ColourSource>>,
    /// The style sheets to be made from Sass, by path.
    pub(crate) sass: Vec<SassSource>,
    /// Who makes them.
    pub(crate) sass_compiler: SassCompiler,
    /// The files of `static/` and of the theme's, by path.
    pub(crate) statics: Vec<Arc<Asset>>,
    /// What its owner says of paths.
    pub(crate) rules: Arc<Rules>,
    /// The files of the site, for templates that ask for one.
    pub(crate) files: Files,
    /// The network, for templates that ask for it.
    pub(crate) remote: Remote,
    /// When the newest file of the site changed, in seconds since 1970: what `now()` says.
    pub(crate) modified: i64,
}

/// The text of a Markdown file behind its front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    /// The line of the file it begins on, from 1.
    pub(crate) first_line: u32,
    /// The byte of the file it begins at.
    begins: u32,
    markdown: Lease<Arc<str>>,
}

/// A page's file, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageSource {
    /// Where it lies.
    pub(crate) file: ContentFile,
    /// What its front matter says.
    pub(crate) front: PageFront,
    /// What follows.
    pub(crate) body: Body,
    /// The files beside an `index.md`, by path.
    pub(crate) assets: Box<[Arc<Asset>]>,
}

/// A section's `_index.md`, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SectionSource {
    /// Where it lies.
    pub(crate) file: ContentFile,
    /// What its front matter says.
    pub(crate) front: SectionFront,
    /// What follows.
    pub(crate) body: Body,
    /// The files beside it, by path.
    pub(crate) assets: Box<[Arc<Asset>]>,
}

/// A template of the site or of its theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateSource {
    /// What templates call it: `macros/nav.html`.
    pub(crate) name: String,
    /// The file, relative to the site's root.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// A file with a grammar or a theme for code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ColourSource {
    /// The file, relative to the site's root.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// A Sass file that becomes a style sheet of its own (its name does not begin with `_`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SassSource {
    /// Below `sass/`.
    pub(crate) relative: String,
    /// The file, relative to the site's root.
    pub(crate) file: String,
}

/// A file that is served as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asset {
    /// The file, relative to the site's root.
    pub(crate) file: Arc<str>,
    /// Where in `file` the path begins that is below `static/`, or below `content/`.
    pub(crate) inner: u32,
    pub(crate) content: AssetContent,
    /// When it changed, in seconds since 1970.
    pub(crate) modified: i64,
}

/// Where the bytes of an [`Asset`] are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AssetContent {
    /// In memory, as long as they are needed.
    Memory(Lease<Bytes>),
    Disk(LargeFile),
}

impl PageSource {
    /// About what it takes in memory, but for its text and for what is shared.
    pub(crate) fn held_bytes(&self) -> usize {
        COUNTS_BYTES + size_of::<Self>() + self.front.held_bytes() + size_of_val(&*self.assets)
    }
}

impl SectionSource {
    /// About what it takes in memory, but for its text and for what is shared.
    pub(crate) fn held_bytes(&self) -> usize {
        COUNTS_BYTES
            + size_of::<Self>()
            + self.front.extra.held_bytes()
            + size_of_val(&*self.assets)
    }
}

impl Body {
    /// What stands in the `text` of a file from the byte `begins` on, which is on line `first_line`.
    pub(crate) fn of(text: &str, begins: usize, first_line: usize) -> Self {
        Self {
            first_line: first_line as u32,
            begins: begins as u32,
            markdown: Lease::of(text.get(begins..).unwrap_or_default().into()),
        }
    }

    /// The Markdown: as it is held, or else read again from its `file` among `files`. An error says why
    /// it can't be, or that it is another by now; `files` are torn then.
    pub(crate) fn text(&self, files: &Files, file: &ContentFile) -> io::Result<Arc<str>> {
        self.markdown.take(files, || {
            let bytes = files.read(file.path())?;
            let text = bytes.get(self.begins as usize..).unwrap_or_default();
            let text = str::from_utf8(text).map_err(io::Error::other)?;
            Ok(text.into())
        })
    }

    /// The hash of the Markdown.
    pub(crate) fn hash(&self) -> Hash {
        self.markdown.hash()
    }

    /// How many bytes of it are in memory.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.markdown.held_bytes()
    }

    /// Lets the memory go. To be called when the page is rendered.
    pub(crate) fn release(&self) {
        self.markdown.release();
    }
}

/// An empty text of no file.
impl Default for Body {
    fn default() -> Self {
        Self::of("", 0, 0)
    }
}

impl Asset {
    /// Below `static/`, or below `content/`.
    pub(crate) fn relative(&self) -> &str {
        self.file.get(self.inner as usize..).unwrap_or_default()
    }

    /// Its bytes: as they are held, or else read again from `files`. An error says why they can't be, or
    /// that they are others by now (`files` are torn then), or that they are too many for memory.
    pub(crate) fn bytes(&self, files: &Files) -> io::Result<Bytes> {
        match &self.content {
            AssetContent::Memory(lease) => lease.take(files, || files.read(&self.file)),
            AssetContent::Disk(_) => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }

    /// Lets the memory go. To be called when its bytes are packed.
    pub(crate) fn release(&self) {
        if let AssetContent::Memory(lease) = &self.content {
            lease.release();
        }
    }
}

/// The files of a site, by their path relative to its root. Rendering names no disk: it asks here.
#[derive(Clone)]
pub(crate) struct Files {
    /// Where the site lies, for messages and for what must be a real path (Sass imports).
    pub(crate) root: PathBuf,
    read: Arc<ReadFile>,
    torn: Arc<AtomicBool>,
}

type ReadFile = dyn Fn(&str) -> io::Result<Bytes> + Send + Sync;

impl Files {
    /// Files below `root`, read by `read`.
    pub(crate) fn new(
        root: PathBuf,
        read: impl Fn(&str) -> io::Result<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self {
            root,
            read: Arc::new(read),
            torn: Arc::default(),
        }
    }

    /// The content of the file at `path`.
    pub(crate) fn read(&self, path: &str) -> io::Result<Bytes> {
        (self.read)(path)
    }

    /// Notes that a file is not any more what it was when the site was read.
    pub(super) fn tear(&self) {
        self.torn.store(true, Ordering::Relaxed);
    }

    /// Whether a file was found to be another than when the site was read: what is made of these files
    /// is then of no moment.
    pub(crate) fn are_torn(&self) -> bool {
        self.torn.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
