//! Reads one table of a TOML file, key by key, and tells of every mistake at its place.
//!
//! Whoever owns a table asks for each key it knows, with its default, and calls
//! [`Section::finish`], which complains of the keys nobody asked for. A mistake is noted and the
//! default goes on in its place, so that one look at the file shows all of them.

use std::{
    cell::RefCell,
    fmt::Display,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    str::FromStr,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::site::{Problem, nearest};

/// The file that is being read, and what was found wrong with it.
#[derive(Debug)]
pub(crate) struct File<'a> {
    path: &'a Path,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

/// One table of a [`File`].
#[derive(Debug)]
pub(crate) struct Section<'a> {
    file: &'a File<'a>,
    /// How messages call it: `[watch]`, or empty for the file's top.
    name: &'static str,
    /// Where it begins.
    span: Range<usize>,
    /// What has not been asked for yet.
    left: DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> File<'a> {
    /// Looks at `text`, the content of `path`.
    pub(crate) fn new(path: &'a Path, text: &'a str) -> Self {
        Self {
            path,
            text,
            problems: RefCell::default(),
        }
    }

    /// The table that is the file itself. Mistakes of TOML's grammar are noted, and then nothing is
    /// read: what a broken line was meant to say is anybody's guess.
    pub(crate) fn top(&'a self) -> Section<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        let span = table.span();
        let table = match errors.is_empty() {
            true => table.into_inner(),
            false => DeTable::new(),
        };
        for error in errors {
            let what = format!("this is not TOML: {}", error.message());
            self.note(error.span().unwrap_or(0..0), Problem::error(what));
        }
        Section::new(self, "", span, table)
    }

    /// Every mistake found, in the order of the file.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }

    fn note(&self, span: Range<usize>, problem: Problem) {
        let file = self.path.display().to_string();
        let problem = problem.in_file(file).at_offset(self.text, span.start);
        self.problems.borrow_mut().push(problem);
    }
}

impl<'a> Section<'a> {
    fn new(file: &'a File<'a>, name: &'static str, span: Range<usize>, left: DeTable<'a>) -> Self {
        Self {
            file,
            name,
            span,
            left,
            asked: Vec::new(),
        }
    }

    /// The table `[key]`; an empty one where the file has none.
    pub(crate) fn table(&mut self, key: &'static str, name: &'static str) -> Self {
        let found = self.value(key);
        let Some(found) = found else {
            return Self::new(self.file, name, self.span.clone(), DeTable::new());
        };
        let span = found.span();
        match found.into_inner() {
            DeValue::Table(table) => Self::new(self.file, name, span, table),
            other => {
                self.refuse(key, span.clone(), &format!("a table, {name}"), &other);
                Self::new(self.file, name, span, DeTable::new())
            }
        }
    }

    /// The tables `[[key]]`, in the order of the file.
    pub(crate) fn tables(&mut self, key: &'static str, name: &'static str) -> Vec<Self> {
        let mut sections = Vec::new();
        for (span, value) in self.array(key, &format!("a list of tables, {name}")) {
            match value {
                DeValue::Table(table) => {
                    sections.push(Self::new(self.file, name, span, table));
                }
                other => self.refuse(key, span, &format!("a list of tables, {name}"), &other),
            }
        }
        sections
    }

    /// A whole number, in the unit that the key names.
    pub(crate) fn number(
        &mut self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> u64 {
        let Some(found) = self.value(key) else {
            return default;
        };
        let number = match found.get_ref() {
            DeValue::Integer(digits) => {
                u64::from_str_radix(&digits.as_str().replace('_', ""), digits.radix()).ok()
            }
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => number,
            None => {
                let wanted = format!("a whole number from {} to {}", range.start(), range.end());
                self.refuse(key, found.span(), &wanted, found.get_ref());
                default
            }
        }
    }

    /// A switch, off unless the file turns it on.
    pub(crate) fn flag(&mut self, key: &'static str) -> bool {
        let Some(found) = self.value(key) else {
            return false;
        };
        if let DeValue::Boolean(flag) = found.get_ref() {
            return *flag;
        }
        self.refuse(key, found.span(), "`true` or `false`", found.get_ref());
        false
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        default: T,
        choices: &[(&'static str, T)],
    ) -> T {
        let Some(found) = self.value(key) else {
            return default;
        };
        let typed = match found.get_ref() {
            DeValue::String(text) => text.as_ref(),
            _ => "",
        };
        match choices.iter().find(|(word, _)| *word == typed) {
            Some((_, choice)) => *choice,
            None => {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                let wanted = format!("one of {}", quoted(&words));
                self.refuse(key, found.span(), &wanted, found.get_ref());
                default
            }
        }
    }

    /// A string, as a value of type `T`.
    pub(crate) fn text<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        let found = self.value(key)?;
        self.parse(key, found.span(), found.get_ref())
    }

    /// A list of strings, each as a value of type `T`; None where the key is missing.
    pub(crate) fn texts<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<Vec<T>> {
        let present = self.left.contains_key(key);
        let all = self.array(key, "a list of strings");
        let parsed = all
            .into_iter()
            .filter_map(|(span, value)| self.parse(key, span, &value))
            .collect();
        present.then_some(parsed)
    }

    /// A path; a relative one is counted from the folder of the file.
    pub(crate) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let typed: PathBuf = self.text(key)?;
        let folder = self.file.path.parent().unwrap_or_else(|| Path::new(""));
        Some(folder.join(typed))
    }

    /// Whether there is such a key that was not read yet.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.left.contains_key(key)
    }

