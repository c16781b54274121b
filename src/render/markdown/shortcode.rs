//! Shortcodes: a text with calls becomes Markdown, with a placeholder for each piece of ready HTML.
//!
//! Knows the syntax of calls and how they nest; knows nothing of Markdown (a call inside a code
//! block is a call) and nothing of how a shortcode is rendered.
//!
//! **Invariant:** what the author wrote is never taken for a placeholder.
//! **Invariant:** time and memory grow with the text, not with what its author thinks of.

use std::borrow::Cow;
use std::collections::HashMap;

mod lines;
mod placeholder;
mod scan;
mod tree;

pub(super) use lines::Lines;
pub(super) use placeholder::{Piece, pieces};

use super::{Call, ShortcodeKind, Text, World};
use crate::site::{Problem, nearest};
use lines::Starts;
use tree::{Called, Fault, FaultKind, Node};

/// A text whose shortcodes were rendered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Expanded {
    /// The Markdown, with placeholders; see [`pieces`].
    pub(super) markdown: String,
    /// The HTML for which each placeholder stands.
    pub(super) inserts: Vec<String>,
    /// What was wrong, each with file and line.
    pub(super) problems: Vec<Problem>,
    /// Where the Markdown came from.
    pub(super) lines: Lines,
}

/// Renders the shortcodes of `text`.
///
/// The output of a Markdown shortcode becomes part of the text, that of an HTML one a placeholder.
/// Neither is looked through for further calls. A shortcode with a body gets it trimmed, the calls
/// inside it rendered.
pub(super) fn expand(text: &Text<'_>, world: &dyn World) -> Expanded {
    let mut expansion = Expansion {
        text,
        world,
        starts: Starts::of(text.markdown),
        uses: HashMap::new(),
        expanded: Expanded::default(),
    };
    let (nodes, faults) = tree::parse(text.markdown);
    for fault in faults {
        expansion.tell(fault);
    }
    for node in nodes {
        expansion.top_level(node);
    }
    let mut expanded = expansion.expanded;
    expanded
        .problems
        .sort_by_key(|problem| (problem.line, problem.column));
    expanded
}

struct Expansion<'a> {
    text: &'a Text<'a>,
    world: &'a dyn World,
    starts: Starts<'a>,
    /// How often each shortcode was used so far.
    uses: HashMap<&'a str, usize>,
    expanded: Expanded,
}

impl<'a> Expansion<'a> {
    fn top_level(&mut self, node: Node<'a>) {
        match node {
            Node::Text { text, start } => self.put_text(text, start),
            Node::Shown { text, start } => self.put_text(&text, start),
            Node::Call(called) => {
                let (start_line, end_line) = (self.line(called.start), self.line(called.end));
                let out = &mut self.expanded;
                out.lines.mark(out.markdown.len(), start_line);
                if let Some((kind, output)) = self.call(called) {
                    self.put_output(kind, output);
                }
                let out = &mut self.expanded;
                out.lines.mark(out.markdown.len(), end_line);
            }
        }
    }

    fn put_text(&mut self, text: &str, start: usize) {
        let line = self.line(start);
        let text = placeholder::disarm(text);
        let out = &mut self.expanded;
        out.lines.verbatim(out.markdown.len(), &text, line);
        out.markdown.push_str(&text);
    }

    fn put_output(&mut self, kind: ShortcodeKind, output: String) {
        let out = &mut self.expanded;
        match kind {
            ShortcodeKind::Markdown => out.markdown.push_str(&placeholder::disarm(&output)),
            ShortcodeKind::Html => {
                placeholder::write(&mut out.markdown, out.inserts.len());
                out.inserts.push(output);
            }
        }
    }

    /// Renders a call; None if that is impossible, which was told then.
    fn call(&mut self, called: Called<'a>) -> Option<(ShortcodeKind, String)> {
        let name = called.written.name;
        let Some(kind) = self.world.shortcode(name) else {
            self.tell_unknown(name, called.start);
            // Its body may hold more that is worth telling.
            called.body.map(|body| self.body(body));
            return None;
        };
        // The outer call is counted before those in its body.
        let uses = self.uses.entry(name).or_default();
        *uses += 1;
        let nth = *uses;
        let call = Call {
            name: name.to_owned(),
            args: called.written.args,
            body: called.body.map(|body| self.body(body)),
            nth,
        };
        match self.world.render_shortcode(&call) {
            Ok(output) => Some((kind, output)),
            Err(problem) => {
                self.report(problem, called.start);
                None
            }
        }
    }

