//! What a document holds and asks for.
//!
//! It is read as a browser reads it, but for what its tree would say: a script that stands in a comment or a template is
//! told from others only as far as its tags say so.

use std::borrow::Cow;

use html5gum::{DefaultEmitter, EndTag, HtmlString, Spanned, StartTag, Token, Tokenizer};

use super::{Collected, style_sheet};
use crate::site::{
    CrossOrigin, Facts, Reference, Subresource, SubresourceKind, essence, is_javascript,
};

/// What is known of the document `text` that stands at `own`.
pub(super) fn read(text: &str, own: &Reference) -> Facts {
    let mut emitter = DefaultEmitter::<()>::default();
    // What stands in a script is no markup.
    emitter.naively_switch_states(true);
    let mut reader = Reader::new(own);
    for token in Tokenizer::new_with_emitter(text, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => reader.open(&tag),
            Ok(Token::EndTag(tag)) => reader.close(&tag),
            Ok(Token::String(text)) => reader.text(&text),
            _ => {}
        }
    }
    reader.into_facts()
}

/// What has been read of a document.
struct Reader {
    /// What references count from.
    base: Reference,
    has_base: bool,
    inside: Option<Inside>,
    scripts: Collected,
    handlers: Collected,
    styles: Collected,
    style_attributes: Collected,
    subresources: Vec<Subresource>,
}

/// A script, or a style sheet, of which the text is being read.
struct Inside {
    name: &'static str,
    text: Vec<u8>,
}

impl Reader {
    fn new(own: &Reference) -> Self {
        Self {
            base: own.clone(),
            has_base: false,
            inside: None,
            scripts: Collected::default(),
            handlers: Collected::default(),
            styles: Collected::default(),
            style_attributes: Collected::default(),
            subresources: Vec::new(),
        }
    }

    fn open(&mut self, tag: &StartTag<()>) {
        for (name, value) in &tag.attributes {
            match name.as_slice() {
                b"style" => self.style_attributes.add(&lossy(value)),
                [b'o', b'n', _, ..] => self.handlers.add(&lossy(value)),
                _ => {}
            }
        }
        match tag.name.as_slice() {
            b"base" if !self.has_base => {
                let reference =
                    attribute(tag, "href").and_then(|href| Reference::new(&href, &self.base));
                self.has_base |= reference.is_some();
                self.base = reference.unwrap_or_else(|| self.base.clone());
            }
            b"link" => self.link(tag),
            b"script" => self.script(tag),
            b"style" => self.inside = Some(Inside::begin("style")),
            _ => {}
        }
    }

    fn text(&mut self, text: &HtmlString) {
        if let Some(inside) = &mut self.inside {
            inside.text.extend_from_slice(text);
        }
    }

    fn close(&mut self, tag: &EndTag<()>) {
        let is_its_end = |inside: &mut Inside| tag.name.as_slice() == inside.name.as_bytes();
        let Some(inside) = self.inside.take_if(is_its_end) else {
            return;
        };
        let text = String::from_utf8_lossy(&inside.text);
        match inside.name {
            "script" => self.scripts.add(&text),
            _ => {
                self.styles.add(&text);
                let asked = style_sheet::subresources(&text, &self.base);
                self.subresources.extend(asked);
            }
        }
    }

    fn link(&mut self, tag: &StartTag<()>) {
        let rel = attribute(tag, "rel")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is = |word: &str| rel.split_ascii_whitespace().any(|one| one == word);
        let media = attribute(tag, "media").unwrap_or_default();
        let is_seen = is("stylesheet") && !is("alternate") && media.trim() != "print";
        if is_seen && attribute(tag, "disabled").is_none() {
            self.ask(SubresourceKind::Style, "href", tag);
        }
    }

    fn script(&mut self, tag: &StartTag<()>) {
        let media_type = attribute(tag, "type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let kind = match essence(&media_type) {
            "module" => SubresourceKind::Module,
            "importmap" | "speculationrules" => {
                self.inside = Some(Inside::begin("script"));
                return;
            }
            "" => SubresourceKind::Script,
            other if is_javascript(other) => SubresourceKind::Script,
            // Data: nobody runs it.
            _ => return,
        };
        match attribute(tag, "src") {
            None => self.inside = Some(Inside::begin("script")),
            // Whoever takes modules passes it over, or it may come when it likes.
            Some(_)
                if ["nomodule", "async"]
                    .iter()
                    .any(|name| attribute(tag, name).is_some()) => {}
            Some(_) => self.ask(kind, "src", tag),
        }
    }

