//! Documents lose the white space, the comments and the closing tags that no browser misses, when the
//! site asks for it with `minify_html`.
//!
//! Zola uses the same crate with the same settings: scripts stay as their author wrote them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use minify_html::{Cfg, minify};

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
    if nests_too_deep(html) {
        return Err("its elements or style sheets lie too deep in each other");
    }
    let settings = Cfg {
        keep_html_and_head_opening_tags: true,
        minify_css: true,
        ..Cfg::default()
    };
    // Nothing is left half changed: both parties only read.
    catch_unwind(AssertUnwindSafe(|| minify(html, &settings)))
        .map(Bytes::from)
        .map_err(|_| "the minifier can't read it")
}

/// Whether `html` could lie so deep in itself that the minifier, which goes down with it, leaves its
/// stack. Elements that need no closing tag count as if they were never closed.
fn nests_too_deep(html: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_sheet = false;
    for piece in html.split(|&byte| byte == b'<') {
        let closes = piece.first() == Some(&b'/');
        let name = piece.strip_prefix(b"/").unwrap_or(piece);
        if closes {
            depth = depth.saturating_sub(1);
        } else if name.first().is_some_and(u8::is_ascii_alphabetic) {
            depth += 1;
        }
        if name.get(..STYLE.len()).is_some_and(is_style) {
            in_sheet = !closes;
        }
        let has_style = in_sheet || piece.windows(STYLE.len()).any(is_style);
        if depth > ELEMENTS_DEEP_MAX || has_style && brackets(piece) > BRACKETS_MAX {
            return true;
        }
    }
    false
}

fn is_style(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(STYLE)
}

/// What may open a bracket of CSS, be it as a character reference.
fn brackets(css: &[u8]) -> usize {
    let opens = css.iter().filter(|byte| b"([{&".contains(byte));
    opens.count()
}

const STYLE: &[u8] = b"style";

/// The threads of the pipeline have room for twice as many.
const ELEMENTS_DEEP_MAX: usize = 50_000;

/// Likewise, were each bracket in the one before it.
const BRACKETS_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let minified = minified(html.as_bytes()).unwrap();
        assert_eq!(String::from_utf8_lossy(&minified), expected, "{html}");
    }

    #[test]
    fn only_what_nobody_misses_goes() {
        for (html, expected) in [
            (
                "<!DOCTYPE html>\n<html>\n<head>\n<title> a </title>\n</head>\n<body> b </body></html>",
                "<!doctype html><html><head><title> a </title><body>b",
            ),
            ("<p>a  b</p>\n<p>c</p>", "<p>a b<p>c"),
            ("<!-- a --><!--#include -->a", "a"),
            ("<?php  a ?><!x  y>", "<?php  a ?><!x  y>"),
            (
                "<a href='x' title='y z'></a>",
                r#"<a title="y z" href=x></a>"#,
            ),
            (
                "<a title='a=b' href=\"`\"></a>",
                "<a href=\"`\" title=\"a=b\"></a>",
            ),
            (
                "<input type=\"text\" disabled=\"disabled\">",
                "<input disabled>",
            ),
            (
                "<style> a { color: #ff0000 } </style>",
                "<style>a{color:red}</style>",
            ),
            ("<p style='color: #ffffff ;'>", "<p style=color:#fff>"),
            ("<script> a ( 1 ) ; </script>", "<script>a ( 1 ) ;</script>"),
            ("<pre>\n a  b\n</pre>", "<pre>\n a  b\n</pre>"),
            ("{{ a  b }}<% c  d %>", "{{ a b }}&lt;% c d %>"),
        ] {
            check(html, expected);
        }
    }

    #[test]
    fn takes_what_is_no_html() {
        for html in [
            "",
            "<",
            "</",
            "<!",
            "<!doctype",
            "<!--",
            "<a b=\"",
            "<style",
            "<style>a{",
            "<?",
            "&",
            "&#xD800;",
            "<p style='&#xD800;{{(('>",
            "<textarea>",
            "<svg><a/><title>",
            "\0\u{fffe}",
        ] {
            assert!(minified(html.as_bytes()).is_ok(), "{html}");
        }
        // The style of an attribute is taken for text.
        assert!(minified(b"<p style='\xff'>").is_err());
    }

    #[test]
    fn goes_no_deeper_than_its_stack() {
        for (part, count, too_deep) in [
            ("<b>", ELEMENTS_DEEP_MAX + 1, true),
            ("<b></b>", ELEMENTS_DEEP_MAX + 1, false),
            ("(", BRACKETS_MAX + 1, false),
        ] {
            let html = part.repeat(count);
            assert_eq!(nests_too_deep(html.as_bytes()), too_deep, "{part}");
            let sheet = format!("<p><STYLE>{}", "a{".repeat(count));
            assert!(nests_too_deep(sheet.as_bytes()));
        }
    }
}
