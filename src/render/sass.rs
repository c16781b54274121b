//! Style sheets from Sass, by the path they are served at.

use std::collections::HashMap;

use bytes::Bytes;

use crate::site::{Problem, Source};

/// Every style sheet, by its path: `css/site.css`.
pub(super) fn sheets(source: &Source) -> (HashMap<String, Bytes>, Vec<Problem>) {
    let (mut sheets, mut problems) = (HashMap::new(), Vec::new());
    if source.sass.is_empty() {
        return (sheets, problems);
    }
    let made = source.sass_compiler.compile(&source.files, &source.sass);
    for (sass, made) in source.sass.iter().zip(made) {
        let stem = sass.relative.rsplit_once('.').map_or("", |(stem, _)| stem);
        sheets.extend(made.css.map(|css| (format!("{stem}.css"), css)));
        problems.extend(made.problems);
    }
    (sheets, problems)
}
