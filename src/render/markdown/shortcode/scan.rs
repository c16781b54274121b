//! Shortcode syntax: a text becomes tokens.
//!
//! What does not follow the syntax to the letter is text: a page may speak of other template
//! languages. Zola decides so too, and every rule here is what it was seen to do.

use serde_json::{Map, Value};

/// A call as it is written: `name(key=value, ...)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written<'t> {
    pub(super) name: &'t str,
    pub(super) args: Map<String, Value>,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// `{{ name() }}`
    Inline(Written<'t>),
    /// `{% name() %}`
    Open(Written<'t>),
    /// `{% end %}`
    Close,
    /// `{{/* name() */}}`, with what stands between the marks.
    EscapedInline(&'t str),
    /// `{%/* name() */%}`, with what stands between the marks.
    EscapedOpen(&'t str),
    /// `{%/* end */%}`, with what stands between the marks.
    EscapedClose(&'t str),
    /// Anything else.
    Text,
    /// Text too, but of the look of a call: `{{ name(` that does not go on as it should.
    Malformed(&'t str),
}

/// A token and where it stands, in bytes of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<'t> {
    pub(super) token: Token<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of `text`; together they cover it.
pub(super) fn tokens(text: &str) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(brace) = find_brace(text, at) {
        at = brace + 1;
        let Some((token, end)) = token_at(text, brace) else {
            continue;
        };
        push_text(&mut found, plain_from, brace);
        // A malformed call hides nothing: the next token may begin inside it.
        let end = match token {
            Token::Malformed(_) => brace + 1,
            _ => end,
        };
        found.push(Placed {
            token,
            start: brace,
            end,
        });
        plain_from = end;
        at = end;
    }
    push_text(&mut found, plain_from, text.len());
    found
}

fn push_text(found: &mut Vec<Placed<'_>>, start: usize, end: usize) {
    if start < end {
        found.push(Placed {
            token: Token::Text,
            start,
            end,
        });
    }
}

/// The next `{{` or `{%`.
fn find_brace(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..)?;
    let pair = bytes
        .windows(2)
        .position(|pair| pair.first() == Some(&b'{') && matches!(pair.last(), Some(b'{' | b'%')))?;
    Some(from + pair)
}

/// The token that begins at `start`, and where it ends; None for text.
fn token_at(text: &str, start: usize) -> Option<(Token<'_>, usize)> {
    let call_end = text.floor_char_boundary(start.saturating_add(CALL_BYTES_MAX));
    let mut cursor = Cursor {
        text: text.get(..call_end)?,
        at: start + OPENING_BYTES,
    };
    let in_percent = text.get(start..)?.starts_with("{%");
    let closing = if in_percent { CLOSING_PERCENT } else { "}}" };
    if cursor.eat("/*") {
        let token = escaped(&mut cursor, closing)?;
        return Some((token, cursor.at));
    }
    cursor.skip_space();
    let name = cursor.word()?;
    cursor.skip_space();
    if in_percent && name == "end" && cursor.eat(closing) {
        return Some((Token::Close, cursor.at));
    }
    if !cursor.eat("(") {
        return None;
    }
    let written = cursor.args().map(|args| Written { name, args });
    cursor.skip_space();
    match written {
        Some(written) if cursor.eat(closing) => {
            let token = if in_percent {
                Token::Open(written)
            } else {
                Token::Inline(written)
            };
            Some((token, cursor.at))
        }
        _ => Some((Token::Malformed(name), cursor.at)),
    }
}

/// What follows `{{/*` or `{%/*`. It must be a call, or else it is text like any other.
fn escaped<'t>(cursor: &mut Cursor<'t>, closing: &str) -> Option<Token<'t>> {
    let in_percent = closing == CLOSING_PERCENT;
    let inner_start = cursor.at;
    cursor.skip_space();
    let name = cursor.word()?;
    cursor.skip_space();
    let is_end = in_percent && name == "end" && !cursor.rest().starts_with('(');
    if !is_end {
        cursor.eat("(").then_some(())?;
        cursor.args()?;
        cursor.skip_space();
    }
    let inner = cursor.text.get(inner_start..cursor.at)?;
    (cursor.eat("*/") && cursor.eat(closing)).then_some(())?;
    Some(match (in_percent, is_end) {
        (false, _) => Token::EscapedInline(inner),
        (true, false) => Token::EscapedOpen(inner),
        (true, true) => Token::EscapedClose(inner),
    })
}

/// A place in the text that only moves on.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, expected: &str) -> bool {
        let eats = self.rest().starts_with(expected);
        if eats {
            self.at += expected.len();
        }
        eats
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// What `belongs` says belongs together, perhaps nothing.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|found| !belongs(found)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// A name: letters, digits and underscores of ASCII, no digit first.
    fn word(&mut self) -> Option<&'t str> {
        if self
            .rest()
            .starts_with(|first: char| first.is_ascii_digit())
        {
            return None;
        }
        let word = self.run(|found| found.is_ascii_alphanumeric() || found == '_');
        (!word.is_empty()).then_some(word)
    }

    /// Arguments up to the closing parenthesis, which is taken too. Commas stand between them, if
    /// at all; none at the end.
    fn args(&mut self) -> Option<Map<String, Value>> {
        let mut args = Map::new();
        self.skip_space();
        while !self.eat(")") {
            if !args.is_empty() && self.eat(",") {
                self.skip_space();
            }
            let key = self.word()?;
            self.skip_space();
            self.eat("=").then_some(())?;
            self.skip_space();
            args.insert(key.to_owned(), self.value(0)?);
            self.skip_space();
        }
        Some(args)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.rest().chars().next()? {
            quote @ ('"' | '\'' | '`') => self.quoted(quote).map(Value::from),
            '[' if depth < LIST_DEPTH_MAX => self.list(depth + 1).map(Value::from),
            '-' | '0'..='9' => self.number(),
            _ if self.eat("true") => Some(Value::from(true)),
            _ if self.eat("false") => Some(Value::from(false)),
            _ => None,
        }
    }

    /// A string knows no escapes: it ends with the next quote of its kind.
    fn quoted(&mut self, quote: char) -> Option<&'t str> {
        self.at += quote.len_utf8();
        let (content, _) = self.rest().split_once(quote)?;
        self.at += content.len() + quote.len_utf8();
        Some(content)
    }

    /// A list must have its commas, and may have one at the end.
    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.eat("[");
        self.skip_space();
        while !self.eat("]") {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.eat(",") {
                self.skip_space();
            } else if !self.rest().starts_with(']') {
                return None;
            }
        }
        Some(items)
    }

    /// `-3`, `1.50`; no exponents, no leading zeros, no `+`. What no number can hold is refused.
    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.eat("-");
        if !self.eat("0") && self.run(|found| found.is_ascii_digit()).is_empty() {
            return None;
        }
        let whole_end = self.at;
        if self.eat(".") && self.run(|found| found.is_ascii_digit()).is_empty() {
            self.at = whole_end;
        }
        let written = self.text.get(start..self.at)?;
        if self.at == whole_end {
            return written.parse::<i64>().ok().map(Value::from);
        }
        let number = written.parse::<f64>().ok()?;
        serde_json::Number::from_f64(number).map(Value::Number)
    }
}

