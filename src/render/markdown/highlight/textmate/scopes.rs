//! The names that a grammar gives to code, as scopes.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use syntect::parsing::Scope;

use super::pattern::Groups;

/// The names of a rule: `keyword.control.tide`, or `keyword.$1.tide meta.word`.
pub(super) enum Names {
    /// As they are.
    Fixed(Vec<Scope>),
    /// With parts that are known when the rule has matched.
    Filled(String),
}

impl Names {
    pub(super) fn read(written: &str) -> Self {
        if written.contains('$') {
            Self::Filled(written.to_owned())
        } else {
            Self::Fixed(scopes(written))
        }
    }

    /// The scopes, for a rule that matched with `groups` in `line`.
    pub(super) fn scopes(&self, groups: &Groups, line: &str) -> Vec<Scope> {
        match self {
            Self::Fixed(scopes) => scopes.clone(),
            Self::Filled(written) => scopes(&filled(written, groups, line)),
        }
    }
}

/// The scopes called `names`, with blanks between them.
pub(super) fn scopes(names: &str) -> Vec<Scope> {
    names.split_whitespace().filter_map(scope).collect()
}

/// The scope called `name`, cut to what a scope can hold.
///
/// A process can know only so many atoms, and forgets none: grammars of sites get a part of them.
pub(in super::super) fn scope(name: &str) -> Option<Scope> {
    let atoms: Vec<&str> = name.split('.').filter(|atom| !atom.is_empty()).collect();
    let atoms = atoms.get(..ATOMS_MAX).unwrap_or(&atoms);
    if atoms.is_empty() || !admits(atoms.iter().copied()) {
        return None;
    }
    Scope::new(&atoms.join(".")).ok()
}

/// Whether there is room for `atoms` among those that sites may bring.
pub(in super::super) fn admits<'a>(atoms: impl Iterator<Item = &'a str>) -> bool {
    static KNOWN: LazyLock<Mutex<HashSet<Box<str>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    for atom in atoms {
        if known.contains(atom) {
            continue;
        }
        if known.len() >= KNOWN_ATOMS_MAX || atom.len() > ATOM_BYTES_MAX {
            return false;
        }
        known.insert(atom.into());
    }
    true
}

/// `written` with what the groups matched in place of `$1` and `${1:/downcase}`.
fn filled(written: &str, groups: &Groups, line: &str) -> String {
    let mut filled = String::new();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('$') {
        filled += before;
        let (number, change, tail) = reference(after);
        let group = number.and_then(|number| groups.get(number).copied().flatten());
        let text = group.and_then(|(start, end)| line.get(start..end));
        // A dot in front would make another atom of it.
        let text = text.unwrap_or_default().trim_start_matches('.');
        match change {
            "upcase" => filled += &text.to_uppercase(),
            "downcase" => filled += &text.to_lowercase(),
            _ => filled += text,
        }
        rest = tail;
    }
    filled + rest
}

/// The number of a group, how its text is changed, and what follows.
fn reference(after: &str) -> (Option<usize>, &str, &str) {
    if let Some((inner, tail)) = after
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
    {
        let (number, change) = inner.split_once(":/").unwrap_or((inner, ""));
        return (number.parse().ok(), change, tail);
    }
    let tail = after.trim_start_matches(|found: char| found.is_ascii_digit());
    let number = after.strip_suffix(tail).unwrap_or_default();
    (number.parse().ok(), "", tail)
}

/// What a scope can hold.
const ATOMS_MAX: usize = 8;

/// Of the 65,533 that a process can know.
const KNOWN_ATOMS_MAX: usize = 40_000;

const ATOM_BYTES_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_with_what_matched() {
        let groups = vec![Some((0, 5)), Some((0, 2)), Some((3, 5)), None];
        for (written, expected) in [
            ("a.b", vec!["a.b"]),
            ("a.$1.x b", vec!["a.Le.x", "b"]),
            ("a.${2:/downcase}.${1:/upcase}", vec!["a.ft.LE"]),
            ("a.$3.$9.x", vec!["a.x"]),
            ("1.2.3.4.5.6.7.8.9.10", vec!["1.2.3.4.5.6.7.8"]),
            ("", vec![]),
        ] {
            let scopes = Names::read(written).scopes(&groups, "Le Ft");
            let told: Vec<_> = scopes.iter().map(|scope| scope.build_string()).collect();
            assert_eq!(told, expected, "{written}");
        }
    }

    #[test]
    fn there_is_an_end_to_names() {
        assert!(scope(&"x".repeat(ATOM_BYTES_MAX + 1)).is_none());
        assert!(scope("source.tide").is_some());
    }
}
