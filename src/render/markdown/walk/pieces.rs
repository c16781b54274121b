//! Text and raw HTML on the walk, with the placeholders of shortcodes in them.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::super::emoji;
use super::super::shortcode::{Piece, pieces};
use super::super::summary::{Mark, is_mark};
use super::Walk;

impl<'e> Walk<'e> {
    pub(super) fn plain(&mut self, text: CowStr<'e>) {
        if self.code.is_some() {
            let text = self.filled(text);
            if let Some(code) = &mut self.code {
                code.text.push_str(&text);
            }
            return;
        }
        self.each_piece(text, |walk, text| {
            let text = walk.with_emoji(text);
            walk.title_part(&text);
            walk.out.push(Event::Text(text));
        });
    }

    pub(super) fn code_span(&mut self, code: CowStr<'e>) {
        let code = self.filled(code);
        self.title_part(&code);
        self.out.push(Event::Code(code));
    }

    /// Raw HTML, which `kind` makes an event again.
    pub(super) fn raw(&mut self, html: CowStr<'e>, kind: fn(CowStr<'e>) -> Event<'e>) {
        if self.mark.is_none() && self.around_notes.is_empty() && is_mark(&html) {
            let open = self.open.iter().copied();
            self.mark = Some(Mark {
                events: self.out.len(),
                open: open.filter(|end| *end != TagEnd::HtmlBlock).collect(),
            });
            self.html(CONTINUE_READING.into());
            return;
        }
        self.each_piece(html, |walk, html| walk.out.push(kind(html)));
    }

    /// Whether the paragraph that ends here holds nothing but the HTML of one shortcode.
    pub(super) fn is_lone_insert(&self) -> bool {
        self.inserted == Some(self.out.len())
            && matches!(
                self.out.as_slice(),
                [.., Event::Start(Tag::Paragraph), Event::Html(_)]
            )
    }

    pub(super) fn unwrap_insert(&mut self) {
        let insert = self.out.pop();
        self.out.pop();
        self.out.extend(insert);
    }

    /// Hands each piece of `text` between shortcodes to `take`, and writes the shortcodes' HTML.
    fn each_piece(&mut self, text: CowStr<'e>, take: impl Fn(&mut Self, CowStr<'e>)) {
        let inserts = &self.expanded.inserts;
        if inserts.is_empty() {
            return take(self, text);
        }
        for piece in pieces(&text) {
            match piece {
                Piece::Text(part) if part.len() == text.len() => take(self, text.clone()),
                Piece::Text(part) => take(self, part.to_owned().into()),
                Piece::Insert(nth) => {
                    let insert = inserts.get(nth).map_or("", String::as_str);
                    self.html(insert.into());
                    self.inserted = Some(self.out.len());
                }
            }
        }
    }

    /// `text` with what its shortcodes gave, for places where that is no HTML.
    pub(super) fn filled(&self, text: CowStr<'e>) -> CowStr<'e> {
        if self.expanded.inserts.is_empty() {
            return text;
        }
        let mut filled = String::new();
        for piece in pieces(&text) {
            match piece {
                Piece::Text(part) if part.len() == text.len() => return text.clone(),
                Piece::Text(part) => filled.push_str(part),
                Piece::Insert(nth) => {
                    let insert = self.expanded.inserts.get(nth);
                    filled.push_str(insert.map_or("", |html| html.trim()));
                }
            }
        }
        filled.into()
    }

    pub(super) fn with_emoji(&self, text: CowStr<'e>) -> CowStr<'e> {
        if !self.text.settings.render_emoji {
            return text;
        }
        match emoji::replace(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(replaced) => replaced.into(),
        }
    }
}

const CONTINUE_READING: &str = "<span id=\"continue-reading\"></span>";
