//! Names of languages: what Zola calls them, what else they are called, and which grammar reads them.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{SyntaxReference, SyntaxSet};

use crate::site::nearest;

/// A language that may be named behind a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language {
    /// As it is told in `data-lang`.
    pub(super) name: &'static str,
    /// Its grammar, or that of a language much like it; empty if there is none.
    grammar: &'static str,
}

impl Language {
    /// Text without any language.
    pub(super) const PLAIN: Self = Self {
        name: "plain",
        grammar: "",
    };

    /// The language that is called `written`, in whatever case.
    pub(super) fn named(written: &str) -> Option<Self> {
        if PLAIN_NAMES.contains(&written) {
            return Some(Self::PLAIN);
        }
        LANGUAGES
            .get(written.to_ascii_lowercase().as_str())
            .copied()
    }

    /// The grammar, for which the first code block of a process loads all grammars.
    pub(super) fn grammar(self) -> Option<(&'static SyntaxSet, &'static SyntaxReference)> {
        if self.grammar.is_empty() {
            return None;
        }
        let syntax = GRAMMARS.find_syntax_by_name(self.grammar)?;
        Some((&GRAMMARS, syntax))
    }
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

static LANGUAGES: LazyLock<HashMap<&str, Language>> = LazyLock::new(|| {
    let rows = include_str!("languages.txt").lines();
    let languages = rows.filter_map(|row| {
        let mut cells = row.split('|');
        let (name, others, grammar) = (cells.next()?, cells.next()?, cells.next()?);
        let names = others.split_ascii_whitespace().chain([name]);
        Some(names.map(move |known| (known, Language { name, grammar })))
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
            let name = Language::named(written).map(|language| language.name);
            assert_eq!(name, expected, "{written}");
        }
    }

    #[test]
    fn every_grammar_named_exists() {
        for language in LANGUAGES
            .values()
            .filter(|language| !language.grammar.is_empty())
        {
            assert!(language.grammar().is_some(), "{language:?}");
        }
        assert!(LANGUAGES.len() > 300);
    }

    #[test]
    fn unknown_languages_are_told_with_the_nearest() {
        assert!(complaint("pyton").ends_with("did you mean `python`?"));
        assert!(complaint("xyzzyxyzzy").ends_with("without colours"));
    }
}
