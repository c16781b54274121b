//! Which variables can be neither a page nor a section nor hold one.

use std::collections::{BTreeMap, BTreeSet};

use tera::ast::{Expr, ExprVal, MacroDefinition, Node};

use super::{
    path::{self, Path, Step},
    walk::{self, Seen},
};

/// Texts that share their variables.
pub(super) struct Scope<'t> {
    texts: Vec<&'t [Node]>,
    /// The values that arguments have if none is given.
    defaults: Vec<&'t Expr>,
    /// What each variable is bound to; None where that is not known.
    bound: BTreeMap<&'t str, Vec<Option<&'t Expr>>>,
    plain: BTreeSet<&'t str>,
    /// Whether pages are grouped, so that any word may lead to some.
    groups: bool,
    kind: Kind,
}

/// What shares its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Templates,
    Macro,
}

impl<'t> Scope<'t> {
    /// The texts of templates.
    pub(super) fn of_templates(texts: Vec<&'t [Node]>) -> Self {
        Self::of(Kind::Templates, texts, &[], Vec::new())
    }

    /// A macro, which knows its arguments and nothing else.
    pub(super) fn of_macro(definition: &'t MacroDefinition) -> Self {
        let names: Vec<&str> = definition.args.keys().map(String::as_str).collect();
        let defaults = definition.args.values().flatten().collect();
        Self::of(Kind::Macro, vec![&definition.body], &names, defaults)
    }

    fn of(
        kind: Kind,
        texts: Vec<&'t [Node]>,
        arguments: &[&'t str],
        defaults: Vec<&'t Expr>,
    ) -> Self {
        let mut bound: BTreeMap<&str, Vec<Option<&Expr>>> = BTreeMap::new();
        for name in arguments {
            bound.entry(name).or_default().push(None);
        }
        let mut groups = false;
        let mut keys = BTreeSet::new();
        for text in &texts {
            walk::nodes(text, &mut |seen| match seen {
                Seen::Set(set) => bound.entry(&set.key).or_default().push(Some(&set.value)),
                Seen::For(forloop) => {
                    bound
                        .entry(&forloop.value)
                        .or_default()
                        .push(Some(&forloop.container));
                    keys.extend(forloop.key.as_deref());
                }
                Seen::Expr(expr) => {
                    groups |= expr.filters.iter().any(|filter| filter.name == "group_by");
                }
                _ => {}
            });
        }
        for key in keys {
            bound.entry(key).or_default();
        }
        let plain = bound.keys().copied().collect();
        let mut scope = Self {
            texts,
            defaults,
            bound,
            plain,
            groups,
            kind,
        };
        scope.settle();
        scope
    }

    /// Takes away what is not plain, until nothing is left that hangs on it.
    fn settle(&mut self) {
        loop {
            let is_plain = |name: &&str| {
                let mut values = self.bound.get(*name).into_iter().flatten();
                values.all(|value| value.is_some_and(|expr| self.is_plain(expr)))
            };
            let left: BTreeSet<&str> = self.plain.iter().copied().filter(is_plain).collect();
            if left.len() == self.plain.len() {
                return;
            }
            self.plain = left;
        }
    }

    /// Shows `on` all that stands here.
    pub(super) fn each(&self, on: &mut dyn FnMut(Seen<'t>)) {
        self.texts.iter().for_each(|text| walk::nodes(text, on));
        self.defaults.iter().for_each(|expr| walk::expr(expr, on));
    }

    /// Whether a variable of this name is made here.
    pub(super) fn binds(&self, name: &str) -> bool {
        self.bound.contains_key(name)
    }

    /// Whether nothing is known here but what is made here.
    pub(super) fn is_macro(&self) -> bool {
        self.kind == Kind::Macro
    }

    pub(super) fn has_plain(&self, name: &str) -> bool {
        self.plain.contains(name)
    }

    /// Whether `expr` is the page or the section that is rendered.
    pub(super) fn is_own(&self, expr: &Expr) -> bool {
        expr.filters.is_empty() && self.is_own_value(&expr.val)
    }

    pub(super) fn is_own_value(&self, value: &ExprVal) -> bool {
        let ExprVal::Ident(name) = value else {
            return false;
        };
        matches!(name.as_str(), "page" | "section") && !self.is_macro()
    }

    /// Whether `expr` is a map from keys to lists of pages.
    pub(super) fn is_grouped(&self, expr: &Expr) -> bool {
        let groups = |expr: &Expr| expr.filters.last().is_some_and(|f| f.name == "group_by");
        if groups(expr) {
            return true;
        }
        let ExprVal::Ident(name) = &expr.val else {
            return false;
        };
        let values = self.bound.get(name.as_str());
        expr.filters.is_empty()
            && values.is_some_and(|values| values.iter().all(|value| value.is_some_and(groups)))
    }

    /// Whether `expr` can be no page and hold none.
    pub(super) fn is_plain(&self, expr: &Expr) -> bool {
        let mut plain = self.is_plain_before_filters(&expr.val);
        for filter in &expr.filters {
            let is_passing = PASSING.contains(&filter.name.as_str());
            let more = ["value", "with"]
                .iter()
                .filter_map(|name| filter.args.get(*name));
            plain = !is_passing || plain && more.into_iter().all(|arg| self.is_plain(arg));
        }
        plain
    }

    pub(super) fn is_plain_before_filters(&self, value: &ExprVal) -> bool {
        match value {
            ExprVal::Ident(text) => self.is_plain_path(&Path::of(text)),
            ExprVal::Array(items) => items.iter().all(|item| self.is_plain(item)),
            ExprVal::FunctionCall(call) => !FETCHING.contains(&call.name.as_str()),
            _ => true,
        }
    }

    fn is_plain_path(&self, path: &Path<'_>) -> bool {
        let bound = !self.binds(path.root)
            || self.has_plain(path.root)
            || !self.groups && path.steps.iter().any(|step| ends(*step));
        let given = match path.root {
            _ if self.is_macro() => true,
            "page" | "section" | "term" | "paginator" => {
                path.steps.first().is_some_and(|s| ends(*s))
            }
            "terms" | "pages" => path.steps.iter().any(|step| ends(*step)),
            _ => true,
        };
        bound && given
    }
}

/// Whether behind this step there is no page any more: it names a field that is none.
fn ends(step: Step<'_>) -> bool {
    matches!(step, Step::Named(name) if !path::leads_on(name))
}

/// Filters that hand on what they are given, or parts of it.
pub(super) const PASSING: [&str; 14] = [
    "concat", "default", "filter", "first", "get", "group_by", "last", "map", "nth", "reverse",
    "safe", "slice", "sort", "unique",
];

/// Functions that give pages, or what holds some.
const FETCHING: [&str; 4] = [
    "get_page",
    "get_section",
    "get_taxonomy",
    "get_taxonomy_term",
];
