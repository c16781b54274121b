//! The attributes of start tags: which are needed, and the shortest way to write them.

use std::{borrow::Cow, collections::BTreeMap};

use html5gum::{HtmlString, Spanned};

use super::{
    elements::Namespace,
    style,
    text::{Place, collapsed, escaped, is_space},
};
use crate::site::is_javascript;

/// Attributes as they were read, without doubles.
pub(super) type Attributes = BTreeMap<HtmlString, Spanned<HtmlString, usize>>;

/// The attributes of an element `name`, each with a space before it. Those that need quotation marks come first:
/// what is alike lies side by side, and the last one needs no space before the end of the tag.
pub(super) fn written(attributes: &Attributes, name: &[u8], namespace: Namespace) -> String {
    let mut quoted = String::new();
    let mut bare = String::new();
    let own_name = attributes.get(b"name".as_slice());
    let is_viewport =
        name == b"meta" && own_name.is_some_and(|own| own.eq_ignore_ascii_case(b"viewport"));
    for (key, value) in attributes {
        let key = String::from_utf8_lossy(key);
        let value = String::from_utf8_lossy(value);
        let value = match is_viewport && &*key == "content" {
            true => Some(Cow::Owned(without_spaces(&value))),
            false => shortened(name, &key, &value, namespace),
        };
        let Some(value) = value else {
            continue;
        };
        match written_value(&value) {
            (Quoting::None, value) => {
                // A name may begin with an equals sign, but not where another name lies before it.
                let place = match key.starts_with('=') {
                    true => &mut quoted,
                    false => &mut bare,
                };
                place.extend([" ", &*key]);
                if !value.is_empty() {
                    place.extend(["=", &*value]);
                }
            }
            (Quoting::Marks(mark), value) => {
                quoted.extend([" ", &*key, "="]);
                quoted.push(mark);
                quoted.push_str(&value);
                quoted.push(mark);
            }
        }
    }
    quoted + &bare
}

/// Whether a script with these attributes is one, and no data that its author keeps in the page.
pub(super) fn is_run(attributes: &Attributes) -> bool {
    let Some(media_type) = attributes.get(b"type".as_slice()) else {
        return true;
    };
    let media_type = String::from_utf8_lossy(media_type);
    let media_type = media_type.trim_matches(is_space);
    let is_module = media_type.eq_ignore_ascii_case("module");
    media_type.is_empty() || is_module || is_javascript(media_type)
}

/// The properties of a viewport, which commas keep apart.
fn without_spaces(properties: &str) -> String {
    let properties = properties.split(',').map(|one| one.trim_matches(is_space));
    properties.collect::<Vec<_>>().join(",")
}

/// How a value is set off from what follows.
enum Quoting {
    None,
    Marks(char),
}

/// The shortest way to write `value`.
fn written_value(value: &str) -> (Quoting, Cow<'_, str>) {
    // HTML 13.1.2.3
    let needs_marks = |char: char| is_space(char) || "\"'`=<>".contains(char);
    if !value.contains(needs_marks) {
        return (Quoting::None, escaped(value, Place::Attribute(None)));
    }
    let doubles = value.matches('"').count();
    let mark = match doubles > value.matches('\'').count() {
        true => '\'',
        false => '"',
    };
    let value = escaped(value, Place::Attribute(Some(mark)));
    (Quoting::Marks(mark), value)
}

/// What `value` comes down to, or nothing if the attribute is not needed.
fn shortened<'a>(
    name: &[u8],
    key: &str,
    value: &'a str,
    namespace: Namespace,
) -> Option<Cow<'a, str>> {
    let is_html = namespace == Namespace::Html;
    let value = match key {
        "class" => Cow::Owned(collapsed(value).trim_matches(' ').to_owned()),
        "d" if !is_html => Cow::Owned(collapsed(value).trim_matches(' ').to_owned()),
        "style" => style::declarations(value),
        // HTML 2.6.5
        "crossorigin" if value.eq_ignore_ascii_case("anonymous") => Cow::Borrowed(""),
        _ => Cow::Borrowed(value),
    };
    // What the attributes of custom elements mean is for their scripts to say (HTML 4.13).
    if name.contains(&b'-') {
        return Some(value);
    }
    let is_empty_for_nothing = value.is_empty() && NOTHING_IF_EMPTY.contains(&key);
    if is_empty_for_nothing || is_html && is_implied(name, key, &value) {
        return None;
    }
    let is_switch = is_html && SWITCHES.contains(&key);
    Some(if is_switch { Cow::Borrowed("") } else { value })
}

/// Whether an element `name` of HTML does the same without the attribute `key`.
fn is_implied(name: &[u8], key: &str, value: &str) -> bool {
    let is = |other: &str| value.trim_matches(is_space).eq_ignore_ascii_case(other);
    match (name, key) {
        (b"style", "media") => is("all"),
        (b"style" | b"link", "type") => is("text/css"),
        (b"script", "type") => is_javascript(value.trim_matches(is_space)),
        (b"input", "value") | (b"meta", "content") => value.is_empty(),
        _ => false,
    }
}

/// Attributes that say nothing without a value.
const NOTHING_IF_EMPTY: [&str; 5] = ["class", "id", "rel", "style", "target"];

/// Boolean attributes: that they are there is all they say, whatever their value (HTML 2.3.2).
const SWITCHES: [&str; 26] = [
    "allowfullscreen",
    "async",
    "autofocus",
    "autoplay",
    "checked",
    "controls",
    "default",
    "defer",
    "disabled",
    "formnovalidate",
    "inert",
    "ismap",
    "itemscope",
    "loop",
    "multiple",
    "muted",
    "nomodule",
    "novalidate",
    "open",
    "playsinline",
    "readonly",
    "required",
    "reversed",
    "selected",
    "shadowrootclonable",
    "shadowrootdelegatesfocus",
];
