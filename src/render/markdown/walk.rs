//! One walk over a text: what pulldown-cmark reads goes through here before it becomes HTML.

mod headings;
mod links;
mod pieces;

use std::collections::HashMap;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset, html,
};

use self::headings::OpenHeading;
use super::footnotes::{Footnotes, Note};
use super::headings::Ids;
use super::highlight::{self, Fence};
use super::images::LazyImage;
use super::shortcode::{self, Expanded};
use super::summary::{self, Mark};
use super::{Rendered, Text, Toc, World, anchors, toc::Heading};
use crate::site::{Markdown, Problem};

/// Renders `text`.
pub(super) fn walk(text: &Text<'_>, world: &dyn World) -> Rendered {
    let expanded = shortcode::expand(text, world);
    let parser = Parser::new_ext(&expanded.markdown, options(text.settings));
    let definitions = internal_definitions(&parser);
    let events: Vec<_> = TextMergeWithOffset::new(parser.into_offset_iter()).collect();
    let written = events.iter().filter_map(|(event, _)| match event {
        Event::Start(Tag::Heading { id: Some(id), .. }) => Some(id.to_string()),
        _ => None,
    });
    let ids = Ids::new(text.slug_anchors, written.collect());
    let mut walk = Walk::new(text, world, &expanded, ids);
    walk.definitions = definitions;
    for (event, range) in events {
        walk.offset = range.start;
        walk.event(event);
    }
    let mut rendered = walk.finish();
    rendered.problems.splice(0..0, expanded.problems);
    rendered
}

fn options(settings: &Markdown) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    for (wanted, option) in [
        (
            settings.smart_punctuation,
            Options::ENABLE_SMART_PUNCTUATION,
        ),
        (settings.definition_list, Options::ENABLE_DEFINITION_LIST),
        (settings.github_alerts, Options::ENABLE_GFM),
    ] {
        options.set(option, wanted);
    }
    options
}

/// Where the definitions of reference links to pages begin, by where they lead.
///
/// A wrong link is told where it is written, which may be far from where it is used.
fn internal_definitions(parser: &Parser<'_>) -> HashMap<String, usize> {
    let mut definitions = HashMap::new();
    for (_, link) in parser.reference_definitions().iter() {
        if link.dest.starts_with("@/") {
            let start = definitions.entry(link.dest.to_string());
            // They come in no order; the first one counts.
            let start = start.or_insert(link.span.start);
            *start = link.span.start.min(*start);
        }
    }
    definitions
}

/// What is known halfway.
struct Walk<'e> {
    text: &'e Text<'e>,
    world: &'e dyn World,
    expanded: &'e Expanded,
    /// See [`internal_definitions`].
    definitions: HashMap<String, usize>,
    /// The byte of the expanded text at which the current event begins.
    offset: usize,
    out: Vec<Event<'e>>,
    /// How long `out` was after a shortcode's HTML, the last one in the current paragraph.
    inserted: Option<usize>,
    /// What is open, outermost first.
    open: Vec<TagEnd>,
    code: Option<Code>,
    heading: Option<OpenHeading<'e>>,
    ids: Ids,
    image: Option<LazyImage>,
    footnotes: Footnotes<'e>,
    /// What stood around each open footnote that goes to the bottom.
    around_notes: Vec<Note<'e>>,
    /// Where in `out` footnotes are referred to: not in a summary.
    references: Vec<usize>,
    mark: Option<Mark>,
    toc: Vec<Heading>,
    rendered: Rendered,
}

/// A code block until it ends.
struct Code {
    fence: Fence,
    text: String,
}

impl<'e> Walk<'e> {
    fn new(text: &'e Text<'e>, world: &'e dyn World, expanded: &'e Expanded, ids: Ids) -> Self {
        Self {
            text,
            world,
            expanded,
            ids,
            definitions: HashMap::new(),
            offset: 0,
            out: Vec::new(),
            inserted: None,
            open: Vec::new(),
            code: None,
            heading: None,
            image: None,
            footnotes: Footnotes::default(),
            around_notes: Vec::new(),
            references: Vec::new(),
            mark: None,
            toc: Vec::new(),
            rendered: Rendered::default(),
        }
    }

    fn event(&mut self, event: Event<'e>) {
        if let Some(event) = self.past_image(event) {
            match event {
                Event::Start(tag) => {
                    self.open.push(tag.to_end());
                    self.start(tag);
                }
                Event::End(end) => {
                    self.open.pop();
                    self.end(end);
                }
                Event::Text(text) => self.plain(text),
                Event::Code(code) => self.code_span(code),
                Event::Html(html) => self.raw(html, Event::Html),
                Event::InlineHtml(html) => self.raw(html, Event::InlineHtml),
                Event::FootnoteReference(name) => self.refer(name),
                other => self.out.push(other),
            }
        }
    }

