//! The examples of CommonMark's own specification, all of them, through this room as it is by default.
//!
//! They come from npm into `target/commonmark`, by `packaging/setup test`. What differs on purpose is
//! taken out of ours before the two are compared, and nothing is skipped; see [`ON_PURPOSE`].

use regex::Regex;

use super::{Text, render, testing};
use crate::site::Markdown;

/// What differs on purpose, as Zola has it: where it stands in a rendered page, and what CommonMark has there.
const ON_PURPOSE: [(&str, &str); 4] = [
    // Every heading can be linked to.
    (r#"<(h[1-6]) id="[^"]*">"#, "<$1>"),
    // The language of code is said as data, for scripts and style sheets.
    (
        r#"<code data-lang="([^"]*)""#,
        r#"<code class="language-$1""#,
    ),
    // White space between an item and the block it begins with.
    ("<li>\n", "<li>"),
    // In text, where a quote ends nothing, it may stand as it is.
    ("&quot;", "\""),
];

/// What the fence of code says is a list of settings here, with commas, as in `rust,linenos`: the examples
/// that have something else there, and what becomes of it.
const SETTINGS: [(usize, &str, &str); 2] = [
    (143, "language-ruby", "language-"),
    (146, "language-aa", "language-aa ``` ~~~"),
];

#[test]
fn every_example_is_rendered_as_specified() {
    let examples = examples(&specification());
    assert_eq!(examples.len(), 652);
    let failed: Vec<String> = examples.iter().filter_map(Example::failure).collect();
    assert!(
        failed.is_empty(),
        "{} failed\n{}",
        failed.len(),
        failed.join("\n")
    );
}

struct Example {
    number: usize,
    markdown: String,
    html: String,
}

impl Example {
    fn failure(&self) -> Option<String> {
        let settings = Markdown::default();
        let text = Text {
            permalink: "",
            ..testing::page(&self.markdown, &settings)
        };
        let ours = render(&text, &testing::Site).html;
        let setting = SETTINGS.iter().find(|(number, ..)| *number == self.number);
        let theirs = match setting {
            Some((_, theirs, ours)) => self.html.replace(theirs, ours),
            None => self.html.clone(),
        };
        (plain(&ours) != plain(&theirs)).then(|| {
            let Self {
                number,
                markdown,
                html,
            } = self;
            format!("example {number}: {markdown:?}\n  gives {ours:?}\n     not {html:?}")
        })
    }
}

fn plain(html: &str) -> String {
    let mut html = html.to_owned();
    for (ours, theirs) in ON_PURPOSE {
        let ours = Regex::new(ours).unwrap();
        html = ours.replace_all(&html, theirs).into_owned();
    }
    html
}

/// The examples of the specification's text: between fences of 32 backticks, Markdown and HTML with a
/// line of one dot between them; an arrow stands for a tab.
fn examples(specification: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let begin = format!("{fence} example\n");
    let parts = specification.split(&begin).skip(1);
    let texts = parts.filter_map(|part| part.split_once(&format!("\n{fence}\n")));
    let pairs = texts.filter_map(|(text, _)| {
        let text = format!("{}\n", text.replace('→', "\t"));
        let (markdown, html) = text
            .strip_prefix(".\n")
            .map(|html| ("", html))
            .or_else(|| {
                let (markdown, html) = text.split_once("\n.\n")?;
                Some((markdown, html))
            })?;
        Some((format!("{markdown}\n"), html.to_owned()))
    });
    let examples = pairs.enumerate().map(|(index, (markdown, html))| Example {
        number: index + 1,
        markdown,
        html,
    });
    examples.collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the specification is no part of a site"
)]
fn specification() -> String {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/commonmark/node_modules/commonmark-spec/spec.txt"
    );
    std::fs::read_to_string(file).unwrap_or_else(|error| {
        panic!("{file}: {error}; `packaging/setup test` brings the examples of CommonMark")
    })
}
