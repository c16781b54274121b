//! What the engine says about a failed rendering, in words for those who write templates.

use std::error::Error as _;

use serde_json::Value;
use tera::{Context, ErrorKind, Tera};

use super::{depth, subject::Subject, turns};
use crate::site::nearest;

/// A failed rendering, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// What is wrong.
    pub(super) what: String,
    /// What to do about it.
    pub(super) way_out: Option<String>,
    /// What it is about, as the template has it.
    pub(super) subject: Option<Subject>,
}

/// Explains why `template` can't be rendered with `context`.
pub(super) fn explain(
    error: &tera::Error,
    template: &str,
    (tera, context): (&Tera, &Context),
) -> Mistake {
    let mut calls = Vec::new();
    let mut cause = error;
    let mut message = error.to_string();
    loop {
        let call = match &cause.kind {
            ErrorKind::CallFilter(name) => Some(Subject::Filter(name.clone())),
            ErrorKind::CallFunction(name) => Some(Subject::Function(name.clone())),
            ErrorKind::CallTest(name) => Some(Subject::Test(name.clone())),
            _ => None,
        };
        calls.extend(call);
        let Some(source) = cause.source() else { break };
        message = source.to_string();
        match source.downcast_ref() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    let known = Known {
        tera,
        context,
        template,
    };
    known
        .structural(&cause.kind)
        .or_else(|| known.spoken(&message))
        .unwrap_or_else(|| called(&message, calls.pop()))
}

/// What a function, a filter or a test says of its own arguments.
fn called(message: &str, call: Option<Subject>) -> Mistake {
    // However many calls it went through on its way up.
    if message.contains(depth::TOO_DEEP) {
        return Mistake {
            what: depth::TOO_DEEP.to_owned(),
            way_out: Some("end it with a condition: `{% if ... %}` around the call".into()),
            subject: None,
        };
    }
    if message.contains(turns::TOO_MANY) {
        return Mistake {
            what: turns::TOO_MANY.to_owned(),
            way_out: Some(
                "loops within loops multiply: loop over less, or over what a filter picked".into(),
            ),
            subject: None,
        };
    }
    let (what, way_out) = match message.split_once('\n') {
        Some((what, way_out)) => (what, Some(way_out.to_owned())),
        None => (message, None),
    };
    let name = call.as_ref().map(Subject::name);
    let (what, of_type) = wrong_type(what).unwrap_or_else(|| (sentence(what), None));
    Mistake {
        what: match name {
            Some(name) => format!("`{name}`: {what}"),
            None => what,
        },
        way_out: way_out.or(of_type),
        subject: call,
    }
}

/// ``Filter `date` was called on an incorrect value: got `null` but expected a String`` and its kin.
fn wrong_type(message: &str) -> Option<(String, Option<String>)> {
    let (before, got) = message.split_once(": got `")?;
    let (got, wanted) = got.rsplit_once("` but expected ")?;
    let wanted = wanted.trim_start_matches("a ").trim_start_matches("an ");
    let wanted = wanted
        .split('|')
        .map(type_word)
        .collect::<std::collections::BTreeSet<_>>();
    let wanted = wanted.into_iter().collect::<Vec<_>>().join(" or ");
    let argument = before
        .split_once("for arg `")
        .map(|(_, name)| name.trim_end_matches('`'));
    let is_value = argument.is_none_or(|name| name == "value");
    let is_nothing = got.eq_ignore_ascii_case("null");
    let got = if is_nothing {
        "nothing".into()
    } else {
        format!("`{}`", short(got))
    };
    Some(match (is_value, argument) {
        (false, Some(name)) => (
            format!("its argument `{name}` must be {wanted}, and is {got}"),
            None,
        ),
        _ if is_nothing => (
            format!("it works on {wanted}, and got nothing"),
            Some(ASK_FIRST.into()),
        ),
        _ => (format!("it works on {wanted}, and got {got}"), None),
    })
}

/// Why a filter of ours that works on `wanted` does not on `got`. The way out is a line of its own.
pub(in crate::render) fn unfit(wanted: &str, got: &Value) -> String {
    match got {
        Value::Null => format!("it works on {wanted}, and got nothing\n{ASK_FIRST}"),
        _ => format!(
            "it works on {wanted}, and got `{}`",
            short(&got.to_string())
        ),
    }
}

const ASK_FIRST: &str = "ask first whether there is one, with `{% if ... %}`";

/// A type of the engine's, for people.
fn type_word(name: &str) -> &'static str {
    match name.trim() {
        "String" | "str" => "a string",
        "bool" => "true or false",
        "usize" | "i64" | "u64" | "f64" | "Number" => "a number",
        name if name.starts_with("Vec") || name == "Array" => "a list",
        _ => "a table",
    }
}

