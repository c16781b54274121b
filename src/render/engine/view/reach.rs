//! Which templates and macros a root reaches.

use std::collections::{BTreeMap, BTreeSet};

use tera::{
    Template, Tera,
    ast::{MacroDefinition, Node},
};

use super::{
    plain::Scope,
    walk::{self, Seen},
};

/// All that one template reaches.
pub(super) struct Reach<'t> {
    /// By the names it says, those too that nobody wrote.
    pub(super) named: BTreeSet<&'t str>,
    /// The templates whose own text is rendered.
    bodies: Vec<&'t Template>,
    /// The macros that are called, each with its template's name.
    macros: BTreeMap<(&'t str, &'t str), &'t MacroDefinition>,
}

impl<'t> Reach<'t> {
    pub(super) fn of(tera: &'t Tera, root: &'t str) -> Self {
        let mut reach = Self {
            named: BTreeSet::new(),
            bodies: Vec::new(),
            macros: BTreeMap::new(),
        };
        let mut called = BTreeSet::new();
        let mut open = vec![(root, true)];
        while let Some((name, is_rendered)) = open.pop() {
            let is_new = reach.named.insert(name);
            let Some(template) = tera.templates.get(name) else {
                continue;
            };
            if is_new {
                let libraries = template.imported_macro_files.iter();
                open.extend(libraries.map(|(file, _)| (file.as_str(), false)));
            }
            let is_known = reach.bodies.iter().any(|known| known.name == template.name);
            if is_rendered && !is_known {
                reach.bodies.push(template);
                open.extend(template.parent.as_deref().map(|parent| (parent, true)));
                follow(&template.ast, &mut called, &mut open);
            }
            // Whatever its namespace, a macro of that name may be meant.
            if open.is_empty() {
                reach.call(tera, &mut called, &mut open);
            }
        }
        reach
    }

    /// Takes in the macros that are `called`, and what they call in turn.
    fn call(
        &mut self,
        tera: &'t Tera,
        called: &mut BTreeSet<&'t str>,
        open: &mut Vec<(&'t str, bool)>,
    ) {
        loop {
            let mut further = BTreeSet::new();
            let mut defined = self.defined(tera);
            defined.retain(|(key, _)| called.contains(key.1) && !self.macros.contains_key(key));
            for (key, definition) in defined {
                self.macros.insert(key, definition);
                follow(&definition.body, &mut further, open);
            }
            if further.is_subset(called) {
                return;
            }
            called.extend(further);
        }
    }

    /// The macros of all templates that are named.
    fn defined(&self, tera: &'t Tera) -> Vec<((&'t str, &'t str), &'t MacroDefinition)> {
        let named = self.named.iter();
        let templates = named.filter_map(|name| tera.templates.get(*name));
        let macros = templates.flat_map(|template| {
            let macros = template.macros.iter();
            macros.map(|(name, body)| ((template.name.as_str(), name.as_str()), body))
        });
        macros.collect()
    }

    /// The texts of the templates, which share their variables, and each macro by itself.
    pub(super) fn scopes(&self) -> Vec<Scope<'t>> {
        let texts = self.bodies.iter().map(|template| template.ast.as_slice());
        let main = Scope::of_templates(texts.collect());
        let macros = self
            .macros
            .values()
            .map(|definition| Scope::of_macro(definition));
        std::iter::once(main).chain(macros).collect()
    }
}

/// Notes the macros and the templates that `nodes` name.
fn follow<'t>(nodes: &'t [Node], called: &mut BTreeSet<&'t str>, open: &mut Vec<(&'t str, bool)>) {
    walk::nodes(nodes, &mut |seen| match seen {
        Seen::Include(names) => open.extend(names.iter().map(|name| (name.as_str(), true))),
        Seen::Macro(name) => {
            called.insert(name);
        }
        _ => {}
    });
}
