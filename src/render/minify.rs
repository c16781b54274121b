//! Documents lose the white space, the comments and the closing tags that no browser misses, when the
//! site asks for it with `minify_html`.
//!
//! What goes and what stays is what Zola's sites are used to, but for what changes a page: values of attributes that
//! are no switches, and types that a style sheet may ask for, stay. Scripts stay as their author wrote them.

mod attributes;
mod elements;
mod style;
mod text;
mod writer;

use bytes::Bytes;

use self::writer::Writer;
use super::outcome::{HTML, Output};
use crate::site::{Content, Problem};

/// Minifies a document. One that can't be minified stays as it was, and a warning tells of it.
pub(super) fn document(output: &mut Output) -> Option<Problem> {
    if &*output.page.media_type != HTML {
        return None;
    }
    let body = match &mut output.page.content {
        Content::Bytes(html) | Content::Redirect { html, .. } => html,
        Content::Large(_) => return None,
    };
    match minified(body) {
        Ok(smaller) => {
            *body = smaller;
            None
        }
        Err(why) => {
            let what = format!("{} is not minified: {why}", output.page.path);
            let problem = Problem::warning(what).way_out("it is served as it was rendered");
            Some(match &output.origin {
                Some(file) => problem.in_file(&**file),
                None => problem,
            })
        }
    }
}

fn minified(html: &[u8]) -> Result<Bytes, &'static str> {
    let html = std::str::from_utf8(html).map_err(|_| "it is not UTF-8")?;
    Writer::of_document(html).run().map(Bytes::from)
}

#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    let again = minified(text.as_bytes()).and_then(|once| minified(&once));
    let Ok(again) = again else {
        return;
    };
    // What becomes of style sheets is not for us to say.
    if !text.to_ascii_lowercase().contains("style") {
        assert_eq!(minified(&again), Ok(again));
    }
}

#[cfg(test)]
mod tests;
