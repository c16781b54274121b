//! The template engine behind its seam: the classic dialect (Tera 1).
//!
//! Knows Tera; knows nothing of pages. Everything above it speaks of template names, maps of
//! values and [`Problem`]s, so that a second dialect would be a second file like this one.

mod depth;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    error::Error as _,
};

use rayon::prelude::*;
use serde_json::{Map, Value};
use tera::{Context, Template, Tera};

use super::draws;
use crate::site::{Problem, Source, TemplateSource, nearest};

/// Every template of a site, parsed, with the functions and filters they may call.
pub(super) struct Engine {
    tera: Tera,
    /// The file and text of each template, for messages.
    sources: HashMap<String, (String, String)>,
    /// The templates that can't be used, and why.
    broken: HashMap<String, Problem>,
}

/// A function that templates may call: named arguments in, a value or a reason out.
pub(super) type Function = Box<dyn Fn(&Map<String, Value>) -> Result<Value, String> + Send + Sync>;

/// A filter that templates may use: a value and named arguments in, a value or a reason out.
pub(super) type Filter =
    Box<dyn Fn(&Value, &Map<String, Value>) -> Result<Value, String> + Send + Sync>;

/// Whether what a function gives is escaped where it stands in HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Escaped,
    /// As it is: URLs, above all.
    Safe,
}

impl Engine {
    /// Parses the templates of `source` and the built-in ones under them. A template that can't
    /// be used is a problem, and is left out.
    pub(super) fn of(source: &Source) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut tera = Tera::default();
        tera.autoescape_on(vec![".html", ".htm", ".xml"]);
        let own: HashSet<&str> = source.templates.iter().map(|t| t.name.as_str()).collect();
        for (name, text) in super::builtins::TEMPLATES {
            add_builtin(&mut tera, &format!("__zola_builtins/{name}"), text);
            if !own.contains(name) {
                add_builtin(&mut tera, name, text);
            }
        }
        let parsed: Vec<_> = source.templates.par_iter().map(|t| (t, parse(t))).collect();
        let mut broken = HashMap::new();
        for (template, parsed) in parsed {
            match parsed {
                Ok(parsed) => {
                    tera.templates.insert(template.name.clone(), parsed);
                }
                Err(problem) if must_parse(template) => {
                    broken.insert(template.name.clone(), problem);
                }
                Err(_) => {}
            }
        }
        drop_unlinked(&mut tera, source, &mut broken);
        // A theme's template goes by two names, and is broken only once.
        let told: BTreeSet<&Problem> = broken.values().collect();
        problems.extend(told.into_iter().cloned());
        depth::bound(&mut tera);
        if let Err(error) = tera.build_inheritance_chains() {
            problems.push(Problem::error(error.to_string()));
        }
        let sources = source.templates.iter();
        let sources = sources.map(|t| (t.name.clone(), (t.file.clone(), t.text.clone())));
        (
            Self {
                tera,
                sources: sources.collect(),
                broken,
            },
            problems,
        )
    }

    /// Makes `function` callable as `name`.
    pub(super) fn function(&mut self, name: &str, output: Output, function: Function) {
        self.tera
            .register_function(name, Callable { output, function });
    }

    /// Makes `filter` usable as `name`.
    pub(super) fn filter(&mut self, name: &str, filter: Filter) {
        self.tera
            .register_filter(name, move |value: &Value, args: &HashMap<String, Value>| {
                filter(value, &sorted(args)).map_err(tera::Error::msg)
            });
    }

    pub(super) fn has(&self, template: &str) -> bool {
        self.tera.templates.contains_key(template)
    }

    /// The text of a template of the site.
    pub(super) fn text(&self, template: &str) -> Option<&str> {
        self.sources.get(template).map(|(_, text)| text.as_str())
    }

    /// Whether any of `words` stands in any template of the site.
    pub(super) fn mentions(&self, words: &[&str]) -> bool {
        let mut texts = self.sources.values().map(|(_, text)| text);
        texts.any(|text| words.iter().any(|word| text.contains(word)))
    }

    /// The names of all templates that begin with `prefix`, sorted.
    pub(super) fn names(&self, prefix: &str) -> BTreeSet<&str> {
        self.tera
            .get_template_names()
            .filter(|name| name.starts_with(prefix))
            .collect()
    }

    /// Renders `template` with `context`. The problem names the template's file and, where it can
    /// be found, the line.
    pub(super) fn render(
        &self,
        template: &str,
        context: Map<String, Value>,
    ) -> Result<String, Problem> {
        if !self.has(template) {
            return Err(self.missing(template));
        }
        let _turn = draws::begin(template, &context);
        let context = Context::from_value(Value::Object(context));
        let rendered =
            depth::within(|| context.and_then(|context| self.tera.render(template, &context)));
        rendered
            .unwrap_or_else(|| Err(tera::Error::msg(depth::TOO_DEEP)))
            .map_err(|error| self.problem(template, &error))
    }

    /// Why `template` is not there: it is broken, which was told, or nobody wrote it.
    pub(super) fn missing(&self, template: &str) -> Problem {
        if let Some(problem) = self.broken.get(template) {
            return problem.clone();
        }
        let problem = Problem::error(format!("the template `{template}` does not exist"));
        match nearest(template, self.names("")) {
            Some(near) => problem.way_out(format!("did you mean `{near}`?")),
            None => problem.way_out(format!("create templates/{template}")),
        }
    }

    fn problem(&self, template: &str, error: &tera::Error) -> Problem {
        let mut messages = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(error) = cause {
            messages.push(error.to_string());
            cause = error.source();
        }
        let at = messages
            .iter()
            .rev()
            .find_map(|message| self.named_template(message));
        let (file, text) = match self.sources.get(at.unwrap_or(template)) {
            Some((file, text)) => (file.as_str(), text.as_str()),
            None => (template, ""),
        };
        let told: Vec<_> = messages
            .iter()
            .filter(|m| !m.starts_with("Failed to render"))
            .collect();
        let what = told
            .iter()
            .map(|message| sentence(message))
            .collect::<Vec<_>>()
            .join(": ");
        let what = if what.is_empty() {
            sentence(&messages.join(": "))
        } else {
            what
        };
        let needle = messages.iter().rev().find_map(|message| needle(message));
        let problem = Problem::error(what).in_file(file);
        match needle {
            Some(needle) => problem.at_text(text, &needle),
            None => problem,
        }
    }

    /// The template that a message of Tera's says it is about, if it is one of ours.
    fn named_template(&self, message: &str) -> Option<&str> {
        let quoted = message.split('\'').skip(1).step_by(2);
        let known = quoted.filter_map(|name| self.sources.get_key_value(name));
        known.last().map(|(name, _)| name.as_str())
    }
}

