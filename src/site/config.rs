//! A site's own configuration (`config.toml`, `zola.toml`), as it counts after defaults, retired
//! spellings and the theme's `extra` were taken in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A site's configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Config {
    /// The file it was read from, relative to the site's root, for messages.
    pub(crate) file: String,
    /// As written: an absolute URL, or a path such as `/`.
    pub(crate) base_url: String,
    pub(crate) default_language: String,
    /// Every language of the site, the default one among them, by code.
    pub(crate) languages: BTreeMap<String, Language>,
    pub(crate) theme: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) feed_limit: Option<usize>,
    pub(crate) taxonomy_root: Option<String>,
    /// What is made beside the pages.
    pub(crate) outputs: Outputs,
    pub(crate) markdown: Markdown,
    pub(crate) slugify: Slugify,
    /// Globs of content files that are no assets.
    pub(crate) ignored_content: Vec<String>,
    /// Globs of static files that are not served.
    pub(crate) ignored_static: Vec<String>,
    /// A link to an unknown internal fragment only warns.
    pub(crate) internal_links_warn: bool,
    /// What `config.mode` says to templates.
    pub(crate) mode: &'static str,
    /// The site's own data, over that of its theme.
    pub(crate) extra: Map<String, Value>,
    /// Where `zola build` would write: searched by `load_data` and its like.
    pub(crate) output_dir: String,
}

/// What a site gets beside its pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch of the configuration each"
)]
pub(crate) struct Outputs {
    pub(crate) compile_sass: bool,
    pub(crate) minify_html: bool,
    pub(crate) sitemap: bool,
    /// Whether pagers stand in the sitemap.
    pub(crate) pagers_in_sitemap: bool,
    pub(crate) robots_txt: bool,
    /// Whether documents are there in Markdown, too.
    pub(crate) markdown: bool,
}

/// What may differ from language to language.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Language {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) generate_feeds: bool,
    /// The name of years ago by which the configuration asks for feeds, as its templates then do too.
    pub(crate) feeds_once: Option<&'static str>,
    pub(crate) feed_filenames: Vec<String>,
    pub(crate) taxonomies: Vec<TaxonomyConfig>,
    pub(crate) build_search_index: bool,
    pub(crate) search: Search,
    pub(crate) translations: Map<String, Value>,
}

/// A taxonomy, as configured.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct TaxonomyConfig {
    pub(crate) name: String,
    /// The name as it stands in URLs.
    pub(crate) slug: String,
    pub(crate) paginate_by: Option<usize>,
    pub(crate) paginate_path: Option<String>,
    pub(crate) render: bool,
    pub(crate) feed: bool,
}

/// The `[search]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch of the configuration each"
)]
pub(crate) struct Search {
    pub(crate) include_title: bool,
    pub(crate) include_description: bool,
    pub(crate) include_date: bool,
    pub(crate) include_path: bool,
    pub(crate) include_content: bool,
    pub(crate) truncate_content_length: Option<usize>,
    pub(crate) index_format: IndexFormat,
}

/// What a search index is made for, and how it is wrapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IndexFormat {
    #[default]
    ElasticlunrJavascript,
    ElasticlunrJson,
    FuseJavascript,
    FuseJson,
}

/// The `[slugify]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Slugify {
    pub(crate) paths: SlugMode,
    pub(crate) taxonomies: SlugMode,
    pub(crate) anchors: SlugMode,
    /// A date at the head of a file name stays in the URL.
    pub(crate) paths_keep_dates: bool,
}

/// How a name becomes part of a URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SlugMode {
    /// As it is.
    Off,
    /// ASCII letters, digits and hyphens.
    #[default]
    On,
    /// Without what some file systems refuse.
    Safe,
}

/// The `[markdown]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch of the configuration each"
)]
pub(crate) struct Markdown {
    /// `:smile:` becomes an emoji.
    pub(crate) render_emoji: bool,
    /// The class of links that leave the site.
    pub(crate) external_links_class: Option<String>,
    /// What else links that leave the site get.
    pub(crate) external_links: ExternalLinks,
    /// `"`, `--` and `...` become typographic.
    pub(crate) smart_punctuation: bool,
    /// PHP Markdown Extra's definition lists.
    pub(crate) definition_list: bool,
    /// Images are loaded lazily and decoded off the main thread.
    pub(crate) lazy_async_image: bool,
    /// Footnotes stand at the end with links back, as on GitHub.
    pub(crate) bottom_footnotes: bool,
    /// `> [!NOTE]` becomes an alert.
    pub(crate) github_alerts: bool,
    /// Where headings get a link to themselves, unless their section says otherwise.
    pub(crate) insert_anchor_links: InsertAnchor,
    /// Syntax highlighting; None switches it off.
    pub(crate) highlighting: Option<Highlighting>,
}

/// Attributes of links that leave the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch of the configuration each"
)]
pub(crate) struct ExternalLinks {
    /// `target="_blank"` with `rel="noopener"`.
    pub(crate) target_blank: bool,
    /// `rel="nofollow"`.
    pub(crate) no_follow: bool,
    /// `rel="noreferrer"`.
    pub(crate) no_referrer: bool,
    /// `rel="external"`.
    pub(crate) external: bool,
}

/// The `[markdown.highlighting]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Highlighting {
    /// A language without a grammar is an error.
    pub(crate) error_on_missing_language: bool,
    /// How colours are written into the page.
    pub(crate) style: HighlightStyle,
    /// The theme, or the light one of two.
    pub(crate) theme: String,
    /// The dark one of two, where there are two.
    pub(crate) dark_theme: Option<String>,
    /// Files with grammars of the site's own.
    pub(crate) extra_grammars: Vec<String>,
    /// Files with themes of the site's own.
    pub(crate) extra_themes: Vec<String>,
    /// Folders with both, as they were named long ago.
    pub(crate) extra_folders: Vec<String>,
    /// Style sheets by the names that the site gives them: file and theme.
    pub(crate) sheets: Vec<(String, String)>,
}

/// How highlighted code carries its colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HighlightStyle {
    /// `class` attributes and a style sheet beside the page.
    Class,
    /// `style` attributes.
    #[default]
    Inline,
}

/// Where a heading's link to itself stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InsertAnchor {
    /// Around the whole heading.
    Heading,
    /// Before its text.
    Left,
    /// Nowhere.
    #[default]
    None,
    /// After its text.
    Right,
}