    fn ask(&mut self, kind: SubresourceKind, name: &str, tag: &StartTag<()>) {
        let at = attribute(tag, name).and_then(|url| Reference::new(&url, &self.base));
        let cross_origin = attribute(tag, "crossorigin").map(|how| {
            match how.trim().eq_ignore_ascii_case("use-credentials") {
                true => CrossOrigin::Credentials,
                false => CrossOrigin::Anonymous,
            }
        });
        self.subresources.extend(at.map(|at| Subresource {
            kind,
            at,
            cross_origin,
        }));
    }

    fn into_facts(self) -> Facts {
        Facts {
            scripts: self.scripts.into_hashes(),
            handlers: self.handlers.into_hashes(),
            styles: self.styles.into_hashes(),
            style_attributes: self.style_attributes.into_hashes(),
            subresources: self.subresources.into(),
        }
    }
}

impl Inside {
    fn begin(name: &'static str) -> Self {
        Self {
            name,
            text: Vec::new(),
        }
    }
}

fn attribute<'t>(tag: &'t StartTag<()>, name: &str) -> Option<Cow<'t, str>> {
    tag.attributes.get(name.as_bytes()).map(lossy)
}

fn lossy(value: &Spanned<HtmlString, ()>) -> Cow<'_, str> {
    String::from_utf8_lossy(&value.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Hashes, Root};

    fn facts(text: &str) -> Facts {
        let own = Reference {
            root: Root::Site,
            path: "/a/".into(),
        };
        read(text, &own)
    }

    fn hashes(texts: &[&str]) -> Hashes {
        super::super::hashes(texts.iter().copied())
    }

    #[test]
    fn what_runs_is_hashed_as_it_stands() {
        let found = facts(
            "<!doctype html><!-- <script>no()</script> -->\r\n\
             <script>a('<b>&amp;');</script><SCRIPT type=module> b </SCRIPT><script>a('<b>&amp;');</script>\
             <script type=application/ld+json>{}</script><script src=x.js>not run</script>\
             <style>p { }\r\n</style><p style='color: red&quot;' onclick=\"c(&quot;d&quot;)\" onload=x on=y>\
             <textarea><script>no()</script></textarea>\
             <script type=importmap>{\"imports\":{}}</script>",
        );
        assert_eq!(
            found.scripts,
            hashes(&["a('<b>&amp;');", " b ", "{\"imports\":{}}"])
        );
        assert_eq!(found.styles, hashes(&["p { }\n"]));
        assert_eq!(found.style_attributes, hashes(&["color: red\""]));
        assert_eq!(found.handlers, hashes(&["c(\"d\")", "x"]));
    }

    #[test]
    fn what_it_is_put_together_with_is_found() {
        let found = facts(
            "<link rel='Preload StyleSheet' href=/main.css?h=1><link rel='alternate stylesheet' href=b.css>\
             <link rel=stylesheet media=print href=c.css><link rel=icon href=d.svg>\
             <script src='//cdn.test/e.js' crossorigin></script><script type=module src=f.js></script>\
             <script nomodule src=g.js></script><script async src=h.js></script>\
             <style>@font-face { src: url(i.woff2) }</style><base href=/other/><script src=j.js></script>",
        );
        let found: Vec<_> = found
            .subresources
            .iter()
            .map(|one| (one.kind, &*one.at.path, one.cross_origin))
            .collect();
        let anonymous = Some(CrossOrigin::Anonymous);
        assert_eq!(
            found,
            [
                (SubresourceKind::Style, "/main.css?h=1", None),
                (SubresourceKind::Script, "/e.js", anonymous),
                (SubresourceKind::Module, "/a/f.js", None),
                (SubresourceKind::Font, "/a/i.woff2", anonymous),
                (SubresourceKind::Script, "/other/j.js", None),
            ]
        );
    }
}
