//! HTML becomes the text that a search index holds.

/// The text of `html` without tags, comments, scripts and style sheets. `&`, `<` and `>` stay
/// escaped, since what reads an index puts it into a page.
pub(in crate::render) fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        text.push_str(before);
        rest = match skip(tag) {
            Some(after) => after,
            None => {
                text.push_str("&lt;");
                tag.get(1..).unwrap_or_default()
            }
        };
    }
    text.push_str(rest);
    unescaped(&text)
}

/// What follows the tag at the head of `html`; None if that is no tag.
fn skip(html: &str) -> Option<&str> {
    if html.starts_with("<!--") {
        return html.find("-->").and_then(|end| html.get(end + 3..));
    }
    let first = html.chars().nth(1)?;
    if !first.is_ascii_alphabetic() && !matches!(first, '/' | '!' | '?') {
        return None;
    }
    let after = html.find('>').and_then(|end| html.get(end + 1..))?;
    for name in ["script", "style"] {
        let opens = html
            .get(1..=name.len())
            .is_some_and(|tag| tag.eq_ignore_ascii_case(name));
        if opens {
            let close = format!("</{name}");
            let end = after.to_ascii_lowercase().find(&close);
            return end.and_then(|end| after.get(end..)).or(Some(""));
        }
    }
    Some(after)
}

/// Entities that stand for plain characters in text become them.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#x2F;", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_text_alone() {
        for (html, plain) in [
            ("<p>a <b>b</b></p>\n", "a b\n"),
            ("a<!-- c -->b", "ab"),
            ("a<script>x<y</script>b", "ab"),
            ("1 < 2 &amp; &quot;3&quot;", "1 &lt; 2 &amp; \"3\""),
        ] {
            assert_eq!(text(html), plain);
        }
    }
}
