//! TextMate grammars, as VS Code has them: patterns that begin, end and include each other.
//!
//! Knows the format and how it is to be followed; knows neither themes nor HTML. Where code in such
//! a grammar includes a language that is built in, that one's own grammar reads it.

mod pattern;
mod reader;
mod rules;
mod scopes;

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

/// Prepares grammar number `number` of `grammars`, and tells what of it has to be left out.
pub(super) fn prepare(number: usize, grammars: &[Grammar]) -> Option<String> {
    let grammar = grammars.get(number)?;
    let (rules, mut losses) = Rules::of(number, grammars);
    losses.injects = grammar.written.get("injections").is_some()
        || grammar.written.get("injectionSelector").is_some();
    // Nobody else has prepared it.
    grammar.rules.set(rules).ok()?;
    losses.complaint()
}

/// A reader of code in `grammar`, which was prepared.
pub(super) fn reader(grammar: &Grammar) -> Option<Reader<'_>> {
    Some(Reader::new(grammar.rules.get()?))
}

/// What of a grammar has no effect.
#[derive(Debug, Default)]
struct Losses {
    /// How many patterns there are, and how many of them our engine does not take.
    patterns: usize,
    lost: usize,
    first_lost: Option<String>,
    /// The first rule or grammar that is included and not there.
    unknown: Option<String>,
    injects: bool,
}

impl Losses {
    fn lost(&mut self, pattern: &str) {
        self.lost += 1;
        self.first_lost.get_or_insert_with(|| pattern.chars().take(SHOWN_CHARS).collect());
    }

    fn unknown(&mut self, include: &str) {
        self.unknown.get_or_insert_with(|| include.to_owned());
    }

    fn complaint(&self) -> Option<String> {
        let lost = self.first_lost.as_ref().map(|first| {
            let (lost, all) = (self.lost, self.patterns);
            format!("{lost} of its {all} patterns can't be used (`{first}`)")
        });
        let unknown = self.unknown.as_ref();
        let unknown = unknown.map(|name| format!("what it includes as `{name}` is not there"));
        let injects = self.injects.then(|| "`injections` have no effect".to_owned());
        let all: Vec<_> = [lost, unknown, injects].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// How much of a pattern is told.
const SHOWN_CHARS: usize = 60;
