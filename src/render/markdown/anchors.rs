//! Which fragments a piece of HTML can be linked to by.

/// The value of every `id` and `name` attribute in `html`, in order.
pub(super) fn of(html: &str) -> Vec<String> {
    html.split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .flat_map(attributes)
        .filter(|(name, _)| name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("name"))
        .map(|(_, value)| unescape(value))
        .collect()
}

/// The attributes of a tag, given from its name on; what follows the tag is left alone.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let start = tag
        .find(|c: char| c.is_whitespace() || c == '>')
        .unwrap_or(tag.len());
    let mut rest = tag.get(start..).unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))?;
        let (name, after) = rest.split_at(end);
        if after.starts_with('>') && name.is_empty() {
            return None;
        }
        let (value, behind) = match after.trim_start().strip_prefix('=') {
            Some(value) => split_value(value.trim_start()),
            None => ("", after),
        };
        rest = behind;
        Some((name, value))
    })
}

fn split_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_whitespace() || c == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Undoes what escaping does to an attribute; other entities are not used in fragments.
fn unescape(value: &str) -> String {
    if !value.contains('&') {
        return value.into();
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ];
    entities
        .iter()
        .fold(value.to_owned(), |text, (entity, c)| {
            text.replace(entity, c)
        })
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names() {
        for (html, expected) in [
            ("text id=\"no\"", vec![]),
            ("<h1 id=\"a\">A</h1><p id='b'>", vec!["a", "b"]),
            ("<a name=c>x</a> <br/> <A\nNAME=\"d\">", vec!["c", "d"]),
            ("<input disabled data-id=\"no\" id = \"e f\">", vec!["e f"]),
            ("<h2 id=\"x_&amp;_&quot;\">", vec!["x_&_\""]),
            ("<b>id=\"no\"</b>", vec![]),
            ("a < b id=\"no\" <", vec![]),
            ("<i id=\"open", vec!["open"]),
            ("<i id", vec![]),
            ("<i id>", vec![""]),
        ] {
            assert_eq!(of(html), expected, "{html}");
        }
    }
}
