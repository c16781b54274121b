//! Names of languages: what Zola calls them, what else they are called, and which grammar reads them.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{SyntaxReference, SyntaxSet};

use super::shelf::{Language, Reading};
use super::textmate;
use crate::site::nearest;

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    name: &'static str,
    /// Its grammar, or that of a language much like it; empty if there is none.
    grammar: &'static str,
}

/// Text without any language.
pub(super) const PLAIN: Language<'static> = Language {
    name: "plain",
    grammar: Reading::Plain,
};

/// The language that is called `written`, in whatever case. The first one with a grammar loads
/// all grammars.
pub(super) fn named(written: &str) -> Option<Language<'static>> {
    if PLAIN_NAMES.contains(&written) {
        return Some(PLAIN);
    }
    let row = LANGUAGES.get(written.to_ascii_lowercase().as_str())?;
    let syntax = match row.grammar {
        "" => None,
        grammar => GRAMMARS.find_syntax_by_name(grammar),
    };
    Some(Language {
        name: row.name,
        grammar: syntax.map_or(Reading::Plain, |syntax| Reading::Sublime(&GRAMMARS, syntax)),
    })
}

/// All grammars.
pub(super) fn grammars() -> &'static SyntaxSet {
    &GRAMMARS
}

/// The grammar of the language whose code has `scope`, or the first of one below that:
/// `source.shell` is `source.shell.bash` here.
pub(super) fn of_scope(scope: &str) -> Option<&'static SyntaxReference> {
    let scope = textmate::scope(scope)?;
    let exact = GRAMMARS.find_syntax_by_scope(scope);
    let mut all = GRAMMARS.syntaxes().iter();
    exact.or_else(|| all.find(|syntax| scope.is_prefix_of(syntax.scope)))
}

/// What to tell the author of a block in the unknown language `written`.
pub(super) fn complaint(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    let way_out = match nearest(&lower, LANGUAGES.keys().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `text` for code without colours".to_owned(),
    };
    format!("there is no grammar for the language `{written}`: {way_out}")
}

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

static LANGUAGES: LazyLock<HashMap<&str, Row>> = LazyLock::new(|| {
    let rows = include_str!("languages.txt").lines();
    let languages = rows.filter_map(|row| {
        let mut cells = row.split('|');
        let (name, others, grammar) = (cells.next()?, cells.next()?, cells.next()?);
        let names = others.split_ascii_whitespace().chain([name]);
        Some(names.map(move |known| (known, Row { name, grammar })))
    });
    languages.flatten().collect()
});

/// Names that mean to have no language.
const PLAIN_NAMES: [&str; 6] = ["", "plain", "plaintext", "text", "txt", "none"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_named_as_zola_names_them() {
        let cases = [
            ("rust", Some("rust")),
            ("Rust", Some("rust")),
            ("rs", Some("rust")),
            ("C", Some("c")),
            ("c++", Some("cpp")),
            ("bash", Some("shellscript")),
            ("zsh", Some("shellscript")),
            ("console", Some("shellsession")),
            ("yml", Some("yaml")),
            ("js", Some("javascript")),
            ("dockerfile", Some("docker")),
            ("properties", Some("ini")),
            ("mermaid", Some("mermaid")),
            ("", Some("plain")),
            ("text", Some("plain")),
            ("nolang", None),
            ("golang", None),
            ("rust  foo bar", None),
        ];
        for (written, expected) in cases {
            let name = named(written).map(|language| language.name);
            assert_eq!(name, expected, "{written}");
        }
    }

    #[test]
    fn every_grammar_named_exists() {
        for (name, row) in LANGUAGES.iter().filter(|(_, row)| !row.grammar.is_empty()) {
            let language = named(name).unwrap();
            assert!(matches!(language.grammar, Reading::Sublime(..)), "{row:?}");
        }
        assert!(LANGUAGES.len() > 300);
    }

    #[test]
    fn unknown_languages_are_told_with_the_nearest() {
        assert!(complaint("pyton").ends_with("did you mean `python`?"));
        assert!(complaint("xyzzyxyzzy").ends_with("without colours"));
    }
}
