//! What the templates behind one root can read of pages, sections and the configuration at all.
//!
//! The engine does not tell which variables a template reads, but its syntax trees are open: the words
//! that stand in all templates that a root reaches bound what it can read. What is not bound (a whole
//! page written as JSON, a field named by a variable) counts as all.
//!
//! **Invariant:** a field outside of the view can't change what is rendered.

mod path;
mod plain;
mod reach;
mod walk;

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use tera::{
    Tera,
    ast::{Expr, ExprVal, FunctionCall, LogicOperator},
};

use self::{
    path::{Path, Step},
    plain::Scope,
    reach::Reach,
    walk::Seen,
};
use crate::render::field::{Field, Fields};

/// What can be read from one root template on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct View {
    /// Of the page that is rendered.
    pub(in crate::render) page: Fields,
    /// Of the section that is rendered.
    pub(in crate::render) section: Fields,
    /// Of every other: those that are listed, fetched, or next to it.
    pub(in crate::render) others: Fields,
    /// The keys of `config`; None for all.
    pub(in crate::render) config: Option<BTreeSet<String>>,
    /// What all these templates say: other templates have another.
    pub(in crate::render) digest: u64,
}

impl View {
    /// The view of one who may read everything.
    pub(in crate::render) fn whole() -> Self {
        Self {
            page: Fields::ALL,
            section: Fields::ALL,
            others: Fields::ALL,
            config: None,
            digest: 0,
        }
    }

    /// The view from the template `root` of `tera`, whose texts `text` knows.
    pub(super) fn from<'t>(
        tera: &'t Tera,
        root: &'t str,
        text: impl Fn(&str) -> Option<&'t str>,
    ) -> Self {
        let reach = Reach::of(tera, root);
        let mut survey = Survey::default();
        for scope in reach.scopes() {
            survey.scope(&scope);
        }
        let mut view = survey.view();
        let mut hasher = DefaultHasher::new();
        for name in &reach.named {
            (name, text(name), tera.templates.contains_key(*name)).hash(&mut hasher);
        }
        view.digest = hasher.finish();
        view
    }
}

/// What was found to be read so far.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four findings, each by itself"
)]
struct Survey {
    page: Fields,
    section: Fields,
    others: Fields,
    config: BTreeSet<String>,
    /// `page` and `section` go on as values of their own: to a macro, or into a variable.
    page_goes_on: bool,
    section_goes_on: bool,
    reads_all: bool,
    reads_all_config: bool,
}

impl Survey {
    fn view(self) -> View {
        if self.reads_all {
            return View::whole();
        }
        let others = self.others.and(ALWAYS);
        let own = |fields: Fields, goes_on: bool| match goes_on {
            true => fields.and(others),
            false => fields.and(ALWAYS),
        };
        View {
            page: own(self.page, self.page_goes_on),
            section: own(self.section, self.section_goes_on),
            others,
            config: (!self.reads_all_config).then_some(self.config),
            digest: 0,
        }
    }

    fn scope(&mut self, scope: &Scope<'_>) {
        scope.each(&mut |seen| match seen {
            Seen::Expr(expr) => self.expr(scope, expr),
            Seen::Path(path) => self.path(scope, path),
            Seen::For(forloop) => {
                let container = &forloop.container;
                if forloop.key.is_some()
                    && !scope.is_plain(container)
                    && !scope.is_grouped(container)
                {
                    self.reads_all = true;
                }
            }
            Seen::Set(_) | Seen::Include(_) | Seen::Macro(_) => {}
        });
    }

    fn expr(&mut self, scope: &Scope<'_>, expr: &Expr) {
        match &expr.val {
            ExprVal::String(text) => self.word(text),
            ExprVal::Logic(logic)
                if matches!(logic.operator, LogicOperator::Eq | LogicOperator::NotEq) =>
            {
                self.reads_all |= scope.is_own(&logic.lhs) || scope.is_own(&logic.rhs);
            }
            ExprVal::In(sides) => self.reads_all |= scope.is_own(&sides.lhs),
            _ => {}
        }
        if scope.is_plain_before_filters(&expr.val) {
            return;
        }
        for filter in &expr.filters {
            self.reads_all |= match filter.name.as_str() {
                "json_encode" => true,
                "length" => scope.is_own_value(&expr.val),
                _ => chooses_fields(filter),
            };
            if !plain::PASSING.contains(&filter.name.as_str()) {
                break;
            }
        }
    }

    /// A word in quotes may name a field: `sort(attribute="extra.order")`.
    fn word(&mut self, text: &str) {
        for field in text.split('.').filter_map(Field::named) {
            self.others.add(field);
        }
    }

    fn path(&mut self, scope: &Scope<'_>, text: &str) {
        if text == WHOLE_CONTEXT {
            self.reads_all = true;
        }
        let path = Path::of(text);
        if scope.binds(path.root) && !scope.has_plain(path.root) {
            self.of_others(&path.steps);
        }
        // A name that a template binds means what it was given before, and in its other templates.
        if scope.is_macro() {
            return;
        }
        let first = path.steps.first();
        match path.root {
            "page" => self.page_goes_on |= first.is_none(),
            "section" => self.section_goes_on |= first.is_none(),
            "config" => return self.of_config(first),
            "term" | "terms" | "pages" | "paginator" => return self.of_others(&path.steps),
            _ => return,
        }
        match first {
            None => {}
            Some(Step::Chosen) => self.reads_all = true,
            Some(Step::Named(name)) => {
                let Some(field) = Field::named(name) else {
                    return;
                };
                match path.root {
                    "page" => self.page.add(field),
                    _ => self.section.add(field),
                }
                if path::leads_on(name) {
                    self.of_others(path.steps.get(1..).unwrap_or_default());
                }
            }
        }
    }

    fn of_config(&mut self, first: Option<&Step<'_>>) {
        match first {
            Some(Step::Named(name)) => {
                self.config.insert((*name).to_owned());
            }
            _ => self.reads_all_config = true,
        }
    }

    /// What is read of something that may be a page, or hold one.
    fn of_others(&mut self, steps: &[Step<'_>]) {
        let mut before = None;
        for step in steps {
            let Step::Named(name) = step else {
                // An index into a list, or into what is grouped, is no field.
                self.reads_all |= !before.is_some_and(path::leads_on);
                continue;
            };
            before = Some(*name);
            let field = Field::named(name);
            field.into_iter().for_each(|field| self.others.add(field));
            if field.is_some() && !path::leads_on(name) {
                return;
            }
        }
    }
}

/// Whether a filter takes the name of a field from a variable.
fn chooses_fields(filter: &FunctionCall) -> bool {
    let names = ["attribute", "key"]
        .iter()
        .filter_map(|name| filter.args.get(*name));
    let takes = ["filter", "get", "group_by", "map", "sort", "unique"];
    let mut names = names.filter(|expr| !matches!(expr.val, ExprVal::String(_)));
    takes.contains(&filter.name.as_str()) && names.next().is_some()
}

/// What shows all that a template is given.
const WHOLE_CONTEXT: &str = "__tera_context";

/// What tells one page from another, read or not.
const ALWAYS: Fields = Fields::of(&[Field::Permalink, Field::Path]);

#[cfg(test)]
mod tests;