    fn start(&mut self, tag: Tag<'e>) {
        match tag {
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => self.filled(info),
                    CodeBlockKind::Indented => "".into(),
                };
                self.code = Some(Code {
                    fence: Fence::parse(&info),
                    text: String::new(),
                });
            }
            Tag::Heading {
                level, id, classes, ..
            } => self.start_heading(level, id, classes),
            Tag::FootnoteDefinition(name) if self.text.settings.bottom_footnotes => {
                let events = std::mem::take(&mut self.out);
                self.around_notes.push(Note { name, events });
            }
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => self.start_link(link_type, dest_url, title, id),
            Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            } => self.start_image(link_type, dest_url, title, id),
            Tag::Paragraph => {
                self.inserted = None;
                self.out.push(Event::Start(tag));
            }
            other => self.out.push(Event::Start(other)),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::FootnoteDefinition if self.text.settings.bottom_footnotes => self.end_note(),
            TagEnd::Paragraph if self.is_lone_insert() => self.unwrap_insert(),
            end => self.out.push(Event::End(end)),
        }
    }

    fn refer(&mut self, name: CowStr<'e>) {
        if self.around_notes.is_empty() {
            self.references.push(self.out.len());
        }
        if self.text.settings.bottom_footnotes {
            let reference = self.footnotes.refer(name);
            self.html(reference.into());
        } else {
            self.out.push(Event::FootnoteReference(name));
        }
    }

    fn end_code(&mut self) {
        if let Some(Code { fence, text }) = self.code.take() {
            let (html, complaint) =
                highlight::block(&text, &fence, (self.text.settings, self.text.shelf));
            self.html(html.into());
            self.tell_all(complaint.map(self.grammar_problem()));
        }
    }

    /// How bad it is that a language has no grammar is up to the site.
    fn grammar_problem(&self) -> fn(String) -> Problem {
        let highlighting = self.text.settings.highlighting.as_ref();
        match highlighting.is_some_and(|wanted| wanted.error_on_missing_language) {
            true => Problem::error,
            false => Problem::warning,
        }
    }

    fn end_note(&mut self) {
        if let Some(Note { name, events }) = self.around_notes.pop() {
            let events = std::mem::replace(&mut self.out, events);
            self.footnotes.define(Note { name, events });
        }
    }

    fn html(&mut self, html: CowStr<'e>) {
        self.out.push(Event::Html(html));
    }

    /// Takes in problems that have no place yet: it is that of the current event.
    fn tell_all(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.tell(problem, self.offset);
        }
    }

    /// Takes in a problem about byte `offset` of the expanded text.
    fn tell(&mut self, mut problem: Problem, offset: usize) {
        if self.rendered.problems.len() >= PROBLEMS_MAX {
            return;
        }
        let line = self.expanded.lines.line_of(offset);
        if problem.file.is_some() {
            let at = self.text.place(line);
            self.rendered.problems.push(problem.during(&at));
            return;
        }
        let index = line.saturating_sub(self.text.first_line);
        let excerpt = self.text.markdown.lines().nth(index);
        problem.file = Some(self.text.file.into());
        problem.line = u32::try_from(line).ok();
        problem.excerpt = excerpt.map(|line| line.trim_end().chars().take(EXCERPT_MAX).collect());
        self.rendered.problems.push(problem);
    }

    /// Marks in the last problem's line what it is about.
    fn mark(&mut self, needle: &str) {
        if let Some(last) = self.rendered.problems.pop() {
            self.rendered.problems.push(last.marked(needle));
        }
    }

    fn finish(mut self) -> Rendered {
        let summary = self.summary();
        let mut rendered = self.rendered;
        let events = self.out.into_iter().chain(self.footnotes.into_events());
        rendered.html.reserve(self.expanded.markdown.len() * 3 / 2);
        html::push_html(&mut rendered.html, events);
        rendered.summary = summary;
        rendered.anchors = anchors::of(&rendered.html);
        rendered.toc = Toc::of(self.toc);
        rendered
    }

    fn summary(&mut self) -> Option<String> {
        let mark = self.mark.take()?;
        let cutoff = if mark.cuts() {
            self.world.summary_cutoff()
        } else {
            Ok(String::new())
        };
        let cutoff = cutoff.unwrap_or_else(|problem| {
            self.tell_all([problem]);
            String::new()
        });
        summary::cut(&self.out, &self.references, &mark, &cutoff)
    }
}

