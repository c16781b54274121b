//! What stands before `<!-- more -->`.

use pulldown_cmark::{Event, TagEnd, html};

/// Where a text is cut.
pub(super) struct Mark {
    /// How many of the text's events stand before it.
    pub(super) events: usize,
    /// What is open there, outermost first.
    pub(super) open: Vec<TagEnd>,
}

impl Mark {
    /// Whether something is cut in two.
    pub(super) fn cuts(&self) -> bool {
        !self.open.is_empty()
    }
}

/// Whether a piece of raw HTML is the mark.
pub(super) fn is_mark(html: &str) -> bool {
    html.split("<!--").skip(1).any(|comment| {
        let word = comment.trim_start();
        let (word, rest) = word.split_at_checked(4).unwrap_or_default();
        word.eq_ignore_ascii_case("more") && rest.trim_start().starts_with("-->")
    })
}

/// The HTML of `events` up to the mark, but for those at `left_out` (in ascending order), with
/// `cutoff` where something was cut; None if there is nothing.
pub(super) fn cut(
    events: &[Event<'_>],
    left_out: &[usize],
    mark: &Mark,
    cutoff: &str,
) -> Option<String> {
    let mut left_out = left_out.iter().peekable();
    let kept = events.iter().take(mark.events).enumerate();
    let kept = kept.filter(|(at, _)| left_out.next_if(|out| *out == at).is_none());
    let mut summary = String::new();
    html::push_html(&mut summary, kept.map(|(_, event)| event.clone()));
    summary.truncate(summary.trim_end().len());
    if summary.is_empty() {
        return None;
    }
    if mark.cuts() {
        summary.push_str(cutoff);
    }
    for end in mark.open.iter().rev() {
        summary.push_str(closing_tag(*end));
    }
    Some(summary)
}

fn closing_tag(end: TagEnd) -> &'static str {
    match end {
        TagEnd::Paragraph => "</p>\n",
        TagEnd::Heading(level) => HEADING_ENDS
            .get(level as usize - 1)
            .copied()
            .unwrap_or_default(),
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::FootnoteDefinition => "</div>\n",
        TagEnd::DefinitionList => "</dl>\n",
        TagEnd::DefinitionListTitle => "</dt>\n",
        TagEnd::DefinitionListDefinition => "</dd>\n",
        TagEnd::Table => "</tbody></table>\n",
        TagEnd::TableHead => "</tr></thead><tbody>\n",
        TagEnd::TableRow => "</tr>\n",
        TagEnd::TableCell => "</td>",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::Strikethrough => "</del>",
        TagEnd::Superscript => "</sup>",
        TagEnd::Subscript => "</sub>",
        TagEnd::Link => "</a>",
        TagEnd::HtmlBlock | TagEnd::CodeBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => "",
    }
}

const HEADING_ENDS: [&str; 6] = [
    "</h1>\n", "</h2>\n", "</h3>\n", "</h4>\n", "</h5>\n", "</h6>\n",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_mark() {
        for (html, expected) in [
            ("<!-- more -->", true),
            ("<!--more-->", true),
            ("<!--  MORE\t-->\n", true),
            ("<div><!-- more --></div>", true),
            ("<!-- x --> <!-- more -->", true),
            ("<!-- moremore -->", false),
            ("<!-- more", false),
            ("<!--mör-->", false),
            ("<!--", false),
            ("more", false),
        ] {
            assert_eq!(is_mark(html), expected, "{html}");
        }
    }
}
