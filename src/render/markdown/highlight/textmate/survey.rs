//! What of a grammar can't be followed, told once when it is read.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use super::pattern::Pattern;
use super::{Grammar, languages};

/// What of grammar number `number` of `grammars` has no effect; None if all has.
pub(super) fn losses(number: usize, grammars: &[Grammar]) -> Option<String> {
    let written = &grammars.get(number)?.written;
    let mut found = Found::default();
    found.walk(written);
    let all = found.patterns.len();
    let lost: Vec<&str> = found
        .patterns
        .into_par_iter()
        .filter(|p| !Pattern::is_sound(p))
        .collect();
    let lost = lost.first().map(|first| {
        let first: String = first.chars().take(SHOWN_CHARS).collect();
        format!(
            "{} of its {all} patterns can't be used (`{first}`)",
            lost.len()
        )
    });
    let is_known = |include: &str| match include.split_once('#') {
        None => {
            matches!(include, "$self" | "$base")
                || grammars.iter().any(|grammar| grammar.scope == include)
                || languages::of_scope(include).is_some()
        }
        Some(("", name)) => found.names.contains(name),
        Some((scope, _)) => grammars.iter().any(|grammar| grammar.scope == scope),
    };
    let unknown = found.includes.iter().find(|include| !is_known(include));
    let unknown = unknown.map(|name| format!("what it includes as `{name}` is not there"));
    let injects = ["injections", "injectionSelector"]
        .iter()
        .any(|key| written.get(key).is_some());
    let injects = injects.then(|| "`injections` are not followed".to_owned());
    let losses: Vec<_> = [lost, unknown, injects].into_iter().flatten().collect();
    (!losses.is_empty()).then(|| losses.join("; "))
}

/// What is written in a grammar.
#[derive(Default)]
struct Found<'g> {
    patterns: BTreeSet<&'g str>,
    includes: BTreeSet<&'g str>,
    /// Of rules that can be included.
    names: BTreeSet<&'g str>,
}

impl<'g> Found<'g> {
    /// As deep as JSON is read at all.
    fn walk(&mut self, value: &'g Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    self.note(key, value);
                    self.walk(value);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.walk(value)),
            _ => {}
        }
    }

    fn note(&mut self, key: &'g str, value: &'g Value) {
        match (key, value) {
            ("match" | "begin" | "end" | "while", Value::String(pattern)) => {
                self.patterns.insert(pattern);
            }
            ("include", Value::String(include)) => {
                self.includes.insert(include);
            }
            ("repository", Value::Object(named)) => {
                self.names.extend(named.keys().map(String::as_str));
            }
            _ => {}
        }
    }
}

/// How much of a pattern is told.
const SHOWN_CHARS: usize = 60;