/// Problems that are told of one text, beside those of its shortcodes.
const PROBLEMS_MAX: usize = 100;

/// Characters of a line that are shown with a problem.
const EXCERPT_MAX: usize = 240;

#[cfg(test)]
mod tests {
    use super::super::testing::{rendered, rendered_with};
    use super::*;
    use crate::site::{Highlighting, Severity};

    #[test]
    fn what_is_always_on() {
        for (markdown, html) in [
            (
                "|a|b|c|\n|:-|:-:|-:|\n|1|2|3|\n|`x|y`|*z*|\n",
                "<table><thead><tr><th style=\"text-align: left\">a</th><th style=\"text-align: center\">b</th><th style=\"text-align: right\">c</th></tr></thead><tbody>\n<tr><td style=\"text-align: left\">1</td><td style=\"text-align: center\">2</td><td style=\"text-align: right\">3</td></tr>\n<tr><td style=\"text-align: left\">`x</td><td style=\"text-align: center\">y`</td><td style=\"text-align: right\"><em>z</em></td></tr>\n</tbody></table>\n",
            ),
            (
                "- [ ] a\n- [x] b\n\n~~del~~ ~one~ H~2~O x^2^ \n",
                "<ul>\n<li><input disabled=\"\" type=\"checkbox\"/>\na</li>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\nb</li>\n</ul>\n<p><del>del</del> <del>one</del> H~2~O x^2^</p>\n",
            ),
            (
                "term\n: def\n\nt2\n: d2\n\n: d3\n",
                "<p>term\n: def</p>\n<p>t2\n: d2</p>\n<p>: d3</p>\n",
            ),
            (
                "> [!NOTE]\n> hi\n\n> [!warning]\n> x\n",
                "<blockquote>\n<p>[!NOTE]\nhi</p>\n</blockquote>\n<blockquote>\n<p>[!warning]\nx</p>\n</blockquote>\n",
            ),
            (
                "\"quoted\" -- it's... `\"x\"`\n\n# \"Q\" it's\n",
                "<p>\"quoted\" -- it's... <code>\"x\"</code></p>\n<h1 id=\"q-it-s\">\"Q\" it's</h1>\n",
            ),
            (
                ":smile: `:smile:` :nope: :+1: a:smile:b\n\n    :smile:\n\n# h :heart:\n\n[:smile:](http://a.b)",
                "<p>:smile: <code>:smile:</code> :nope: :+1: a:smile:b</p>\n<pre><code>:smile:\n</code></pre>\n<h1 id=\"h-heart\">h :heart:</h1>\n<p><a rel=\"external\" href=\"http://a.b\">:smile:</a></p>\n",
            ),
            (
                "$$ a_b_c $$ $x$\n\n$$\n\\begin{a}\nx_1 & <\n\\end{a}\n$$\n",
                "<p>$$ a_b_c $$ $x$</p>\n<p>$$\n\\begin{a}\nx_1 &amp; &lt;\n\\end{a}\n$$</p>\n",
            ),
            (
                "<div>\n\n*a*\n\n</div>\n\n<span id=\"foo\">x</span> <a name='bar'>\n\n<h2 id=\"raw\">Raw</h2>\n\n# Raw\n",
                "<div>\n<p><em>a</em></p>\n</div>\n<p><span id=\"foo\">x</span> <a name='bar'></p>\n<h2 id=\"raw\">Raw</h2>\n<h1 id=\"raw\">Raw</h1>\n",
            ),
            (
                "---\nx: y\n---\n\n+++\nz\n+++\n",
                "<hr />\n<h2 id=\"x-y\">x: y</h2>\n<p>+++\nz\n+++</p>\n",
            ),
            ("a  \nb\\\nc\n", "<p>a<br />\nb<br />\nc</p>\n"),
            (
                "H~2~O ==mark== ++ins++ ||sp||",
                "<p>H~2~O ==mark== ++ins++ ||sp||</p>\n",
            ),
            ("[[target]] [[a|b]]", "<p>[[target]] [[a|b]]</p>\n"),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn what_is_switched_on() {
        type Case = (&'static str, &'static str, fn(&mut Markdown));
        let cases: [Case; 4] = [
            (
                ":smile: `:smile:` :nope: :+1: a:smile:b :s\n\n    :smile:\n\n# h :heart:\n\n[:smile:](http://a.b) <b title=\":smile:\"> :smile: x</b> ![:smile:](x.png)\n\n<div>:smile:</div>\n\n```\n:smile:\n```\n\n:smi*le*: :man_cook: :1234: a::b :: :smile::heart:",
                "<p>😄 <code>:smile:</code> :nope: 👍 a😄b :s</p>\n<pre><code>:smile:\n</code></pre>\n<h1 id=\"h-heart\">h ❤️</h1>\n<p><a rel=\"external\" href=\"http://a.b\">😄</a> <b title=\":smile:\"> 😄 x</b> <img src=\"https://example.org/p/x.png\" alt=\"😄\" /></p>\n<div>:smile:</div>\n<pre><code>:smile:\n</code></pre>\n<p>:smi<em>le</em>: 👨‍🍳 🔢 a::b :: 😄❤️</p>\n",
                |settings| settings.render_emoji = true,
            ),
            (
                "term\n: def\n\nt2\n: d2\n\n: d3\n\n  more\n\nx : y\n",
                "<dl>\n<dt>term</dt>\n<dd>\n<p>def</p>\n</dd>\n<dt>t2</dt>\n<dd>\n<p>d2</p>\n</dd>\n<dd>\n<p>d3</p>\n<p>more</p>\n</dd>\n</dl>\n<p>x : y</p>\n",
                |settings| settings.definition_list = true,
            ),
            (
                "> [!NOTE]\n> hi\n\n> [!warning]\n> x\n\n> [!TIP]\n\n> [!IMPORTANT]\n> - l\n\n> [!CAUTION] t\n> y\n\n> [!FOO]\n> y\n\n> plain [!NOTE]\n",
                "<blockquote class=\"markdown-alert-note\">\n<p>hi</p>\n</blockquote>\n<blockquote class=\"markdown-alert-warning\">\n<p>x</p>\n</blockquote>\n<blockquote class=\"markdown-alert-tip\">\n</blockquote>\n<blockquote class=\"markdown-alert-important\">\n<ul>\n<li>l</li>\n</ul>\n</blockquote>\n<blockquote>\n<p>[!CAUTION] t\ny</p>\n</blockquote>\n<blockquote>\n<p>[!FOO]\ny</p>\n</blockquote>\n<blockquote>\n<p>plain [!NOTE]</p>\n</blockquote>\n",
                |settings| settings.github_alerts = true,
            ),
            (
                "\"quoted\" -- it's... `\"x\"` --- a\n",
                "<p>“quoted” – it’s… <code>\"x\"</code> — a</p>\n",
                |settings| settings.smart_punctuation = true,
            ),
        ];
        for (markdown, html, change) in cases {
            assert_eq!(rendered_with(markdown, change).html, html, "{markdown}");
        }
    }

    #[test]
    fn code() {
        for (markdown, html) in [
            ("`a <b>`", "<p><code>a &lt;b&gt;</code></p>\n"),
            (
                "- a\n  ```rust\n  x\n\n  y\n  ```\n",
                "<ul>\n<li>a<pre><code data-lang=\"rust\">x\n\ny\n</code></pre>\n</li>\n</ul>\n",
            ),
            ("    a\n    b\n", "<pre><code>a\nb\n</code></pre>\n"),
            ("```plain\na\n```\n", "<pre><code>a\n</code></pre>\n"),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn an_unknown_language_is_told_where_it_stands() {
        for (strict, severity) in [(true, Severity::Error), (false, Severity::Warning)] {
            let rendered = rendered_with("a\n\n```nolang\nx\n```\n", |settings| {
                settings.highlighting = Some(Highlighting {
                    error_on_missing_language: strict,
                    theme: "github-dark".into(),
                    ..Highlighting::default()
                });
            });
            let told = rendered.problems.iter();
            let told: Vec<_> = told
                .map(|problem| (problem.severity, problem.line))
                .collect();
            assert_eq!(told, [(severity, Some(6))]);
        }
    }

    #[test]
    fn hostile_texts_end_soon() {
        let many = 20_000;
        for markdown in [
            ">".repeat(many),
            "- ".repeat(many),
            "[".repeat(many),
            "![".repeat(many) + &"](x)".repeat(many),
            "*a ".repeat(many),
            "<".repeat(many),
            "<!-- ".repeat(many),
            "# a\n".repeat(many),
            "# a-1\n# a\n".repeat(many / 2),
            "[^1]: x[^1]\n\n".repeat(many),
            "[a](@/no.md)\n\n".repeat(many / 4),
            "a <!-- more --> ".repeat(many),
            ":a".repeat(many),
            "<a id=".repeat(many),
            "|a".repeat(many) + "\n" + &"|-".repeat(many),
            "\0\u{feff}\u{202e}# \r# \r\n".repeat(many),
        ] {
            rendered_with(&markdown, |settings| {
                settings.bottom_footnotes = true;
                settings.render_emoji = true;
                settings.lazy_async_image = true;
                settings.definition_list = true;
            });
        }
    }
}
