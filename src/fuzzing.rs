//! The door for the fuzz targets of `tests/fuzz`: texts that nobody would write go in, and nothing comes
//! out but a panic, a hang or an appetite for memory.
//!
//! **Invariant:** there is no such door in a program that is given away: it takes `--cfg fuzzing`.

use std::path::Path;

use serde_json::Value;

use crate::{
    config::Config,
    load,
    render::{
        self,
        markdown::{self, Call, Shelf, ShortcodeKind, Text, World},
    },
    serve,
    site::{self, ExternalLinks, Highlighting, InsertAnchor, Markdown, Problem, SlugMode},
};

/// Reads `text` as the file of a page and as that of a section.
pub fn front_matter(text: &str) {
    load::fuzz_front_matter(text);
}

/// Reads `text` as the `config.toml` of a site.
pub fn site_config(text: &str) {
    load::fuzz_config(text);
}

/// Reads `text` as the `littoral.toml` of a node.
pub fn node_config(text: &str) {
    for problem in Config::parse(Path::new("littoral.toml"), text)
        .err()
        .unwrap_or_default()
    {
        drop(problem.to_string());
    }
}

/// Reads `bytes` as a request over HTTP/1.
pub fn http1(bytes: &[u8]) {
    serve::fuzz_http1(bytes);
}

/// Unpacks `bytes` as the fields of a request over HTTP/2.
pub fn http2(bytes: &[u8]) {
    serve::fuzz_http2(bytes);
}

/// Unpacks `bytes` as the fields of a request over HTTP/3.
pub fn http3(bytes: &[u8]) {
    serve::fuzz_http3(bytes);
}

/// Reads `bytes` as what a proxy says of its client.
pub fn proxied(bytes: &[u8]) {
    serve::fuzz_proxied(bytes);
}

/// Reads `text` as the `_redirects` and the `_headers` of a site, and what follows its first NUL as a path.
pub fn rules(text: &str) {
    site::fuzz_rules(text);
}

/// Chooses a form by `text` as the `Accept-Encoding` of a request.
pub fn negotiation(text: &str) {
    serve::fuzz_negotiation(text);
}

/// Has `text` lose what no browser misses, three times: an end tag that stays before a space may go at the second, and
/// then nothing is left to the third.
pub fn minify(text: &str) {
    render::fuzz_minify(text);
}

/// Renders `text` as Zola does by default, and with every setting on.
pub fn markdown(text: &str) {
    let everything = Markdown {
        render_emoji: true,
        external_links_class: Some("out".into()),
        external_links: ExternalLinks {
            target_blank: true,
            no_follow: true,
            no_referrer: true,
            external: true,
        },
        smart_punctuation: true,
        definition_list: true,
        lazy_async_image: true,
        bottom_footnotes: true,
        github_alerts: true,
        insert_anchor_links: InsertAnchor::Heading,
        highlighting: Some(Highlighting {
            theme: "github-dark".into(),
            ..Highlighting::default()
        }),
    };
    let shelf = Shelf::default();
    for settings in [&Markdown::default(), &everything] {
        let text = Text {
            markdown: text,
            file: "content/a.md",
            first_line: 1,
            permalink: "https://example.org/a/",
            insert_anchor: settings.insert_anchor_links,
            slug_anchors: SlugMode::On,
            settings,
            shelf: &shelf,
        };
        for problem in markdown::render(&text, &Site).problems {
            drop(problem.to_string());
        }
    }
}

/// A page `a.md`, and shortcodes by the first letter of their name.
struct Site;

impl World for Site {
    fn permalink(&self, path: &str) -> Option<String> {
        (path == "a.md").then(|| "https://example.org/a/".into())
    }

    fn nearest_path(&self, _: &str) -> Option<String> {
        None
    }

    fn shortcode(&self, name: &str) -> Option<ShortcodeKind> {
        match name.bytes().next() {
            Some(b'h') => Some(ShortcodeKind::Html),
            Some(b'm') => Some(ShortcodeKind::Markdown),
            _ => None,
        }
    }

    fn render_shortcode(&self, call: &Call) -> Result<String, Problem> {
        let args = Value::Object(call.args.clone());
        let body = call.body.as_deref().unwrap_or_default();
        match call.name.len() {
            1 => Ok(format!("<b>{}</b>", call.nth)),
            2 => Ok(format!("## {args}\n\n{body}\n")),
            _ => Err(Problem::error("it fails")),
        }
    }

    fn anchor_link(&self, id: &str, level: u8) -> Result<String, Problem> {
        Ok(format!("<a href=\"#{id}\">{level}</a>"))
    }

    fn summary_cutoff(&self) -> Result<String, Problem> {
        Ok("…".into())
    }

    fn shortcode_names(&self) -> Vec<String> {
        ["h", "hh", "m", "mm"].map(str::to_owned).into()
    }
}
