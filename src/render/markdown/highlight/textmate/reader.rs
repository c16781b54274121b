//! Goes through code line by line, by the rules of a grammar.
//!
//! At each place of a line the rule counts that matches first; of those that match at one place, the
//! one that is written first. What a grammar can make costly is counted: there is an end to it.

use syntect::parsing::ScopeStackOp;

use super::foreign::Foreign;
use super::line::{Line, whole};
use super::pattern::{Groups, Pattern};
use super::rules::{self, Id, Kind, Rules, Until};
use super::scopes::Names;

/// What goes through the lines of one text.
pub(in super::super) struct Reader<'r> {
    rules: &'r Rules,
    open: Vec<Frame>,
    is_first_line: bool,
    /// Steps that may still be made.
    left: u64,
    out: Vec<(usize, ScopeStackOp)>,
}

/// A rule that began and has not ended.
struct Frame {
    rule: Id,
    /// The end, where it speaks of what the beginning matched.
    until: Option<Pattern>,
    /// Where it began, if that was on this line.
    entered: Option<usize>,
    /// Where the rule around it began or ended last, on this line.
    anchor: Option<usize>,
    /// Scopes of the whole, and of what is inside.
    scopes: usize,
    content_scopes: usize,
    foreign: Option<Foreign>,
}

/// A rule that matches, or the end of the one that is open.
struct Hit {
    rule: Option<Id>,
    groups: Groups,
    start: usize,
    end: usize,
}

