//! The rules of a `TextMate` grammar, and of those that it includes, ready to be followed.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use syntect::parsing::SyntaxReference;

use super::pattern::Pattern;
use super::scopes::Names;
use super::{Grammar, languages};

/// All rules that code in one language may meet.
pub(super) struct Rules {
    rules: Vec<Rule>,
}

/// The number of a rule.
pub(super) type Id = usize;

/// One rule: a line of `patterns`, or what one of its groups matched.
pub(super) struct Rule {
    pub(super) kind: Kind,
    /// Of all that the rule matches.
    pub(super) names: Names,
    /// Of what stands between beginning and end.
    pub(super) content_names: Names,
    patterns: Vec<Id>,
    leaves: OnceLock<Box<[Id]>>,
}

/// What a rule does.
pub(super) enum Kind {
    /// Stands for the rules below it.
    Group,
    /// Matches once.
    Match { pattern: Pattern, groups: Groups },
    /// Begins somewhere, and holds until its end.
    Begin {
        pattern: Pattern,
        groups: Groups,
        until: Until,
        until_groups: Groups,
    },
    /// Hands the code to a grammar that is built in.
    Foreign(&'static SyntaxReference),
}

/// Where a rule that began ends.
pub(super) enum Until {
    /// Where this matches; before other rules that match there, unless it `is_last`.
    End {
        pattern: Option<Pattern>,
        is_last: bool,
    },
    /// On the first line that this does not match.
    While(Pattern),
}

impl Until {
    pub(super) fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::End { pattern, .. } => pattern.as_ref(),
            Self::While(pattern) => Some(pattern),
        }
    }
}

/// Rules for the groups of a pattern, by number.
pub(super) type Groups = Vec<Option<Id>>;

impl Rules {
    /// The rule by which a text begins.
    pub(super) const ROOT: Id = 0;

    /// The rules of grammar number `base` of `grammars`.
    pub(super) fn of(base: usize, grammars: &[Grammar]) -> Self {
        let mut compiler = Compiler {
            base,
            grammars,
            rules: Vec::new(),
            known: HashMap::new(),
            jobs: Vec::new(),
        };
        compiler.root(base);
        while let Some(job) = compiler.jobs.pop() {
            let rule = compiler.compile(&job);
            if let Some(place) = compiler.rules.get_mut(job.id) {
                *place = rule;
            }
        }
        Self {
            rules: compiler.rules,
        }
    }

    pub(super) fn rule(&self, id: Id) -> &Rule {
        self.rules
            .get(id)
            .expect("a rule is in the list that numbers it")
    }

    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rules that may match inside rule `id`: its own, with those of groups in place of these.
    pub(super) fn leaves(&self, id: Id) -> &[Id] {
        let rule = self.rule(id);
        rule.leaves.get_or_init(|| {
            let mut leaves = Vec::new();
            let mut seen = vec![false; self.rules.len()];
            let mut waiting: Vec<Id> = rule.patterns.iter().rev().copied().collect();
            while let Some(next) = waiting.pop() {
                match seen.get_mut(next) {
                    Some(seen) if !*seen => *seen = true,
                    _ => continue,
                }
                let rule = self.rule(next);
                match rule.kind {
                    Kind::Group => waiting.extend(rule.patterns.iter().rev()),
                    _ => leaves.push(next),
                }
            }
            leaves.into()
        })
    }

    /// Whether there are rules inside rule `id`.
    pub(super) fn has_leaves(&self, id: Id) -> bool {
        !self.rule(id).patterns.is_empty()
    }
}

/// Goes through grammars. Rules refer to each other in circles, and in chains as long as a
/// grammar: each gets its number first, and is read later.
struct Compiler<'g> {
    base: usize,
    grammars: &'g [Grammar],
    rules: Vec<Rule>,
    /// Numbers of rules by where they are written.
    known: HashMap<*const Value, Id>,
    jobs: Vec<Job<'g>>,
}

/// A rule that is to be read.
struct Job<'g> {
    id: Id,
    written: &'g Value,
    home: usize,
    named: Rc<Named<'g>>,
}

/// Rules that can be named: those of a `repository`, and of the ones around it.
struct Named<'g> {
    here: Option<&'g Map<String, Value>>,
    around: Option<Rc<Self>>,
}

impl<'g> Compiler<'g> {
    fn compile(&mut self, job: &Job<'g>) -> Rule {
        let written = job.written;
        let named = match written.get("repository").and_then(Value::as_object) {
            // That of the whole grammar is there already.
            Some(here) if job.named.around.is_some() || job.named.here != Some(here) => {
                Rc::new(Named {
                    here: Some(here),
                    around: Some(Rc::clone(&job.named)),
                })
            }
            _ => Rc::clone(&job.named),
        };
        let around = (job.home, &named);
        let text = |key| written.get(key).and_then(Value::as_str);
        let kind = if let Some(source) = text("match") {
            let pattern = Pattern::new(source);
            let groups = self.groups(written.get("captures"), around);
            Kind::Match { pattern, groups }
        } else if let Some(source) = text("begin") {
            self.begin(source, written, around)
        } else {
            Kind::Group
        };
        let patterns = written.get("patterns").and_then(Value::as_array);
        let patterns = patterns.into_iter().flatten();
        let patterns = patterns.filter_map(|rule| self.id(rule, around)).collect();
        let is_root = written.get("scopeName").is_some();
        Rule {
            kind,
            names: Names::read(text("name").filter(|_| !is_root).unwrap_or_default()),
            content_names: Names::read(text("contentName").unwrap_or_default()),
            patterns,
            leaves: OnceLock::new(),
        }
    }