/// What is known where it failed.
struct Known<'a> {
    tera: &'a Tera,
    context: &'a Context,
    template: &'a str,
}

impl Known<'_> {
    /// What the engine tells by kind.
    fn structural(&self, kind: &ErrorKind) -> Option<Mistake> {
        let (word, name, near) = match kind {
            ErrorKind::FilterNotFound(name) => {
                ("filter", name, near(name, self.tera.filters.keys()))
            }
            ErrorKind::FunctionNotFound(name) => {
                ("function", name, near(name, self.tera.functions.keys()))
            }
            ErrorKind::TestNotFound(name) => ("test", name, near(name, self.tera.testers.keys())),
            ErrorKind::TemplateNotFound(names) => return Some(self.not_included(names)),
            _ => return None,
        };
        let subject = match word {
            "filter" => Subject::Filter(name.clone()),
            "function" => Subject::Function(name.clone()),
            _ => Subject::Test(name.clone()),
        };
        Some(Mistake {
            what: format!("there is no {word} `{name}`"),
            way_out: near.map(|near| format!("did you mean `{near}`?")),
            subject: Some(subject),
        })
    }

    /// `names` is a list in brackets of what was tried.
    fn not_included(&self, names: &str) -> Mistake {
        let names = names.trim_matches(['[', ']']);
        let first = names.split(", ").next().unwrap_or(names);
        let way_out = match near(first, self.tera.templates.keys()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "create templates/{first}, or write `ignore missing` behind the name if it need not be there"
            ),
        };
        Mistake {
            what: format!("the template `{names}`, which is included here, does not exist"),
            way_out: Some(way_out),
            subject: Some(Subject::Template(first.to_owned())),
        }
    }

    /// What the engine tells in words alone.
    fn spoken(&self, message: &str) -> Option<Mistake> {
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let first = quoted.first().copied().unwrap_or_default();
        let second = quoted.get(1).copied().unwrap_or_default();
        let of_variable = |what: String, way_out: String| {
            Some(Mistake {
                what,
                way_out: Some(way_out),
                subject: Some(Subject::Variable(first.to_owned())),
            })
        };
        if message.starts_with("Variable `") && message.contains("` not found in context") {
            return of_variable(
                format!("`{first}` is not defined"),
                self.definition_of(first),
            );
        }
        if message.contains("was used in a math operation but is not a number") {
            let way_out = format!("make it a number first: `{first} | int` or `{first} | float`");
            return of_variable(
                format!("`{first}` is no number, and is reckoned with or compared"),
                way_out,
            );
        }
        if message.starts_with("Tried to iterate") {
            let way_out = format!("ask first whether it is one: `{{% if {first} is iterable %}}`");
            return of_variable(
                format!("`{first}` is nothing that `for` could go through"),
                way_out,
            );
        }
        if let Some((_, name)) = message.split_once("from ident ") {
            return Some(Mistake {
                what: format!(
                    "`{name}` is neither a string nor a number: `~` can't join it to others"
                ),
                way_out: Some(format!(
                    "ask first whether there is one: `{{% if {name} %}}`"
                )),
                subject: Some(Subject::Variable(name.to_owned())),
            });
        }
        if message.starts_with("Inheritance in included templates") {
            return Some(Mistake {
                what: format!(
                    "a template that is included can't extend another, and it extends `{first}`"
                ),
                way_out: Some(
                    "take the `extends` out of it, or extend it where it is included".into(),
                ),
                subject: None,
            });
        }
        self.of_macro(message, (first, second))
    }

    fn of_macro(&self, message: &str, (first, second): (&str, &str)) -> Option<Mistake> {
        if message.starts_with("Macro namespace `") {
            let imported = self.imported().map(|(_, namespace)| namespace);
            let way_out = match nearest(first, imported) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "import them at the top of the template: `{{% import \"FILE\" as {first} %}}`"
                ),
            };
            return Some(Mistake {
                what: format!("no macros are imported as `{first}`"),
                way_out: Some(way_out),
                subject: Some(Subject::Variable(first.to_owned())),
            });
        }
        let (what, way_out) = if message.starts_with("Macro `")
            && message.contains("` not found in template")
        {
            let (namespace, name) = first.split_once("::")?;
            let file = self
                .imported()
                .find(|(_, own)| *own == namespace)
                .map(|(file, _)| file);
            let macros = file.and_then(|file| self.tera.templates.get(file));
            let near = macros.and_then(|template| near(name, template.macros.keys()));
            let place = file.map_or_else(String::new, |file| format!(" in `{file}`"));
            (
                format!("there is no macro `{name}`{place}"),
                near.map(|near| format!("did you mean `{namespace}::{near}`?")),
            )
        } else if message.starts_with("Macro `") && message.contains("` is missing the argument `")
        {
            (
                format!("the macro `{first}` needs its argument `{second}`"),
                Some(format!(
                    "pass it, `{first}({second}=...)`, or give it a default in the macro"
                )),
            )
        } else {
            return None;
        };
        Some(Mistake {
            what,
            way_out,
            subject: Some(Subject::Function(first.to_owned())),
        })
    }

    /// The files that the template and its parents import macros from, and the names for them.
    fn imported(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.tera.templates.get(self.template);
        let parents = own.into_iter().flat_map(|own| &own.parents);
        let parents = parents.filter_map(|parent| self.tera.templates.get(parent));
        let all = own.into_iter().chain(parents);
        all.flat_map(|template| &template.imported_macro_files)
            .map(|(file, namespace)| (file.as_str(), namespace.as_str()))
    }

    /// How to come by a variable that is not there.
    fn definition_of(&self, path: &str) -> String {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        if let Some(near) = self.near_key(parent, name) {
            let dot = if parent.is_empty() { "" } else { "." };
            return format!("did you mean `{parent}{dot}{near}`?");
        }
        let shortcode = self.template.strip_prefix("shortcodes/");
        if let (Some(shortcode), true) = (shortcode, parent.is_empty()) {
            let shortcode = shortcode
                .rsplit_once('.')
                .map_or(shortcode, |(stem, _)| stem);
            return format!(
                "pass it where the shortcode is used, `{shortcode}({name}=...)`, or write `{name} | default(value=...)`"
            );
        }
        let otherwise =
            format!("write `{path} | default(value=...)`, or ask first: `{{% if {path} %}}`");
        match parent {
            "config.extra" => format!(
                "set it below `[extra]` in the configuration; if it may be missing, {otherwise}"
            ),
            "page.extra" | "section.extra" => {
                format!(
                    "set it below `[extra]` in the front matter; if it may be missing, {otherwise}"
                )
            }
            _ => format!("if it may be missing, {otherwise}"),
        }
    }

    /// The key of `parent` that `name` may be a slip of.
    fn near_key(&self, parent: &str, name: &str) -> Option<String> {
        if parent.is_empty() {
            let all = self.context.clone().into_json();
            return near(name, all.as_object()?.keys()).map(Into::into);
        }
        let mut parts = parent.split('.');
        let mut value = self.context.get(parts.next()?)?;
        for part in parts {
            value = value.get(part)?;
        }
        near(name, value.as_object().map(Map::keys)?).map(Into::into)
    }
}

