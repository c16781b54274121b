//! The style sheets of highlighted code, for a site that colours it by classes.

use std::collections::HashMap;

use bytes::Bytes;

use super::markdown::highlight::{self, Shelf};
use crate::site::{Config, HighlightStyle, Highlighting, Problem};

/// Every sheet that the pages' code asks for, by path, under the names that sites of this dialect
/// link to; and a warning for each theme that is not known.
pub(super) fn sheets(config: &Config, shelf: &Shelf) -> (HashMap<String, Bytes>, Vec<Problem>) {
    let Some(highlighting) = &config.markdown.highlighting else {
        return Default::default();
    };
    let themes = themes(highlighting);
    let complaints = themes
        .iter()
        .filter_map(|(_, theme)| highlight::check_theme(theme, shelf));
    let problems = complaints.map(|what| warning(config, what)).collect();
    if highlighting.style == HighlightStyle::Inline {
        return (HashMap::new(), problems);
    }
    let sheet = |theme: &str| Bytes::from(highlight::stylesheet(theme, shelf));
    let sheets = themes
        .into_iter()
        .map(|(file, theme)| (file.to_owned(), sheet(theme)));
    (sheets.collect(), problems)
}

/// The file and the name of each theme.
fn themes(highlighting: &Highlighting) -> Vec<(&str, &str)> {
    let named = highlighting.sheets.iter();
    let named = named.map(|(file, theme)| (file.trim_start_matches('/'), theme.as_str()));
    let mut themes = match &highlighting.dark_theme {
        None => vec![("giallo.css", highlighting.theme.as_str())],
        Some(dark) => vec![
            ("giallo-light.css", highlighting.theme.as_str()),
            ("giallo-dark.css", dark),
        ],
    };
    themes.extend(named);
    themes
}

fn warning(config: &Config, what: String) -> Problem {
    Problem::warning(what).in_file(config.file.as_str())
}
