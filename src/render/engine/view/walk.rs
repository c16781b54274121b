//! Everything that stands in a syntax tree, one after the other.

use tera::ast::{Expr, ExprVal, Forloop, FunctionCall, Node, Set};

use super::path;

/// Something that stands in a template.
pub(super) enum Seen<'t> {
    /// An expression, also one within another.
    Expr(&'t Expr),
    /// A variable and its way, as it is written.
    Path(&'t str),
    Set(&'t Set),
    For(&'t Forloop),
    /// Templates of which the first that is there is put in.
    Include(&'t [String]),
    /// A macro is called, by its name.
    Macro(&'t str),
}

/// Shows `on` all that stands in `nodes`, but for definitions of macros.
pub(super) fn nodes<'t>(nodes: &'t [Node], on: &mut dyn FnMut(Seen<'t>)) {
    for node in nodes {
        match node {
            Node::VariableBlock(_, expr) => self::expr(expr, on),
            Node::Include(_, names, _) => on(Seen::Include(names)),
            Node::Set(_, set) => {
                on(Seen::Set(set));
                expr(&set.value, on);
            }
            Node::FilterSection(_, section, _) => {
                call(&section.filter, on);
                self::nodes(&section.body, on);
            }
            Node::Block(_, block, _) => self::nodes(&block.body, on),
            Node::Forloop(_, forloop, _) => {
                on(Seen::For(forloop));
                expr(&forloop.container, on);
                self::nodes(&forloop.body, on);
                self::nodes(forloop.empty_body.as_deref().unwrap_or_default(), on);
            }
            Node::If(branches, _) => {
                for (_, condition, body) in &branches.conditions {
                    expr(condition, on);
                    self::nodes(body, on);
                }
                let otherwise = branches.otherwise.iter();
                otherwise.for_each(|(_, body)| self::nodes(body, on));
            }
            Node::Super
            | Node::Text(_)
            | Node::MacroDefinition(..)
            | Node::Extends(..)
            | Node::ImportMacro(..)
            | Node::Raw(..)
            | Node::Break(_)
            | Node::Continue(_)
            | Node::Comment(..) => {}
        }
    }
}

/// Shows `on` an expression and all within it.
pub(super) fn expr<'t>(expr: &'t Expr, on: &mut dyn FnMut(Seen<'t>)) {
    on(Seen::Expr(expr));
    value(&expr.val, on);
    expr.filters.iter().for_each(|filter| call(filter, on));
}

fn call<'t>(call: &'t FunctionCall, on: &mut dyn FnMut(Seen<'t>)) {
    call.args.values().for_each(|arg| expr(arg, on));
}

fn value<'t>(value: &'t ExprVal, on: &mut dyn FnMut(Seen<'t>)) {
    match value {
        ExprVal::Ident(text) => variable(text, on),
        ExprVal::Math(math) => {
            expr(&math.lhs, on);
            expr(&math.rhs, on);
        }
        ExprVal::Logic(logic) => {
            expr(&logic.lhs, on);
            expr(&logic.rhs, on);
        }
        ExprVal::Test(test) => {
            variable(&test.ident, on);
            test.args.iter().for_each(|arg| expr(arg, on));
        }
        ExprVal::MacroCall(called) => {
            on(Seen::Macro(&called.name));
            called.args.values().for_each(|arg| expr(arg, on));
        }
        ExprVal::FunctionCall(called) => call(called, on),
        ExprVal::Array(items) => items.iter().for_each(|item| expr(item, on)),
        ExprVal::StringConcat(parts) => parts.values.iter().for_each(|part| self::value(part, on)),
        ExprVal::In(sides) => {
            expr(&sides.lhs, on);
            expr(&sides.rhs, on);
        }
        ExprVal::String(_) | ExprVal::Int(_) | ExprVal::Float(_) | ExprVal::Bool(_) => {}
    }
}

fn variable<'t>(text: &'t str, on: &mut dyn FnMut(Seen<'t>)) {
    on(Seen::Path(text));
    path::inner(text).for_each(|inner| on(Seen::Path(inner)));
}
