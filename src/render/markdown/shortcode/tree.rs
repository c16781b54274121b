//! Tokens become a tree of text and calls, with what is wrong about their nesting.

use super::scan::{Placed, Token, Written, tokens};

/// A part of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'t> {
    /// Text as it stands, at this byte.
    Text { text: &'t str, start: usize },
    /// Text that stands for an escape, without its marks: not in the file as it is here.
    Shown { text: String, start: usize },
    /// A call.
    Call(Called<'t>),
}

/// A call, where it begins and ends, and what stands between `{% name() %}` and `{% end %}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Called<'t> {
    pub(super) written: Written<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) body: Option<Vec<Node<'t>>>,
}

/// What is wrong at a byte of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault<'t> {
    pub(super) kind: FaultKind<'t>,
    pub(super) start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultKind<'t> {
    /// `{% name() %}` without `{% end %}`.
    Unclosed(&'t str),
    /// `{%/* name() */%}` without `{%/* end */%}`.
    UnclosedEscape,
    /// `{% end %}` or `{%/* end */%}` with nothing to end.
    StrayEnd(&'t str),
    /// A body in a body in a body, too deep.
    TooDeep(&'t str),
    /// `{{ name(` that does not go on as a call.
    Malformed(&'t str),
}

/// The nodes of `text`, at most [`DEPTH_MAX`] bodies deep, and its faults from top to bottom.
pub(super) fn parse(text: &str) -> (Vec<Node<'_>>, Vec<Fault<'_>>) {
    let mut builder = Builder {
        text,
        nodes: Vec::new(),
        open: Vec::new(),
        faults: Vec::new(),
    };
    let mut escape = None;
    for placed in tokens(text) {
        match &mut escape {
            None => escape = builder.take(placed),
            Some(within) => {
                if let Some(shown) = within.take(text, &placed) {
                    builder.nodes.push(shown);
                    escape = None;
                }
            }
        }
    }
    if let Some(unclosed) = escape {
        builder.fault(FaultKind::UnclosedEscape, unclosed.start);
    }
    builder.finish()
}

/// A call whose `{% end %}` is still to come.
struct Open<'t> {
    written: Written<'t>,
    start: usize,
    /// What came before it in the same body.
    before: Vec<Node<'t>>,
}

struct Builder<'t> {
    text: &'t str,
    /// The nodes of the innermost body so far.
    nodes: Vec<Node<'t>>,
    /// The bodies around it, the innermost last.
    open: Vec<Open<'t>>,
    faults: Vec<Fault<'t>>,
}

impl<'t> Builder<'t> {
    /// Takes a token outside of any escaped body; gives back the one that begins with it.
    fn take(&mut self, placed: Placed<'t>) -> Option<Escape> {
        let Placed { token, start, end } = placed;
        match token {
            Token::Inline(written) => self.nodes.push(Node::Call(Called {
                written,
                start,
                end,
                body: None,
            })),
            Token::Open(written) if self.open.len() < DEPTH_MAX => self.open.push(Open {
                written,
                start,
                before: std::mem::take(&mut self.nodes),
            }),
            Token::Open(written) => self.refuse_depth(written.name, start),
            Token::Close => self.close(start, end),
            Token::EscapedInline(inner) => self.nodes.push(Node::Shown {
                text: format!("{{{{{inner}}}}}"),
                start,
            }),
            Token::EscapedOpen(inner) => return Some(Escape::begin(inner, start)),
            Token::EscapedClose(_) => self.stray(start, end),
            Token::Text => self.text(start, end),
            Token::Malformed(name) => {
                self.fault(FaultKind::Malformed(name), start);
                self.text(start, end);
            }
        }
        None
    }

    fn close(&mut self, start: usize, end: usize) {
        let Some(Open {
            written,
            start,
            before,
        }) = self.open.pop()
        else {
            self.stray(start, end);
            return;
        };
        let body = std::mem::replace(&mut self.nodes, before);
        self.nodes.push(Node::Call(Called {
            written,
            start,
            end,
            body: Some(body),
        }));
    }

    fn text(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default();
        self.nodes.push(Node::Text { text, start });
    }

    fn stray(&mut self, start: usize, end: usize) {
        let written = self.text.get(start..end).unwrap_or_default();
        self.fault(FaultKind::StrayEnd(written), start);
    }

    /// Tells it once: what is too deep once is so a thousand times.
    fn refuse_depth(&mut self, name: &'t str, start: usize) {
        let told = |fault: &Fault<'_>| matches!(fault.kind, FaultKind::TooDeep(_));
        if !self.faults.iter().any(told) {
            self.fault(FaultKind::TooDeep(name), start);
        }
    }

    fn fault(&mut self, kind: FaultKind<'t>, start: usize) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault { kind, start });
        }
    }

    /// Bodies that never ended become part of the text around them.
    fn finish(mut self) -> (Vec<Node<'t>>, Vec<Fault<'t>>) {
        while let Some(open) = self.open.pop() {
            let unclosed = std::mem::replace(&mut self.nodes, open.before);
            self.nodes.extend(unclosed);
            self.fault(FaultKind::Unclosed(open.written.name), open.start);
        }
        self.faults.sort_by_key(|fault| fault.start);
        (self.nodes, self.faults)
    }
}

