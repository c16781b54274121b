//! A mistake in a site, told so that its author can mend it: what, where, and the way out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

/// Whether a [`Problem`] keeps a site from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Severity {
    /// The site is not published.
    Error,
    /// The site is published; the author should know.
    Warning,
}

/// A mistake in a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub(crate) excerpt: Option<Box<str>>,
    /// What to do about it.
    pub(crate) way_out: Option<Box<str>>,
    /// What was rendered when it showed, where that is not the file itself: `content/a.md:6`.
    pub(crate) during: Option<Box<str>>,
    /// How many more are like it.
    pub(crate) more: u32,
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
            during: None,
            more: 0,
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
        let found = text.lines().nth(line.saturating_sub(1));
        self.excerpt = found.map(|found| found.trim_end().chars().take(EXCERPT_MAX).collect());
        self
    }

    /// With its mark under the first place of its line where `needle` stands.
    #[must_use]
    pub(crate) fn marked(mut self, needle: &str) -> Self {
        let excerpt = self.excerpt.as_deref().unwrap_or_default();
        if let Some((before, _)) = excerpt.split_once(needle).filter(|_| !needle.is_empty()) {
            self.column = u32::try_from(before.chars().count() + 1).ok();
        }
        self
    }

    /// Shown while `what` was rendered: the inner place counts.
    #[must_use]
    pub(crate) fn during(mut self, what: &str) -> Self {
        if self.during.is_none() && self.file.as_deref() != Some(what) && !what.is_empty() {
            self.during = Some(what.into());
        }
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
        if column > EXCERPT_MAX {
            // A line that nobody wrote by hand: what stands there is shown alone.
            let line = text.get(line_start..).and_then(|rest| rest.lines().next());
            let around = line.unwrap_or_default().chars().skip(column - 1);
            problem.excerpt = Some(around.take(EXCERPT_MAX / 2).collect());
        }
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
        self.way_out = Some(way_out.into().into_boxed_str());
        self
    }

    /// What else is worth a line: where it showed, and how often.
    pub(crate) fn note(&self) -> Option<String> {
        let more = match self.more {
            0 => String::new(),
            more => format!("and {more} more"),
        };
        match (&self.during, self.more) {
            (None, 0) => None,
            (None, _) => Some(format!("{more} like this one")),
            (Some(during), 0) => Some(format!("while rendering {during}")),
            (Some(during), _) => Some(format!("while rendering {during}, {more}")),
        }
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
            match self.column {
                Some(column) if column as usize <= EXCERPT_MAX => {
                    write!(f, "\n{margin} | {}^", blank(excerpt, column))?;
                }
                _ => {}
            }
        }
        let way_out = self.way_out.as_deref().map(ToOwned::to_owned);
        for line in self.note().into_iter().chain(way_out) {
            write!(f, "\n{margin} = {line}")?;
        }
        Ok(())
    }
}

/// What stands before the mark of a column. A tab stays one, so that the mark stands where the reader's own
/// tabs put it.
fn blank(excerpt: &str, column: u32) -> String {
    let before = excerpt.chars().take(column.saturating_sub(1) as usize);
    before.map(|c| if c == '\t' { c } else { ' ' }).collect()
}

/// Every problem once, sorted by file. What many pages tell of one template becomes one problem, and of
/// those that differ by their places alone no more are kept than a person will read.
pub(crate) fn gathered(problems: Vec<Problem>) -> Vec<Problem> {
    let mut shown: BTreeMap<Problem, BTreeSet<Box<str>>> = BTreeMap::new();
    for mut problem in problems {
        let during = problem.during.take();
        shown.entry(problem).or_default().extend(during);
    }
    // By what is said: how many there are, and where the last one that is told stands.
    let mut kinds: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    let mut gathered: Vec<Problem> = Vec::with_capacity(shown.len());
    for (mut problem, during) in shown {
        problem.more = u32::try_from(during.len().saturating_sub(1)).unwrap_or(u32::MAX);
        problem.during = during.into_iter().next();
        let kind = (problem.what.clone(), problem.way_out.clone());
        let (count, last) = kinds.entry(kind).or_default();
        *count += 1;
        if *count <= ALIKE_MAX {
            *last = gathered.len();
            gathered.push(problem);
        } else if let Some(last) = gathered.get_mut(*last) {
            last.more += problem.more + 1;
        }
    }
    gathered
}

/// How many problems that say the same of different places are told.
const ALIKE_MAX: usize = 10;

/// Characters of a line that are shown.
const EXCERPT_MAX: usize = 240;

/// The one of `known` that `word` is most likely a slip of.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let near = known
        .into_iter()
        .map(|key| (strsim::damerau_levenshtein(word, key), key));
    // Of several as near the first by name, in whatever order they are known.
    let (distance, key) = near.min()?;
    (distance <= key.len().max(3) / 3).then_some(key)
}

/// The path of `known` that `path` is most likely a slip of: one that differs little, or a file of that name
/// in another folder.
pub(crate) fn nearest_path<'k>(
    path: &str,
    known: impl IntoIterator<Item = &'k str> + Clone,
) -> Option<&'k str> {
    // What many folders have is known by its folder.
    let name = |path: &str| {
        let mut parts = path.rsplitn(3, '/');
        let last = parts.next().unwrap_or_default().to_owned();
        match (last.as_str(), parts.next()) {
            ("index.md" | "_index.md", folder) => format!("{}/{last}", folder.unwrap_or_default()),
            _ => last,
        }
    };
    let wanted = name(path);
    let near = nearest(path, known.clone());
    let mut same_name = known.into_iter().filter(|path| name(path) == wanted);
    near.or_else(|| same_name.by_ref().min())
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
        let files = ["a/long-way/pic.png", "b.png"];
        assert_eq!(nearest_path("pic.png", files), Some("a/long-way/pic.png"));
        assert_eq!(nearest_path("c.png", files), Some("b.png"));
        assert_eq!(nearest_path("something.gif", files), None);
        let mut alike = [
            "x/blog/_index.md",
            "blog/deep/_index.md",
            "bla/_index.md",
            "blob/_index.md",
        ];
        let found = nearest_path("blog/_index.md", alike);
        alike.reverse();
        assert_eq!(nearest_path("blog/_index.md", alike), found, "in any order");
    }

    #[test]
    fn a_mark_stands_under_its_place() {
        let problem = Problem::error("w")
            .at_line("\tx = \"ä\" y\n", 1)
            .marked("y");
        assert_eq!(
            problem.to_string(),
            "error: w\n   |\n 1 | \tx = \"ä\" y\n   | \t        ^"
        );
        assert_eq!(problem.clone().marked("no"), problem);
    }

    #[test]
    fn problems_are_told_once() {
        let broken = |page: usize| {
            Problem::error("broken")
                .in_file("templates/page.html")
                .during(&format!("content/{page:02}.md"))
        };
        let alike = |page: usize| Problem::warning("odd").in_file(format!("content/{page:02}.md"));
        let problems = (0..30).map(broken).chain((0..30).map(alike)).collect();
        let told = gathered(problems);
        assert_eq!(told.len(), 1 + ALIKE_MAX);
        let notes: Vec<_> = told.iter().filter_map(Problem::note).collect();
        assert_eq!(
            notes,
            [
                "and 20 more like this one",
                "while rendering content/00.md, and 29 more"
            ]
        );
    }
}