impl<'r> Reader<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            open: vec![Frame::new(Rules::ROOT)],
            is_first_line: true,
            left: STEPS_MAX,
            out: Vec::new(),
        }
    }

    /// Which scopes begin and end where in `text`, which ends with its newline. None if the steps
    /// for this text are used up.
    pub(in super::super) fn line(&mut self, text: &str) -> Option<Vec<(usize, ScopeStackOp)>> {
        if self.left == 0 {
            return None;
        }
        let mut line = Line::new(text);
        line.is_first = self.is_first_line;
        let mut open = std::mem::take(&mut self.open);
        for frame in &mut open {
            frame.entered = None;
            frame.anchor = None;
        }
        let (from, anchor) = self.go_on(&mut open, &mut line);
        self.scan(&mut line, from, &mut open, anchor);
        self.open = open;
        self.is_first_line = false;
        Some(in_order(std::mem::take(&mut self.out)))
    }

    /// Ends the rules that do not go on on this line. Gives back where the line is read from.
    fn go_on(&mut self, open: &mut Vec<Frame>, line: &mut Line<'_>) -> (usize, Option<usize>) {
        let (mut from, mut anchor) = (0, None);
        let mut number = 0;
        while let Some(frame) = open.get(number) {
            number += 1;
            let rules = self.rules;
            let Kind::Begin {
                until: Until::While(pattern),
                until_groups,
                ..
            } = &rules.rule(frame.rule).kind
            else {
                continue;
            };
            let pattern = frame.until.as_ref().unwrap_or(pattern);
            let anchors = line.anchors(from, anchor);
            let search = pattern.find(line.text, from, anchors);
            self.left = self.left.saturating_sub(search.cost);
            let Some(groups) = search.groups else {
                self.close_down_to(number - 1, open, from);
                break;
            };
            let end = whole(&groups).1;
            self.captures(until_groups, &groups, line);
            from = end.max(from);
            anchor = Some(end);
        }
        (from, anchor)
    }

    /// Reads `line` from byte `from` to its end.
    fn scan(
        &mut self,
        line: &mut Line<'_>,
        mut from: usize,
        open: &mut Vec<Frame>,
        mut anchor: Option<usize>,
    ) {
        while self.left > 0 && from <= line.text.len() {
            let Some(frame) = open.last() else { return };
            let Some(hit) = self.next_hit(line, from, frame, anchor) else {
                self.gap(open, line.text, (from, line.text.len()));
                return;
            };
            self.gap(open, line.text, (from, hit.start));
            let goes_on = match hit.rule {
                None => {
                    let ended = self.end(open, &hit, line);
                    anchor = ended.as_ref().and_then(|frame| frame.anchor);
                    // A rule that begins and ends at one place would do so forever.
                    hit.end > from || ended.is_some_and(|frame| frame.entered != Some(from))
                }
                Some(rule) => {
                    let before = Frame {
                        entered: Some(from),
                        anchor,
                        ..Frame::new(rule)
                    };
                    let opened = self.begin(before, open, &hit, line);
                    anchor = Some(hit.end).filter(|_| opened).or(anchor);
                    hit.end > from || (opened && !circles(open, rule, from))
                }
            };
            if !goes_on || open.len() > OPEN_MAX {
                return;
            }
            from = hit.end.max(from);
        }
    }

    /// What matches first at or behind `from`.
    fn next_hit(
        &mut self,
        line: &mut Line<'_>,
        from: usize,
        frame: &Frame,
        anchor: Option<usize>,
    ) -> Option<Hit> {
        let rules = self.rules;
        let anchors = line.anchors(from, anchor);
        let (mut end_first, mut end_last) = (None, None);
        if let Kind::Begin {
            until: Until::End { pattern, is_last },
            ..
        } = &rules.rule(frame.rule).kind
        {
            // The ends of rules are numbered behind the rules.
            let slot = frame.until.is_none().then_some(rules.len() + frame.rule);
            let end = frame.until.as_ref().or(pattern.as_ref());
            let end = end.map(|pattern| (None, slot, pattern));
            *(if *is_last {
                &mut end_last
            } else {
                &mut end_first
            }) = end;
        }
        let leaves = rules.leaves(frame.rule).iter();
        let leaves = leaves.filter_map(|id| match &rules.rule(*id).kind {
            Kind::Match { pattern, .. } | Kind::Begin { pattern, .. } => {
                Some((Some(*id), Some(*id), pattern))
            }
            Kind::Group | Kind::Foreign(_) => None,
        });
        let mut best: Option<Hit> = None;
        for (rule, slot, pattern) in end_first.into_iter().chain(leaves).chain(end_last) {
            let (groups, cost) = line.find(pattern, slot, from, anchors);
            self.left = self.left.saturating_sub(cost);
            let Some(groups) = groups else { continue };
            let (start, end) = whole(&groups);
            if best.as_ref().is_none_or(|best| start < best.start) {
                best = Some(Hit {
                    rule,
                    groups,
                    start,
                    end,
                });
            }
            if start <= from {
                break;
            }
        }
        best
    }

    /// Follows the rule of `frame`, which matched. Whether it stays open.
    fn begin(
        &mut self,
        mut frame: Frame,
        open: &mut Vec<Frame>,
        hit: &Hit,
        line: &Line<'_>,
    ) -> bool {
        let rules = self.rules;
        let rule = rules.rule(frame.rule);
        frame.scopes = self.push(&rule.names, &hit.groups, line.text, hit.start);
        let (groups, until) = match &rule.kind {
            Kind::Match { groups, .. } => (groups, None),
            Kind::Begin { groups, until, .. } => (groups, Some(until)),
            Kind::Group | Kind::Foreign(_) => (&Vec::new(), None),
        };
        self.captures(groups, &hit.groups, line);
        let Some(until) = until else {
            self.pop(frame.scopes, hit.end);
            return false;
        };
        frame.content_scopes = self.push(&rule.content_names, &hit.groups, line.text, hit.end);
        frame.until = until
            .pattern()
            .and_then(|until| until.resolved(&hit.groups, line.text));
        open.push(frame);
        true
    }

    /// Ends the innermost rule.
    fn end(&mut self, open: &mut Vec<Frame>, hit: &Hit, line: &Line<'_>) -> Option<Frame> {
        let rules = self.rules;
        let frame = open.pop()?;
        self.leave(&frame, hit.start);
        if let Kind::Begin { until_groups, .. } = &rules.rule(frame.rule).kind {
            self.captures(until_groups, &hit.groups, line);
        }
        self.pop(frame.scopes, hit.end);
        Some(frame)
    }

    /// Takes all rules off but the outermost `kept`.
    fn close_down_to(&mut self, kept: usize, open: &mut Vec<Frame>, at: usize) {
        while open.len() > kept {
            self.close(open, at);
        }
    }

    /// Takes the innermost rule off.
    fn close(&mut self, open: &mut Vec<Frame>, at: usize) {
        if let Some(frame) = open.pop() {
            self.leave(&frame, at);
            self.pop(frame.scopes, at);
        }
    }

    fn leave(&mut self, frame: &Frame, at: usize) {
        if let Some(foreign) = &frame.foreign {
            self.pop(foreign.open_scopes(), at);
        }
        self.pop(frame.content_scopes, at);
    }

    /// What the groups of a match are called, outer ones first.
    fn captures(&mut self, rules: &rules::Groups, groups: &Groups, line: &Line<'_>) {
        let mut inside: Vec<(usize, usize)> = Vec::new();
        for (rule, group) in rules.iter().zip(groups) {
            let (Some(id), Some((start, end))) = (*rule, *group) else {
                continue;
            };
            if start >= end {
                continue;
            }
            while let Some((scopes, ends)) = inside.pop_if(|(_, ends)| *ends <= start) {
                self.pop(scopes, ends);
            }
            // A group of a lookaround may reach out of the one around it.
            let end = inside.last().map_or(end, |(_, ends)| end.min(*ends));
            let rule = self.rules.rule(id);
            let scopes = self.push(&rule.names, groups, line.text, start);
            if self.rules.has_leaves(id) && line.depth < DEPTH_MAX {
                let content = self.push(&rule.content_names, groups, line.text, start);
                self.inner(id, (start, end), line);
                self.pop(content + scopes, end);
            } else {
                inside.push((scopes, end));
            }
        }
        while let Some((scopes, ends)) = inside.pop() {
            self.pop(scopes, ends);
        }
    }

    /// Reads what a group matched by the rules inside `rule`.
    fn inner(&mut self, rule: Id, (start, end): (usize, usize), line: &Line<'_>) {
        let text = line.text.get(..end).unwrap_or_default();
        let mut inner = Line::new(text);
        inner.is_first = line.is_first && start == 0;
        inner.depth = line.depth + 1;
        let mut open = vec![Frame::new(rule)];
        self.scan(&mut inner, start, &mut open, Some(start));
        self.close_down_to(0, &mut open, end);
    }

    /// Hands text that no rule speaks of to the language that is built in, if there is one here.
    fn gap(&mut self, open: &mut [Frame], line: &str, (start, end): (usize, usize)) {
        let Some(frame) = open.last_mut() else { return };
        let text = line.get(start..end).unwrap_or_default();
        if text.is_empty() {
            return;
        }
        let leaves = self.rules.leaves(frame.rule).iter();
        let foreign = leaves.filter_map(|id| match self.rules.rule(*id).kind {
            Kind::Foreign(syntax) => Some(syntax),
            _ => None,
        });
        let Some(syntax) = foreign.into_iter().next() else {
            return;
        };
        let foreign = frame.foreign.get_or_insert_with(|| Foreign::new(syntax));
        foreign.read(text, start, &mut self.out);
    }

    /// Gives back how many.
    fn push(&mut self, names: &Names, groups: &Groups, line: &str, at: usize) -> usize {
        let scopes = names.scopes(groups, line);
        let pushed = scopes.iter().map(|scope| (at, ScopeStackOp::Push(*scope)));
        self.out.extend(pushed);
        scopes.len()
    }

    fn pop(&mut self, scopes: usize, at: usize) {
        if scopes > 0 {
            self.out.push((at, ScopeStackOp::Pop(scopes)));
        }
    }
}

