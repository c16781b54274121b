//! `now() | date(format="%Y")` becomes one call: its answer is a year, and not a moment that moves with
//! every change of the site.

use tera::{
    Tera,
    ast::{Expr, ExprVal, FunctionCall, Node},
};

use crate::render::functions::NOW_WRITTEN;

/// Joins the two in all templates of `tera`.
pub(super) fn join(tera: &mut Tera) {
    for template in tera.templates.values_mut() {
        nodes(&mut template.ast);
        for definition in template.macros.values_mut() {
            nodes(&mut definition.body);
        }
        for block in template.blocks.values_mut() {
            nodes(&mut block.body);
        }
    }
}

fn nodes(nodes: &mut [Node]) {
    for node in nodes {
        match node {
            Node::VariableBlock(_, shown) => expr(shown),
            Node::Set(_, set) => expr(&mut set.value),
            Node::FilterSection(_, section, _) => self::nodes(&mut section.body),
            Node::Block(_, block, _) => self::nodes(&mut block.body),
            Node::Forloop(_, forloop, _) => {
                expr(&mut forloop.container);
                self::nodes(&mut forloop.body);
                self::nodes(forloop.empty_body.as_deref_mut().unwrap_or_default());
            }
            Node::If(branches, _) => {
                for (_, condition, body) in &mut branches.conditions {
                    expr(condition);
                    self::nodes(body);
                }
                if let Some((_, body)) = &mut branches.otherwise {
                    self::nodes(body);
                }
            }
            _ => {}
        }
    }
}

fn expr(expr: &mut Expr) {
    for filter in &mut expr.filters {
        filter.args.values_mut().for_each(self::expr);
    }
    match &mut expr.val {
        ExprVal::Math(math) => {
            self::expr(&mut math.lhs);
            self::expr(&mut math.rhs);
        }
        ExprVal::Logic(logic) => {
            self::expr(&mut logic.lhs);
            self::expr(&mut logic.rhs);
        }
        ExprVal::In(sides) => {
            self::expr(&mut sides.lhs);
            self::expr(&mut sides.rhs);
        }
        ExprVal::MacroCall(call) => call.args.values_mut().for_each(self::expr),
        ExprVal::Array(items) => items.iter_mut().for_each(self::expr),
        ExprVal::FunctionCall(call) => {
            call.args.values_mut().for_each(self::expr);
            if call.name == "now" && !call.args.contains_key("timestamp") {
                write_at_once(expr);
            }
        }
        _ => {}
    }
}

fn write_at_once(expr: &mut Expr) {
    if expr
        .filters
        .first()
        .is_some_and(|filter| filter.name == "date")
    {
        let FunctionCall { args, .. } = expr.filters.remove(0);
        expr.val = ExprVal::FunctionCall(FunctionCall {
            name: NOW_WRITTEN.to_owned(),
            args,
        });
    }
}
