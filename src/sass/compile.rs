//! One sheet, compiled: the only file that knows the compiler.

use std::{
    cell::Cell,
    io,
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;
use codemap::SpanLoc;

use super::talk::Question;
use crate::site::Problem;

/// Where the compiler gets its files, and leaves what its sheets tell.
pub(super) trait Desk: std::fmt::Debug {
    /// The content of a file; nothing for a yes, and an error for a no.
    fn ask(&self, question: Question) -> io::Result<Bytes>;

    /// A sheet has something to tell.
    fn tell(&self, problem: Problem);
}

/// The style sheet of `file`, a path relative to the site's root.
pub(super) fn sheet(desk: &dyn Desk, file: &str) -> Result<String, Box<Problem>> {
    let fs = SiteFs(desk);
    let teller = Teller {
        desk,
        told: Cell::new(0),
    };
    let options = grass::Options::default()
        .style(grass::OutputStyle::Compressed)
        .fs(&fs)
        .logger(&teller);
    grass::from_path(file, &options).map_err(|error| Box::new(problem(file, &error)))
}

fn problem(file: &str, error: &grass::Error) -> Problem {
    match error.clone().kind() {
        grass::ErrorKind::ParseError { message, loc, .. } => {
            let at = line(&loc);
            let word = at.chars().skip(loc.begin.column);
            let word: String = word.take_while(|c| !" ;,){}".contains(*c)).collect();
            let (what, way_out) = explained(&message, &word);
            Problem {
                way_out: way_out.map(Into::into),
                ..placed(Problem::error(what), &loc)
            }
        }
        _ => Problem::error(error.to_string()).in_file(file),
    }
}

fn placed(problem: Problem, loc: &SpanLoc) -> Problem {
    let text = loc.file.source();
    Problem {
        column: u32::try_from(loc.begin.column + 1).ok(),
        ..problem
            .in_file(loc.file.name())
            .at_line(text, loc.begin.line + 1)
    }
}

fn line(loc: &SpanLoc) -> &str {
    let mut lines = loc.file.source().lines();
    lines.nth(loc.begin.line).unwrap_or_default()
}

/// The compiler's message about `word`, as the rest of the program speaks.
fn explained(message: &str, word: &str) -> (String, Option<&'static str>) {
    match message.trim_end_matches('.') {
        "Undefined variable" => (
            format!("the variable `{word}` is not defined"),
            Some("give it a value above, or import the part that does"),
        ),
        "Undefined mixin" => (
            format!("the mixin `{word}` is not defined"),
            Some("write it above, or import the part that has it"),
        ),
        "Can't find stylesheet to import" => (
            format!("there is no part {word} to import"),
            Some(
                "it lies beside this file, or in a folder named with it, as `_name.scss` or `_name.sass`",
            ),
        ),
        other => match other.strip_prefix("expected ") {
            Some(sign) => (format!("{} is missing here", sign.replace('"', "`")), None),
            None => (other.to_owned(), None),
        },
    }
}

/// The site's files, as the compiler asks for them: by paths relative to the site's root.
#[derive(Debug)]
struct SiteFs<'d>(&'d dyn Desk);

impl SiteFs<'_> {
    fn ask(&self, path: &Path, question: fn(String) -> Question) -> io::Result<Bytes> {
        let plain = plain(path).and_then(|plain| plain.to_str().map(ToOwned::to_owned));
        let plain = plain.ok_or_else(|| io::Error::other("outside the site"))?;
        self.0.ask(question(plain))
    }
}

impl grass::Fs for SiteFs<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        self.ask(path, Question::IsDir).is_ok()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.ask(path, Question::IsFile).is_ok()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.ask(path, Question::Read).map(Into::into)
    }

    // The compiler knows a module again by its path: `a/../settings` and `settings` are one, and
    // what `@use … with` gave to the one counts for the other.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(plain(path).unwrap_or_else(|| path.to_path_buf()))
    }
}

/// `path` without `.` and `..`; None if it leads out of the site.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => plain.pop().then_some(())?,
            Component::Normal(part) => plain.push(part),
            _ => {}
        }
    }
    Some(plain)
}

/// What `@warn` and `@debug` say becomes warnings.
#[derive(Debug)]
struct Teller<'d> {
    desk: &'d dyn Desk,
    told: Cell<usize>,
}

impl Teller<'_> {
    fn tell(&self, loc: &SpanLoc, what: String) {
        self.told.set(self.told.get() + 1);
        if self.told.get() <= TOLD_MAX {
            self.desk.tell(placed(Problem::warning(what), loc));
        }
    }
}

impl grass::Logger for Teller<'_> {
    fn debug(&self, loc: SpanLoc, message: &str) {
        self.tell(&loc, format!("`@debug` says: {message}"));
    }

    fn warn(&self, loc: SpanLoc, message: &str) {
        self.tell(&loc, format!("`@warn` says: {message}"));
    }
}

/// How much of what one sheet tells is passed on.
const TOLD_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// A site of these files.
    #[derive(Debug)]
    struct Table(
        &'static [(&'static str, &'static str)],
        RefCell<Vec<Problem>>,
    );

    impl Desk for Table {
        fn ask(&self, question: Question) -> io::Result<Bytes> {
            let (Question::IsFile(path) | Question::Read(path)) = question else {
                return Err(io::ErrorKind::NotFound.into());
            };
            let found = self.0.iter().find(|(name, _)| *name == path);
            let found = found.map(|(_, text)| Bytes::from_static(text.as_bytes()));
            found.ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn tell(&self, problem: Problem) {
            self.1.borrow_mut().push(problem);
        }
    }

    fn check(
        files: &'static [(&'static str, &'static str)],
        expected: Result<&str, &str>,
    ) -> Vec<Problem> {
        let table = Table(files, RefCell::default());
        let made = sheet(&table, "sass/a.scss").map_err(|problem| problem.to_string());
        assert_eq!(made.as_deref().map_err(String::as_str), expected);
        table.1.into_inner()
    }

    #[test]
    fn a_sheet_is_made_of_its_parts() {
        check(
            &[
                (
                    "sass/a.scss",
                    "@use 'parts/../b'; @import '../other/c'; p { q: b.$x }",
                ),
                ("sass/_b.scss", "$x: 1px;"),
                ("other/c.css", "r { s: t }"),
            ],
            Ok("r{s:t}p{q:1px}"),
        );
    }

    #[test]
    fn nothing_outside_the_site_is_a_part() {
        check(
            &[
                ("sass/a.scss", "@import '../../b';"),
                ("b.scss", "a { b: c }"),
            ],
            Err(
                "error: there is no part '../../b' to import\n  --> sass/a.scss:1:9\n   |\n 1 | \
                 @import '../../b';\n   |         ^\n   = it lies beside this file, or in a folder named \
                 with it, as `_name.scss` or `_name.sass`",
            ),
        );
    }

    #[test]
    fn what_a_sheet_says_is_passed_on() {
        let told = check(&[("sass/a.scss", "a { @warn 'old'; b: c }")], Ok("a{b:c}"));
        let told: Vec<_> = told.iter().map(ToString::to_string).collect();
        let expected = "warning: `@warn` says: \"old\"\n  --> sass/a.scss:1:11\n   |\n 1 | a { @warn 'old'; b: c }\n   \
                        |           ^";
        assert_eq!(told, [expected]);
        let told = check(
            &[("sass/a.scss", "@for $i from 1 through 1000 { @debug $i; }")],
            Ok(""),
        );
        assert_eq!(told.len(), TOLD_MAX);
    }
}
