//! A bound on how deep templates go into each other: one that includes itself, or a macro that calls
//! itself without end, becomes a problem instead of the end of the process.
//!
//! Tera has no such bound and calls no one on its way, so that each included template and each
//! macro that calls macros gets a call at its begin and one at its end.

use std::{cell::Cell, collections::HashMap};

use serde_json::Value;
use tera::{
    Tera,
    ast::{Expr, ExprVal, FunctionCall, Node, WS},
};

thread_local! {
    /// How deep this thread is.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Puts the calls into the templates of `tera`.
pub(super) fn bound(tera: &mut Tera) {
    tera.register_function(ENTER, Step(enter));
    tera.register_function(LEAVE, Step(leave));
    let included: Vec<String> = tera
        .templates
        .values()
        .flat_map(|t| includes(&t.ast))
        .collect();
    for name in included {
        if let Some(template) = tera.templates.get_mut(&name)
            && template.ast.first() != Some(&call(ENTER))
        {
            wrap(&mut template.ast);
        }
    }
    let templates = tera.templates.values_mut();
    let macros = templates.flat_map(|template| template.macros.values_mut());
    for definition in macros.filter(|definition| calls_macros(&definition.body)) {
        wrap(&mut definition.body);
    }
}

/// Renders one template by `render`, one deeper than what asked for it; None if that is too deep.
pub(super) fn within<T>(render: impl FnOnce() -> T) -> Option<T> {
    let before = DEPTH.get();
    if before >= DEPTH_MAX {
        return None;
    }
    DEPTH.set(before + 1);
    let rendered = render();
    // What failed on its way left nothing, so the count is put back rather than counted back.
    DEPTH.set(before);
    Some(rendered)
}

/// Whether nothing is being rendered on this thread.
pub(super) fn is_outermost() -> bool {
    DEPTH.get() == 0
}

/// What is told of templates that go too deep.
pub(super) const TOO_DEEP: &str =
    "templates, macros or shortcodes call themselves without end (more than 100 deep)";

/// No menu and no tree of comments that a person reads is this deep.
const DEPTH_MAX: usize = 100;

const ENTER: &str = "__littoral_enter";
const LEAVE: &str = "__littoral_leave";

struct Step(fn() -> tera::Result<Value>);

impl tera::Function for Step {
    fn call(&self, _: &HashMap<String, Value>) -> tera::Result<Value> {
        (self.0)()
    }
}

fn enter() -> tera::Result<Value> {
    let depth = DEPTH.get() + 1;
    DEPTH.set(depth);
    if depth > DEPTH_MAX {
        Err(tera::Error::msg(TOO_DEEP))
    } else {
        Ok(nothing())
    }
}

fn leave() -> tera::Result<Value> {
    DEPTH.set(DEPTH.get().saturating_sub(1));
    Ok(nothing())
}

fn nothing() -> Value {
    Value::String(String::new())
}

/// A call that leaves nothing in the page.
pub(super) fn call(name: &str) -> Node {
    let call = FunctionCall {
        name: name.to_owned(),
        args: HashMap::new(),
    };
    Node::VariableBlock(WS::default(), Expr::new(ExprVal::FunctionCall(call)))
}

fn wrap(body: &mut Vec<Node>) {
    body.insert(0, call(ENTER));
    body.push(call(LEAVE));
}

/// The templates that `nodes` may include.
fn includes(nodes: &[Node]) -> Vec<String> {
    let mut names = Vec::new();
    for node in nodes {
        match node {
            Node::Include(_, files, _) => names.extend(files.iter().cloned()),
            Node::MacroDefinition(_, definition, _) => names.extend(includes(&definition.body)),
            Node::FilterSection(_, section, _) => names.extend(includes(&section.body)),
            Node::Block(_, block, _) => names.extend(includes(&block.body)),
            Node::Forloop(_, forloop, _) => {
                names.extend(includes(&forloop.body));
                names.extend(forloop.empty_body.iter().flat_map(|body| includes(body)));
            }
            Node::If(branches, _) => {
                names.extend(
                    branches
                        .conditions
                        .iter()
                        .flat_map(|(.., body)| includes(body)),
                );
                names.extend(
                    branches
                        .otherwise
                        .iter()
                        .flat_map(|(_, body)| includes(body)),
                );
            }
            _ => {}
        }
    }
    names
}

/// Whether a macro is called anywhere in `nodes`, in whatever expression: the tree's own text says so.
fn calls_macros(nodes: &[Node]) -> bool {
    format!("{nodes:?}").contains("MacroCall(")
}