type Map = serde_json::Map<String, Value>;

fn near<'k>(word: &str, known: impl IntoIterator<Item = &'k String>) -> Option<&'k str> {
    let known = known.into_iter().map(String::as_str);
    nearest(word, known.filter(|name| !name.starts_with("__")))
}

/// As part of a sentence, and of a length that can be read.
pub(super) fn sentence(message: &str) -> String {
    let message = short(message.trim().trim_end_matches('.'));
    let mut chars = message.chars();
    let first = chars.next();
    // A word in capitals stays one.
    let keeps = chars.clone().next().is_some_and(char::is_uppercase);
    match first {
        Some(first) if !keeps => first.to_lowercase().chain(chars).collect(),
        _ => message,
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A message may hold a whole page as the value that was wrong.
const MESSAGE_CHARS_MAX: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_types_are_told_in_words() {
        for (message, expected) in [
            (
                "Filter `date` received an incorrect type for arg `value`: got `Null` but expected i64|u64|String",
                "it works on a number or a string, and got nothing",
            ),
            (
                "Filter `truncate` received an incorrect type for arg `length`: got `\"x\"` but expected a usize",
                "its argument `length` must be a number, and is `\"x\"`",
            ),
            (
                "Filter `upper` was called on an incorrect value: got `[1]` but expected a String",
                "it works on a string, and got `[1]`",
            ),
        ] {
            assert_eq!(wrong_type(message).unwrap().0, expected);
        }
        assert_eq!(wrong_type("anything"), None);
    }

    #[test]
    fn messages_can_be_read() {
        assert_eq!(sentence("Tried it."), "tried it");
        assert_eq!(sentence("UTF-8 is wanted"), "UTF-8 is wanted");
        assert!(sentence(&"x".repeat(100_000)).len() < 300);
    }
}