    /// Notes a mistake of the section as a whole.
    pub(crate) fn complain(&self, problem: Problem) {
        self.file.note(self.span.clone(), problem);
    }

    /// Complains of every key that nobody asked for.
    pub(crate) fn finish(self) {
        for key in self.left.keys() {
            let typed: &str = key.get_ref();
            let place = match self.name {
                "" => "the top of the file".to_owned(),
                name => format!("`{name}`"),
            };
            let problem = Problem::error(format!("{place} has no key `{typed}`"));
            let way_out = match nearest(typed, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it knows {}", quoted(&self.asked)),
            };
            self.file.note(key.span(), problem.way_out(way_out));
        }
    }

    fn value(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.left.remove(key)
    }

    fn array(&mut self, key: &'static str, wanted: &str) -> Vec<(Range<usize>, DeValue<'a>)> {
        let Some(found) = self.value(key) else {
            return Vec::new();
        };
        let span = found.span();
        match found.into_inner() {
            DeValue::Array(values) => values
                .into_iter()
                .map(|value| (value.span(), value.into_inner()))
                .collect(),
            other => {
                self.refuse(key, span, wanted, &other);
                Vec::new()
            }
        }
    }

    fn parse<T: FromStr<Err: Display>>(
        &self,
        key: &str,
        span: Range<usize>,
        value: &DeValue<'_>,
    ) -> Option<T> {
        let DeValue::String(text) = value else {
            self.refuse(key, span, "a string", value);
            return None;
        };
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let problem = Problem::error(format!("`{key}` cannot be `{text}`: {error}"));
                self.file.note(span, problem);
                None
            }
        }
    }

    fn refuse(&self, key: &str, span: Range<usize>, wanted: &str, found: &DeValue<'_>) {
        let kind = match found {
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Boolean(flag) => format!("`{flag}`"),
            DeValue::Datetime(date) => format!("the date `{date}`"),
            DeValue::Float(number) => format!("`{number}`"),
            DeValue::Integer(number) => format!("`{number}`"),
            DeValue::String(text) => format!("the string \"{text}\""),
            DeValue::Table(_) => "a table".to_owned(),
        };
        let what = format!("`{key}` must be {wanted}, not {kind}");
        self.file.note(span, Problem::error(what));
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` as the table of some owner, and returns what it is told.
    fn told(text: &str) -> Vec<String> {
        let file = File::new(Path::new("littoral.toml"), text);
        let mut top = file.top();
        top.number("quiet_ms", 300, 10..=60_000);
        top.flag("timing");
        top.choice("access", 0, &[("off", 0), ("common", 1)]);
        top.text::<String>("name");
        top.texts::<std::net::IpAddr>("hosts");
        top.table("log", "[log]").finish();
        top.tables("site", "[[site]]")
            .into_iter()
            .for_each(Section::finish);
        top.finish();
        let problems = file.into_problems();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_leaves_nothing_to_say() {
        assert!(told("").is_empty());
        let good = "quiet_ms = 1_000\ntiming = true\naccess = 'off'\nname = 'x'\n\
                    hosts = ['::1']\n[log]\n[[site]]\n[[site]]\n";
        assert_eq!(told(good), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_is_told_at_its_place() {
        for (text, expected) in [
            (
                "# quiet\nquiet_msec = 300\n",
                "error: the top of the file has no key `quiet_msec`\n  \
                 --> littoral.toml:2:1\n   |\n 2 | quiet_msec = 300\n   | ^\n   \
                 = did you mean `quiet_ms`?",
            ),
            (
                "quiet_ms = \"soon\"\n",
                "error: `quiet_ms` must be a whole number from 10 to 60000, not the string \"soon\"\n  \
                 --> littoral.toml:1:12\n   |\n 1 | quiet_ms = \"soon\"\n   |            ^",
            ),
            (
                "quiet_ms = 0x1\n",
                "error: `quiet_ms` must be a whole number from 10 to 60000, not `0x1`\n  \
                 --> littoral.toml:1:12\n   |\n 1 | quiet_ms = 0x1\n   |            ^",
            ),
            (
                "access = 'comon'\n",
                "error: `access` must be one of `off`, `common`, not the string \"comon\"\n  \
                 --> littoral.toml:1:10\n   |\n 1 | access = 'comon'\n   |          ^",
            ),
            (
                "hosts = ['::1', 'x']\n",
                "error: `hosts` cannot be `x`: invalid IP address syntax\n  \
                 --> littoral.toml:1:17\n   |\n 1 | hosts = ['::1', 'x']\n   |                 ^",
            ),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
        let text = "timing = 1\nzzz = 2\nquiet_ms = -1\n[log]\nlevle = 3\n[[site]]\nroot = 4\n";
        let first_lines: Vec<_> = told(text)
            .iter()
            .filter_map(|problem| problem.lines().next().map(str::to_owned))
            .collect();
        assert_eq!(
            first_lines,
            [
                "error: `timing` must be `true` or `false`, not `1`",
                "error: the top of the file has no key `zzz`",
                "error: `quiet_ms` must be a whole number from 10 to 60000, not `-1`",
                "error: `[log]` has no key `levle`",
                "error: `[[site]]` has no key `root`",
            ]
        );
    }

    #[test]
    fn broken_grammar_is_told_too() {
        let told = told("quiet_ms = = 3\nzzz = 1\n");
        let (start, place) = ("error: this is not TOML: ", "--> littoral.toml:1:");
        assert!(
            told[0].starts_with(start) && told[0].contains(place),
            "{told:?}"
        );
        assert!(!told.iter().any(|problem| problem.contains("has no key")));
    }
}
