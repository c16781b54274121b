//! BibTeX: entries with their tags, the strings they are put together from, and what stands between.
//!
//! Words of tags and types are kept as written, but for the names of tags, which are in lower case. What
//! names a string that is not there is left out.

use serde_json::{Map, Value, json};

use super::format::Mistake;

/// Reads a bibliography.
pub(super) fn parse(text: &str) -> Result<Value, Mistake> {
    let mut reader = Reader { text, at: 0 };
    let mut book = Book::default();
    loop {
        reader.space();
        if reader.rest().is_empty() {
            return Ok(book.into_value());
        }
        reader.piece(&mut book).map_err(|what| {
            let before = text.get(..reader.at).unwrap_or_default();
            (Some(before.matches('\n').count() + 1), what)
        })?;
    }
}

#[derive(Default)]
struct Book {
    preambles: Vec<Value>,
    comments: Vec<Value>,
    /// The strings that were defined.
    variables: Map<String, Value>,
    entries: Vec<Value>,
}

struct Reader<'t> {
    text: &'t str,
    /// Where it is, in bytes.
    at: usize,
}

impl Book {
    fn into_value(self) -> Value {
        json!({
            "preambles": self.preambles,
            "comments": self.comments,
            "variables": self.variables,
            "bibliographies": self.entries,
        })
    }

    /// The value of a word: of a string, or of a month.
    fn named(&self, word: &str) -> Option<&str> {
        let month = || {
            let mut months = MONTHS.iter();
            months
                .find(|(short, _)| *short == word)
                .map(|(_, month)| *month)
        };
        let defined = self.variables.get(word).and_then(Value::as_str);
        defined.or_else(month)
    }
}

impl<'t> Reader<'t> {
    /// An entry, or the text up to the next one.
    fn piece(&mut self, book: &mut Book) -> Result<(), String> {
        if !self.take('@') {
            let rest = self.rest();
            let end = rest.find('@').unwrap_or(rest.len());
            let comment = rest.get(..end).unwrap_or_default();
            self.at += end;
            book.comments.push(comment.trim().into());
            return Ok(());
        }
        self.space();
        let kind = self.word("the type of an entry, as in @book{")?;
        self.space();
        match kind.to_lowercase().as_str() {
            "comment" => book.comments.push(self.braced()?.into()),
            "string" => self.string(book)?,
            "preamble" => {
                self.expect('{')?;
                let preamble = self.value(book)?;
                self.expect('}')?;
                let preamble = preamble.ok_or("it names a string that is not defined")?;
                book.preambles.push(preamble.into());
            }
            _ => self.entry(kind, book)?,
        }
        Ok(())
    }

    /// `{name = value}`, or with round brackets.
    fn string(&mut self, book: &mut Book) -> Result<(), String> {
        let close = if self.take('(') {
            ')'
        } else {
            self.expect('{')?;
            '}'
        };
        self.space();
        let name = self.word("the name of the string")?;
        self.expect('=')?;
        let value = self.value(book)?;
        self.expect(close)?;
        if let Some(value) = value {
            book.variables.insert(name.to_owned(), value.into());
        }
        Ok(())
    }

    /// `{key, name = value, ...}`.
    fn entry(&mut self, kind: &str, book: &mut Book) -> Result<(), String> {
        self.expect('{')?;
        self.space();
        let rest = self.rest();
        let end = rest.find([',', '}']).unwrap_or(rest.len());
        let key = rest.get(..end).unwrap_or_default();
        self.at += end;
        self.expect(',')?;
        let mut tags = Map::new();
        loop {
            self.space();
            if self.take('}') {
                break;
            }
            let name = self.word("the name of a tag, or `}`")?.to_lowercase();
            self.expect('=')?;
            if let Some(value) = self.value(book)? {
                tags.insert(name, value.into());
            }
            self.space();
            if !self.take(',') && !self.rest().starts_with('}') {
                return Err("there must be `,` or `}` behind a tag".into());
            }
        }
        book.entries
            .push(json!({ "entry_type": kind, "citation_key": key, "tags": tags }));
        Ok(())
    }

    /// Texts and words joined by `#`; None if one of the words means nothing.
    fn value(&mut self, book: &Book) -> Result<Option<String>, String> {
        let mut value = Some(String::new());
        loop {
            self.space();
            let part = match self.rest().chars().next() {
                Some('"') => Some(self.quoted()?),
                Some('{') => Some(self.braced()?),
                _ => {
                    let word = self.word("a value")?;
                    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
                    let number = is_number.then_some(word);
                    number.or_else(|| book.named(word))
                }
            };
            value = value.zip(part).map(|(before, part)| before + part);
            if value
                .as_ref()
                .is_some_and(|value| value.len() > VALUE_BYTES_MAX)
            {
                return Err(format!("a value is longer than {VALUE_BYTES_MAX} bytes"));
            }
            self.space();
            if !self.take('#') {
                return Ok(value);
            }
        }
    }

