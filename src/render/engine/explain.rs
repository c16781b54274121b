//! What is told of a template that failed: what, in which file, and the way out.

use std::{error::Error as _, sync::PoisonError};

use tera::Context;

use super::{
    Engine,
    mistake::{self, Mistake},
    subject::Subject,
    trace::Trace,
};
use crate::site::Problem;

impl Engine {
    pub(super) fn problem(
        &self,
        template: &str,
        error: &tera::Error,
        context: &Context,
    ) -> Problem {
        let key = format!("{template}\n{}", messages(error).join("\n"));
        let explained = || {
            self.explained
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = explained().get(&key) {
            return known.clone();
        }
        let Mistake { subject, .. } = mistake::explain(error, template, (&self.tera, context));
        let included = match &subject {
            Some(Subject::Template(name)) => self.broken.get(name).cloned(),
            _ => None,
        };
        let problem = included.unwrap_or_else(|| {
            let problem = self.unplaced(template, error, context);
            let may_search = explained().len() < EXPLAINED_MAX;
            let place = may_search.then(|| self.trace().place(template, context));
            self.placed(
                problem,
                place.flatten(),
                (subject.as_ref(), template, error),
            )
        });
        let mut explained = explained();
        if explained.len() < EXPLAINED_MAX {
            explained.insert(key, problem.clone());
        }
        problem
    }

    pub(super) fn unplaced(
        &self,
        template: &str,
        error: &tera::Error,
        context: &Context,
    ) -> Problem {
        let Mistake { what, way_out, .. } =
            mistake::explain(error, template, (&self.tera, context));
        let problem = Problem {
            way_out: way_out.map(Into::into),
            ..Problem::error(what)
        };
        match self.sources.get(template) {
            Some((file, _)) => problem.in_file(file.as_str()),
            None => problem.in_file(template),
        }
    }

    /// Puts `problem` where its subject stands: in the tag at `place`, or where else it may be.
    fn placed(
        &self,
        problem: Problem,
        place: Option<(&str, usize)>,
        (subject, template, error): (Option<&Subject>, &str, &tera::Error),
    ) -> Problem {
        let named = || {
            messages(error)
                .iter()
                .rev()
                .find_map(|message| self.named_template(message))
        };
        let name = place
            .map(|(name, _)| name)
            .or_else(named)
            .unwrap_or(template);
        let Some((file, text)) = self.sources.get(name) else {
            return problem;
        };
        let tag = place.map(|(_, tag)| tag);
        let offset = subject.and_then(|subject| subject.find(text, tag)).or(tag);
        let problem = problem.in_file(file.as_str());
        match offset {
            Some(offset) => problem.at_offset(text, offset),
            None => problem,
        }
    }

    pub(super) fn trace(&self) -> &Trace {
        self.trace
            .get_or_init(|| Trace::of(&self.tera, &self.sources))
    }

    /// The template that a message of Tera's says it is about, if it is one of ours.
    fn named_template(&self, message: &str) -> Option<&str> {
        let quoted = message.split('\'').skip(1).step_by(2);
        let known = quoted.filter_map(|name| self.sources.get_key_value(name));
        known.last().map(|(name, _)| name.as_str())
    }
}

/// How many failures are looked into. More are told by what the engine says of them.
const EXPLAINED_MAX: usize = 200;

/// What an error says, and what its causes say.
pub(super) fn messages(error: &tera::Error) -> Vec<String> {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    messages
}