/// A [`Function`] as the engine wants it.
struct Callable {
    output: Output,
    function: Function,
}

impl tera::Function for Callable {
    fn call(&self, args: &HashMap<String, Value>) -> tera::Result<Value> {
        (self.function)(&sorted(args)).map_err(tera::Error::msg)
    }

    fn is_safe(&self) -> bool {
        self.output == Output::Safe
    }
}

/// Ours always parse: a test tries each.
fn add_builtin(tera: &mut Tera, name: &str, text: &str) {
    if let Ok(template) = Template::new(name, None, text) {
        tera.templates.insert(name.to_owned(), template);
    }
}

fn parse(template: &TemplateSource) -> Result<Template, Problem> {
    Template::new(&template.name, Some(template.file.clone()), &template.text).map_err(|error| {
        let cause = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        let (line, column) = place(&cause);
        let what = format!("the template can't be parsed: {}", reason(&cause));
        let mut problem = Problem::error(what).in_file(template.file.as_str());
        if let Some(line) = line {
            problem = problem.at_line(&template.text, line);
            problem.column = column;
        }
        problem
    })
}

/// Whether a template that can't be parsed is a mistake: scripts and style sheets that merely lie
/// among templates were never read as such.
fn must_parse(template: &TemplateSource) -> bool {
    let ending = template
        .name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending);
    ending.ends_with("ml") || ending == "md"
}

