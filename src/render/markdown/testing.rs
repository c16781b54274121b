//! A small site around a text, for the tests of this room.

use std::sync::LazyLock;

use serde_json::Value;

use super::highlight::Shelf;
use super::{Call, Rendered, ShortcodeKind, Text, World, render};
use crate::site::{ExternalLinks, InsertAnchor, Markdown, Problem, SlugMode, nearest_path};

/// Renders `markdown` as Zola does with the settings it comes with.
pub(super) fn rendered(markdown: &str) -> Rendered {
    rendered_with(markdown, |_| ())
}

/// Renders `markdown` with other settings.
pub(super) fn rendered_with(markdown: &str, change: impl FnOnce(&mut Markdown)) -> Rendered {
    let mut settings = Markdown {
        external_links: ExternalLinks {
            external: true,
            ..ExternalLinks::default()
        },
        ..Markdown::default()
    };
    change(&mut settings);
    render(&page(markdown, &settings), &Site)
}

/// A page at `https://example.org/p/`, whose text begins on line 4 of its file.
pub(super) fn page<'t>(markdown: &'t str, settings: &'t Markdown) -> Text<'t> {
    Text {
        markdown,
        file: "content/p/index.md",
        first_line: 4,
        permalink: "https://example.org/p/",
        insert_anchor: InsertAnchor::None,
        slug_anchors: SlugMode::On,
        settings,
        shelf: &SHELF,
    }
}

static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::default);

/// Two pages and some shortcodes.
pub(super) struct Site;

impl World for Site {
    fn permalink(&self, path: &str) -> Option<String> {
        let known = [
            ("target.md", "https://example.org/target/"),
            ("sec/_index.md", "https://example.org/sec/"),
        ];
        let found = known.iter().find(|(file, _)| *file == path)?;
        Some(found.1.into())
    }

    fn nearest_path(&self, path: &str) -> Option<String> {
        nearest_path(path, ["target.md", "sec/_index.md"]).map(Into::into)
    }

    fn shortcode(&self, name: &str) -> Option<ShortcodeKind> {
        match name {
            "h" | "div" | "body" | "empty" | "multi" => Some(ShortcodeKind::Html),
            "m" | "mh" | "mid" => Some(ShortcodeKind::Markdown),
            _ => None,
        }
    }

    fn render_shortcode(&self, call: &Call) -> Result<String, Problem> {
        let nth = call.nth;
        let body = call.body.as_deref().unwrap_or_default();
        Ok(match call.name.as_str() {
            "h" => format!("<b>H{nth}</b>"),
            "div" => format!("<div class=\"d\">{nth}</div>"),
            "body" => format!("<aside>{body}</aside>"),
            "multi" => "<div>\n\n<p>one</p>\n\n    indented\n</div>\n".into(),
            "m" => format!("**M{nth}**"),
            "mh" => format!("## Heading {nth}\n\ntext *e*\n"),
            "mid" => format!("id{nth}"),
            _ => String::new(),
        })
    }

    fn anchor_link(&self, id: &str, level: u8) -> Result<String, Problem> {
        Ok(format!(
            "\n<i><a class=\"q\" href=\"#{id}\"><b>{level}</b></a></i>\n"
        ))
    }

    fn summary_cutoff(&self) -> Result<String, Problem> {
        Ok("&hellip;\n".into())
    }

    fn shortcode_names(&self) -> Vec<String> {
        ["h", "div", "body", "multi", "m", "mh", "mid", "empty"]
            .map(Into::into)
            .into()
    }
}

/// The table of contents, as a template sees it.
pub(super) fn toc(rendered: &Rendered) -> Value {
    rendered.toc.value()
}
