//! Which fields answers have: the file `_headers`, a pattern on a line and below it, indented, its fields.
//!
//! `Name: value` gives a field, `! Name` takes one away. Of several patterns that are of a path, all count.

use std::{fmt, str::FromStr};

use super::{pattern::PathPattern, template::Template};
use crate::site::Problem;

/// Which fields the answers to a pattern of paths have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    /// Of which paths it is.
    pub(crate) on: PathPattern,
    /// What it does, in its order.
    pub(crate) changes: Vec<Change>,
}

/// What a rule does to the fields of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Gives it a field, in the place of one of Littoral's own.
    Give(FieldName, Template),
    /// Takes one away.
    Take(FieldName),
}

/// The name of a field that an owner may say something of, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldName(Box<str>);

/// Why a text is no [`FieldName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoName {
    #[error("it is no token: letters, digits and hyphens")]
    Token,
    #[error("it says how an answer is sent, which only who sends it knows")]
    Own,
}

impl FieldName {
    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FieldName {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_token) {
            return Err(NoName::Token);
        }
        let name = text.to_ascii_lowercase();
        match OWN.contains(&&*name) {
            true => Err(NoName::Own),
            false => Ok(Self(name.into())),
        }
    }
}

impl HeaderRule {
    /// Gives the answers to `on` the field of a line `Name: value`, or takes away that of a line `! Name`.
    pub(crate) fn change(on: &PathPattern, line: &str) -> Result<Change, Problem> {
        if let Some(taken) = line.strip_prefix('!') {
            return name(taken).map(Change::Take);
        }
        let Some((given, value)) = line.split_once(':') else {
            let problem = Problem::error(format!("`{line}` is no field"));
            return Err(problem.way_out("write `Name: value`, or `! Name` to take one away"));
        };
        let value = value.trim();
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(Problem::error("a field holds no control characters"));
        }
        let names: Vec<&str> = on.names().collect();
        Ok(Change::Give(name(given)?, Template::new(value, &names)))
    }
}

fn name(text: &str) -> Result<FieldName, Problem> {
    let text = text.trim();
    text.parse().map_err(|error| {
        let problem = Problem::error(format!("`{text}` can't be the name of a field: {error}"));
        problem.way_out(match error {
            NoName::Token => "write `Name: value`, or `! Name` to take one away",
            NoName::Own => "take the line away",
        })
    })
}

/// Reads the file. What has a mistake is left out.
pub(super) fn read(text: &str) -> (Vec<HeaderRule>, Vec<Problem>) {
    let (mut rules, mut problems) = (Vec::<HeaderRule>::new(), Vec::new());
    let mut block = Block::None;
    for (number, line) in (1..).zip(text.lines()) {
        let (trimmed, is_indented) = (line.trim(), line.starts_with([' ', '\t']));
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let read = match (is_indented, block) {
            (false, _) => {
                let (read, next) = pattern(trimmed);
                block = next;
                read.map(|on| rules.extend(on))
            }
            (true, Block::Known) => change(&mut rules, trimmed),
            (true, Block::PassedOver) => Ok(()),
            (true, Block::None) => Err(Problem::error("this line belongs to no path")
                .way_out("write a path above it, such as `/*`, without a space before it")),
        };
        problems.extend(read.err().map(|problem| problem.at_line(text, number)));
    }
    if rules.len() > RULES_MAX {
        let what = format!("there are more than {RULES_MAX} paths with fields");
        problems.push(
            Problem::error(what)
                .way_out("each is tried for every answer: write `*` for several of them"),
        );
    }
    (rules, problems)
}

/// What an indented line belongs to.
#[derive(Debug, Clone, Copy)]
enum Block {
    None,
    Known,
    /// To something that is not taken; it was told of.
    PassedOver,
}

