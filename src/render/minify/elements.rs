//! What is known of elements by their names.

use html5gum::State;

/// The language that an element belongs to. Others than HTML have no end tags that may be left out, and empty elements
/// of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    Html,
    Svg,
    MathMl,
}

impl Namespace {
    /// That of an element `name` in an element of this namespace.
    pub(super) fn of(self, name: &[u8]) -> Self {
        match (self, name) {
            (Self::Html, b"svg") => Self::Svg,
            (Self::Html, b"math") => Self::MathMl,
            _ => self,
        }
    }

    /// That of what stands in an element `name` of this namespace: some hold HTML (HTML 13.2.6).
    pub(super) fn within(self, name: &[u8]) -> Self {
        match (self, name) {
            (Self::Svg, b"foreignobject" | b"desc" | b"title")
            | (Self::MathMl, b"annotation-xml" | b"mi" | b"mo" | b"mn" | b"ms" | b"mtext") => {
                Self::Html
            }
            _ => self,
        }
    }
}

/// What becomes of the white space in the text of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spaces {
    /// It stays.
    Kept,
    /// Each run becomes one space.
    Collapsed,
    /// And what begins or ends the element goes.
    Trimmed,
    /// And text that is nothing else goes: the element lays others out.
    Dropped,
}

/// What becomes of the white space in an element `name` of this namespace.
pub(super) fn spaces(name: &[u8], namespace: Namespace) -> Spaces {
    match (namespace, name) {
        (Namespace::Html, _) => spaces_of_html(name),
        (Namespace::Svg, b"text" | b"desc" | b"title") => Spaces::Trimmed,
        (Namespace::Svg, b"a" | b"tspan" | b"textpath") | (Namespace::MathMl, _) => {
            Spaces::Collapsed
        }
        (Namespace::Svg, _) => Spaces::Dropped,
    }
}

fn spaces_of_html(name: &[u8]) -> Spaces {
    match name {
        b"pre" | b"textarea" | b"code" | b"title" | b"listing" | b"script" | b"xmp"
        | b"plaintext" => Spaces::Kept,
        b"address" | b"audio" | b"button" | b"canvas" | b"caption" | b"figcaption" | b"h1"
        | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"legend" | b"meter" | b"object" | b"option"
        | b"p" | b"summary" | b"video" | b"dd" | b"details" | b"dt" | b"iframe" | b"label"
        | b"li" | b"noscript" | b"output" | b"progress" | b"slot" | b"td" | b"template" | b"th" => {
            Spaces::Trimmed
        }
        b"article" | b"aside" | b"blockquote" | b"body" | b"colgroup" | b"datalist" | b"dialog"
        | b"div" | b"dl" | b"fieldset" | b"figure" | b"footer" | b"form" | b"head" | b"header"
        | b"hgroup" | b"html" | b"main" | b"map" | b"menu" | b"nav" | b"ol" | b"optgroup"
        | b"picture" | b"search" | b"section" | b"select" | b"table" | b"tbody" | b"tfoot"
        | b"thead" | b"tr" | b"ul" => Spaces::Dropped,
        _ => Spaces::Collapsed,
    }
}

/// Whether the element `name` of HTML has no content and no end tag (HTML 13.1.2).
pub(super) fn is_void(name: &[u8]) -> bool {
    let void: [&[u8]; 16] = [
        b"area", b"base", b"br", b"col", b"embed", b"frame", b"hr", b"img", b"input", b"keygen",
        b"link", b"meta", b"param", b"source", b"track", b"wbr",
    ];
    void.contains(&name)
}

/// How the text of an element `name` of HTML is read, if it is no markup (HTML 13.2.6.4).
pub(super) fn state_within(name: &[u8]) -> Option<State> {
    match name {
        b"title" | b"textarea" => Some(State::RcData),
        b"script" => Some(State::ScriptData),
        b"style" | b"iframe" | b"xmp" | b"noembed" | b"noframes" | b"noscript" => {
            Some(State::RawText)
        }
        b"plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Whether an element `name` ends where an element `next` begins, and needs no end tag before it (HTML 13.1.2.4).
pub(super) fn ends_before(name: &[u8], next: &[u8]) -> bool {
    match name {
        b"head" => next == b"body",
        b"li" => next == b"li",
        b"dt" | b"dd" => matches!(next, b"dt" | b"dd"),
        b"p" => ENDS_PARAGRAPH.contains(&next),
        b"rt" | b"rp" => matches!(next, b"rt" | b"rp"),
        b"optgroup" => next == b"optgroup",
        b"option" => matches!(next, b"option" | b"optgroup"),
        b"thead" | b"tbody" => matches!(next, b"tbody" | b"tfoot"),
        b"tr" => next == b"tr",
        b"td" | b"th" => matches!(next, b"td" | b"th"),
        _ => false,
    }
}

/// Whether an element `name` ends where its `parent` ends, and needs no end tag before it (HTML 13.1.2.4).
/// Without a parent the document ends.
pub(super) fn ends_with_parent(name: &[u8], parent: Option<&[u8]>) -> bool {
    match name {
        b"li" | b"dd" | b"rt" | b"rp" | b"optgroup" | b"option" | b"tbody" | b"tfoot" | b"tr"
        | b"td" | b"th" | b"html" | b"body" => true,
        b"p" => parent.is_none_or(holds_paragraphs),
        _ => false,
    }
}

/// Whether the end of the element `name` ends a paragraph in it, as it does in those that are laid out in blocks. Others
/// are ended by a paragraph, not the other way round.
fn holds_paragraphs(name: &[u8]) -> bool {
    let others: [&[u8]; 5] = [b"audio", b"canvas", b"map", b"noscript", b"video"];
    let spaces = spaces_of_html(name);
    !others.contains(&name) && matches!(spaces, Spaces::Trimmed | Spaces::Dropped)
}

const ENDS_PARAGRAPH: [&[u8]; 30] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"details",
    b"div",
    b"dl",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hgroup",
    b"hr",
    b"main",
    b"menu",
    b"nav",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"table",
    b"ul",
];
