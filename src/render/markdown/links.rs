//! What a link points at, by how it is written.

use pulldown_cmark_escape::escape_href;

use crate::site::{ExternalLinks, Markdown};

/// What kind of place a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination<'d> {
    /// Nowhere.
    Empty,
    /// `@/path#fragment`: a file of the site's content.
    Internal {
        path: &'d str,
        fragment: Option<&'d str>,
    },
    /// `#fragment`: a place on the same page.
    Fragment(&'d str),
    /// Another site, over HTTP.
    External,
    /// Relative to the page.
    Relative,
    /// Anything else: from the root, a folder up, another scheme.
    Other,
}

impl<'d> Destination<'d> {
    pub(super) fn parse(url: &'d str) -> Self {
        if let Some(internal) = url.strip_prefix("@/") {
            let (path, fragment) = match internal.split_once('#') {
                Some((path, fragment)) => (path, Some(fragment)),
                None => (internal, None),
            };
            return Self::Internal { path, fragment };
        }
        match url.strip_prefix('#') {
            Some("") => Self::Other,
            Some(fragment) => Self::Fragment(fragment),
            None if url.is_empty() => Self::Empty,
            None if url.starts_with("http:") || url.starts_with("https:") => Self::External,
            None if url.starts_with('/') || url.starts_with("..") => Self::Other,
            None if has_scheme(url) => Self::Other,
            None => Self::Relative,
        }
    }
}

/// `mailto:`, `tel:`, ...; a file name with a colon may hold other characters before it.
fn has_scheme(url: &str) -> bool {
    url.split_once(':')
        .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.chars().all(char::is_alphanumeric))
}

/// The opening tag of a link that leaves the site; None if such links are like all others.
pub(super) fn external_tag(url: &str, title: &str, settings: &Markdown) -> Option<String> {
    let rel = rel(&settings.external_links);
    let class = settings.external_links_class.as_deref();
    let target = settings.external_links.target_blank.then_some("_blank");
    if rel.is_empty() && class.is_none() {
        return None;
    }
    let mut tag = String::from("<a");
    let rel = (!rel.is_empty()).then_some(rel.as_str());
    let title = (!title.is_empty()).then_some(title);
    for (name, value) in [
        ("class", class),
        ("rel", rel),
        ("target", target),
        ("title", title),
    ] {
        if let Some(value) = value {
            let value = value.replace('&', "&amp;").replace('"', "&quot;");
            tag.extend([" ", name, "=\"", &value, "\""]);
        }
    }
    tag.push_str(" href=\"");
    escape_href(&mut tag, url).expect("a string can always grow");
    tag.push_str("\">");
    Some(tag)
}

fn rel(links: &ExternalLinks) -> String {
    let words = [
        (links.target_blank, "noopener"),
        (links.no_follow, "nofollow"),
        (links.no_referrer, "noreferrer"),
        (links.external, "external"),
    ];
    let wanted = words.iter().filter(|(on, _)| *on).map(|(_, word)| *word);
    wanted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        let internal = |path, fragment| Destination::Internal { path, fragment };
        for (url, expected) in [
            ("", Destination::Empty),
            ("@/a.md", internal("a.md", None)),
            ("@/a.md#b#c", internal("a.md", Some("b#c"))),
            ("@/a.md#", internal("a.md", Some(""))),
            ("@a.md", Destination::Relative),
            ("#a", Destination::Fragment("a")),
            ("#", Destination::Other),
            ("http://a.b", Destination::External),
            ("https:", Destination::External),
            ("HTTP://a.b", Destination::Other),
            ("httpsx://a", Destination::Other),
            ("http", Destination::Relative),
            ("//a.b", Destination::Other),
            ("/a", Destination::Other),
            ("../a", Destination::Other),
            ("..foo", Destination::Other),
            (".", Destination::Relative),
            ("./a:b", Destination::Relative),
            ("a.b:c", Destination::Relative),
            ("a+b-c.d:e", Destination::Relative),
            ("_a:b", Destination::Relative),
            (":a", Destination::Relative),
            ("1a:b", Destination::Other),
            ("tel:1", Destination::Other),
            ("?q", Destination::Relative),
            ("a?http://b", Destination::Relative),
        ] {
            assert_eq!(Destination::parse(url), expected, "{url}");
        }
    }
}
