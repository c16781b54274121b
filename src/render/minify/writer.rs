//! Writes the tags and texts of a document again, but for those that are not needed.
//!
//! A document is read as a browser's tokenizer reads it. No tree is made of it: what is told from the tags is which
//! element each text and end tag belongs to. Where a document is written against the rules that may be wrong, and
//! then more is kept.

use html5gum::{DefaultEmitter, EndTag, Span, StartTag, State, Token, Tokenizer};

use super::{
    attributes,
    elements::{Namespace, Spaces, ends_before, ends_with_parent, is_void, spaces, state_within},
    style,
    text::{Place, collapsed, escaped, is_space},
};

/// A document on its way.
pub(super) struct Writer<'a> {
    source: &'a str,
    written: String,
    /// What lies around all elements.
    root: Element,
    open: Vec<Element>,
    /// The text that has been read since the last tag.
    text: Vec<u8>,
    /// An element that ended, and whose end tag is written unless what follows says as much.
    ended: Option<Vec<u8>>,
}

/// An element that has not ended.
struct Element {
    name: Vec<u8>,
    spaces: Spaces,
    namespace: Namespace,
    /// Whether nothing stands in it so far.
    is_empty: bool,
}

impl Element {
    fn new(name: &[u8], parent: &Self) -> Self {
        let namespace = parent.namespace.within(&parent.name).of(name);
        let spaces = match parent.spaces {
            Spaces::Kept => Spaces::Kept,
            _ => spaces(name, namespace),
        };
        Self {
            name: name.to_owned(),
            spaces,
            namespace,
            is_empty: true,
        }
    }
}

impl<'a> Writer<'a> {
    pub(super) fn of_document(source: &'a str) -> Self {
        Self::new(source, Spaces::Dropped)
    }

    fn new(source: &'a str, spaces: Spaces) -> Self {
        Self {
            source,
            written: String::with_capacity(source.len()),
            root: Element {
                name: Vec::new(),
                spaces,
                namespace: Namespace::Html,
                is_empty: true,
            },
            open: Vec::new(),
            text: Vec::new(),
            ended: None,
        }
    }

