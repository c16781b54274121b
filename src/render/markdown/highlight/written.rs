//! Files of grammars and themes become values: JSON, with comments as VS Code allows them, and the
//! property lists of `TextMate` and Sublime Text.

use serde_json::{Map, Value};

/// The value that is written in `text`; the error says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') {
        return property_list(text).ok_or_else(|| "it is no property list".to_owned());
    }
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&without_comments(text)))
        .map_err(|error| error.to_string())
}

/// `text` with blanks in place of comments and of commas before a closing bracket.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => string(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => first.len_utf8(),
        };
        let (taken, tail) = rest.split_at(taken);
        rest = tail;
        if first == '/' && taken.len() > 1 {
            // Lines keep their numbers, for messages.
            kept.extend(taken.chars().filter(|found| *found == '\n'));
            continue;
        }
        if matches!(first, ']' | '}') && kept.trim_end().ends_with(',') {
            kept.truncate(kept.trim_end().len() - 1);
        }
        kept += taken;
    }
    kept
}

/// How many bytes the string at the start of `rest` has, with its marks.
fn string(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, found) in rest.char_indices().skip(1) {
        match found {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// What is being read, with the key that waits for its value.
enum Open {
    List(Vec<Value>),
    Table(Map<String, Value>, Option<String>),
}

/// Reads `<plist>`; None if it is broken.
fn property_list(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')? + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let (tag, after) = rest.split_once('>')?;
        rest = after;
        let name = tag.trim_end_matches('/').split_whitespace().next()?;
        let done = match name {
            "dict" if tag.ends_with('/') => Value::Object(Map::new()),
            "array" if tag.ends_with('/') => Value::Array(Vec::new()),
            "dict" => {
                open.push(Open::Table(Map::new(), None));
                continue;
            }
            "array" => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            "/dict" | "/array" => match open.pop()? {
                Open::List(list) => Value::Array(list),
                Open::Table(table, _) => Value::Object(table),
            },
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "key" | "string" | "integer" | "real" | "date" | "data" => {
                let (text, after) = match tag.ends_with('/') {
                    true => ("", rest),
                    false => rest.split_once("</")?,
                };
                rest = after;
                let text = html_escape::decode_html_entities(text).into_owned();
                if let ("key", Some(Open::Table(_, key))) = (name, open.last_mut()) {
                    *key = Some(text);
                    continue;
                }
                match name {
                    "integer" => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
                    _ => Value::String(text),
                }
            }
            _ => continue,
        };
        match open.last_mut() {
            None => return Some(done),
            Some(Open::List(list)) => list.push(done),
            Some(Open::Table(table, key)) => {
                table.insert(key.take()?, done);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_with_comments_is_read() {
        let cases = [
            ("{\"a\": 1}", Some(json!({"a": 1}))),
            (
                "\u{feff}// x\n{\"a\": \"// no \\\" /* no\", /* y\n */ \"b\": [1, 2,\n], }",
                Some(json!({"a": "// no \" /* no", "b": [1, 2]})),
            ),
            ("{\"a\": \"ü/\", }", Some(json!({"a": "ü/"}))),
            ("{\"a\": ", None),
            ("/* \"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn property_lists_are_read() {
        let head = "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"x\" \"y\">\n";
        let cases = [
            (
                "<plist version=\"1.0\"><!-- <dict> --><dict><key>a &amp; b</key><string>&#60;x</string>\
                 <key>l</key><array><integer>3</integer><true/><string/><dict/></array></dict></plist>",
                Some(json!({"a & b": "<x", "l": [3, true, "", {}]})),
            ),
            ("<plist><dict><string>no key</string></dict></plist>", None),
            ("<plist><dict><key>a</key>", None),
            ("<html>", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(&format!("{head}{text}")).ok(), expected, "{text}");
        }
    }
}
