//! Images that are loaded lazily: pulldown-cmark cannot write their attributes.

use pulldown_cmark_escape::{escape_href, escape_html};

/// An image whose alternative text is being collected.
pub(super) struct LazyImage {
    url: String,
    title: String,
    pub(super) alt: String,
    /// How many images stand open inside its alternative text.
    pub(super) nested: usize,
}

impl LazyImage {
    pub(super) fn new(url: &str, title: &str) -> Self {
        Self {
            url: url.into(),
            title: title.into(),
            alt: String::new(),
            nested: 0,
        }
    }

    /// Its tag.
    pub(super) fn html(&self) -> String {
        let mut tag = String::from("<img src=\"");
        escape_href(&mut tag, &self.url).expect(GROWS);
        if !self.title.is_empty() {
            tag.push_str("\" title=\"");
            escape_html(&mut tag, &self.title).expect(GROWS);
        }
        tag.push_str("\" alt=\"");
        escape_html(&mut tag, &self.alt).expect(GROWS);
        tag.push_str("\" loading=\"lazy\" decoding=\"async\" />");
        tag
    }
}

const GROWS: &str = "a string can always grow";