    /// What a shortcode gets as its body. Recursion ends where [`tree::parse`] ends nesting.
    fn body(&mut self, nodes: Vec<Node<'a>>) -> String {
        let mut body = String::new();
        for node in nodes {
            let part = match node {
                Node::Text { text, .. } => Some(Cow::Borrowed(text)),
                Node::Shown { text, .. } => Some(Cow::Owned(text)),
                Node::Call(called) => self.call(called).map(|(_, output)| Cow::Owned(output)),
            };
            body.push_str(&part.unwrap_or_default());
        }
        body.trim().to_owned()
    }

    fn tell(&mut self, fault: Fault<'a>) {
        // Text of that look need not mean one of the site's shortcodes.
        if matches!(fault.kind, FaultKind::Malformed(name) if self.world.shortcode(name).is_none())
        {
            return;
        }
        self.report(problem_of(fault.kind), fault.start);
    }

    fn tell_unknown(&mut self, name: &str, start: usize) {
        if self.is_full() {
            return;
        }
        let names = self.world.shortcode_names();
        let way_out = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "add `templates/shortcodes/{name}.html`, or escape it as `{{{{/* {name}() */}}}}`"
            ),
        };
        let problem = Problem::error(format!("there is no shortcode `{name}`")).way_out(way_out);
        self.report(problem, start);
    }

    fn report(&mut self, mut problem: Problem, start: usize) {
        if self.is_full() {
            return;
        }
        let line = self.starts.line_of(start);
        if problem.file.is_some() {
            let at = self.text.place(self.text.first_line + line);
            self.expanded.problems.push(problem.during(&at));
            return;
        }
        let (excerpt, column) = self.starts.excerpt(line, start);
        problem.file = Some(self.text.file.to_owned());
        problem.line = u32::try_from(self.text.first_line + line).ok();
        problem.column = u32::try_from(column).ok();
        problem.excerpt = Some(excerpt.into());
        self.expanded.problems.push(problem);
    }

    fn is_full(&self) -> bool {
        self.expanded.problems.len() >= PROBLEMS_MAX
    }

    /// The line of the file on which byte `offset` of the text stands.
    fn line(&self, offset: usize) -> usize {
        self.text.first_line + self.starts.line_of(offset)
    }
}

fn problem_of(fault: FaultKind<'_>) -> Problem {
    match fault {
        FaultKind::Unclosed(name) => Problem::error(format!(
            "the body of the shortcode `{name}` is never closed"
        ))
        .way_out(format!(
            "close it with `{{% end %}}`, or write `{{{{ {name}(...) }}}}` if it has no body"
        )),
        FaultKind::UnclosedEscape => Problem::error("an escaped shortcode is never closed")
            .way_out("close it with `{%/* end */%}`"),
        FaultKind::StrayEnd(written) => Problem::error(format!("`{written}` closes nothing"))
            .way_out("remove it, or mend the shortcode above it that it was to close"),
        FaultKind::TooDeep(name) => {
            Problem::error(format!("the shortcode `{name}` stands in too many others"))
                .way_out("close those that are not meant to be around it with `{% end %}`")
        }
        FaultKind::Malformed(name) => Problem::warning(format!(
            "this use of the shortcode `{name}` cannot be read and is shown as text"
        ))
        .way_out(format!(
            "an argument is `key=value`, a value a \"string\", a number, `true`, `false` or a \
             `[list]`; if text is meant, escape it as `{{{{/* {name}(...) */}}}}`"
        )),
    }
}

