//! A bound on how often loops turn: three of them within each other, over a list of a thousand each,
//! become a problem instead of a publish that never ends.
//!
//! The engine calls no one on its way, so that each loop gets a call at the begin of its body, as in
//! [`depth`].

use std::{
    cell::Cell,
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::Value;
use tera::{Tera, ast::Node};

use super::depth;
use crate::idle;

thread_local! {
    /// How often the loops of what this thread renders have turned.
    static TURNS: Cell<u64> = const { Cell::new(0) };
}

/// Puts the calls into the templates of `tera`.
pub(super) fn bound(tera: &mut Tera) {
    // What is only looked at once more has one already.
    if !tera.functions.contains_key(TURN) {
        tera.register_function(TURN, Turn(AtomicU64::new(TURNS_MAX)));
    }
    for template in tera.templates.values_mut() {
        count(&mut template.ast);
        for definition in template.macros.values_mut() {
            count(&mut definition.body);
        }
        for block in template.blocks.values_mut() {
            count(&mut block.body);
        }
    }
}

/// A page begins.
pub(super) fn begin() {
    TURNS.set(0);
}

/// What is told of loops that turn too often.
pub(super) const TOO_MANY: &str = "the loops of one page turn more than 50 million times";

struct Turn(AtomicU64);

impl tera::Function for Turn {
    fn call(&self, _: &HashMap<String, Value>) -> tera::Result<Value> {
        let turns = TURNS.get() + 1;
        TURNS.set(turns);
        // A list of thousands takes as long as a hundred answers, and those do not wait so long.
        idle::step();
        if turns <= self.0.load(Ordering::Relaxed) {
            return Ok(Value::String(String::new()));
        }
        // The site will not be published: its other pages are not to take as long each.
        self.0.store(TURNS_THEN_MAX, Ordering::Relaxed);
        Err(tera::Error::msg(TOO_MANY))
    }
}

/// Puts the call into each loop in `nodes`.
fn count(nodes: &mut [Node]) {
    for node in nodes {
        match node {
            Node::MacroDefinition(_, definition, _) => count(&mut definition.body),
            Node::FilterSection(_, section, _) => count(&mut section.body),
            Node::Block(_, block, _) => count(&mut block.body),
            Node::Forloop(_, forloop, _) => {
                count(&mut forloop.body);
                forloop.empty_body.iter_mut().for_each(|body| count(body));
                forloop.body.insert(0, depth::call(TURN));
            }
            Node::If(branches, _) => {
                let conditions = branches.conditions.iter_mut();
                conditions.for_each(|(.., body)| count(body));
                let otherwise = branches.otherwise.iter_mut();
                otherwise.for_each(|(_, body)| count(body));
            }
            _ => {}
        }
    }
}

const TURN: &str = "__littoral_turn";

/// Half a minute of work, for a single page.
const TURNS_MAX: u64 = 50_000_000;

/// What is left to each page once one of them took too many.
const TURNS_THEN_MAX: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use tera::Context;

    use super::*;

    /// What becomes of `page.html` if loops may turn ten times.
    fn rendered(page: &str) -> Result<String, ()> {
        let mut tera = Tera::default();
        tera.add_raw_templates([
            ("base.html", "{% block b %}{% endblock %}"),
            ("part.html", "{% for x in list %}.{% endfor %}"),
            (
                "m.html",
                "{% macro m(l) %}{% for x in l %}.{% endfor %}{% endmacro %}",
            ),
            ("page.html", page),
        ])
        .unwrap();
        tera.register_function(TURN, Turn(AtomicU64::new(10)));
        bound(&mut tera);
        tera.build_inheritance_chains().unwrap();
        begin();
        let mut context = Context::new();
        context.insert("list", &[1, 2, 3, 4, 5, 6]);
        tera.render("page.html", &context).map_err(drop)
    }

    #[test]
    fn every_loop_counts() {
        let six = "{% for x in list %}.{% endfor %}";
        assert_eq!(rendered(six), Ok("......".into()));
        for twice in [
            "{% for x in [1, 2] %}{% for y in list %}.{% endfor %}{% endfor %}".to_owned(),
            "{% include 'part.html' %}{% include 'part.html' %}".to_owned(),
            "{% import 'm.html' as m %}{{ m::m(l=list) }}{{ m::m(l=list) }}".to_owned(),
            format!("{six}{{% if true %}}{six}{{% endif %}}"),
            format!("{six}{{% if false %}}{{% else %}}{six}{{% endif %}}"),
            format!("{six}{{% filter upper %}}{six}{{% endfilter %}}"),
            format!("{{% extends 'base.html' %}}{{% block b %}}{six}{six}{{% endblock %}}"),
            format!("{{% for x in [] %}}{{% else %}}{six}{six}{{% endfor %}}"),
        ] {
            assert_eq!(rendered(&twice), Err(()), "{twice}");
        }
    }
}
