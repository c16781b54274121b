//! A site as read from disk: parsed, unrendered.

use std::{fmt, io, path::PathBuf, sync::Arc};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Config, InsertAnchor, LargeFile, Remote, SassCompiler};

/// A whole site, unrendered.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its configuration.
    pub(crate) config: Config,
    /// Every `_index.md`, by path; the root section of each language exists even without a file.
    pub(crate) sections: Vec<Arc<SectionSource>>,
    /// Every other Markdown file, by path.
    pub(crate) pages: Vec<Arc<PageSource>>,
    /// The templates of the site and of its theme, by name.
    pub(crate) templates: Vec<TemplateSource>,
    /// The grammars and themes for code that the site brings itself.
    pub(crate) colours: Vec<ColourSource>,
    /// The style sheets to be made from Sass, by path.
    pub(crate) sass: Vec<SassSource>,
    /// Who makes them.
    pub(crate) sass_compiler: SassCompiler,
    /// The files of `static/` and of the theme's, by path.
    pub(crate) statics: Vec<Asset>,
    /// The files of the site, for templates that ask for one.
    pub(crate) files: Files,
    /// The network, for templates that ask for it.
    pub(crate) remote: Remote,
    /// When the newest file of the site changed, in seconds since 1970: what `now()` says.
    pub(crate) modified: i64,
}

/// Where a Markdown file lies, and what its name says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ContentFile {
    /// Below `content/`: `blog/2024-05-01-tides/index.fr.md`.
    pub(crate) relative: String,
    /// The folders above it that count for its URL, without the folder of an `index.md`: `["blog"]`.
    pub(crate) folders: Vec<String>,
    /// The name that its slug is made from: of the file, or of the folder of an `index.md`.
    pub(crate) name: String,
    /// The folder of an `index.md`, with a slash at its end, below `content/`: its assets lie there.
    pub(crate) colocated: Option<String>,
    /// Its language.
    pub(crate) lang: String,
    /// `relative` without language and ending: the same for each translation.
    pub(crate) canonical: String,
}

/// The text of a Markdown file behind its front matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// The Markdown.
    pub(crate) markdown: String,
    /// The line of the file it begins on, from 1.
    pub(crate) first_line: usize,
}

/// A page's file, parsed.
#[derive(Debug, Clone)]
pub(crate) struct PageSource {
    /// Where it lies.
    pub(crate) file: ContentFile,
    /// What its front matter says.
    pub(crate) front: PageFront,
    /// What follows.
    pub(crate) body: Body,
    /// The files beside an `index.md`, by path.
    pub(crate) assets: Vec<Asset>,
}

/// A section's `_index.md`, parsed.
#[derive(Debug, Clone)]
pub(crate) struct SectionSource {
    /// Where it lies.
    pub(crate) file: ContentFile,
    /// What its front matter says.
    pub(crate) front: SectionFront,
    /// What follows.
    pub(crate) body: Body,
    /// The files beside it, by path.
    pub(crate) assets: Vec<Asset>,
}

/// The front matter of a page.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one key of the front matter each"
)]
pub(crate) struct PageFront {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    /// As written: a date, or a date with a time.
    pub(crate) date: Option<Date>,
    pub(crate) updated: Option<Date>,
    pub(crate) weight: Option<i64>,
    pub(crate) draft: bool,
    pub(crate) render: bool,
    pub(crate) slug: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) in_search_index: bool,
    pub(crate) template: Option<String>,
    /// Each taxonomy used, with its terms.
    pub(crate) taxonomies: Vec<(String, Vec<String>)>,
    pub(crate) extra: Map<String, Value>,
}

/// The front matter of a section.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one key of the front matter each"
)]
pub(crate) struct SectionFront {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) weight: i64,
    pub(crate) draft: bool,
    pub(crate) render: bool,
    pub(crate) transparent: bool,
    pub(crate) in_search_index: bool,
    pub(crate) generate_feeds: bool,
    pub(crate) sort_by: SortBy,
    pub(crate) pagination: Pagination,
    pub(crate) insert_anchor_links: Option<InsertAnchor>,
    pub(crate) redirect_to: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) page_template: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) extra: Map<String, Value>,
}

/// How a listing is cut into pagers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pagination {
    /// Pages on each; 0 means that it is not cut.
    pub(crate) by: usize,
    /// The word in the URLs of all but the first: `page`.
    pub(crate) path: String,
    /// The last pages first.
    pub(crate) reversed: bool,
}

/// The order of a section's pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SortBy {
    Date,
    /// By path.
    #[default]
    None,
    Permalink,
    Slug,
    Title,
    TitleBytes,
    UpdateDate,
    Weight,
}

/// A date of the front matter: as it was written, and as a moment to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Date {
    /// As written, which is what templates see.
    pub(crate) text: String,
    /// In seconds since 1970; a date without a zone counts as UTC.
    pub(crate) seconds: i64,
    /// Year, month and day as written.
    pub(crate) day: (i16, i8, i8),
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
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    /// Below `static/`, or below `content/`.
    pub(crate) relative: String,
    /// The file, relative to the site's root.
    pub(crate) file: String,
    pub(crate) content: AssetContent,
    /// When it changed, in seconds since 1970.
    pub(crate) modified: i64,
}

/// Where the bytes of an [`Asset`] are.
#[derive(Debug, Clone)]
pub(crate) enum AssetContent {
    Memory(Bytes),
    Disk(LargeFile),
}

/// The files of a site, by their path relative to its root. Rendering names no disk: it asks here.
#[derive(Clone)]
pub(crate) struct Files {
    /// Where the site lies, for messages and for what must be a real path (Sass imports).
    pub(crate) root: PathBuf,
    read: Arc<ReadFile>,
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
        }
    }

    /// The content of the file at `path`.
    pub(crate) fn read(&self, path: &str) -> io::Result<Bytes> {
        (self.read)(path)
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
