//! TOML and YAML become JSON values: templates know one kind of value.
//!
//! A TOML date becomes the string it was written as, which is what filters and sorting expect.

use serde_json::{Map, Value};

use super::Problem;

/// Reads TOML. The problem is placed in `text`, without a file.
pub(crate) fn toml(text: &str) -> Result<Map<String, Value>, Problem> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|error| {
        let problem = Problem::error(error.message().trim_end_matches('\n').replace('\n', ", "));
        match error.span() {
            Some(span) => problem.at_offset(text, span.start),
            None => problem,
        }
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
        _ => Err(Problem::error("it must be a list of `key: value` lines").at_line(text, 1)),
    }
}

/// Reads YAML of any shape; an empty text is null. The problem is placed in `text`.
pub(crate) fn yaml_value(text: &str) -> Result<Value, Problem> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    // As YAML 1.2 has it: `no` and `on` are words.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let whole = error.to_string();
        let what = whole
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        let problem = Problem::error(what);
        match error.location() {
            Some(at) => problem.at_line(text, usize::try_from(at.line()).unwrap_or(1)),
            None => problem,
        }
    })
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
}
