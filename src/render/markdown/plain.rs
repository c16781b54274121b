//! HTML becomes the text that a search index holds.

/// The text of `html` without tags, comments, scripts, style sheets, drawings and blocks of code,
/// with single spaces between words and no empty line. `&`, `<` and `>` stay escaped, since what reads an index puts it into a
/// page.
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
    let lines = text.lines().map(settled).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
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
    let name = html
        .get(1..)?
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()?;
    if ["script", "style", "pre", "svg"]
        .iter()
        .any(|wordless| name.eq_ignore_ascii_case(wordless))
    {
        return Some(closing(after, name));
    }
    Some(after)
}

/// `html` from the closing tag of `name` on; nothing if it is never closed.
fn closing<'h>(html: &'h str, name: &str) -> &'h str {
    let closes = |at: &usize| {
        let tag = html.get(at + 2..at + 2 + name.len());
        tag.is_some_and(|tag| tag.eq_ignore_ascii_case(name))
    };
    let mut ends = html.match_indices("</").map(|(at, _)| at);
    ends.find(closes)
        .and_then(|at| html.get(at..))
        .unwrap_or_default()
}

/// Entities become the characters they stand for, but for those that a page must not hold plain.
fn settled(line: &str) -> String {
    let text = html_escape::decode_html_entities(line);
    let mut settled = String::with_capacity(text.len());
    let is_space = |c: char| c.is_whitespace() && c != NO_BREAK_SPACE;
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !settled.is_empty() {
            settled.push(' ');
        }
        for c in word.chars() {
            match c {
                '&' => settled.push_str("&amp;"),
                '<' => settled.push_str("&lt;"),
                '>' => settled.push_str("&gt;"),
                NO_BREAK_SPACE => settled.push_str("&nbsp;"),
                c => settled.push(c),
            }
        }
    }
    settled
}

const NO_BREAK_SPACE: char = '\u{a0}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_text_alone() {
        for (html, plain) in [
            ("<p>a <b>b</b></p>\n\n <i>c</i> \n", "a b\nc"),
            (
                "<pre class=x><code>a</code></pre>\n<code>b</code><prefix>c",
                "bc",
            ),
            ("a<!-- c -->b", "ab"),
            ("a<script>x<y</script>b", "ab"),
            ("a&nbsp;&#x41;  b", "a&nbsp;A b"),
            ("a\u{202f}b\u{3000} c\u{200b}d", "a b c\u{200b}d"),
            ("1 < 2 &amp; &quot;3&quot;", "1 &lt; 2 &amp; \"3\""),
        ] {
            assert_eq!(text(html), plain);
        }
    }
}