/// An escaped body: all of it is text, except for the marks of its own beginning and end.
struct Escape {
    shown: String,
    start: usize,
    depth: usize,
}

impl Escape {
    fn begin(inner: &str, start: usize) -> Self {
        Self {
            shown: format!("{{%{inner}%}}"),
            start,
            depth: 0,
        }
    }

    /// Takes a token within; gives back the node that ends with it.
    fn take(&mut self, text: &str, placed: &Placed<'_>) -> Option<Node<'static>> {
        match placed.token {
            Token::EscapedOpen(_) => self.depth += 1,
            Token::EscapedClose(inner) if self.depth == 0 => {
                let text = std::mem::take(&mut self.shown) + &format!("{{%{inner}%}}");
                return Some(Node::Shown {
                    text,
                    start: self.start,
                });
            }
            Token::EscapedClose(_) => self.depth -= 1,
            _ => {}
        }
        let verbatim = text.get(placed.start..placed.end).unwrap_or_default();
        self.shown.push_str(verbatim);
        None
    }
}

/// Bodies in bodies.
const DEPTH_MAX: usize = 32;

/// Faults that are told of one text.
const FAULTS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// The nodes in short: `f(...)` for a call with its body, `'...'` for what is shown.
    fn sketch(nodes: &[Node<'_>]) -> String {
        let node = |node: &Node<'_>| match node {
            Node::Text { text, .. } => (*text).to_owned(),
            Node::Shown { text, .. } => format!("'{text}'"),
            Node::Call(called) => {
                let body = called.body.as_ref().map(|body| sketch(body));
                format!("{}({})", called.written.name, body.unwrap_or_default())
            }
        };
        nodes.iter().map(node).collect()
    }

    #[test]
    fn bodies_nest() {
        let cases = [
            ("a {{ f() }} b", "a f() b"),
            ("{% f() %}x{% end %}y", "f(x)y"),
            ("{% f() %}{% end %}", "f()"),
            (
                "{% f() %}a{% g() %}b{% end %}{{ h() }}{%end%}c",
                "f(ag(b)h())c",
            ),
            ("{% f() %}{% endraw %}x{% end %}", "f({% endraw %}x)"),
            ("{{/* f() */}}|{{/*f()*/}}", "'{{ f() }}'|'{{f()}}'"),
            ("{% f() %}{{/* g() */}}{% end %}", "f('{{ g() }}')"),
            (
                "{%/* f(a=1) */%} {{ g() }} {%/* end */%}",
                "'{% f(a=1) %} {{ g() }} {% end %}'",
            ),
            (
                "{%/* f() */%}{{/* g() */}}{% g() %}{% end %}{%/* end */%}",
                "'{% f() %}{{/* g() */}}{% g() %}{% end %}{% end %}'",
            ),
            (
                "{%/* a() */%}{%/* b() */%}x{%/* end */%}{{ h() }}{%/* end */%}{{ h() }}",
                "'{% a() %}{%/* b() */%}x{%/* end */%}{{ h() }}{% end %}'h()",
            ),
            (
                "{%/* a() */%} {% end %} {%/* end */%}",
                "'{% a() %} {% end %} {% end %}'",
            ),
        ];
        for (text, expected) in cases {
            let (nodes, faults) = parse(text);
            assert_eq!(sketch(&nodes), expected, "{text}");
            assert_eq!(faults, [], "{text}");
        }
    }

    #[test]
    fn faults_are_found_where_they_are() {
        let unclosed = FaultKind::Unclosed;
        let cases = [
            ("{% end %}", vec![(FaultKind::StrayEnd("{% end %}"), 0)]),
            ("`{% end %}`", vec![(FaultKind::StrayEnd("{% end %}"), 1)]),
            (
                "x {%/* end */%}",
                vec![(FaultKind::StrayEnd("{%/* end */%}"), 2)],
            ),
            ("{% f() %}x", vec![(unclosed("f"), 0)]),
            ("{% f() %}x{% endf %}", vec![(unclosed("f"), 0)]),
            (
                "{% f() %}{% g() %}x",
                vec![(unclosed("f"), 0), (unclosed("g"), 9)],
            ),
            (
                "{% f() %}{% end %} {% end %}",
                vec![(FaultKind::StrayEnd("{% end %}"), 19)],
            ),
            (
                "{%/* f() */%} {{ h() }}",
                vec![(FaultKind::UnclosedEscape, 0)],
            ),
            ("{{ f(a=b) }}", vec![(FaultKind::Malformed("f"), 0)]),
        ];
        for (text, expected) in cases {
            let faults: Vec<_> = parse(text)
                .1
                .into_iter()
                .map(|fault| (fault.kind, fault.start))
                .collect();
            assert_eq!(faults, expected, "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_bounded() {
        let openings = "{% a() %}".repeat(12_000);
        let (_, faults) = parse(&openings);
        assert_eq!(faults.len(), DEPTH_MAX + 1);
        let ends = "{% end %}".repeat(12_000);
        let (_, faults) = parse(&ends);
        assert_eq!(faults.len(), FAULTS_MAX);
    }
}
