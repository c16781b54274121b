//! `:smile:` becomes an emoji.

use std::borrow::Cow;

/// `text` with every emoji that GitHub knows by name.
pub(super) fn replace(text: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        replaced.push_str(before);
        let name = name(after);
        let Some(behind) = after.strip_prefix(name).filter(|_| !name.is_empty()) else {
            replaced.push(':');
            rest = after;
            continue;
        };
        let Some(behind) = behind.strip_prefix(':') else {
            replaced.push(':');
            replaced.push_str(name);
            rest = behind;
            continue;
        };
        match gh_emoji::get(name) {
            Some(emoji) => replaced.push_str(emoji),
            // Its second colon cannot begin another name.
            None => replaced.extend([":", name, ":"]),
        }
        rest = behind;
    }
    if replaced.is_empty() {
        return Cow::Borrowed(text);
    }
    replaced.push_str(rest);
    Cow::Owned(replaced)
}

/// The name that `text` begins with, or nothing.
fn name(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|&(at, c)| !is_part(c, at))
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

fn is_part(c: char, at: usize) -> bool {
    match c {
        'a'..='z' | '-' | '1' | '2' | '3' | '8' => true,
        '+' => at == 0,
        '0'..='9' | '_' => at > 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_zola_writes_them() {
        for (text, expected) in [
            (":smile:", "😄"),
            ("no: colon", "no: colon"),
            (":nope:smile: ::smile: :smile", ":nope:smile: :😄 :smile"),
            (":heart: :SMILE: :man-with:", "❤️ :SMILE: :man-with:"),
            (":e-mail: :non-potable_water:", "📧 🚱"),
            (":8ball: :100: :+1: :1234:", "🎱 💯 👍 🔢"),
            ("a:smile:b a::b :: :smile::heart:", "a😄b a::b :: 😄❤️"),
        ] {
            assert_eq!(replace(text), expected, "{text}");
        }
    }
}