    fn begin(&mut self, source: &str, written: &'g Value, around: (usize, &Rc<Named<'g>>)) -> Kind {
        let text = |key| written.get(key).and_then(Value::as_str);
        let (until, until_groups) = match (text("while"), text("end")) {
            (Some(source), None) => (Until::While(Pattern::new(source)), "whileCaptures"),
            (_, end) => {
                let last = written.get("applyEndPatternLast");
                let is_last = last.is_some_and(|last| {
                    last.as_bool().unwrap_or_default() || last.as_u64() == Some(1)
                });
                let pattern = end.map(Pattern::new);
                (Until::End { pattern, is_last }, "endCaptures")
            }
        };
        let both = written.get("captures");
        Kind::Begin {
            pattern: Pattern::new(source),
            groups: self.groups(written.get("beginCaptures").or(both), around),
            until,
            until_groups: self.groups(written.get(until_groups).or(both), around),
        }
    }

    fn groups(
        &mut self,
        written: Option<&'g Value>,
        (home, named): (usize, &Rc<Named<'g>>),
    ) -> Groups {
        let numbered: Vec<(usize, &Value)> = match written {
            Some(Value::Object(map)) => {
                let numbered = map.iter();
                numbered
                    .filter_map(|(number, rule)| Some((number.parse().ok()?, rule)))
                    .collect()
            }
            Some(Value::Array(list)) => list.iter().enumerate().collect(),
            _ => Vec::new(),
        };
        let mut groups = Vec::new();
        for (number, rule) in numbered
            .into_iter()
            .filter(|(number, _)| *number < GROUPS_MAX)
        {
            if groups.len() <= number {
                groups.resize(number + 1, None);
            }
            if let (Some(place), true) = (groups.get_mut(number), rule.is_object()) {
                *place = self.number(rule, home, named);
            }
        }
        groups
    }

    /// The number of the rule that stands in a list of patterns.
    fn id(&mut self, rule: &'g Value, (home, named): (usize, &Rc<Named<'g>>)) -> Option<Id> {
        let Some(include) = rule.get("include").and_then(Value::as_str) else {
            return rule
                .is_object()
                .then(|| self.number(rule, home, named))
                .flatten();
        };
        match include.split_once('#') {
            None if include == "$self" => self.root(home),
            None if include == "$base" => self.root(self.base),
            None => self.other(include),
            Some(("", name)) => {
                let rule = named.find(name);
                rule.and_then(|rule| self.number(rule, home, named))
            }
            Some((scope, name)) => self.of_scope(scope).and_then(|(home, grammar)| {
                let named = Named::of(grammar);
                let rule = named.find(name)?;
                self.number(rule, home, &named)
            }),
        }
    }

    /// The number of the rule that is written at `rule`.
    fn number(&mut self, rule: &'g Value, home: usize, named: &Rc<Named<'g>>) -> Option<Id> {
        if let Some(known) = self.known.get(&std::ptr::from_ref(rule)) {
            return Some(*known);
        }
        let id = self.add(Kind::Group)?;
        self.known.insert(std::ptr::from_ref(rule), id);
        self.jobs.push(Job {
            id,
            written: rule,
            home,
            named: Rc::clone(named),
        });
        Some(id)
    }

    fn add(&mut self, kind: Kind) -> Option<Id> {
        if self.rules.len() >= RULES_MAX {
            return None;
        }
        self.rules.push(Rule {
            kind,
            names: Names::read(""),
            content_names: Names::read(""),
            patterns: Vec::new(),
            leaves: OnceLock::new(),
        });
        Some(self.rules.len() - 1)
    }

    fn root(&mut self, home: usize) -> Option<Id> {
        let grammar = self.grammars.get(home)?;
        self.number(&grammar.written, home, &Named::of(grammar))
    }

    /// The rules of another grammar: the site's own, or one built in.
    fn other(&mut self, scope: &str) -> Option<Id> {
        if let Some((home, _)) = self.of_scope(scope) {
            return self.root(home);
        }
        let syntax = languages::of_scope(scope)?;
        self.add(Kind::Foreign(syntax))
    }

    fn of_scope(&self, scope: &str) -> Option<(usize, &'g Grammar)> {
        let mut grammars = self.grammars.iter().enumerate();
        grammars.find(|(_, grammar)| grammar.scope == scope)
    }
}

impl<'g> Named<'g> {
    fn of(grammar: &'g Grammar) -> Rc<Self> {
        Rc::new(Self {
            here: grammar.written.get("repository").and_then(Value::as_object),
            around: None,
        })
    }

    fn find(&self, name: &str) -> Option<&'g Value> {
        let mut around = Some(self);
        while let Some(named) = around {
            if let Some(rule) = named.here.and_then(|here| here.get(name)) {
                return Some(rule);
            }
            around = named.around.as_deref();
        }
        None
    }
}

/// The largest known grammars have some 3,000.
const RULES_MAX: usize = 20_000;

const GROUPS_MAX: usize = 200;
