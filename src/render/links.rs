//! Links between pages: each must lead somewhere, and each is known at its other end.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::{address, markdown::Rendered, value::Draft, world::World};
use crate::site::{ContentFile, Problem, Severity, nearest};

/// The pages and sections that link to each page and to each section, as templates see them.
#[derive(Debug)]
pub(super) struct Backlinks {
    /// In the order of the source's pages.
    pub(super) pages: Vec<Vec<Value>>,
    /// In the order of its sections.
    pub(super) sections: Vec<Vec<Value>>,
}

/// A page or a section, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Document {
    Page(usize),
    Section(usize),
}

/// Checks the fragment of every internal link (that its page exists was checked where it was
/// rendered), and notes who links to whom.
pub(super) fn check(
    world: &World,
    pages: &[Draft],
    sections: &[Draft],
) -> (Backlinks, Vec<Problem>) {
    let (source, library) = (&world.source, &world.library);
    let mut problems = Vec::new();
    let mut linked: HashMap<Document, BTreeSet<Document>> = HashMap::new();
    let all_pages = pages
        .iter()
        .enumerate()
        .map(|(n, draft)| (Document::Page(n), &draft.text));
    let all_sections = sections
        .iter()
        .enumerate()
        .map(|(n, draft)| (Document::Section(n), &draft.text));
    for (from, text) in all_pages.chain(all_sections) {
        for link in &text.internal_links {
            let path = address::decoded(&link.path);
            let page = library.page_of.get(&*path).map(|n| Document::Page(*n));
            let section = || {
                library
                    .section_of
                    .get(&*path)
                    .map(|n| Document::Section(*n))
            };
            let Some(to) = page.or_else(section) else {
                continue;
            };
            linked.entry(to).or_default().insert(from);
            let target = match to {
                Document::Page(n) => pages.get(n).map(|draft| &draft.text),
                Document::Section(n) => sections.get(n).map(|draft| &draft.text),
            };
            let fragment = link
                .fragment
                .as_deref()
                .filter(|fragment| !fragment.is_empty());
            if let (Some(target), Some(fragment), Some(file)) =
                (target, fragment, file(world, from))
            {
                let complaint = fragment_problem(world, (&link.path, fragment, target));
                let place = (file, link.line, fragment);
                problems.extend(complaint.map(|problem| placed(world, problem, place)));
            }
        }
    }
    let ends = |document: Document| {
        let from = linked.get(&document).into_iter().flatten();
        from.filter_map(|from| end(world, *from)).collect()
    };
    let backlinks = Backlinks {
        pages: (0..source.pages.len())
            .map(|n| ends(Document::Page(n)))
            .collect(),
        sections: (0..source.sections.len())
            .map(|n| ends(Document::Section(n)))
            .collect(),
    };
    (backlinks, problems)
}

/// A problem with its line, which is read again for it: few links are wrong.
fn placed(
    world: &World,
    problem: Problem,
    (file, line, fragment): (&ContentFile, usize, &str),
) -> Problem {
    let name = format!("content/{}", file.relative);
    let text = world.source.files.read(&name).unwrap_or_default();
    problem
        .in_file(name)
        .at_line(&String::from_utf8_lossy(&text), line)
        .marked(&format!("#{fragment}"))
}

/// What is wrong with a link to `fragment` of a page; nothing if it leads somewhere.
fn fragment_problem(
    world: &World,
    (path, fragment, target): (&str, &str, &Rendered),
) -> Option<Problem> {
    let anchors = || target.anchors.iter().map(String::as_str);
    if anchors().any(|anchor| anchor == fragment) {
        return None;
    }
    if let Some(anchor) = anchors().find(|anchor| anchor.eq_ignore_ascii_case(fragment)) {
        let what = format!("the link `@/{path}#{fragment}` is written with other letter cases");
        return Some(
            Problem::warning(what).way_out(format!("write `#{anchor}`: browsers tell them apart")),
        );
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
    Some(
        Problem {
            severity,
            ..Problem::error(what)
        }
        .way_out(way_out),
    )
}

fn file(world: &World, document: Document) -> Option<&ContentFile> {
    match document {
        Document::Page(n) => world.source.pages.get(n).map(|page| &page.file),
        Document::Section(n) => world.source.sections.get(n).map(|section| &section.file),
    }
}

fn end(world: &World, document: Document) -> Option<Value> {
    let (title, address) = match document {
        Document::Page(n) => (
            &world.source.pages.get(n)?.front.title,
            world.addresses.pages.get(n)?,
        ),
        Document::Section(n) => (
            &world.source.sections.get(n)?.front.title,
            world.addresses.sections.get(n)?,
        ),
    };
    Some(json!({ "permalink": address.permalink, "title": title }))
}
