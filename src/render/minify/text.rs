//! The text of documents: its white space, and how it is written so that it reads as it did.

use std::borrow::Cow;

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// `text` with each run of white space as one space.
pub(super) fn collapsed(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut after_space = false;
    for char in text.chars() {
        let is_space = is_space(char);
        if !is_space {
            collapsed.push(char);
        } else if !after_space {
            collapsed.push(' ');
        }
        after_space = is_space;
    }
    collapsed
}

/// Whether HTML takes `char` for white space: no other space is.
pub(super) fn is_space(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

/// Where a text stands, which says what has a meaning there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags.
    Content,
    /// In an element that holds no tags but its own end.
    EscapableRaw,
    /// The value of an attribute, in this quotation mark if there is one.
    Attribute(Option<char>),
}

/// `text` as it is written at this place.
pub(super) fn escaped(text: &str, place: Place) -> Cow<'_, str> {
    if !text.contains(['<', '&', '"', '\'', '\r']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, char) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match (char, place) {
            ('<', Place::Content) => escaped.push_str("&lt;"),
            ('<', Place::EscapableRaw) if rest.starts_with("</") => escaped.push_str("&lt;"),
            ('&', _) if reads_as_reference(rest, place) => escaped.push_str("&amp;"),
            ('"', Place::Attribute(Some('"'))) => escaped.push_str("&#34;"),
            ('\'', Place::Attribute(Some('\''))) => escaped.push_str("&#39;"),
            // As itself it would be read as the end of a line.
            ('\r', _) => escaped.push_str("&#13;"),
            _ => escaped.push(char),
        }
    }
    Cow::Owned(escaped)
}

/// Whether the ampersand that begins `text` would be taken for a character reference there (HTML 13.2.5.72). The
/// tokenizer, which knows all names, says so.
fn reads_as_reference(text: &str, place: Place) -> bool {
    let is_end = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'#';
    let mut name = text.bytes().skip(1);
    let name_end = name
        .position(|byte| is_end(&byte))
        .map_or(text.len(), |at| at + 1);
    // In attributes the equals sign behind a name counts, too.
    let next = text.as_bytes().get(name_end);
    let end = name_end + usize::from(matches!(next, Some(b';' | b'=')));
    let Some(piece) = text.get(..end).filter(|piece| piece.len() > 1) else {
        return false;
    };
    let markup = match place {
        Place::Attribute(_) => Cow::Owned(format!("<a b=\"{piece}\">")),
        Place::Content | Place::EscapableRaw => Cow::Borrowed(piece),
    };
    let mut read = Vec::new();
    for token in Tokenizer::new_with_emitter(&*markup, DefaultEmitter::<()>::default()) {
        match token {
            Ok(Token::String(text)) => read.extend_from_slice(&text),
            Ok(Token::StartTag(tag)) => tag
                .attributes
                .values()
                .for_each(|value| read.extend_from_slice(value)),
            _ => {}
        }
    }
    read != piece.as_bytes()
}