/// `{{` or `{%`.
const OPENING_BYTES: usize = 2;

const CLOSING_PERCENT: &str = "%}";

/// A call longer than this is text, so that text of nothing but openings is not read over and over.
const CALL_BYTES_MAX: usize = 64 * 1024;

/// Lists in lists, so that hostile text cannot exhaust the stack.
const LIST_DEPTH_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn args_of(text: &str) -> Option<Value> {
        match tokens(text).as_slice() {
            [
                Placed {
                    token: Token::Inline(written),
                    ..
                },
            ] => Some(Value::Object(written.args.clone())),
            _ => None,
        }
    }

    #[test]
    fn arguments_are_read_as_zola_reads_them() {
        let cases = [
            ("{{ f() }}", json!({})),
            ("{{f()}}", json!({})),
            ("{{ f (\n)\t}}", json!({})),
            ("{{\r\nf(\r\na=1,\nb=2\n)\n}}", json!({"a": 1, "b": 2})),
            (
                "{{ f(a='a\"b`c', b=`x'`) }}",
                json!({"a": "a\"b`c", "b": "x'"}),
            ),
            ("{{ f(a=\"ü\nb\") }}", json!({"a": "ü\nb"})),
            ("{{ f(a=\"a\\n\") }}", json!({"a": "a\\n"})),
            (
                "{{ f(a=\"}}\", b=\"{% end %}\") }}",
                json!({"a": "}}", "b": "{% end %}"}),
            ),
            ("{{ f(a=-3, b=0, c=-0) }}", json!({"a": -3, "b": 0, "c": 0})),
            ("{{ f(a=1.0, b=-1.50) }}", json!({"a": 1.0, "b": -1.5})),
            ("{{ f(a=9223372036854775807) }}", json!({"a": i64::MAX})),
            ("{{ f(a=true, b=false) }}", json!({"a": true, "b": false})),
            (
                "{{ f(a=[], b=[1,], c=[ 1 , \"x\", [true] ]) }}",
                json!({"a": [], "b": [1], "c": [1, "x", [true]]}),
            ),
            ("{{ f(a=1 b=2) }}", json!({"a": 1, "b": 2})),
            ("{{ f(a=1b=2) }}", json!({"a": 1, "b": 2})),
            ("{{ f(a=trueb=1) }}", json!({"a": true, "b": 1})),
            ("{{ f(a=\"x\"b=\"y\") }}", json!({"a": "x", "b": "y"})),
            ("{{ f(a=[1,]b=2) }}", json!({"a": [1], "b": 2})),
            ("{{ f(a=1, a=2) }}", json!({"a": 2})),
            ("{{ _f1(_a1 = 1) }}", json!({"_a1": 1})),
        ];
        for (text, expected) in cases {
            assert_eq!(args_of(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_call_is_text() {
        let cases = [
            "{{ foo }}",
            "{{ page.title }}",
            "{% raw %}",
            "{% endfor %}",
            "{{ }}",
            "{{}}",
            "{% %}",
            "{{- f() -}}",
            "{{~f()~}}",
            "{{ un.known() }}",
            "{{ un-known() }}",
            "{{ dir/f() }}",
            "{{ a::b() }}",
            "{{ 1a() }}",
            "{{/* f */}}",
            "{{/* f() }}",
            "{{/* f() */ }}",
            "{{ /* f() */ }}",
            "{%/* f */%}",
            "{{ f(",
            "{{ f() }",
            "{{ f()) }}",
            "{{ f(1) }}",
            "{{ f(a=b) }}",
            "{{ f(a=1e3) }}",
            "{{ f(a=.5) }}",
            "{{ f(a=1.) }}",
            "{{ f(a=00) }}",
            "{{ f(a=01.5) }}",
            "{{ f(a=-00) }}",
            "{{ f(a=+1) }}",
            "{{ f(a=- 1) }}",
            "{{ f(a=1_000) }}",
            "{{ f(a=1.5.2) }}",
            "{{ f(a=True) }}",
            "{{ f(a=true1) }}",
            "{{ f(a=true=1) }}",
            "{{ f(a=1,) }}",
            "{{ f(,a=1) }}",
            "{{ f(a=1,,b=2) }}",
            "{{ f(a=[1 2]) }}",
            "{{ f(a=[,]) }}",
            "{{ f(a-b=1) }}",
            "{{ f(1a=1) }}",
            "{{ f(a={x=1}) }}",
            "{{ f(a=“x”) }}",
            "{{ f(a=\"q\\\"z\") }}",
            "{{ f(\u{a0}) }}",
            "{{ f(a=9223372036854775808) }}",
            "{{f(a=\"1\"`b`=2)}}",
        ];
        for text in cases {
            let is_text =
                |placed: &Placed<'_>| matches!(placed.token, Token::Text | Token::Malformed(_));
            assert!(
                tokens(text).iter().all(is_text),
                "{text}: {:?}",
                tokens(text)
            );
        }
    }

    #[test]
    fn tokens_cover_the_text() {
        let cases = [
            ("{{{ f() }}}", "text call text"),
            (
                "a {% f() %} {%end%}{% end\n%}",
                "text open text close close",
            ),
            (
                "{{/* f() */}} {%/*f()*/%}{%/* end */%}",
                "escaped-inline text escaped-open escaped-close",
            ),
            ("{{ f(x {{ f() }}", "malformed text call"),
            ("{{ end() }}{% end() %}", "call open"),
        ];
        for (text, expected) in cases {
            let found = tokens(text);
            let kinds = found.iter().map(|placed| match placed.token {
                Token::Inline(_) => "call",
                Token::Open(_) => "open",
                Token::Close => "close",
                Token::EscapedInline(_) => "escaped-inline",
                Token::EscapedOpen(_) => "escaped-open",
                Token::EscapedClose(_) => "escaped-close",
                Token::Text => "text",
                Token::Malformed(_) => "malformed",
            });
            assert_eq!(kinds.collect::<Vec<_>>().join(" "), expected, "{text}");
            let together: String = found
                .iter()
                .map(|placed| &text[placed.start..placed.end])
                .collect();
            assert_eq!(together, text);
        }
    }

    #[test]
    fn hostile_text_is_read_in_one_go() {
        for unit in [
            "{{ f(a=\"",
            "{{ f(a=[",
            "{% a() %}",
            "{{",
            "{%/* a() */%}",
            "{{ f(a=\"x'y`\",b='z\"'c=`",
        ] {
            let text = unit.repeat(100_000 / unit.len());
            assert!(tokens(&text).len() <= text.len());
        }
    }
}
