//! TOML and YAML become JSON values: templates know one kind of value.
//!
//! A TOML date becomes the string it was written as, which is what filters and sorting expect.

use serde_json::{Map, Value};

use super::Problem;

/// Reads TOML. The problem is placed in `text`, without a file.
pub(crate) fn toml(text: &str) -> Result<Map<String, Value>, Problem> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|error| {
        let problem = Problem::error(error.message().trim_end_matches('\n').replace('\n', ", "));
        let problem = match error.span() {
            Some(span) => problem.at_offset(text, span.start),
            None => problem,
        };
        let way_out = toml_way_out(&problem).map(Into::into);
        bounded(Problem { way_out, ..problem })
    })?;
    Ok(table
        .into_iter()
        .map(|(key, value)| (key, from_toml(value)))
        .collect())
}

/// Reads a YAML mapping; an empty text is an empty one. The problem is placed in `text`.
pub(crate) fn yaml(text: &str) -> Result<Map<String, Value>, Problem> {
    match yaml_value(text)? {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(no_mapping(text)),
    }
}

/// Reads YAML of any shape; an empty text is null. The problem is placed in `text`.
pub(crate) fn yaml_value(text: &str) -> Result<Value, Problem> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    // As YAML 1.2 has it: `no` and `on` are words.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| yaml_problem(text, &error))
}

fn no_mapping(text: &str) -> Problem {
    let offset = text.len() - text.trim_start().len();
    let problem = Problem::error("there must be `key: value` lines").at_offset(text, offset);
    match problem
        .excerpt
        .as_deref()
        .is_some_and(|line| line.contains('='))
    {
        true => problem.way_out("`key = value` is TOML, which stands between lines `+++`"),
        false => problem.way_out("write what is there as `key: value`"),
    }
}

fn yaml_problem(text: &str, error: &serde_saphyr::Error) -> Problem {
    let whole = error.to_string();
    let what = whole.lines().next().unwrap_or_default();
    let what = what.trim_start_matches("error: ");
    // The place is told beside it.
    let what = match what.split_once(": ") {
        Some((place, what)) if place.starts_with("line ") && place.contains(" column ") => what,
        _ => what,
    };
    let problem = match error.location() {
        Some(at) => {
            let line = usize::try_from(at.line()).unwrap_or(1);
            let problem = Problem::error(what).at_line(text, line);
            let column = u32::try_from(at.column()).ok();
            Problem { column, ..problem }
        }
        None => Problem::error(what),
    };
    let way_out = yaml_way_out(what).map(Into::into);
    bounded(Problem { way_out, ..problem })
}

/// The readers' bounds on depth and size, and on what refers to itself, in words.
fn bounded(problem: Problem) -> Problem {
    let says = |words: &str| problem.what.contains(words);
    let (what, way_out) = if says("recurs") && !says("references") || says("Depth {") {
        (
            "what is written here is nested too deep",
            "nobody reads so deep: make it flatter",
        )
    } else if says("references") {
        (
            "a value here is part of itself",
            "take the `*` away that refers to what is around it",
        )
    } else if says("budget breached") {
        (
            "this is more than is read here",
            "keep so much in a file of its own, and read it with `load_data`",
        )
    } else if says("as i128") || says("as u128") {
        (
            "the number is too large",
            "write it as a \"string\", or a smaller one",
        )
    } else {
        return problem;
    };
    Problem {
        what: what.to_owned(),
        ..problem
    }
    .way_out(way_out)
}

/// What to do about what TOML's reader says.
fn toml_way_out(problem: &Problem) -> Option<&'static str> {
    let line = problem.excerpt.as_deref().unwrap_or_default();
    let says = |words: &str| problem.what.contains(words);
    if says("key with no value") && line.contains(':') {
        return Some("write `key = value`; `key: value` is YAML, which stands between lines `---`");
    }
    if says("must be quoted") {
        return Some("put it in quotes: `key = \"...\"`");
    }
    if says("duplicate key") {
        return Some("it stands there twice: take one of the two away");
    }
    if says("string, expected `\"`") || says("string, expected `'`") {
        return Some(
            "end the string with the quote that it begins with; write `\\\\` for a backslash",
        );
    }
    let is_moment = ["date", "month", "day", "hour", "minute", "second"];
    if is_moment.iter().any(|word| says(word)) {
        return Some("write 2024-05-01 or 2024-05-01T10:00:00Z");
    }
    None
}

