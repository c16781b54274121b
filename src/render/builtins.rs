//! The templates a site need not bring itself.

/// Name and text of each.
pub(super) const TEMPLATES: [(&str, &str); 16] = [
    ("404.html", include_str!("builtins/404.html")),
    (
        "anchor-link.html",
        include_str!("builtins/anchor-link.html"),
    ),
    ("atom.xml", include_str!("builtins/atom.xml")),
    ("index.html", include_str!("builtins/bare.html")),
    ("internal/alias.html", include_str!("builtins/alias.html")),
    ("page.html", include_str!("builtins/bare.html")),
    ("robots.txt", include_str!("builtins/robots.txt")),
    ("rss.xml", include_str!("builtins/rss.xml")),
    ("section.html", include_str!("builtins/bare.html")),
    ("shortcodes/gist.html", include_str!("builtins/gist.html")),
    (
        "shortcodes/streamable.html",
        include_str!("builtins/streamable.html"),
    ),
    ("shortcodes/vimeo.html", include_str!("builtins/vimeo.html")),
    (
        "shortcodes/youtube.html",
        include_str!("builtins/youtube.html"),
    ),
    ("sitemap.xml", include_str!("builtins/sitemap.xml")),
    (
        "split_sitemap_index.xml",
        include_str!("builtins/split_sitemap_index.xml"),
    ),
    ("summary-cutoff.html", "&hellip;\n"),
];
