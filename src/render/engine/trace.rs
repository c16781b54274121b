//! Where in which template something failed: the engine does not say.
//!
//! What failed is rendered once more, from templates in which a mark stands before each tag. Nobody
//! sees what that gives; the last mark that was passed is the place.

use std::{cell::Cell, collections::HashMap};

use serde_json::Value;
use tera::{Context, Template, Tera};

use super::{depth, tags::tags, turns};

thread_local! {
    /// The last mark that was passed on this thread.
    static PASSED: Cell<Option<Mark>> = const { Cell::new(None) };
    /// Whether this thread renders from marked templates.
    static IS_TRACING: Cell<bool> = const { Cell::new(false) };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    template: usize,
    offset: usize,
}

/// The templates of a site with marks in them.
pub(super) struct Trace {
    tera: Tera,
    names: Vec<String>,
}

impl Trace {
    /// Marks those templates of `tera` whose text is in `sources`, by name.
    pub(super) fn of(tera: &Tera, sources: &HashMap<String, (String, String)>) -> Self {
        let mut marked = Tera::default();
        marked.functions.clone_from(&tera.functions);
        marked.filters.clone_from(&tera.filters);
        marked.testers.clone_from(&tera.testers);
        marked
            .autoescape_suffixes
            .clone_from(&tera.autoescape_suffixes);
        marked.register_function(PASS, Pass);
        let mut names = Vec::new();
        for (name, template) in &tera.templates {
            let text = sources.get(name).map(|(_, text)| mark(text, names.len()));
            let parsed = text.and_then(|text| Template::new(name, None, &text).ok());
            marked
                .templates
                .insert(name.clone(), parsed.unwrap_or_else(|| template.clone()));
            names.push(name.clone());
        }
        depth::bound(&mut marked);
        turns::bound(&mut marked);
        // These hold together as they did without marks.
        marked.build_inheritance_chains().ok();
        Self {
            tera: marked,
            names,
        }
    }

    /// The template and the byte of it at which the tag stands that fails when `template` is rendered.
    pub(super) fn place(&self, template: &str, context: &Context) -> Option<(&str, usize)> {
        PASSED.set(None);
        turns::begin();
        IS_TRACING.set(true);
        let rendered = depth::within(|| self.tera.render(template, context));
        IS_TRACING.set(false);
        if matches!(rendered, Some(Ok(_))) {
            return None;
        }
        let Mark { template, offset } = PASSED.get()?;
        Some((self.names.get(template)?, offset))
    }

    /// These templates, to be used on a thread that renders from them already.
    pub(super) fn tera(&self) -> &Tera {
        &self.tera
    }
}

/// Whether this thread renders from marked templates.
pub(super) fn is_tracing() -> bool {
    IS_TRACING.get()
}

/// `text` with a mark before each tag that may have one before it.
fn mark(text: &str, template: usize) -> String {
    let mut marked = String::with_capacity(text.len() * 2);
    let mut copied = 0;
    for tag in tags(text) {
        if UNMARKED.contains(&tag.keyword()) {
            continue;
        }
        marked += text.get(copied..tag.start).unwrap_or_default();
        marked += &format!("{{{{ {PASS}(t={template}, o={}) }}}}", tag.start);
        copied = tag.start;
    }
    marked + text.get(copied..).unwrap_or_default()
}

/// These stand before all else, end what has its own marks, or are no tags to the engine.
const UNMARKED: [&str; 6] = ["extends", "import", "raw", "endraw", "elif", "else"];

const PASS: &str = "__littoral_pass";

struct Pass;

impl tera::Function for Pass {
    fn call(&self, args: &HashMap<String, Value>) -> tera::Result<Value> {
        let number = |name: &str| {
            let number = args.get(name).and_then(Value::as_u64);
            number.and_then(|number| usize::try_from(number).ok())
        };
        if let (Some(template), Some(offset)) = (number("t"), number("o")) {
            PASSED.set(Some(Mark { template, offset }));
        }
        Ok(Value::String(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tag begins with at which rendering `page.html` fails, and its template.
    fn failing<'t>(templates: &[(&'t str, &'t str)]) -> Option<(String, &'t str)> {
        let mut tera = Tera::default();
        tera.add_raw_templates(templates.to_vec()).unwrap();
        let sources = templates
            .iter()
            .map(|(name, text)| ((*name).to_owned(), ((*name).to_owned(), (*text).to_owned())));
        let trace = Trace::of(&tera, &sources.collect());
        let (name, offset) = trace.place("page.html", &Context::new())?;
        let (_, text) = templates.iter().find(|(known, _)| *known == name).unwrap();
        Some((
            name.to_owned(),
            text[offset..].split_inclusive('}').next().unwrap(),
        ))
    }

    type Case = (
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
    );

    const CASES: [Case; 7] = [
        (
            &[("page.html", "{{ 1 }}{{ a }}{{ b }}")],
            "page.html",
            "{{ a }",
        ),
        (
            &[(
                "page.html",
                "{% if true %}{% for x in [1] %}{{ x }}{{ y.z }}{% endfor %}{% endif %}",
            )],
            "page.html",
            "{{ y.z }",
        ),
        (
            &[
                (
                    "page.html",
                    "{% extends 'base.html' %}{% block b %}{{ a }}{% endblock %}",
                ),
                ("base.html", "{{ 1 }}{% block b %}{% endblock %}"),
            ],
            "page.html",
            "{{ a }",
        ),
        (
            &[
                (
                    "page.html",
                    "{% extends 'base.html' %}{% block b %}{% endblock %}",
                ),
                ("base.html", "{% block b %}{% endblock %}{{ a }}"),
            ],
            "base.html",
            "{{ a }",
        ),
        (
            &[
                ("page.html", "{% import 'm.html' as m %}{{ m::f(x=1) }}"),
                ("m.html", "{% macro f(x) %}{{ x }}{{ y }}{% endmacro %}"),
            ],
            "m.html",
            "{{ y }",
        ),
        (
            &[
                ("page.html", "{% import 'm.html' as m %}{{ 1 }}{{ m::f() }}"),
                ("m.html", "{% macro f(x) %}{{ x }}{% endmacro %}"),
            ],
            "page.html",
            "{{ m::f() }",
        ),
        (
            &[
                (
                    "page.html",
                    "{% raw %}{{ q }}{% endraw %}{% include 'p.html' %}",
                ),
                ("p.html", "{% set z = 1 / y %}"),
            ],
            "p.html",
            "{% set z = 1 / y %}",
        ),
    ];

    #[test]
    fn the_failing_tag_is_found() {
        for (templates, name, tag) in CASES {
            assert_eq!(
                failing(templates),
                Some((name.to_owned(), tag)),
                "{templates:?}"
            );
        }
        assert_eq!(failing(&[("page.html", "{{ 1 }}")]), None);
    }
}
