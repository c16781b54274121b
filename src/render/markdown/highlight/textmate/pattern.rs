//! The regular expressions of a `TextMate` grammar, written for another engine than ours.

use std::sync::OnceLock;

use fancy_regex::{Error, Regex, RegexBuilder, RuntimeError};

use super::reword;

/// An expression as a grammar writes it, compiled when it is first asked.
pub(super) struct Pattern {
    source: String,
    /// Compiled for each pair of [`Anchors`]; None where it can't be.
    compiled: [OnceLock<Option<Box<Regex>>>; 4],
}

/// Which anchors may match: they depend on where a line is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchors {
    /// `\A`: this is the first line.
    pub(super) text: bool,
    /// `\G`: this is where the last rule began or ended.
    pub(super) last: bool,
}

/// Where a pattern and its groups matched, in bytes of the line; the first is the whole.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

/// What it took to look for a pattern.
pub(super) struct Search {
    pub(super) groups: Option<Groups>,
    /// Grows with the work that was done.
    pub(super) cost: u64,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            compiled: Default::default(),
        }
    }

    /// Whether it can be compiled; nothing is kept of the trial. What refers to the groups of
    /// another pattern is not known before that has matched.
    pub(super) fn is_sound(source: &str) -> bool {
        source.len() <= SOURCE_BYTES_MAX && (refers(source) || compile(source).is_some())
    }

    /// Whether it matches differently from place to place.
    pub(super) fn is_anchored(&self) -> bool {
        self.source.contains("\\G")
    }

    /// Whether it may look for the beginning of a line.
    pub(super) fn knows_line_starts(&self) -> bool {
        self.source.contains('^')
    }

    /// The pattern with what `groups` of `line` matched in place of its references to them; None if
    /// it has none.
    pub(super) fn resolved(&self, groups: &Groups, line: &str) -> Option<Self> {
        if !refers(&self.source) {
            return None;
        }
        let mut resolved = String::new();
        let mut rest = self.source.as_str();
        while let Some((before, after)) = rest.split_once('\\') {
            resolved += before;
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, tail) = after.split_at(digits);
            if let Ok(number) = number.parse::<usize>() {
                let group = groups.get(number).copied().flatten();
                let text = group.and_then(|(start, end)| line.get(start..end));
                resolved += &fancy_regex::escape(text.unwrap_or_default());
                rest = tail;
            } else {
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                let (escaped, tail) = after.split_at(escaped);
                resolved.push('\\');
                resolved += escaped;
                rest = tail;
            }
        }
        resolved += rest;
        Some(Self::new(&resolved))
    }

    /// The first match in `line` at or behind byte `from`.
    pub(super) fn find(&self, line: &str, from: usize, anchors: Anchors) -> Search {
        let glance = 1 + (line.len().saturating_sub(from) as u64) / GLANCE_BYTES;
        let Some(regex) = self.regex(anchors) else {
            return Search {
                groups: None,
                cost: 1,
            };
        };
        match regex.captures_from_pos(line, from) {
            Ok(found) => Search {
                groups: found.map(|found| {
                    let groups = found.iter();
                    groups
                        .map(|group| group.map(|g| (g.start(), g.end())))
                        .collect()
                }),
                cost: glance,
            },
            Err(Error::RuntimeError(RuntimeError::BacktrackLimitExceeded)) => Search {
                groups: None,
                cost: LOST_COST,
            },
            Err(_) => Search {
                groups: None,
                cost: glance,
            },
        }
    }

    fn regex(&self, anchors: Anchors) -> Option<&Regex> {
        let text = anchors.text || !self.source.contains("\\A");
        let last = anchors.last || !self.is_anchored();
        let slot = usize::from(text) + 2 * usize::from(last);
        let compiled = self.compiled.get(slot)?;
        let regex = compiled.get_or_init(|| {
            let kept = |anchor, may| if may { anchor } else { NEVER };
            let source = self.source.replace("\\A", kept("\\A", text));
            let source = source.replace("\\G", kept("\\G", last));
            compile(&source).map(Box::new)
        });
        regex.as_deref()
    }
}

fn compile(source: &str) -> Option<Regex> {
    if source.len() > SOURCE_BYTES_MAX {
        return None;
    }
    let translated = translated(source);
    build(&translated).or_else(|| build(&reword::reworded(&translated)?))
}

fn build(source: &str) -> Option<Regex> {
    RegexBuilder::new(source)
        .oniguruma_mode(true)
        .multi_line(true)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .build()
        .ok()
}

/// `source` in the words of our engine.
fn translated(source: &str) -> String {
    let mut translated = String::with_capacity(source.len());
    let mut depth = 0_usize;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (taken, written) = match first {
            '\\' => escape(rest, depth),
            // Where it counts nothing, it is a brace.
            '{' if depth == 0 && !is_count(rest) => (1, Some("\\{".to_owned())),
            _ => (first.len_utf8(), None),
        };
        match first {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let (taken, tail) = rest.split_at(taken.min(rest.len()));
        translated += written.as_deref().unwrap_or(taken);
        rest = tail;
    }
    translated
}

