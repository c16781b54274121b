//! Markdown with shortcodes becomes HTML, with everything a template may ask about it.
//!
//! Knows CommonMark, Zola's extensions of it and shortcode syntax; knows nothing of Tera (a
//! shortcode is rendered by whoever hands in [`World`]) and nothing of other pages.

mod anchors;
#[cfg(test)]
mod commonmark;
mod emoji;
mod footnotes;
mod headings;
pub(super) mod highlight;
pub(crate) use highlight::Shelf;
pub(crate) use internal::{InternalLink, InternalLinks};
pub(crate) use toc::Toc;
mod images;
mod internal;
mod links;
pub(super) mod plain;
mod shortcode;
mod summary;
#[cfg(test)]
mod testing;
mod toc;
mod walk;
pub(super) mod words;

use serde_json::Value;

use crate::site::{InsertAnchor, Markdown, Problem, SlugMode};

/// Renders `text`.
///
/// Whatever is wrong with it becomes problems; the HTML is as good as it can be.
pub(crate) fn render(text: &Text<'_>, world: &dyn World) -> Rendered {
    walk::walk(text, world)
}

/// What `markdown(inline=true)` gives: `html` without the paragraph that it begins or ends with.
pub(crate) fn inline(html: &str) -> &str {
    let html = html.strip_prefix("<p>").unwrap_or(html);
    html.strip_suffix("</p>\n").unwrap_or(html)
}

/// One text to render.
pub(crate) struct Text<'a> {
    /// The Markdown, without front matter.
    pub(crate) markdown: &'a str,
    /// The file it stands in, relative to the site's root, for problems.
    pub(crate) file: &'a str,
    /// The line of `file` on which `markdown` begins, from 1.
    pub(crate) first_line: usize,
    /// The URL of the page it belongs to: the base of relative links and of anchors in `toc`.
    /// Empty if it belongs to none, as in a template's `markdown` filter: such links stay as they are.
    pub(crate) permalink: &'a str,
    /// Where headings get a link to themselves.
    pub(crate) insert_anchor: InsertAnchor,
    /// How headings become ids.
    pub(crate) slug_anchors: SlugMode,
    /// The site's settings.
    pub(crate) settings: &'a Markdown,
    /// What code is painted with.
    pub(crate) shelf: &'a Shelf,
}

impl Text<'_> {
    /// A line of its file, to be named; nothing for a text of no file.
    fn place(&self, line: usize) -> String {
        match self.file {
            "" => String::new(),
            file => format!("{file}:{line}"),
        }
    }
}

/// What a text may ask of the site around it.
pub(crate) trait World {
    /// The permalink of `@/path`, given without the `@/` and without its fragment.
    fn permalink(&self, path: &str) -> Option<String>;
    /// What `@/path` was meant to be, if there is no such path.
    fn nearest_path(&self, path: &str) -> Option<String>;
    /// Whether a shortcode exists, and of which kind.
    fn shortcode(&self, name: &str) -> Option<ShortcodeKind>;
    /// Renders a shortcode. A problem without a file is one of the text: the caller knows its place.
    fn render_shortcode(&self, call: &Call) -> Result<String, Problem>;
    /// Renders `anchor-link.html` for a heading.
    fn anchor_link(&self, id: &str, level: u8) -> Result<String, Problem>;
    /// Renders `summary-cutoff.html`: what stands where a sentence was cut for the summary.
    fn summary_cutoff(&self) -> Result<String, Problem>;
    /// The names of all shortcodes, to suggest the nearest.
    fn shortcode_names(&self) -> Vec<String>;
}

/// By the ending of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShortcodeKind {
    /// Its output is HTML and goes into the page as it is.
    Html,
    /// Its output is Markdown and is rendered with the text around it.
    Markdown,
}

/// A use of a shortcode.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// Its arguments.
    pub(crate) args: serde_json::Map<String, Value>,
    /// Its body, with the shortcodes inside it already rendered.
    pub(crate) body: Option<String>,
    /// Which use of this name on the page it is, from 1.
    pub(crate) nth: usize,
}

/// A rendered text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rendered {
    /// The HTML.
    pub(crate) html: String,
    /// The HTML before `<!-- more -->`, if that stands in the text.
    pub(crate) summary: Option<String>,
    /// The headings, nested.
    pub(crate) toc: Toc,
    /// Every `@/path#fragment` and `#fragment` used, to be checked when all pages are known.
    pub(crate) internal_links: InternalLinks,
    /// Every `id="..."` and `name="..."` of the HTML, for fragment checks.
    pub(crate) anchors: Vec<String>,
    /// Problems of this text, each with file and line.
    pub(crate) problems: Vec<Problem>,
}

#[cfg(test)]
mod tests {
    use super::testing::{Site, page};
    use super::*;

    #[test]
    fn a_text_of_no_page_keeps_its_relative_links() {
        let settings = Markdown::default();
        let text = Text {
            permalink: "",
            ..page(
                "[x](rel.png) [y](#q) [z](@/target.md) ![i](p.png)",
                &settings,
            )
        };
        let rendered = render(&text, &Site);
        assert_eq!(
            rendered.html,
            "<p><a href=\"rel.png\">x</a> <a href=\"#q\">y</a> \
             <a href=\"https://example.org/target/\">z</a> <img src=\"p.png\" alt=\"i\" /></p>\n"
        );
        assert_eq!(rendered.internal_links.iter().count(), 1);
    }

    #[test]
    fn inline_takes_the_outer_paragraph_away() {
        for (html, expected) in [
            ("<p>a <em>b</em></p>\n", "a <em>b</em>"),
            ("<p>a</p>\n<p>c</p>\n", "a</p>\n<p>c"),
            (
                "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n",
                "a</p>\n<ul>\n<li>b</li>\n</ul>\n",
            ),
            (
                "<blockquote>\n</blockquote>\n<p>a</p>\n",
                "<blockquote>\n</blockquote>\n<p>a",
            ),
            ("<h1 id=\"h\">H</h1>\n", "<h1 id=\"h\">H</h1>\n"),
            ("", ""),
        ] {
            assert_eq!(inline(html), expected);
        }
    }
}
