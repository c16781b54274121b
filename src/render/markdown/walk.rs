//! One walk over a text: what pulldown-cmark reads goes through here before it becomes HTML.

mod headings;
mod links;

use std::borrow::Cow;
use std::collections::HashMap;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset, html,
};

use self::headings::OpenHeading;
use super::footnotes::{Footnotes, Note};
use super::headings::Ids;
use super::highlight::{self, Fence};
use super::images::LazyImage;
use super::lines::Lines;
use super::shortcode::{self, Expanded, Piece};
use super::summary::{self, Mark};
use super::{Heading, Rendered, Text, World, anchors, emoji};
use crate::site::{Markdown, Problem};

/// Renders `text`.
pub(super) fn walk(text: &Text<'_>, world: &dyn World) -> Rendered {
    let expanded = shortcode::expand(text, world);
    let parser = Parser::new_ext(&expanded.markdown, options(text.settings));
    // A wrong link is told where it is written, which may be far from where it is used.
    let definitions = parser.reference_definitions().iter();
    let definitions = definitions.map(|(_, link)| (link.dest.to_string(), link.span.start));
    let definitions = definitions.collect();
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

/// What is known halfway.
struct Walk<'e> {
    text: &'e Text<'e>,
    world: &'e dyn World,
    expanded: &'e Expanded,
    source: Lines<'e>,
    /// Where link reference definitions begin, by where they lead.
    definitions: HashMap<String, usize>,
    /// The byte of the expanded text at which the current event begins.
    offset: usize,
    out: Vec<Event<'e>>,
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
            source: Lines::new(text.markdown),
            definitions: HashMap::new(),
            offset: 0,
            out: Vec::new(),
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
                Event::Html(html) | Event::InlineHtml(html) => self.raw(html),
                Event::FootnoteReference(name) => self.refer(name),
                other => self.out.push(other),
            }
        }
    }

    fn start(&mut self, tag: Tag<'e>) {
        match tag {
            Tag::CodeBlock(kind) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                self.code = Some(Code {
                    fence: Fence::parse(info),
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

    fn plain(&mut self, text: CowStr<'e>) {
        if self.code.is_some() {
            let text = self.filled(text);
            if let Some(code) = &mut self.code {
                code.text.push_str(&text);
            }
            return;
        }
        self.each_piece(text, |walk, text| {
            let text = walk.with_emoji(text);
            walk.title_part(&text);
            walk.out.push(Event::Text(text));
        });
    }

    fn code_span(&mut self, code: CowStr<'e>) {
        let code = self.filled(code);
        self.title_part(&code);
        self.out.push(Event::Code(code));
    }

    fn raw(&mut self, html: CowStr<'e>) {
        if self.mark.is_none() && self.around_notes.is_empty() && summary::is_mark(&html) {
            let open = self.open.iter().copied();
            self.mark = Some(Mark {
                events: self.out.len(),
                open: open.filter(|end| *end != TagEnd::HtmlBlock).collect(),
            });
            self.html(CONTINUE_READING.into());
            return;
        }
        self.each_piece(html, Self::html);
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
            let (html, problem) = highlight::block(&text, &fence, self.text.settings);
            self.html(html.into());
            self.tell_all(problem);
        }
    }

    fn end_note(&mut self) {
        if let Some(Note { name, events }) = self.around_notes.pop() {
            let events = std::mem::replace(&mut self.out, events);
            self.footnotes.define(Note { name, events });
        }
    }

    /// Whether the paragraph that ends here holds nothing but the HTML of one shortcode.
    fn is_lone_insert(&self) -> bool {
        matches!(
            self.out.as_slice(),
            [.., Event::Start(Tag::Paragraph), Event::Html(_)]
        )
    }

    fn unwrap_insert(&mut self) {
        let insert = self.out.pop();
        self.out.pop();
        self.out.extend(insert);
    }

    /// Hands each piece of `text` between shortcodes to `take`, and writes the shortcodes' HTML.
    fn each_piece(&mut self, text: CowStr<'e>, take: impl Fn(&mut Self, CowStr<'e>)) {
        let inserts = &self.expanded.inserts;
        if inserts.is_empty() {
            return take(self, text);
        }
        for piece in shortcode::split_placeholders(&text) {
            match piece {
                Piece::Text("") => (),
                Piece::Text(part) if part.len() == text.len() => take(self, text.clone()),
                Piece::Text(part) => take(self, part.to_owned().into()),
                Piece::Insert(nth) => match inserts.get(nth) {
                    Some(insert) => self.html(insert.html.as_str().into()),
                    None => (),
                },
            }
        }
    }

    fn html(&mut self, html: CowStr<'e>) {
        self.out.push(Event::Html(html));
    }

    /// `text` with what its shortcodes gave, for places where that is no HTML.
    fn filled(&self, text: CowStr<'e>) -> CowStr<'e> {
        if self.expanded.inserts.is_empty() {
            return text;
        }
        let mut filled = String::new();
        for piece in shortcode::split_placeholders(&text) {
            match piece {
                Piece::Text(part) if part.len() == text.len() => return text.clone(),
                Piece::Text(part) => filled.push_str(part),
                Piece::Insert(nth) => {
                    let insert = self.expanded.inserts.get(nth);
                    filled.push_str(insert.map_or("", |insert| insert.html.trim()));
                }
            }
        }
        filled.into()
    }

    fn with_emoji(&self, text: CowStr<'e>) -> CowStr<'e> {
        if !self.text.settings.render_emoji {
            return text;
        }
        match emoji::replace(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(replaced) => replaced.into(),
        }
    }

    /// Takes in problems that have no place yet: it is that of the current event.
    fn tell_all(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.tell(problem, self.offset);
        }
    }

    /// Takes in a problem about byte `offset` of the expanded text.
    fn tell(&mut self, problem: Problem, offset: usize) {
        let line = self.line(offset);
        let index = line.saturating_sub(self.text.first_line);
        let mut problem = problem.in_file(self.text.file);
        problem.line = u32::try_from(line).ok();
        problem.excerpt = self.source.content(index).map(Into::into);
        self.rendered.problems.push(problem);
    }

    /// The line of the file from which byte `offset` of the expanded text comes.
    fn line(&self, offset: usize) -> usize {
        self.text.first_line + self.source.index(offset)
    }

    fn finish(mut self) -> Rendered {
        let summary = self.summary();
        let mut rendered = self.rendered;
        let events = self.out.into_iter().chain(self.footnotes.into_events());
        rendered.html.reserve(self.expanded.markdown.len() * 3 / 2);
        html::push_html(&mut rendered.html, events);
        rendered.summary = summary;
        rendered.anchors = anchors::of(&rendered.html);
        rendered.toc = super::headings::nest(self.toc);
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

const CONTINUE_READING: &str = "<span id=\"continue-reading\"></span>";
