//! The content security policy of a document (W3C CSP3), with the hashes of what stands in it.

use crate::site::{Facts, Hashes};

/// What a document gets that is to have a policy, and for which nobody wrote one: nothing from elsewhere, and of what stands
/// in the document itself only what its author put there.
pub(crate) const USUAL: &str = "default-src 'self'; script-src 'self' 'hashes'; \
    style-src 'self' 'unsafe-hashes' 'hashes'; img-src 'self' data:; object-src 'none'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'self'";

/// Whether a policy has to be written out for each document.
pub(super) fn has_hashes(policy: &str) -> bool {
    policy.contains(HASHES)
}

/// `policies` for the document of which `facts` are known: each `'hashes'` is those of what its directive is about.
pub(super) fn written_out(policies: &str, facts: Option<&Facts>) -> String {
    let each = |text: &str, separator: char, end: &str, write: &dyn Fn(&str) -> String| {
        let parts: Vec<String> = text.split(separator).map(write).collect();
        parts.join(end)
    };
    each(policies, ',', ", ", &|policy| {
        each(policy.trim(), ';', "; ", &|directive| {
            directive_of(directive, facts)
        })
    })
}

fn directive_of(text: &str, facts: Option<&Facts>) -> String {
    let mut words = text.split_ascii_whitespace();
    let Some(name) = words.next() else {
        return String::new();
    };
    let takes_attributes = words
        .clone()
        .any(|word| word.eq_ignore_ascii_case(UNSAFE_HASHES));
    let mut written = vec![name];
    for word in words {
        match (word, facts) {
            (HASHES, Some(facts)) => {
                let hashes = hashes(&name.to_ascii_lowercase(), facts);
                let hashes = hashes.into_iter().filter(|(part, _)| match part {
                    Part::Element => true,
                    Part::Attribute => takes_attributes,
                });
                written.extend(
                    hashes
                        .map(|(_, Hashes(text))| &**text)
                        .filter(|text| !text.is_empty()),
                );
            }
            (HASHES, None) => {}
            _ => written.push(word),
        }
    }
    written.join(" ")
}

/// What a directive is about.
enum Part {
    Element,
    /// It counts only beside `'unsafe-hashes'`.
    Attribute,
}

fn hashes<'f>(directive: &str, facts: &'f Facts) -> Vec<(Part, &'f Hashes)> {
    let scripts = (Part::Element, &facts.scripts);
    let handlers = (Part::Attribute, &facts.handlers);
    let styles = (Part::Element, &facts.styles);
    let attributes = (Part::Attribute, &facts.style_attributes);
    match directive {
        "default-src" => vec![scripts, handlers, styles, attributes],
        "script-src" => vec![scripts, handlers],
        "script-src-elem" => vec![scripts],
        "script-src-attr" => vec![handlers],
        "style-src" => vec![styles, attributes],
        "style-src-elem" => vec![styles],
        "style-src-attr" => vec![attributes],
        _ => Vec::new(),
    }
}

/// What stands for the hashes. No browser knows it, so that a policy which is not written out allows less, and not more.
const HASHES: &str = "'hashes'";
const UNSAFE_HASHES: &str = "'unsafe-hashes'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_directive_gets_what_it_is_about() {
        let hashes = |text: &str| Hashes(text.into());
        let facts = Facts {
            scripts: hashes("'sha256-a' 'sha256-b'"),
            handlers: hashes("'sha256-c'"),
            styles: hashes("'sha256-d'"),
            style_attributes: hashes(""),
            ..Facts::default()
        };
        for (policy, expected) in [
            ("default-src 'self'", "default-src 'self'"),
            (
                "script-src 'self' 'hashes' https:;  style-src 'hashes';",
                "script-src 'self' 'sha256-a' 'sha256-b' https:; style-src 'sha256-d'; ",
            ),
            (
                "Script-Src 'unsafe-hashes' 'hashes', default-src 'hashes'",
                "Script-Src 'unsafe-hashes' 'sha256-a' 'sha256-b' 'sha256-c', default-src 'sha256-a' 'sha256-b' 'sha256-d'",
            ),
            (
                "script-src-attr 'unsafe-hashes' 'hashes'; style-src-attr 'unsafe-hashes' 'hashes'; img-src 'hashes'",
                "script-src-attr 'unsafe-hashes' 'sha256-c'; style-src-attr 'unsafe-hashes'; img-src",
            ),
        ] {
            assert_eq!(written_out(policy, Some(&facts)), expected);
        }
        assert_eq!(
            written_out("script-src 'self' 'hashes'", None),
            "script-src 'self'"
        );
    }
}