/// What to do about what YAML's reader says.
fn yaml_way_out(what: &str) -> Option<&'static str> {
    if what.contains("mapping values are not allowed") {
        Some("put a text with a colon in quotes: `key: \"a: b\"`")
    } else if what.contains("tab") {
        Some("indent with spaces: YAML allows no tabs there")
    } else if what.contains("duplicate") {
        Some("take one of the two away")
    } else if what.contains("quoted scalar") || what.contains("unclosed") {
        Some("look for a quote or bracket that is not closed, here or above")
    } else {
        None
    }
}

fn from_toml(value: ::toml::Value) -> Value {
    use ::toml::Value as Toml;
    match value {
        Toml::String(text) => Value::String(text),
        Toml::Integer(number) => number.into(),
        Toml::Float(number) => number.into(),
        Toml::Boolean(flag) => flag.into(),
        Toml::Datetime(date) => Value::String(written(date)),
        Toml::Array(list) => list.into_iter().map(from_toml).collect(),
        Toml::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, from_toml(value)))
                .collect(),
        ),
    }
}

/// A date as it was written, but for a fraction of a second that says nothing.
fn written(mut date: ::toml::value::Datetime) -> String {
    if let Some(time) = &mut date.time {
        time.nanosecond = time.nanosecond.filter(|nanoseconds| *nanoseconds > 0);
    }
    date.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_stay_as_written() {
        let map =
            toml("a = 2024-05-01\nb = 2024-05-01T10:00:00.000Z\n[c]\nd = [1, 2.5]\n").unwrap();
        assert_eq!(
            Value::Object(map),
            json!({"a": "2024-05-01", "b": "2024-05-01T10:00:00Z", "c": {"d": [1, 2.5]}})
        );
    }

    #[test]
    fn inline_tables_may_span_lines() {
        assert!(toml("a = {\n  b = 1,\n  c = 2,\n}\n").is_ok(), "TOML 1.1");
    }

    #[test]
    fn a_mistake_has_its_line() {
        assert_eq!(toml("a = 1\nb = \n").unwrap_err().line, Some(2));
        assert_eq!(yaml("a: 1\nb: [1\nc: 2\n").unwrap_err().file, None);
        for (problem, way_out) in [
            (toml("a: 1\n"), "YAML"),
            (toml("a = 1\na = 2\n"), "twice"),
            (toml("a = \"x\nb = 1\n"), "quote"),
            (toml("a = x\n"), "quotes"),
            (toml("a = 2024-13-01\n"), "2024-05-01"),
            (yaml("a: b: c\n"), "quotes"),
            (yaml("a:\n\tb: c\n"), "spaces"),
            (yaml("\na = 1\n"), "TOML"),
        ] {
            let problem = problem.unwrap_err();
            assert!(
                problem.line.is_some() && problem.column.is_some(),
                "{problem}"
            );
            assert!(
                problem
                    .way_out
                    .as_deref()
                    .unwrap_or_default()
                    .contains(way_out),
                "{problem}"
            );
        }
    }

    #[test]
    fn yaml_is_a_mapping() {
        assert_eq!(
            Value::Object(yaml("a: no\nb: [1]\n").unwrap()),
            json!({"a": "no", "b": [1]})
        );
        assert_eq!(yaml("").unwrap(), Map::new());
        assert!(yaml("- a\n").is_err());
    }

    #[test]
    fn what_is_read_has_bounds() {
        let many = 50_000;
        let laughs: String = (0..12)
            .map(|n| {
                format!(
                    "a{}: &a{} [{}]\n",
                    n + 1,
                    n + 1,
                    format!("*a{n},").repeat(9)
                )
            })
            .collect();
        for (problem, what) in [
            (toml(&format!("a = {}", "[".repeat(many))), "too deep"),
            (toml(&format!("a{} = 1", ".a".repeat(many))), "too deep"),
            (yaml(&format!("a: {}", "[".repeat(many))), "too deep"),
            (yaml(&format!("a: {}", "{a: ".repeat(many))), "too deep"),
            (yaml(&format!("a0: &a0 x\n{laughs}")), "more than is read"),
            (yaml("a: &a [*a]\n"), "part of itself"),
            (toml("a = 99999999999999999999"), "too large"),
        ] {
            let problem = problem.unwrap_err();
            assert!(problem.what.contains(what), "{problem}");
        }
    }
}
