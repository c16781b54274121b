//! Links between pages: each must lead somewhere, and each is known at its other end.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    address, ask,
    last::Last,
    texts,
    world::{Document, World},
};
use crate::site::{ContentFile, Problem, Severity, nearest};

/// Who links to each page and to each section.
#[derive(Debug, Default)]
pub(super) struct Backlinks {
    /// Who is linked to, and who links there, by their [`code`]s; sorted.
    pairs: Box<[(u32, u32)]>,
}

impl Backlinks {
    /// What they take in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.pairs)
    }

    /// As templates see them.
    pub(super) fn of(&self, world: &World, document: Document) -> Value {
        let own = code(document);
        let first = self.pairs.partition_point(|(to, _)| *to < own);
        let pairs = self.pairs.get(first..).unwrap_or_default();
        let from = pairs.iter().take_while(|(to, _)| *to == own);
        let from = from.map(|(_, from)| of_code(*from));
        from.filter_map(|from| end(world, from)).collect()
    }
}

/// A document in a fourth of its room, in the same order: pages before sections.
fn code(document: Document) -> u32 {
    match document {
        Document::Page(number) => number as u32,
        Document::Section(number) => number as u32 | SECTION,
    }
}

fn of_code(code: u32) -> Document {
    match code & SECTION {
        0 => Document::Page(code as usize),
        _ => Document::Section((code & !SECTION) as usize),
    }
}

const SECTION: u32 = 1 << 31;

/// The links of a whole site.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) backlinks: Arc<Backlinks>,
    /// What is wrong with them.
    pub(super) problems: Vec<Problem>,
}

/// The links of `world`: those of the last run, if it had the same pages and settings and none of its texts
/// links otherwise.
pub(super) fn check(world: &World) -> Arc<Links> {
    let last = world.last.as_ref();
    let order = &world.arranged.order;
    let is_like = |last: &&Arc<Last>| {
        let before = &last.arranged.order;
        before.ids == order.ids && before.settings == order.settings
    };
    if let Some(last) = last.filter(is_like) {
        let is_linked = |document: Document| {
            let now = world.slot(document).and_then(|slot| slot.kept());
            let pair = now.zip(last.text(document));
            pair.is_none_or(|(now, before)| Arc::ptr_eq(now, before) || now.is_linked_as(before))
        };
        let mut looked_at = world.looked_at.get().into_iter().flatten().copied();
        if looked_at.all(is_linked) {
            return Arc::clone(&last.links);
        }
    }
    Arc::new(checked(world))
}

/// Checks the fragment of every internal link (that its page exists was checked where it was
/// rendered), and notes who links to whom.
fn checked(world: &World) -> Links {
    let mut links = Links::default();
    let mut pairs = Vec::new();
    let texts = world
        .documents()
        .filter_map(|from| Some((from, world.kept(from)?)));
    for (from, text) in texts {
        for link in text.links.iter() {
            let Some(to) = target(world, link.path) else {
                continue;
            };
            pairs.push((code(to), code(from)));
            let fragment = link.fragment;
            let fragment = fragment.filter(|fragment| !fragment.is_empty());
            let Some(fragment) = fragment.filter(|fragment| !leads(world, to, fragment)) else {
                continue;
            };
            if let Some(file) = world.file(from) {
                let problem = fragment_problem(world, (link.path, fragment, to));
                let place = (file, link.line, fragment);
                links.problems.push(placed(world, problem, place));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    links.backlinks = Arc::new(Backlinks {
        pairs: pairs.into(),
    });
    links
}

/// What a link to `path` leads to.
fn target(world: &World, path: &str) -> Option<Document> {
    world.addresses.document(&address::decoded(path))
}

/// Whether there is a `fragment` in a text.
fn leads(world: &World, to: Document, fragment: &str) -> bool {
    let target = world.kept(to);
    target.is_some_and(|target| target.anchors.binary_search(&ask::digest(fragment)).is_ok())
}

/// A problem with its line, which is read again for it: few links are wrong.
fn placed(
    world: &World,
    problem: Problem,
    (file, line, fragment): (&ContentFile, usize, &str),
) -> Problem {
    let name = file.path();
    let text = world.source.files.read(name).unwrap_or_default();
    problem
        .in_file(name)
        .at_line(&String::from_utf8_lossy(&text), line)
        .marked(&format!("#{fragment}"))
}

/// What is wrong with a link to `fragment` of a page that has none of that name.
fn fragment_problem(world: &World, (path, fragment, to): (&str, &str, Document)) -> Problem {
    let (target, _) = texts::render_one(world, to);
    let anchors = || target.anchors.iter().map(String::as_str);
    if let Some(anchor) = anchors().find(|anchor| anchor.eq_ignore_ascii_case(fragment)) {
        let what = format!("the link `@/{path}#{fragment}` is written with other letter cases");
        let way_out = format!("write `#{anchor}`: browsers tell them apart");
        return Problem::warning(what).way_out(way_out);
    }
    let what = format!("the link `@/{path}#{fragment}` leads to a heading that is not there");
    let way_out = match nearest(fragment, anchors()) {
        Some(near) => format!("did you mean `#{near}`?"),
        None => "take the fragment away, or give the heading that id: `## Title {#id}`".into(),
    };
    let warns = world.source.config.internal_links_warn;
    let severity = if warns {
        Severity::Warning
    } else {
        Severity::Error
    };
    let problem = Problem {
        severity,
        ..Problem::error(what)
    };
    problem.way_out(way_out)
}

fn end(world: &World, document: Document) -> Option<Value> {
    let permalink = &world.address(document)?.permalink;
    Some(json!({ "permalink": permalink, "title": world.title(document) }))
}