    /// `{text with {braces} in it}`.
    fn braced(&mut self) -> Result<&'t str, String> {
        if !self.rest().starts_with('{') {
            return Err("there must be `{`".into());
        }
        let mut depth = 0_usize;
        for (at, letter) in self.rest().char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inner = self.rest().get(1..at).unwrap_or_default();
                self.at += at + 1;
                return Ok(inner.trim());
            }
        }
        Err("the `{` here has no `}`".into())
    }

    /// `"text"`, with quotes in it only between braces.
    fn quoted(&mut self) -> Result<&'t str, String> {
        let mut depth = 0_usize;
        for (at, letter) in self.rest().char_indices().skip(1) {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => return Err("a `}` in quotes has no `{`".into()),
                '}' => depth -= 1,
                '"' if depth == 0 => {
                    let inner = self.rest().get(1..at).unwrap_or_default();
                    self.at += at + 1;
                    return Ok(inner);
                }
                _ => {}
            }
        }
        Err("the `\"` here has no end".into())
    }

    /// Letters, digits, `_` and `-`.
    fn word(&mut self, wanted: &str) -> Result<&'t str, String> {
        let rest = self.rest();
        let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        let end = rest
            .find(|letter| !is_of_word(letter))
            .unwrap_or(rest.len());
        match rest.get(..end) {
            Some(word) if !word.is_empty() => {
                self.at += end;
                Ok(word)
            }
            _ => Err(format!("there must be {wanted}")),
        }
    }

    /// `wanted`, behind any space.
    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.space();
        match self.take(wanted) {
            true => Ok(()),
            false => Err(format!("there must be `{wanted}`")),
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.rest().starts_with(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

const MONTHS: [(&str, &str); 12] = [
    ("jan", "January"),
    ("feb", "February"),
    ("mar", "March"),
    ("apr", "April"),
    ("may", "May"),
    ("jun", "June"),
    ("jul", "July"),
    ("aug", "August"),
    ("sep", "September"),
    ("oct", "October"),
    ("nov", "November"),
    ("dec", "December"),
];

/// An abstract is far shorter; strings that name strings could be as long as they like.
const VALUE_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bibliography() {
        let text = "@preamble{\"A bibtex preamble\" # \" this is.\"}\n\
            @Comment{\n Here is a {comment}.\n}\nAnother comment!\n\
            @string(name = \"A. Nobody\") @string{site = \"https://example.org\"}\n\
            @Misc {a_key/1,\n author= name,\n Title = {{Tides} of\n the sea},\n year = 1905,\n\
            month = jun, note = \"at \" # site,\n lost = nowhere, q = \"a {\"}q{\"}\",}\n }";
        assert_eq!(
            parse(text),
            Ok(json!({
                "preambles": ["A bibtex preamble this is."],
                "comments": ["Here is a {comment}.", "Another comment!", "}"],
                "variables": {"name": "A. Nobody", "site": "https://example.org"},
                "bibliographies": [{
                    "entry_type": "Misc",
                    "citation_key": "a_key/1",
                    "tags": {
                        "author": "A. Nobody",
                        "title": "{Tides} of\n the sea",
                        "year": "1905",
                        "month": "June",
                        "note": "at https://example.org",
                        "q": "a {\"}q{\"}",
                    },
                }],
            }))
        );
    }

    #[test]
    fn mistakes_have_their_line() {
        for (text, line) in [
            ("@misc{a}", 1),
            ("@misc{a,\n b=}", 2),
            ("@misc{a,\n b={c}\n d={e}}", 3),
            ("@misc{a,\n b={c", 2),
            ("@misc{a, b=\"c", 1),
            ("@misc{a, b=\"c}\"}", 1),
            ("\n@", 2),
            ("@misc(a, b={c})", 1),
            ("@preamble{nowhere}", 1),
        ] {
            let (found, what) = parse(text).unwrap_err();
            assert_eq!(found, Some(line), "{text}: {what}");
        }
    }

    #[test]
    fn strings_cannot_grow_without_end() {
        let mut text = "@string{a0 = {aaaaaaaaaa}}".to_owned();
        for n in 1..64 {
            let before = n - 1;
            text += &format!("@string{{a{n} = a{before} # a{before}}}");
        }
        assert!(parse(&text).is_err());
        assert!(parse("@string{a = a} @misc{b, c = a}").is_ok());
    }
}
