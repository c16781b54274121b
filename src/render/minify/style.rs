//! Style sheets and style attributes, as short as they can be said.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lightningcss::{
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions, StyleAttribute, StyleSheet},
};

/// The text of a style sheet, shorter if it can be read.
pub(super) fn sheet(css: &str) -> Cow<'_, str> {
    shorter(css, || {
        let mut sheet = StyleSheet::parse(css, ParserOptions::default()).ok()?;
        sheet.minify(MinifyOptions::default()).ok()?;
        Some(sheet.to_css(minified()).ok()?.code)
    })
}

/// The value of a style attribute, shorter if it can be read.
pub(super) fn declarations(css: &str) -> Cow<'_, str> {
    shorter(css, || {
        let mut attribute = StyleAttribute::parse(css, ParserOptions::default()).ok()?;
        attribute.minify(MinifyOptions::default());
        Some(attribute.to_css(minified()).ok()?.code)
    })
}

fn minified() -> PrinterOptions<'static> {
    PrinterOptions {
        minify: true,
        ..PrinterOptions::default()
    }
}

/// What `minify` makes of `css`. What it can't read stays as its author wrote it, as browsers take what they can from it.
fn shorter(css: &str, minify: impl FnOnce() -> Option<String>) -> Cow<'_, str> {
    let opens = css.bytes().filter(|byte| b"([{".contains(byte)).count();
    if opens > BRACKETS_MAX {
        return Cow::Borrowed(css);
    }
    // Nothing is left half changed: the parser only reads.
    let shorter = catch_unwind(AssertUnwindSafe(minify)).ok().flatten();
    shorter.map_or(Cow::Borrowed(css), Cow::Owned)
}

/// The parser goes down into each bracket. The threads of the pipeline have room for twice as many.
const BRACKETS_MAX: usize = 20_000;
