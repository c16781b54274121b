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
    /// Its name in the file, as in `[markdown.highlighting]`; empty at the top.
    pub(super) table: &'a str,
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
            other => self.wrong(key, FLAG, &other),
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
        let words = words.join(", ");
        let way_out = match nearest(&text, choices.iter().map(|(word, _)| *word)) {
            Some(near) => format!("did you mean \"{near}\"? There are {words}"),
            None => format!("write one of {words}"),
        };
        let what = format!("`{key}` can't be \"{text}\"");
        self.problem(Problem::error(what).way_out(way_out), key);
        None
    }

    /// Notes `problem`, placed at the value of `key`.
    pub(super) fn problem(&mut self, problem: Problem, key: &str) {
        let problem = self.placed(problem, key);
        let column = problem.excerpt.as_deref().and_then(column_of_value);
        self.problems.push(Problem { column, ..problem });
    }

    /// Notes `problem`, placed at `key` itself.
    pub(super) fn problem_of_key(&mut self, problem: Problem, key: &str) {
        let problem = self.placed(problem, key).marked(key);
        self.problems.push(problem);
    }

    fn placed(&self, problem: Problem, key: &str) -> Problem {
        let problem = problem.in_file(self.place.file);
        match self.place.line_of(key) {
            Some(line) => problem.at_line(self.place.text, line),
            None => problem,
        }
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
            self.problem_of_key(problem, &key);
        }
        self.problems
    }

    fn wrong<T>(&mut self, key: &'static str, wanted: &str, found: &Value) -> Option<T> {
        let what = format!("`{key}` must be {wanted}, and is {}", kind(found));
        let sign = if self.place.is_yaml() { ":" } else { " =" };
        let unquoted = found.as_str().filter(|text| match wanted {
            FLAG => matches!(*text, "true" | "false"),
            _ => text.parse::<i64>().is_ok(),
        });
        let way_out = match (unquoted, wanted) {
            (Some(text), _) => format!("write it without quotes: `{key}{sign} {text}`"),
            (None, "a string") => format!("write `{key}{sign} \"...\"`"),
            (None, "a list of strings") => format!("write `{key}{sign} [\"one\", \"two\"]`"),
            (None, "a list of tables") => format!("write `{key}{sign} [{{ name = \"...\" }}]`"),
            (None, "a table") => format!("write `[{key}]`, and its keys below"),
            (None, FLAG) => format!("write `{key}{sign} true` or `{key}{sign} false`"),
            (None, _) => format!("write `{key}{sign} 1`"),
        };
        self.problem(Problem::error(what).way_out(way_out), key);
        None
    }
}

/// What a flag must be.
const FLAG: &str = "`true` or `false`";

impl Place<'_> {
    /// The line on which `key` of this table is given a value, in TOML or YAML; the first that looks
    /// like it if the table is written in another way.
    fn line_of(&self, key: &str) -> Option<usize> {
        let whole = match self.table {
            "" => key.to_owned(),
            table => format!("{table}.{key}"),
        };
        let is_yaml = self.is_yaml();
        let mut table = String::new();
        let mut exact = self.text.lines().position(|line| {
            if let Some(name) = header(line).filter(|_| !is_yaml) {
                table = name;
                return table == whole;
            }
            let is_here = table == self.table && !(is_yaml && line.starts_with([' ', '\t', '-']));
            is_here && gives(line, key)
        });
        if exact.is_none() {
            exact = self.text.lines().position(|line| gives(line, key));
        }
        exact.map(|index| index + 1)
    }

    fn is_yaml(&self) -> bool {
        self.text
            .trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
            .starts_with("---")
    }
}

/// `markdown.highlighting` of a line `[markdown.highlighting]`, `taxonomies` of `[[taxonomies]]`.
fn header(line: &str) -> Option<String> {
    let name = line.trim().strip_prefix('[')?.trim_start_matches('[');
    let (name, _) = name.split_once(']')?;
    let parts = name
        .split('.')
        .map(|part| part.trim().trim_matches(['"', '\'']));
    Some(parts.collect::<Vec<_>>().join("."))
}

/// Whether a line gives `key` a value.
fn gives(line: &str, key: &str) -> bool {
    let rest = line
        .trim_start()
        .trim_start_matches(['"', '\'', '['])
        .strip_prefix(key);
    rest.is_some_and(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']);
        rest.starts_with(['=', ':', ']'])
    })
}

/// The column, from 1, behind the first `=` or `:` of a line.
fn column_of_value(line: &str) -> Option<u32> {
    let sign = line.find(['=', ':'])?;
    let (before, after) = line.split_at(sign + 1);
    let blank = after.len() - after.trim_start().len();
    let has_value = blank < after.len();
    has_value.then(|| u32::try_from(before.chars().count() + blank + 1).ok())?
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
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_string) => {
            "a list of strings".into()
        }
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
                table: "",
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
                 --> config.toml:2:16\n   |\n 2 | compile_sass = \"yes\"\n   |                ^\n   \
                 = write `compile_sass = true` or `compile_sass = false`",
                "warning: `feed_limt` is no key of the configuration and has no effect\n  \
                 --> config.toml:4:1\n   |\n 4 | feed_limt = 5\n   | ^\n   = did you mean `feed_limit`?",
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

    #[test]
    fn keys_are_found_in_their_own_table() {
        let toml = "[extra]\ntitle = 1\n[search]\n  title = 2\n[languages.fr]\ntitle = 3\n[[a]]\nname = 4\n";
        let yaml = "---\nextra:\n  title: 1\ntitle: 2\n---\n";
        for (text, table, key, line) in [
            (toml, "search", "title", 4),
            (toml, "languages.fr", "title", 6),
            (toml, "languages", "fr", 5),
            (toml, "a", "name", 8),
            (toml, "", "search", 3),
            ("search = { title = 1 }\ntitle = 2", "", "title", 2),
            (yaml, "", "title", 4),
        ] {
            let place = Place {
                file: "f",
                text,
                called: "",
                table,
            };
            assert_eq!(place.line_of(key), Some(line), "{table} {key}");
        }
        for (line, column) in [
            ("a = 1", Some(5)),
            ("ä: [1]", Some(4)),
            ("a =", None),
            ("[a]", None),
        ] {
            assert_eq!(column_of_value(line), column, "{line}");
        }
    }
}
