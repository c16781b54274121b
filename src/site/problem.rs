//! A mistake in a site, told so that its author can mend it: what, where, and the way out.

use std::fmt;

/// Whether a [`Problem`] keeps a site from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Severity {
    /// The site is not published.
    Error,
    /// The site is published; the author should know.
    Warning,
}

/// A mistake in a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Problem {
    /// The file, relative to the site's root, with `/` between its parts; None for the site itself.
    pub(crate) file: Option<String>,
    /// The line, from 1, where it is known.
    pub(crate) line: Option<u32>,
    /// The column, in characters from 1, where it is known.
    pub(crate) column: Option<u32>,
    /// Whether the site can be published all the same.
    pub(crate) severity: Severity,
    /// What is wrong, as a sentence without its full stop.
    pub(crate) what: String,
    /// The line of the file that it is about.
    pub(crate) excerpt: Option<String>,
    /// What to do about it.
    pub(crate) way_out: Option<String>,
}

impl Problem {
    /// A problem that keeps the site from being published.
    pub(crate) fn error(what: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            severity: Severity::Error,
            what: what.into(),
            excerpt: None,
            way_out: None,
        }
    }

    /// A problem that is told and passed over.
    pub(crate) fn warning(what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(what)
        }
    }

    /// In `file`, relative to the site's root.
    #[must_use]
    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// At `line` of `text`, the file's whole text, from which the excerpt is taken.
    #[must_use]
    pub(crate) fn at_line(mut self, text: &str, line: usize) -> Self {
        self.line = u32::try_from(line).ok();
        self.excerpt = text
            .lines()
            .nth(line.saturating_sub(1))
            .map(|found| found.trim_end().into());
        self
    }

    /// At byte `offset` of `text`, the file's whole text.
    #[must_use]
    pub(crate) fn at_offset(self, text: &str, offset: usize) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        let mut problem = self.at_line(text, before.matches('\n').count() + 1);
        problem.column = u32::try_from(column).ok();
        problem
    }

    /// At the first place of `text` where `needle` stands; unchanged if it stands nowhere.
    #[must_use]
    pub(crate) fn at_text(self, text: &str, needle: &str) -> Self {
        match text.find(needle) {
            Some(offset) if !needle.is_empty() => self.at_offset(text, offset),
            _ => self,
        }
    }

    /// What the author can do.
    #[must_use]
    pub(crate) fn way_out(mut self, way_out: impl Into<String>) -> Self {
        self.way_out = Some(way_out.into());
        self
    }

    /// Whether it keeps the site from being published.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Several lines, as a compiler would say it:
///
/// ```text
/// error: the template `pge.html` does not exist
///   --> content/blog/first.md:3:1
///    |
///  3 | template = "pge.html"
///    | ^
///    = did you mean `page.html`?
/// ```
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}", self.what)?;
        let line = self.line.map(|line| line.to_string()).unwrap_or_default();
        let margin = " ".repeat(line.len().max(2));
        if let Some(file) = &self.file {
            write!(f, "\n{margin}--> {file}")?;
            self.line.map_or(Ok(()), |line| write!(f, ":{line}"))?;
            self.column
                .map_or(Ok(()), |column| write!(f, ":{column}"))?;
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n{margin} |\n{line:>2} | {excerpt}")?;
            if let Some(column) = self.column {
                write!(f, "\n{margin} | {:>1$}", "^", column as usize)?;
            }
        }
        match &self.way_out {
            Some(way_out) => write!(f, "\n{margin} = {way_out}"),
            None => Ok(()),
        }
    }
}

/// The one of `known` that `word` is most likely a slip of.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let near = known
        .into_iter()
        .map(|key| (strsim::damerau_levenshtein(word, key), key));
    let (distance, key) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= key.len().max(3) / 3).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_the_way_out() {
        let text = "+++\ntitle = \"A\"\ntemplate = \"pge.html\"\n+++\n";
        let problem = Problem::error("the template `pge.html` does not exist")
            .in_file("content/a.md")
            .at_text(text, "pge.html")
            .way_out("did you mean `page.html`?");
        assert_eq!(
            problem.to_string(),
            "error: the template `pge.html` does not exist\n  \
             --> content/a.md:3:13\n   \
             |\n 3 | template = \"pge.html\"\n   |             ^\n   \
             = did you mean `page.html`?"
        );
    }

    #[test]
    fn needs_no_place() {
        assert_eq!(
            Problem::warning("the feed is empty").to_string(),
            "warning: the feed is empty"
        );
    }

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("tilte", ["title", "date"]), Some("title"));
        assert_eq!(nearest("category", ["title", "date"]), None);
    }
}