/// Problems that are told of one text.
const PROBLEMS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{InsertAnchor, Markdown, SlugMode};

    /// Knows `h` and `body`, which give HTML, and `m` and `mb`, which give Markdown.
    struct Shelf;

    impl World for Shelf {
        fn permalink(&self, _: &str) -> Option<String> {
            None
        }

        fn nearest_path(&self, _: &str) -> Option<String> {
            None
        }

        fn shortcode(&self, name: &str) -> Option<ShortcodeKind> {
            match name {
                "h" | "body" | "fails" => Some(ShortcodeKind::Html),
                "m" | "mb" => Some(ShortcodeKind::Markdown),
                _ => None,
            }
        }

        fn render_shortcode(&self, call: &Call) -> Result<String, Problem> {
            let nth = call.nth;
            match (call.name.as_str(), &call.body) {
                ("h", _) => Ok(format!("<b>{nth}</b>")),
                ("m", _) => Ok(format!("*{nth}*\n\n{{{{ h() }}}}\n")),
                ("mb", Some(body)) => Ok(format!("> {body}\n")),
                (_, Some(body)) => Ok(format!("[{nth}:{body}]")),
                _ => Err(Problem::error("it fails")),
            }
        }

        fn anchor_link(&self, _: &str, _: u8) -> Result<String, Problem> {
            Ok(String::new())
        }

        fn summary_cutoff(&self) -> Result<String, Problem> {
            Ok(String::new())
        }

        fn shortcode_names(&self) -> Vec<String> {
            ["h", "body", "fails", "m", "mb"].map(str::to_owned).into()
        }
    }

    fn expanded(markdown: &str) -> Expanded {
        let text = Text {
            markdown,
            file: "content/a.md",
            first_line: 4,
            permalink: "https://example.org/a/",
            insert_anchor: InsertAnchor::None,
            slug_anchors: SlugMode::On,
            settings: &Markdown::default(),
            shelf: &Default::default(),
        };
        expand(&text, &Shelf)
    }

    /// The expanded text with `<...>` for placeholders.
    fn shown(expanded: &Expanded) -> String {
        let piece = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Insert(index) => format!("<{}>", expanded.inserts[index]),
        };
        pieces(&expanded.markdown).map(piece).collect()
    }

    #[test]
    fn calls_become_html_or_text() {
        let cases = [
            ("a {{ h() }}\n{{ h() }} b", "a <<b>1</b>>\n<<b>2</b>> b"),
            (
                "`{{ h() }}`\n```\n{{ h() }}\n```",
                "`<<b>1</b>>`\n```\n<<b>2</b>>\n```",
            ),
            ("x {{ m() }} y", "x *1*\n\n{{ h() }}\n y"),
            ("{% body() %}\n  **b**\n\nc\n{% end %}", "<[1:**b**\n\nc]>"),
            ("{% body() %}\u{a0}x\u{3000}{% end %}", "<[1:x]>"),
            (
                "{% body() %}{% body() %}x{% end %}{% end %}{% body() %}y{% end %}",
                "<[1:[2:x]]><[3:y]>",
            ),
            (
                "{% mb() %}{{ h() }} {{ m() }}{% end %}",
                "> <b>1</b> *1*\n\n{{ h() }}\n",
            ),
            ("{% body() %}{{/* h() */}}{% end %}", "<[1:{{ h() }}]>"),
            ("{% h() %}b{% end %}", "<<b>1</b>>"),
            (
                "{{ foo }} {{ g(x) }} {% if x %}",
                "{{ foo }} {{ g(x) }} {% if x %}",
            ),
            (
                "{{/* h() */}} {%/* h() */%}x{%/* end */%}",
                "{{ h() }} {% h() %}x{% end %}",
            ),
            (
                "@\u{FDD0}0\u{FDD0}@ {{ h() }}",
                "@\u{FFFD}0\u{FFFD}@ <<b>1</b>>",
            ),
        ];
        for (markdown, expected) in cases {
            let expanded = expanded(markdown);
            assert_eq!(shown(&expanded), expected, "{markdown}");
            assert_eq!(&expanded.problems, &[], "{markdown}");
        }
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let markdown = "x {{ bdy() }}\n\nä {% end %} {{ h(a=b) }}\n{{ fails() }}\n{% body() %}\n{{ zzzzzz() }}";
        let told: Vec<_> = expanded(markdown)
            .problems
            .iter()
            .map(Problem::to_string)
            .collect();
        let expected = [
            "error: there is no shortcode `bdy`\n  --> content/a.md:4:3\n   |\n 4 | x {{ bdy() }}\n   |   ^\n   = did you mean `body`?",
            "error: `{% end %}` closes nothing\n  --> content/a.md:6:3",
            "warning: this use of the shortcode `h` cannot be read and is shown as text\n  --> content/a.md:6:13",
            "error: it fails\n  --> content/a.md:7:1\n   |\n 7 | {{ fails() }}\n   | ^",
            "error: the body of the shortcode `body` is never closed\n  --> content/a.md:8:1",
            "error: there is no shortcode `zzzzzz`\n  --> content/a.md:9:1",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn places_of_the_expanded_text_lead_back_to_the_file() {
        let markdown = "a\n{{ h(\n) }}\nb {{ m() }} c\n{{/* h() */}}\nd";
        let Expanded {
            markdown, lines, ..
        } = expanded(markdown);
        let cases = [
            ("a", 4),
            ("@", 5),
            ("b ", 7),
            ("*1*", 7),
            (" c", 7),
            ("{{ h() }}\nd", 8),
            ("d", 9),
        ];
        for (needle, expected) in cases {
            let offset = markdown.find(needle).unwrap();
            assert_eq!(lines.line_of(offset), expected, "{needle}");
        }
    }

    #[test]
    fn hostile_text_is_expanded_in_bounds() {
        for unit in [
            "{% body() %}",
            "{% end %}",
            "{{ nope() }}",
            "{{ h(a=b) }}",
            "{{ h() }}",
        ] {
            let expanded = expanded(&unit.repeat(100_000 / unit.len()));
            assert!(expanded.problems.len() <= PROBLEMS_MAX);
        }
    }
}
