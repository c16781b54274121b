//! What a document, or a style sheet, holds and asks for: what the fields of its answers may tell of it.

/// What is known of a document or a style sheet beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Of the scripts that stand in it.
    pub(crate) scripts: Hashes,
    /// Of what its attributes do on events.
    pub(crate) handlers: Hashes,
    /// Of the style sheets that stand in it.
    pub(crate) styles: Hashes,
    /// Of its `style` attributes.
    pub(crate) style_attributes: Hashes,
    /// What it is put together with, in the order it is asked for.
    pub(crate) subresources: Box<[Subresource]>,
}

/// Hashes as a content security policy names them (W3C CSP3 §2.3.1): `'sha256-...'`, one behind the other with spaces
/// between, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hashes(pub(crate) Box<str>);

/// Something that a document is put together with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subresource {
    /// What it is.
    pub(crate) kind: SubresourceKind,
    /// Where it is.
    pub(crate) at: Reference,
    /// Whose credentials it is asked for with (WHATWG HTML §2.5.4); None if it is not asked for across origins.
    pub(crate) cross_origin: Option<CrossOrigin>,
}

/// What an [`Subresource`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubresourceKind {
    /// A font.
    Font,
    /// A script that is a module.
    Module,
    /// Any other script.
    Script,
    /// A style sheet.
    Style,
}

/// How something is asked for across origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrossOrigin {
    /// Without credentials.
    Anonymous,
    /// With them.
    Credentials,
}

/// Where something is, as a document says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// On which host.
    pub(crate) root: Root,
    /// Its path, and its query.
    pub(crate) path: Box<str>,
}

/// What the path of a [`Reference`] counts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// The root of the site.
    Site,
    /// The root of the host that the document came from.
    OwnHost,
    /// The root of the host of this name.
    Host(Box<str>),
}

impl Reference {
    /// What `text` refers to where it stands at `base`. None for what has no path on any host, such as `data:` and `#top`.
    pub(crate) fn new(text: &str, base: &Self) -> Option<Self> {
        let text = text.trim();
        let text = text.split('#').next().unwrap_or_default();
        if text.is_empty() {
            return None;
        }
        let schemes = ["https://", "http://", "//"];
        if let Some(rest) = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (host, path) = rest.split_at_checked(end)?;
            return Some(Self {
                root: Root::Host(host.to_ascii_lowercase().into()),
                path: without_dots(path).into(),
            });
        }
        let is_other_scheme = text
            .split(['/', '?'])
            .next()
            .is_some_and(|first| first.contains(':'));
        if is_other_scheme {
            return None;
        }
        Some(match text.starts_with('/') {
            true => Self {
                root: match &base.root {
                    Root::Site => Root::OwnHost,
                    other => other.clone(),
                },
                path: without_dots(text).into(),
            },
            false => {
                let folder = base.path.split('?').next().unwrap_or_default();
                let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
                Self {
                    root: base.root.clone(),
                    path: without_dots(&format!("{folder}/{text}")).into(),
                }
            }
        })
    }
}

/// A path without the segments `.` and `..` (RFC 3986 §5.2.4).
fn without_dots(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut segments: Vec<&str> = Vec::new();
    let mut parts = path.trim_start_matches('/').split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match part {
            "." => {}
            ".." => {
                segments.pop();
            }
            part => {
                segments.push(part);
                continue;
            }
        }
        if is_last {
            segments.push("");
        }
    }
    let query = query.map(|query| format!("?{query}"));
    format!("/{}{}", segments.join("/"), query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_a_browser_would_go() {
        let base = Reference {
            root: Root::Site,
            path: "/blog/first/".into(),
        };
        let named = |name: &str| Root::Host(name.into());
        for (text, root, path) in [
            ("a.css", Root::Site, "/blog/first/a.css"),
            ("./a.css?h=1#x", Root::Site, "/blog/first/a.css?h=1"),
            ("../../a.css", Root::Site, "/a.css"),
            ("../../../a/./b/..", Root::Site, "/a/"),
            (" /a.css ", Root::OwnHost, "/a.css"),
            ("//A.test/x", named("a.test"), "/x"),
            ("https://a.test:8443/x/../y", named("a.test:8443"), "/y"),
            ("http://a.test?b", named("a.test"), "/?b"),
        ] {
            let expected = Reference {
                root,
                path: path.into(),
            };
            assert_eq!(Reference::new(text, &base), Some(expected), "{text}");
        }
        for text in [
            "",
            "#top",
            "data:text/css,a",
            "javascript:x()",
            "blob:https://a/b",
        ] {
            assert_eq!(Reference::new(text, &base), None, "{text}");
        }
        let elsewhere = Reference {
            root: named("cdn.test"),
            path: "/x/y.css".into(),
        };
        let found = Reference::new("/f.woff2", &elsewhere).unwrap();
        assert_eq!(found.root, named("cdn.test"));
    }
}