/// A group of a lookahead may reach over what follows, which then comes behind it.
fn in_order(mut operations: Vec<(usize, ScopeStackOp)>) -> Vec<(usize, ScopeStackOp)> {
    let mut last = 0;
    for (at, _) in &mut operations {
        last = last.max(*at);
        *at = last;
    }
    operations
}

/// Whether `rule` was begun twice at byte `at`, which leads nowhere.
fn circles(open: &[Frame], rule: Id, at: usize) -> bool {
    let here = open
        .iter()
        .rev()
        .take_while(|frame| frame.entered == Some(at));
    here.filter(|frame| frame.rule == rule).count() > 1
}

impl Frame {
    fn new(rule: Id) -> Self {
        Self {
            rule,
            until: None,
            entered: None,
            anchor: None,
            scopes: 0,
            content_scopes: 0,
            foreign: None,
        }
    }
}

/// Of one text: some seconds at worst, where a good grammar takes a tenth of that for the longest
/// code that is painted at all.
const STEPS_MAX: u64 = 2_000_000;

/// Rules that may be open inside each other on one spot.
const OPEN_MAX: usize = 200;

/// Groups that are read inside groups.
const DEPTH_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::super::super::textmate::{Grammar, reader};
    use super::*;

    /// `code` with a mark around everything that has a scope: `[keyword let]`.
    fn marked(grammars: Vec<Value>, code: &str) -> String {
        let grammars: Vec<_> = grammars
            .into_iter()
            .map(|g| Grammar::of(g).unwrap())
            .collect();
        let mut reader = reader(0, &grammars).unwrap();
        let mut marked = String::new();
        for line in code.split_inclusive('\n') {
            let mut from = 0;
            for (at, operation) in reader.line(line).unwrap() {
                marked += &line[from..at];
                from = at;
                match operation {
                    ScopeStackOp::Push(scope) => marked += &format!("[{} ", scope.build_string()),
                    ScopeStackOp::Pop(count) => marked += &"]".repeat(count),
                    other => panic!("{other:?}"),
                }
            }
            marked += &line[from..];
        }
        marked
    }

    fn check(patterns: &Value, code: &str, expected: &str) {
        let grammar = json!({"scopeName": "source.x", "name": "X", "patterns": patterns, "repository": {
            "word": {"match": "\\w+", "name": "w"},
            "nest": {"begin": "\\(", "end": "\\)", "name": "n", "patterns": [{"include": "#nest"}, {"include": "#word"}]},
        }});
        assert_eq!(marked(vec![grammar], code), expected, "{patterns}");
    }

    #[test]
    fn rules_are_followed() {
        let cases = [
            // The earliest counts; of two at one place, the first.
            (
                json!([{"match": "ab", "name": "one"}, {"match": "a", "name": "two"}]),
                "xabab\n",
                "x[one ab][one ab]\n",
            ),
            (
                json!([{"match": "(a)(b(c))", "name": "m", "captures": {"1": {"name": "g1"}, "2": {"name": "g2"}, "3": {"name": "g3"}}}]),
                "abc\n",
                "[m [g1 a][g2 b[g3 c]]]\n",
            ),
            (
                json!([{"begin": "\"", "end": "\"", "name": "s", "contentName": "c", "beginCaptures": {"0": {"name": "b"}}, "endCaptures": {"0": {"name": "e"}}}]),
                "\"a\nb\" c\n",
                "[s [b \"][c a\nb][e \"]] c\n",
            ),
            // A rule inside comes before the end only if it matches before it.
            (
                json!([{"begin": "\"", "end": "\"", "name": "s", "patterns": [{"match": "\\\\.", "name": "esc"}]}]),
                "\"\\\"\"x\n",
                "[s \"[esc \\\"]\"]x\n",
            ),
            (
                json!([{"begin": "a", "end": "b", "name": "s", "patterns": [{"match": "bb", "name": "in"}]}]),
                "abb\n",
                "[s ab]b\n",
            ),
            (
                json!([{"begin": "a", "end": "b", "name": "s", "applyEndPatternLast": 1, "patterns": [{"match": "bb", "name": "in"}]}]),
                "abbb\n",
                "[s a[in bb]b]\n",
            ),
            // The end may speak of the beginning.
            (
                json!([{"begin": "<<(\\w+)", "end": "^\\1$", "name": "s"}]),
                "<<E\nEE\nE\nx\n",
                "[s <<E\nEE\nE]\nx\n",
            ),
            (
                json!([{"include": "#nest"}]),
                "((a) b) c\n",
                "[n ([n ([w a])] [w b])] c\n",
            ),
            (
                json!([{"match": "(x) (.*)", "captures": {"2": {"patterns": [{"include": "#word"}]}}}]),
                "x a-b\n",
                "x [w a]-[w b]\n",
            ),
            // Lines go on for as long as they match.
            (
                json!([{"begin": "^> ", "while": "^> ", "name": "q", "patterns": [{"include": "#word"}]}]),
                "> a\n> b\nc\n",
                "[q > [w a]\n> [w b]\n]c\n",
            ),
            (
                json!([{"match": "(?<=x)(\\w)", "name": "k.$1"}]),
                "xa\n",
                "x[k.a a]\n",
            ),
            // What a lookahead matched reaches over what follows.
            (
                json!([{"match": "a(?=(b))", "captures": {"1": {"name": "g"}}}, {"match": "b", "name": "b"}]),
                "ab\n",
                "a[g b][b ]\n",
            ),
            (
                json!([{"match": "(", "name": "broken"}, {"match": "a", "name": "a"}]),
                "(a\n",
                "([a a]\n",
            ),
        ];
        for (patterns, code, expected) in cases {
            check(&patterns, code, expected);
        }
    }

    #[test]
    fn what_leads_nowhere_ends() {
        let cases = [
            json!([{"begin": "", "end": "", "name": "s"}]),
            json!([{"match": "", "name": "s"}]),
            json!([{"begin": "(?=a)", "end": "(?=a)", "patterns": [{"include": "$self"}]}]),
            json!([{"include": "$self"}, {"include": "#nope"}, {"include": "source.nope#x"}, 3, null]),
            json!([{"match": "(a)", "captures": {"0": {"patterns": [{"include": "$self"}]}}}]),
        ];
        for patterns in cases {
            let grammar = json!({"scopeName": "source.x", "patterns": patterns});
            let told = marked(vec![grammar], "aaa\nb\n");
            let plain: String = told
                .chars()
                .filter(|c| matches!(c, 'a' | 'b' | '\n'))
                .collect();
            assert_eq!(plain, "aaa\nb\n", "{told}");
        }
    }

    #[test]
    fn a_costly_grammar_comes_to_its_end() {
        let grammar = json!({"scopeName": "source.x", "patterns": [
            {"match": "(?=(a+)+\\1b)(x+x+)+y", "name": "s"}, {"match": "a", "name": "a"},
        ]});
        let grammars = [Grammar::of(grammar).unwrap()];
        let mut reader = reader(0, &grammars).unwrap();
        let line = format!("{}\n", "a".repeat(500));
        let start = Instant::now();
        let painted = (0..5_000)
            .take_while(|_| reader.line(&line).is_some())
            .count();
        assert!(painted < 5_000, "{painted}");
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn grammars_include_each_other_and_those_built_in() {
        let outer = json!({"scopeName": "source.outer", "patterns": [
            {"begin": "<x>", "end": "</x>", "patterns": [{"include": "source.inner"}]},
            {"begin": "<css>", "end": "</css>", "patterns": [{"include": "source.css"}]},
            {"include": "source.inner#only"},
        ]});
        let inner = json!({"scopeName": "source.inner", "patterns": [{"match": "a", "name": "in"}, {"include": "$base"}],
            "repository": {"only": {"match": "b", "name": "on"}}});
        let told = marked(
            vec![outer, inner],
            "a b <x>a b</x>\n<css>a { color: red }</css> b\n",
        );
        assert!(
            told.starts_with("a [on b] <x>[in a] [on b]</x>\n<css>"),
            "{told}"
        );
        assert!(
            told.contains("support.type.property-name.css color"),
            "{told}"
        );
        assert!(told.ends_with("]</css> [on b]\n"), "{told}");
    }
}