fn pattern(text: &str) -> (Result<Option<HeaderRule>, Problem>, Block) {
    if text.starts_with("http://") || text.starts_with("https://") {
        let problem = Problem::warning("the fields of another host are passed over");
        let way_out =
            "give that host a `[[site]]` of its own in littoral.toml, with a `_headers` of its own";
        return (Err(problem.way_out(way_out)), Block::PassedOver);
    }
    match text.parse() {
        Ok(on) => {
            let rule = HeaderRule {
                on,
                changes: Vec::new(),
            };
            (Ok(Some(rule)), Block::Known)
        }
        Err(error) => {
            let error: super::pattern::NoPattern = error;
            let problem = Problem::error(format!("`{text}` is no path: {error}"));
            let way_out =
                "the fields of a path stand below it, each on a line that begins with a space";
            (Err(problem.way_out(way_out)), Block::PassedOver)
        }
    }
}

fn change(rules: &mut [HeaderRule], line: &str) -> Result<(), Problem> {
    let Some(rule) = rules.last_mut() else {
        return Ok(());
    };
    if line.to_ascii_lowercase().starts_with("basic-auth:") {
        let problem =
            Problem::warning("a password is asked of nobody here: `Basic-Auth` is passed over");
        return Err(problem.way_out("keep what is not for everybody off the site"));
    }
    rule.changes.push(HeaderRule::change(&rule.on, line)?);
    Ok(())
}

/// What says how an answer is sent: whoever else says it lies to caches or to clients.
const OWN: [&str; 18] = [
    "accept-ranges",
    "age",
    "allow",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "etag",
    "keep-alive",
    "last-modified",
    "location",
    "proxy-connection",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Each is tried for every answer.
const RULES_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given and taken at a path.
    fn fields(text: &str, path: &str) -> Vec<String> {
        let (rules, problems) = read(text);
        assert_eq!(problems, []);
        let mut told = Vec::new();
        for rule in &rules {
            let Some(captures) = rule.on.captures(path) else {
                continue;
            };
            told.extend(rule.changes.iter().map(|change| match change {
                Change::Give(name, value) => format!("{name}: {}", value.fill(&captures)),
                Change::Take(name) => format!("! {name}"),
            }));
        }
        told
    }

    #[test]
    fn fields_belong_to_paths() {
        let text = "# all\n/*\n  X-Robots-Tag: noindex\n\tLink: </a.css>; rel=preload\n\n\
                    /secret/:page\n  ! X-Frame-Options\n  # why\n  X-Page: about :page\n/empty\n";
        assert_eq!(
            fields(text, "/secret/a b"),
            [
                "x-robots-tag: noindex",
                "link: </a.css>; rel=preload",
                "! x-frame-options",
                "x-page: about a%20b",
            ]
        );
        assert_eq!(fields(text, "/").len(), 2);
    }

    #[test]
    fn mistakes_are_told_with_their_lines() {
        for (text, line, is_error, what) in [
            ("  A: b\n", 1, true, "belongs to no path"),
            ("x\n  A: b\n", 1, true, "`x` is no path"),
            ("/x\n  A\n", 2, true, "`A` is no field"),
            (
                "/x\n  A B: c\n",
                2,
                true,
                "`A B` can't be the name of a field",
            ),
            (
                "/x\n  Content-Length: 3\n",
                2,
                true,
                "how an answer is sent",
            ),
            ("/x\n  ! Date\n", 2, true, "how an answer is sent"),
            ("/x\n  A: b\u{0}\n", 2, true, "control characters"),
            ("/x\n  Basic-Auth: a:b\n", 2, false, "passed over"),
            ("https://a.test/*\n  A: b\n", 1, false, "passed over"),
        ] {
            let (_, problems) = read(text);
            let [problem] = &problems[..] else {
                panic!("{text}: {problems:?}")
            };
            assert!(problem.what.contains(what), "{text}: {problem}");
            assert_eq!(
                (problem.line, problem.is_error()),
                (Some(line), is_error),
                "{text}"
            );
        }
        let many: String = (0..=RULES_MAX).map(|n| format!("/{n}\n")).collect();
        assert_eq!(read(&many).1.len(), 1);
    }
}
