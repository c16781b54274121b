//! `TextMate` grammars, as VS Code has them: patterns that begin, end and include each other.
//!
//! Knows the format and how it is to be followed; knows neither themes nor HTML. Where code in such
//! a grammar includes a language that is built in, that one's own grammar reads it.

mod foreign;
mod line;
mod pattern;
mod reader;
mod reword;
mod rules;
mod scopes;
mod survey;

use std::sync::OnceLock;

use serde_json::Value;
use syntect::parsing::Scope;

pub(super) use reader::Reader;
pub(super) use scopes::{admits, scope};

use super::languages;
use rules::Rules;

/// A grammar, as it is written.
pub(super) struct Grammar {
    /// The scope of all code in the language: `source.tide`.
    scope: String,
    written: Value,
    rules: OnceLock<Rules>,
}

impl Grammar {
    /// None if `written` is no grammar.
    pub(super) fn of(written: Value) -> Option<Self> {
        let scope = written.get("scopeName")?.as_str()?.to_owned();
        written.get("patterns")?.as_array()?;
        Some(Self {
            scope,
            written,
            rules: OnceLock::new(),
        })
    }

    /// What its author calls the language.
    pub(super) fn name(&self) -> &str {
        let name = self.written.get("name").and_then(Value::as_str);
        name.filter(|name| !name.is_empty()).unwrap_or(&self.scope)
    }

    /// What it may be called behind a fence, beside its name.
    pub(super) fn other_names(&self) -> Vec<&str> {
        let lists = ["aliases", "fileTypes"].map(|key| self.written.get(key));
        let lists = lists.into_iter().flatten().filter_map(Value::as_array);
        let listed = lists.flatten().filter_map(Value::as_str);
        let scope = self.scope.split_once('.').map(|(_, language)| language);
        listed.chain(scope).collect()
    }

    /// The scope around all code.
    pub(super) fn outermost(&self) -> Option<Scope> {
        scope(&self.scope)
    }
}

/// What to tell the author of grammar number `number` of `grammars`.
pub(super) fn losses(number: usize, grammars: &[Grammar]) -> Option<String> {
    survey::losses(number, grammars)
}

/// A reader of code in grammar number `number` of `grammars`. The first one prepares its rules.
pub(super) fn reader(number: usize, grammars: &[Grammar]) -> Option<Reader<'_>> {
    let grammar = grammars.get(number)?;
    let rules = grammar.rules.get_or_init(|| Rules::of(number, grammars));
    Some(Reader::new(rules))
}