/// Takes out templates whose parent or macro file is not there, and those that extend themselves,
/// until all that is left holds together. One that rests on a broken one is broken by the same
/// problem.
fn drop_unlinked(tera: &mut Tera, source: &Source, broken: &mut HashMap<String, Problem>) {
    let files: HashMap<&str, &TemplateSource> = source
        .templates
        .iter()
        .map(|t| (t.name.as_str(), t))
        .collect();
    loop {
        let names: BTreeSet<String> = tera.templates.keys().cloned().collect();
        let found = names
            .iter()
            .find_map(|name| unlinked(tera, name).map(|why| (name, why)));
        let Some((name, Unlinked { what, needs })) = found else {
            return;
        };
        tera.templates.remove(name);
        let Some(template) = files.get(name.as_str()) else {
            continue;
        };
        let problem = broken.get(&needs).cloned().unwrap_or_else(|| {
            let near = nearest(&needs, names.iter().map(String::as_str));
            let mut problem = Problem::error(what).in_file(template.file.as_str());
            problem.way_out = near
                .filter(|near| *near != needs && near != name)
                .map(|near| format!("did you mean `{near}`?"));
            problem.at_text(&template.text, &needs)
        });
        broken.insert(name.clone(), problem);
    }
}

/// Why a template can't be linked to others.
struct Unlinked {
    what: String,
    /// The template it can't have.
    needs: String,
}

fn unlinked(tera: &Tera, name: &str) -> Option<Unlinked> {
    let template = tera.templates.get(name)?;
    for (file, _) in &template.imported_macro_files {
        if !tera.templates.contains_key(file) {
            let what = format!("it imports macros from `{file}`, which does not exist");
            return Some(Unlinked {
                what,
                needs: file.clone(),
            });
        }
    }
    let mut seen = vec![name];
    let mut parent = template.parent.as_deref();
    while let Some(name) = parent {
        let Some(found) = tera.templates.get(name) else {
            let what = format!("it extends `{name}`, which does not exist");
            return Some(Unlinked {
                what,
                needs: name.to_owned(),
            });
        };
        if seen.contains(&name) {
            let first = seen.get(1).copied().unwrap_or(name);
            let circle = seen.join("` extends `");
            let what = format!("`{circle}` extends `{name}`, and so on without end");
            return Some(Unlinked {
                what,
                needs: first.to_owned(),
            });
        }
        seen.push(name);
        parent = found.parent.as_deref();
    }
    None
}

fn sorted(args: &HashMap<String, Value>) -> Map<String, Value> {
    let mut args: Vec<_> = args.iter().collect();
    args.sort_by_key(|(name, _)| *name);
    args.into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The line and column that a parser's message names as `--> 3:14`.
fn place(message: &str) -> (Option<usize>, Option<u32>) {
    let after = message.split_once("--> ").map_or("", |(_, after)| after);
    let mut numbers = after.split(|c: char| !c.is_ascii_digit());
    let line = numbers.next().and_then(|line| line.parse().ok());
    (line, numbers.next().and_then(|column| column.parse().ok()))
}

/// The last line of a parser's message: what it expected.
fn reason(message: &str) -> String {
    let last = message
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or(message);
    last.trim().trim_start_matches("= ").to_owned()
}

fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// What to look for in a template's text to find what a message is about.
fn needle(message: &str) -> Option<String> {
    let quoted = |mark: char| message.split(mark).nth(1).map(ToOwned::to_owned);
    if message.starts_with("Variable ") || message.starts_with("Field ") {
        return quoted('`');
    }
    if message.starts_with("Function ") || message.starts_with("Macro ") {
        return quoted('\'').or_else(|| quoted('`'));
    }
    if message.starts_with("Filter ") || message.starts_with("Test ") {
        return quoted('\'').or_else(|| quoted('`'));
    }
    // One that is included is named as a list of the names that were tried.
    let included = message.strip_prefix("Template ").and_then(|_| quoted('\''));
    included.map(|name| name.trim_matches(['[', ']']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_can_be_parsed() {
        for (name, text) in super::super::builtins::TEMPLATES {
            assert!(Template::new(name, None, text).is_ok(), "{name}");
        }
    }

    #[test]
    fn messages_say_where_to_look() {
        for (message, found) in [
            (
                "Variable `a.b` not found in context while rendering 'x'",
                Some("a.b"),
            ),
            ("Function call 'get_url' failed", Some("get_url")),
            ("Filter 'datte' not found", Some("datte")),
            ("Template '[p.html]' not found", Some("p.html")),
            ("Something else", None),
        ] {
            assert_eq!(needle(message).as_deref(), found, "{message}");
        }
        assert_eq!(place(" --> 3:14\n"), (Some(3), Some(14)));
    }
}