/// Whether `{2,3}` stands at the start of `rest`.
fn is_count(rest: &str) -> bool {
    let inner = rest
        .strip_prefix('{')
        .and_then(|rest| Some(rest.split_once('}')?.0));
    inner.is_some_and(|inner| {
        inner.contains(|c: char| c.is_ascii_digit())
            && inner.chars().all(|c| c.is_ascii_digit() || c == ',')
    })
}

/// How many bytes the escape at the start of `rest` has, and what it is called with us if that is
/// something else. Inside a class, `depth` is not 0.
fn escape(rest: &str, depth: usize) -> (usize, Option<String>) {
    let escaped = rest.chars().nth(1);
    match escaped {
        Some('N') => (2, Some("[^\\n]".into())),
        Some('R') if depth == 0 => (2, Some("(?:\\r\\n|[\\n\\r])".into())),
        Some('p' | 'P') => {
            let name = rest.get(2..).and_then(|rest| rest.strip_prefix('{'));
            let name = name.and_then(|name| Some(name.split_once('}')?.0));
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                return (2, None);
            };
            let lower = name.trim_start_matches('^').to_ascii_lowercase();
            let negated = name.starts_with('^') != (escaped == Some('P'));
            let class = POSIX.contains(&lower.as_str()).then(|| {
                let caret = if negated { "^" } else { "" };
                format!("[[:{caret}{lower}:]]")
            });
            (name.len() + 4, class)
        }
        Some(other) => (1 + other.len_utf8(), None),
        None => (1, None),
    }
}

/// Whether `source` speaks of groups by number.
fn refers(source: &str) -> bool {
    let mut bytes = source.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && bytes.next().is_some_and(|next| next.is_ascii_digit()) {
            return true;
        }
    }
    false
}

/// Classes that grammars write as properties.
const POSIX: [&str; 13] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Matches nowhere.
const NEVER: &str = "(?!)";

/// A pattern that needs more is taken as not matching.
const BACKTRACKS_MAX: usize = 50_000;

/// What such a pattern counts for.
const LOST_COST: u64 = 5_000;

/// Bytes of a line that count as one step.
const GLANCE_BYTES: u64 = 64;

/// Of one pattern, as it is written and as it is compiled.
const SOURCE_BYTES_MAX: usize = 64 * 1024;
const COMPILED_BYTES_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const ANYWHERE: Anchors = Anchors {
        text: true,
        last: true,
    };

    fn found(pattern: &str, line: &str, from: usize, anchors: Anchors) -> Option<String> {
        let groups = Pattern::new(pattern).find(line, from, anchors).groups?;
        let (start, end) = groups.first().copied().flatten()?;
        line.get(start..end).map(ToOwned::to_owned)
    }

    #[test]
    fn patterns_of_the_other_engine_are_understood() {
        let cases = [
            (r"\p{blank}+x", "a \tx", Some(" \tx")),
            (r"[\p{word}-]+", "--a_1!", Some("--a_1")),
            (r"\P{space}+", " ab ", Some("ab")),
            (r"a\N*", "ab\n", Some("ab")),
            (r"b\R", "ab\n", Some("b\n")),
            (r"\h+", "xyz0fG", Some("0f")),
            (r"(?<=a)b$", "ab\n", Some("b")),
            (r"\<a\>", "<a>", Some("<a>")),
            (r"a++b", "aaab", Some("aaab")),
            (r"(?<q>['\x22]).*?\k<q>", "a \"b' c\" d", Some("\"b' c\"")),
            (r"(", "(", None),
            (r"(a) {", "a {", Some("a {")),
            (r"(?<=^\s*|;)a{2}", "  aa", Some("aa")),
            (r"(?<g>\((?:x|\g<g>)*\))", "y(x(x))", Some("(x(x))")),
        ];
        for (pattern, line, expected) in cases {
            assert_eq!(
                found(pattern, line, 0, ANYWHERE).as_deref(),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn anchors_match_where_they_may() {
        let nowhere = Anchors {
            text: false,
            last: false,
        };
        for (pattern, from, anchors, expected) in [
            (r"\Ga", 1, ANYWHERE, Some("a")),
            (r"\Ga", 1, nowhere, None),
            (r"(^|\G)\s*a", 0, nowhere, Some("a")),
            (r"\Aa", 0, ANYWHERE, Some("a")),
            (r"\Aa", 0, nowhere, None),
        ] {
            assert_eq!(
                found(pattern, "aa", from, anchors).as_deref(),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn references_become_what_was_matched() {
        let groups = vec![Some((0, 3)), Some((1, 3)), None];
        for (pattern, expected) in [
            (r"^\1$", Some(r"^a\*$")),
            (r"\\1\2x", Some(r"\\1x")),
            (r"\s\9", Some(r"\s")),
            (r"\\1", None),
        ] {
            let resolved = Pattern::new(pattern).resolved(&groups, "<a*");
            assert_eq!(resolved.map(|p| p.source).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_gets_lost_is_given_up() {
        let line = "a".repeat(2_000);
        let search = Pattern::new(r"(?=(a+)+\1b)(x+x+)+y").find(&line, 0, ANYWHERE);
        assert!(search.groups.is_none());
        assert!(search.cost >= LOST_COST);
    }
}
