//! A site's own configuration (`config.toml`, `zola.toml`), as it counts after defaults, retired
//! spellings and the theme's `extra` were taken in.

/// The `[markdown]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
}

/// How highlighted code carries its colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum HighlightStyle {
    /// `class` attributes and a style sheet beside the page.
    Class,
    /// `style` attributes.
    #[default]
    Inline,
}

/// Where a heading's link to itself stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
