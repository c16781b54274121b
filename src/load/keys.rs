//! Takes known keys out of a table, one by one, and tells what was wrong with them: configuration
//! and front matter are read through this, so that every mistake in a file is found at once.

use serde_json::{Map, Value};

use crate::site::{Problem, nearest};

/// A table being taken apart. Each method takes a key out and notes a problem if its value has
/// the wrong type; [`Keys::finish`] looks at what nobody took.
pub(super) struct Keys<'a> {
    map: Map<String, Value>,
    place: Place<'a>,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

/// Where a table stands, for messages.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file, relative to the site's root.
    pub(super) file: &'a str,
    /// Its whole text.
    pub(super) text: &'a str,
    /// What the table is called: `a page's front matter`.
    pub(super) called: &'a str,
}

/// What becomes of a key that nobody took.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is told.
    Warns,
    /// It is told if it looks like a slip of a known key: many pages carry keys of other programs.
    WarnsIfNear,
}

impl<'a> Keys<'a> {
    pub(super) fn new(map: Map<String, Value>, place: Place<'a>) -> Self {
        Self {
            map,
            place,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Whatever stands at `key`.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.map.remove(key).filter(|value| !value.is_null())
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text),
            // A version or a year is often written without its quotes.
            Value::Number(number) => Some(number.to_string()),
            other => self.wrong(key, "a string", &other),
        }
    }

    /// A string that means something only if it is not empty.
    pub(super) fn filled_string(&mut self, key: &'static str) -> Option<String> {
        self.string(key).filter(|text| !text.trim().is_empty())
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(flag) => Some(flag),
            other => self.wrong(key, "`true` or `false`", &other),
        }
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Option<i64> {
        let value = self.value(key)?;
        match value.as_i64() {
            Some(number) => Some(number),
            None => self.wrong(key, "a whole number", &value),
        }
    }

    pub(super) fn count(&mut self, key: &'static str) -> Option<usize> {
        let value = self.value(key)?;
        match value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
        {
            Some(number) => Some(number),
            None => self.wrong(key, "a whole number, 0 or more", &value),
        }
    }

    /// A list of strings; a lone string counts as a list of one.
    pub(super) fn strings(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.value(key)?;
        match strings(&value) {
            Some(list) => Some(list),
            None => self.wrong(key, "a list of strings", &value),
        }
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Map<String, Value>> {
        match self.value(key)? {
            Value::Object(map) => Some(map),
            other => self.wrong(key, "a table", &other),
        }
    }

    pub(super) fn tables(&mut self, key: &'static str) -> Option<Vec<Map<String, Value>>> {
        let value = self.value(key)?;
        let Value::Array(list) = &value else {
            return self.wrong(key, "a list of tables", &value);
        };
        let tables: Option<Vec<_>> = list.iter().map(|item| item.as_object().cloned()).collect();
        if tables.is_none() {
            self.wrong(key, "a list of tables", &value)
        } else {
            tables
        }
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let text = self.string(key)?;
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*choice);
        }
        let words: Vec<_> = choices
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        let way_out = format!("write one of {}", words.join(", "));
        let what = format!("`{key}` can't be \"{text}\"");
        self.problem(Problem::error(what).way_out(way_out), key);
        None
    }

    /// Notes `problem`, placed where `key` stands.
    pub(super) fn problem(&mut self, problem: Problem, key: &str) {
        let problem = problem.in_file(self.place.file);
        self.problems.push(match self.line_of(key) {
            Some(line) => problem.at_line(self.place.text, line),
            None => problem,
        });
    }

    /// Tells of every key that nobody took, and gives all problems back.
    pub(super) fn finish(mut self, unknown: Unknown) -> Vec<Problem> {
        let rest: Vec<String> = self.map.keys().cloned().collect();
        for key in rest {
            let near = nearest(&key, self.known.iter().copied());
            if near.is_none() && unknown == Unknown::WarnsIfNear {
                continue;
            }
            let what = format!(
                "`{key}` is no key of {} and has no effect",
                self.place.called
            );
            let problem = Problem::warning(what);
            let problem = match near {
                Some(near) => problem.way_out(format!("did you mean `{near}`?")),
                None => problem.way_out("your own data belongs below `[extra]`"),
            };
            self.problem(problem, &key);
        }
        self.problems
    }

    fn wrong<T>(&mut self, key: &'static str, wanted: &str, found: &Value) -> Option<T> {
        let what = format!("`{key}` must be {wanted}, and is {}", kind(found));
        self.problem(Problem::error(what), key);
        None
    }

    /// The first line on which `key` is given a value, in TOML or YAML.
    fn line_of(&self, key: &str) -> Option<usize> {
        let is_key = |line: &str| {
            let rest = line
                .trim_start()
                .trim_start_matches(['"', '\'', '['])
                .strip_prefix(key);
            rest.is_some_and(|rest| {
                rest.trim_start_matches(['"', '\'', ' ', '\t'])
                    .starts_with(['=', ':', ']'])
            })
        };
        self.place
            .text
            .lines()
            .position(is_key)
            .map(|index| index + 1)
    }
}

/// A list of strings, or a lone string as a list of one; numbers and flags count as their text.
pub(super) fn strings(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        lone => text(lone).map(|text| vec![text]),
    }
}

/// What a value is, as a person would say it.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string \"{text}\""),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(text: &'static str) -> Keys<'static> {
        let map = match crate::site::toml(text) {
            Ok(map) => map,
            Err(problem) => panic!("{problem}"),
        };
        Keys::new(
            map,
            Place {
                file: "config.toml",
                text,
                called: "the configuration",
            },
        )
    }

    #[test]
    fn tells_every_mistake_at_once() {
        let mut keys = keys("title = 3\ncompile_sass = \"yes\"\n\nfeed_limt = 5\n");
        assert_eq!(keys.string("title").as_deref(), Some("3"));
        assert_eq!(keys.flag("compile_sass"), None);
        assert_eq!(keys.count("feed_limit"), None);
        let problems: Vec<_> = keys
            .finish(Unknown::Warns)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            problems,
            [
                "error: `compile_sass` must be `true` or `false`, and is the string \"yes\"\n  \
                 --> config.toml:2\n   |\n 2 | compile_sass = \"yes\"",
                "warning: `feed_limt` is no key of the configuration and has no effect\n  \
                 --> config.toml:4\n   |\n 4 | feed_limt = 5\n   = did you mean `feed_limit`?",
            ]
        );
    }

    #[test]
    fn a_lone_string_is_a_list() {
        assert_eq!(strings(&json!("a")), Some(vec!["a".to_owned()]));
        assert_eq!(
            strings(&json!(["a", 2])),
            Some(vec!["a".to_owned(), "2".to_owned()])
        );
        assert_eq!(strings(&json!({})), None);
    }
}
