//! XML becomes objects: an element is its children by name, its attributes by `@name` and its text as
//! `#text`; one that has nothing but text is that text.
//!
//! Names lose their prefixes, and children of one name become a list. Text that follows a child is
//! left out, as is a child of an element that begins with text.

use roxmltree::{Document, Node};
use serde_json::{Map, Number, Value};

use super::format::Mistake;

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Value, Mistake> {
    let document = Document::parse(text).map_err(|error| {
        let (line, whole) = (error.pos().row, error.to_string());
        let what = whole.rsplit_once(" at ").map_or(&*whole, |(what, _)| what);
        (usize::try_from(line).ok(), what.to_owned())
    })?;
    let root = document.root_element();
    let value = element(root, 1)?;
    Ok(Value::Object(Map::from_iter([(name(root), value)])))
}

fn element(node: Node<'_, '_>, depth: usize) -> Result<Value, Mistake> {
    if depth > DEPTH_MAX {
        let line = node.document().text_pos_at(node.range().start).row;
        let what = format!("elements are more than {DEPTH_MAX} deep");
        return Err((usize::try_from(line).ok(), what));
    }
    let attributes = node.attributes();
    let mut map: Map<String, Value> = attributes
        .map(|attribute| (format!("@{}", attribute.name()), scalar(attribute.value())))
        .collect();
    let text = node.text().map(str::trim).filter(|text| !text.is_empty());
    match text {
        Some(text) if map.is_empty() => return Ok(scalar(text)),
        Some(text) => {
            map.insert("#text".into(), scalar(text));
        }
        None => {
            for child in node.children().filter(Node::is_element) {
                let value = element(child, depth + 1)?;
                add(&mut map, name(child), value);
            }
        }
    }
    Ok(Value::Object(map))
}

/// Adds a child; a second one of the same name makes a list of them, which moves to the end.
fn add(map: &mut Map<String, Value>, name: String, value: Value) {
    if let Some(Value::Array(list)) = map.get_mut(&name) {
        list.push(value);
        return;
    }
    let value = match map.swap_remove(&name) {
        Some(first) => Value::Array(vec![first, value]),
        None => value,
    };
    map.insert(name, value);
}

fn name(node: Node<'_, '_>) -> String {
    node.tag_name().name().to_owned()
}

/// A number or a truth value, if the text looks like one.
fn scalar(text: &str) -> Value {
    let text = text.trim();
    if let Ok(number) = text.parse::<u64>() {
        return number.into();
    }
    // What begins with a zero is the number of a house, not of things.
    let is_code = text.starts_with('0') && !text.starts_with("0.");
    if let (Ok(number), false) = (text.parse::<f64>(), is_code)
        && let Some(number) = Number::from_f64(number)
    {
        return Value::Number(number);
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::from(text),
    }
}

/// As deep as JSON may be, too.
const DEPTH_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_become_objects() {
        for (text, value) in [
            ("<a/>", json!({"a": {}})),
            ("<a>5</a>", json!({"a": 5})),
            ("<a> spaced </a>", json!({"a": "spaced"})),
            (
                "<a b='007' c='1.0' d='' e='true' f='00.5'/>",
                json!({"a": {"@b": 7, "@c": 1.0, "@d": "", "@e": true, "@f": "00.5"}}),
            ),
            (
                "<a k='v'>text<b/></a>",
                json!({"a": {"@k": "v", "#text": "text"}}),
            ),
            ("<a>one<b/>two</a>", json!({"a": "one"})),
            ("<a><b/>two</a>", json!({"a": {"b": {}}})),
            (
                "<a><b>1</b><c/><b>x</b><b k='1'/></a>",
                json!({"a": {"c": {}, "b": [1, "x", {"@k": 1}]}}),
            ),
            (
                "<f xmlns='u' xmlns:d='v' xml:lang='en'><d:t>T</d:t><t>U</t></f>",
                json!({"f": {"@lang": "en", "t": ["T", "U"]}}),
            ),
            ("<a><![CDATA[<raw> &]]></a>", json!({"a": "<raw> &"})),
            ("<a>-3</a>", json!({"a": -3.0})),
            ("<a>inf</a>", json!({"a": "inf"})),
        ] {
            assert_eq!(parse(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_pit_has_a_floor() {
        let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(parse(&deep(DEPTH_MAX)).is_ok());
        assert!(parse(&deep(DEPTH_MAX + 1)).is_err());
    }
}
