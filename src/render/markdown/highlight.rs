//! Fenced code: a stand-in without colours.

use pulldown_cmark_escape::escape_html;

use crate::site::{Markdown, Problem};

/// What stands behind a fence.
pub(super) struct Fence {
    lang: Option<String>,
}

impl Fence {
    pub(super) fn parse(info: &str) -> Self {
        let lang = info
            .split([',', ' '])
            .next()
            .filter(|lang| !lang.is_empty());
        Self {
            lang: lang.map(Into::into),
        }
    }
}

pub(super) fn block(code: &str, fence: &Fence, _settings: &Markdown) -> (String, Option<Problem>) {
    let mut html = String::from("<pre><code");
    if let Some(lang) = &fence.lang {
        html.push_str(" data-lang=\"");
        escape_html(&mut html, lang).expect("a string can always grow");
        html.push('"');
    }
    html.push('>');
    escape_html(&mut html, code).expect("a string can always grow");
    html.push_str("</code></pre>\n");
    (html, None)
}
