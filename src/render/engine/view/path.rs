//! `page.extra["a.b"][name]`: the path of a variable, step by step.

use crate::render::field::{Field, Fields};

/// A variable, and the way into it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path<'t> {
    pub(super) root: &'t str,
    pub(super) steps: Vec<Step<'t>>,
}

/// One step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'t> {
    /// `.title`, `["title"]`; an index too.
    Named(&'t str),
    /// `[name]`: what it leads to is known when it is rendered.
    Chosen,
}

impl<'t> Path<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut steps = Vec::new();
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (root, mut rest) = text.split_at(end);
        while let Some(first) = rest.chars().next() {
            let (step, left) = match first {
                '[' => bracket(rest),
                _ => name(rest.trim_start_matches('.')),
            };
            steps.extend(step);
            rest = left;
        }
        Self { root, steps }
    }
}

fn name(text: &str) -> (Option<Step<'_>>, &str) {
    let (name, rest) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    ((!name.is_empty()).then_some(Step::Named(name)), rest)
}

fn bracket(text: &str) -> (Option<Step<'_>>, &str) {
    let mut depth = 0_usize;
    let end = text.find(|c| {
        depth = match c {
            '[' => depth + 1,
            ']' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    });
    let end = end.unwrap_or(text.len());
    let inner = text.get(1..end).unwrap_or_default().trim();
    let rest = text.get(end + 1..).unwrap_or_default();
    let quoted = ['"', '\'', '`'].iter().find_map(|quote| {
        let inner = inner.strip_prefix(*quote)?;
        inner.strip_suffix(*quote)
    });
    let is_index = inner.bytes().all(|byte| byte.is_ascii_digit());
    let step = match quoted {
        Some(name) => Step::Named(name),
        None if is_index => Step::Named(inner),
        None => Step::Chosen,
    };
    (Some(step), rest)
}

/// The variables that stand in the brackets of `text`.
pub(super) fn inner(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('[').filter_map(|(at, _)| {
        let inner = text.get(at + 1..)?;
        let inner = inner.get(..inner.find(']')?)?.trim();
        inner
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
            .then_some(inner)
    })
}

/// Whether what is called `name` may be a page or hold some. An index into a list, and a word that is
/// no field (a group's key, a taxonomy's list), may too.
pub(super) fn leads_on(name: &str) -> bool {
    match Field::named(name) {
        Some(field) => LEADING.has(field),
        None => true,
    }
}

const LEADING: Fields = Fields::NEIGHBOURS.and(Fields::of(&[Field::Pages]));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_steps() {
        use Step::{Chosen, Named};
        for (text, root, steps) in [
            ("page", "page", vec![]),
            ("page.title", "page", vec![Named("title")]),
            ("a.b.0.c", "a", vec![Named("b"), Named("0"), Named("c")]),
            ("a['b.c'][\"d\"]", "a", vec![Named("b.c"), Named("d")]),
            ("a[b.c].d", "a", vec![Chosen, Named("d")]),
            ("a[b[c]][0]", "a", vec![Chosen, Named("0")]),
            ("a.", "a", vec![]),
            ("a[", "a", vec![Named("")]),
        ] {
            assert_eq!(Path::of(text), Path { root, steps }, "{text}");
        }
        assert_eq!(inner("a[b.c][0]['d'][e]").collect::<Vec<_>>(), ["b.c", "e"]);
    }
}