    /// The document with what it needs, or why it can't be told what that is.
    pub(super) fn run(mut self) -> Result<String, &'static str> {
        let emitter = DefaultEmitter::<usize>::new_with_span();
        let mut tokens = Tokenizer::new_with_emitter(self.source, emitter);
        while let Some(token) = tokens.next() {
            let Ok(token) = token;
            if let Some(state) = self.read(token)? {
                tokens.set_state(state);
            }
        }
        while !self.open.is_empty() {
            self.close_last();
        }
        self.settle(Next::End);
        self.settle_ended(|name| ends_with_parent(name, None));
        Ok(self.written)
    }

    /// Returns how what follows is to be read, if it is no markup.
    fn read(&mut self, token: Token<usize>) -> Result<Option<State>, &'static str> {
        match token {
            Token::StartTag(tag) => return Ok(self.start(&tag)),
            Token::EndTag(tag) => self.end(&tag),
            Token::String(text) => self.text.extend_from_slice(&text),
            Token::Comment(comment) => self.comment(comment.span)?,
            Token::Doctype(doctype) => self.doctype(doctype.span),
            Token::Error(_) => {}
        }
        Ok(None)
    }

    fn start(&mut self, tag: &StartTag<usize>) -> Option<State> {
        let name = tag.name.as_slice();
        while let Some(last) = self.open.last()
            && last.namespace == Namespace::Html
            && ends_before(&last.name, name)
        {
            self.close_last();
        }
        self.settle(Next::Tag);
        self.settle_ended(|ended| ends_before(ended, name));
        let mut element = Element::new(name, self.last());
        if name == b"script" && attributes::is_run(&tag.attributes) {
            element.spaces = Spaces::Trimmed;
        }
        let namespace = element.namespace;
        let is_foreign = namespace != Namespace::Html;
        self.push("<");
        self.push(&String::from_utf8_lossy(name));
        let attributes = attributes::written(&tag.attributes, name, namespace);
        self.push(&attributes);
        let ends = is_foreign && tag.self_closing;
        if ends {
            let ends_bare = !attributes.is_empty() && !attributes.ends_with(['"', '\'']);
            self.push(if ends_bare { " /" } else { "/" });
        }
        self.push(">");
        self.last_mut().is_empty = false;
        if !ends && (is_foreign || !is_void(name)) {
            self.open.push(element);
        }
        if is_foreign { None } else { state_within(name) }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name = tag.name.as_slice();
        let Some(at) = self.opened(name) else {
            self.settle(Next::Tag);
            self.settle_ended(|_| false);
            self.push_end(name);
            return;
        };
        let ends_others = self.open.len() > at + 1;
        while self.open.len() > at + 1 {
            self.close_last();
        }
        let is_html = self.last().namespace == Namespace::Html;
        self.close_last();
        match ends_others || !is_html {
            true => self.push_end(name),
            false => self.ended = Some(name.to_owned()),
        }
    }

    /// Where the element `name` that ends next stands among the open ones.
    fn opened(&self, name: &[u8]) -> Option<usize> {
        let lowest = self.open.len().saturating_sub(DEPTH_MAX);
        let near = self.open.get(lowest..)?;
        let at = near.iter().rposition(|element| element.name == name)?;
        Some(lowest + at)
    }

    /// Comments go. What a browser only takes for one stays: its author means somebody else.
    fn comment(&mut self, span: Span) -> Result<(), &'static str> {
        let comment = self.source.get(span.start..span.end).unwrap_or_default();
        if comment.starts_with("<![CDATA[") {
            return Err("it has a CDATA section");
        }
        if !comment.starts_with("<!--") {
            self.settle(Next::Tag);
            self.settle_ended(|_| false);
            self.push(comment);
        }
        Ok(())
    }

    fn doctype(&mut self, span: Span) {
        let doctype = self.source.get(span.start..span.end).unwrap_or_default();
        self.settle(Next::Tag);
        match doctype.eq_ignore_ascii_case("<!doctype html>") {
            true => self.push("<!doctype html>"),
            false => self.push(doctype),
        }
    }

    /// Ends the last open element without an end tag.
    fn close_last(&mut self) {
        self.settle(Next::End);
        let Some(element) = self.open.pop() else {
            return;
        };
        self.settle_ended(|name| ends_with_parent(name, Some(&element.name)));
    }

    /// Writes the text that was read, of which the last element needs as much as `next` leaves.
    fn settle(&mut self, next: Next) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let text = String::from_utf8_lossy(&text);
        let last = self.last();
        let is_html = last.namespace == Namespace::Html;
        let needed = match last.name.as_slice() {
            b"script" if is_html && last.spaces == Spaces::Trimmed => {
                text.trim_matches(is_space).to_owned()
            }
            b"style" if is_html => style::sheet(&text).into_owned(),
            b"noscript" if is_html => Self::without_scripts(&text),
            name if is_html => match state_within(name) {
                Some(State::RcData) => escaped(&text, Place::EscapableRaw).into_owned(),
                Some(_) => text.into_owned(),
                None => escaped(&spaced(&text, last, next), Place::Content).into_owned(),
            },
            _ => escaped(&spaced(&text, last, next), Place::Content).into_owned(),
        };
        // Zola leaves an end tag before space that is trimmed: who compares the two finds no difference.
        if !needed.is_empty() || last.spaces == Spaces::Trimmed {
            self.settle_ended(|_| false);
        }
        if !needed.is_empty() {
            self.push(&needed);
            self.last_mut().is_empty = false;
        }
    }

    /// What stands there for browsers without scripts, for whom it is no text.
    fn without_scripts(html: &str) -> String {
        let within = Writer::new(html, Spaces::Trimmed).run();
        within.unwrap_or_else(|_| html.to_owned())
    }

    /// Writes the end tag of the element that ended, if there is one that `is_needless` does not tell of.
    fn settle_ended(&mut self, is_needless: impl FnOnce(&[u8]) -> bool) {
        if let Some(name) = self.ended.take()
            && !is_needless(&name)
        {
            self.push_end(&name);
        }
    }

    fn push_end(&mut self, name: &[u8]) {
        self.push("</");
        self.push(&String::from_utf8_lossy(name));
        self.push(">");
    }

    fn push(&mut self, piece: &str) {
        self.written.push_str(piece);
    }

    fn last(&self) -> &Element {
        self.open.last().unwrap_or(&self.root)
    }

    fn last_mut(&mut self) -> &mut Element {
        self.open.last_mut().unwrap_or(&mut self.root)
    }
}

/// How deep an element may lie that is still known to be open. Browsers nest no deeper.
const DEPTH_MAX: usize = 512;

/// What follows a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Something else in the same element.
    Tag,
    /// The end of the element.
    End,
}

/// `text` with the white space that it needs in `element`.
fn spaced(text: &str, element: &Element, next: Next) -> String {
    if element.spaces == Spaces::Kept {
        return text.to_owned();
    }
    let text = collapsed(text);
    if element.spaces == Spaces::Collapsed {
        return text;
    }
    let mut needed = text.as_str();
    if element.is_empty {
        needed = needed.trim_start_matches(' ');
    }
    if next == Next::End || element.spaces == Spaces::Dropped && needed == " " {
        needed = needed.trim_end_matches(' ');
    }
    needed.to_owned()
}
