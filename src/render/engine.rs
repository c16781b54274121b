//! The template engine behind its seam: the classic dialect (Tera 1).
//!
//! Knows Tera; knows nothing of pages. Everything above it speaks of template names, maps of
//! values and [`Problem`]s, so that a second dialect would be a second file like this one.

mod depth;
mod dialect;
mod explain;
mod linked;
mod mistake;
mod now;
mod retired;
mod subject;
mod syntax;
mod tags;
mod trace;
mod turns;
mod view;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use arc_swap::ArcSwapWeak;

use once_cell::sync::OnceCell;
use rayon::prelude::*;
use serde_json::{Map, Value};
use tera::{Context, Template, Tera};

use self::{explain::messages, trace::Trace};
pub(super) use self::{mistake::unfit, view::View};
use super::{
    ask::{self, Question},
    draws,
    world::World,
};
use crate::site::{Problem, Source, TemplateSource, nearest};

/// Every template of a site, parsed, with the functions and filters they may call.
pub(super) struct Engine {
    tera: Tera,
    /// The file and text of each template, for messages.
    sources: HashMap<String, (String, String)>,
    /// The templates that can't be used, and why.
    broken: HashMap<String, Problem>,
    /// To find the place of a failure; made when the first one is met.
    trace: OnceCell<Trace>,
    /// What was found out about failures, by template and message: one mistake fails many pages.
    explained: Mutex<HashMap<String, Problem>>,
    /// What can be read from each template on. A lock, held to look one up.
    views: Mutex<HashMap<String, Arc<View>>>,
    whole: Arc<View>,
    /// The world that functions answer from: the one that is being rendered.
    pub(super) seat: Arc<Seat>,
}

/// Where functions find the world. Weakly, since the world holds the engine.
pub(super) type Seat = ArcSwapWeak<World>;

/// A function that templates may call: named arguments in, a value or a reason out. A second line of
/// the reason is the way out.
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
        let mut problems = retired::problems(&source.templates);
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
        let unparsed = source.templates.iter();
        let unparsed = unparsed
            .map(AsRef::as_ref)
            .filter(|t: &&TemplateSource| broken.contains_key(&t.name));
        if let Some(problem) = dialect::problem(unparsed) {
            // One mistake, whatever each of its templates looks like to a parser of Tera 1.
            broken.values_mut().for_each(|told| *told = problem.clone());
        }
        linked::drop_unlinked(&mut tera, source, &mut broken);
        // A theme's template goes by two names, and is broken only once.
        let told: BTreeSet<&Problem> = broken.values().collect();
        problems.extend(told.into_iter().cloned());
        now::join(&mut tera);
        depth::bound(&mut tera);
        turns::bound(&mut tera);
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
                trace: OnceCell::new(),
                explained: Mutex::default(),
                views: Mutex::default(),
                whole: Arc::new(View::whole()),
                seat: Arc::new(ArcSwapWeak::from(Weak::new())),
            },
            problems,
        )
    }

    /// Makes `function` callable as `name`.
    pub(super) fn function(&mut self, name: &str, output: Output, function: Function) {
        self.tera
            .register_function(name, Callable { output, function });
    }

    /// A moment as the filter `date` writes it.
    pub(super) fn written_date(
        &self,
        moment: &Value,
        args: &Map<String, Value>,
    ) -> Result<Value, String> {
        let args = args.clone().into_iter().collect();
        let date = self.tera.get_filter("date");
        let written = date.and_then(|date| date.filter(moment, &args));
        written.map_err(|error| messages(&error).join(": "))
    }

    /// Makes `filter` usable as `name`.
    pub(super) fn filter(&mut self, name: &str, filter: Filter) {
        self.tera
            .register_filter(name, move |value: &Value, args: &HashMap<String, Value>| {
                filter(value, &sorted(args)).map_err(tera::Error::msg)
            });
    }

    /// What can be read from `template` on. All, where it must be told what is lacking.
    pub(super) fn view(&self, template: &str) -> Arc<View> {
        match ask::is_whole() {
            true => Arc::clone(&self.whole),
            false => self.bounded_view(template),
        }
    }

    /// What can be read from `template` on.
    pub(super) fn bounded_view(&self, template: &str) -> Arc<View> {
        let views = || self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = views().get(template) {
            return Arc::clone(known);
        }
        let text = |name: &str| self.sources.get(name).map(|(_, text)| text.as_str());
        let view = Arc::new(View::from(&self.tera, template, text));
        views().insert(template.to_owned(), Arc::clone(&view));
        view
    }

    /// The names of all templates that somebody wrote and that begin with `prefix`, sorted.
    pub(super) fn written(&self, prefix: &str) -> BTreeSet<&str> {
        let broken = self.broken.keys().map(String::as_str);
        let broken = broken.filter(|name| name.starts_with(prefix));
        self.names(prefix).into_iter().chain(broken).collect()
    }

    pub(super) fn has(&self, template: &str) -> bool {
        self.tera.templates.contains_key(template)
    }

    /// The names of all templates that begin with `prefix`, sorted.
    pub(super) fn names(&self, prefix: &str) -> BTreeSet<&str> {
        self.tera
            .get_template_names()
            .filter(|name| name.starts_with(prefix))
            .collect()
    }

    /// Whether somebody wrote `template`, even if it can't be used.
    pub(super) fn is_written(&self, template: &str) -> bool {
        self.has(template) || self.broken.contains_key(template)
    }

    /// Renders `template` with `context`. The problem names the file of the template, or of the one
    /// inside it, and the line.
    pub(super) fn render(
        &self,
        template: &str,
        context: Map<String, Value>,
    ) -> Result<String, Problem> {
        self.render_lent(template, context).0
    }

    /// The same, and gives the context back: a long one is worth to be lent again.
    pub(super) fn render_lent(
        &self,
        template: &str,
        context: Map<String, Value>,
    ) -> (Result<String, Problem>, Map<String, Value>) {
        ask::note(|| Question::Template(template.into()));
        if !self.has(template) {
            return (Err(self.missing(template)), context);
        }
        let _turn = draws::begin(template, &context);
        let context = Context::from_value(Value::Object(context)).expect("a map is a context");
        let rendered = self.rendered(template, &context);
        let context = match context.into_json() {
            Value::Object(context) => context,
            _ => Map::new(),
        };
        (rendered, context)
    }

    fn rendered(&self, template: &str, context: &Context) -> Result<String, Problem> {
        let tera = if trace::is_tracing() {
            self.trace().tera()
        } else {
            &self.tera
        };
        let is_outermost = depth::is_outermost();
        if is_outermost {
            turns::begin();
        }
        let others = self.view(template).others;
        let rendered = ask::reading(others, || depth::within(|| tera.render(template, context)));
        let rendered = rendered.unwrap_or_else(|| Err(tera::Error::msg(depth::TOO_DEEP)));
        rendered.map_err(|error| match is_outermost && ask::is_whole() {
            true => self.problem(template, &error, context),
            // Whoever asked for this looks for the place, and finds it in here.
            false => self.unplaced(template, &error, context),
        })
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
    Template::new(&template.name, Some(template.file.clone()), &template.text)
        .map_err(|error| syntax::problem(template, &error))
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

fn sorted(args: &HashMap<String, Value>) -> Map<String, Value> {
    let mut args: Vec<_> = args.iter().collect();
    args.sort_by_key(|(name, _)| *name);
    args.into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
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
}
