//! Every Markdown text is rendered, and becomes part of the values that templates see.

use rayon::prelude::*;
use serde_json::Value;

use super::{
    links,
    markdown::{self, Rendered, Text},
    value::{Backlinks, Shelf},
    world::{Around, Values, World},
};
use crate::site::{Body, ContentFile, InsertAnchor, Problem};

/// Renders all texts, side by side.
pub(super) fn render(world: &World) -> (Values, Vec<Problem>) {
    let none = Backlinks::default();
    let shelf = Shelf {
        world,
        backlinks: &none,
    };
    let pages: Vec<Rendered> = (0..world.source.pages.len())
        .into_par_iter()
        .map(|n| page(&shelf, n))
        .collect();
    let sections: Vec<Rendered> = (0..world.source.sections.len())
        .into_par_iter()
        .map(|n| section(&shelf, n))
        .collect();
    let mut problems: Vec<Problem> = pages
        .iter()
        .chain(&sections)
        .flat_map(|text| text.problems.clone())
        .collect();
    let (backlinks, found) = links::check(world, &pages, &sections);
    problems.extend(found);
    let shelf = Shelf {
        world,
        backlinks: &backlinks,
    };
    let pages = pages.into_par_iter().enumerate();
    let pages = pages
        .map(|(n, text)| shelf.page(n, text).unwrap_or_default())
        .collect();
    let sections = sections.into_par_iter().enumerate();
    let sections = sections
        .map(|(n, text)| shelf.section(n, text).unwrap_or_default())
        .collect();
    (Values { pages, sections }, problems)
}

fn page(shelf: &Shelf<'_>, number: usize) -> Rendered {
    let world = shelf.world;
    let (Some(page), Some(address)) = (
        world.source.pages.get(number),
        world.addresses.pages.get(number),
    ) else {
        return Rendered::default();
    };
    let parent = world.library.parent(&world.source, number);
    let anchor = parent.and_then(|section| section.insert_anchor_links);
    let document = shelf
        .page_head(number)
        .map(|map| ("page", Value::Object(map)));
    let around = Around {
        world,
        lang: &page.file.lang,
        document,
    };
    text(
        &around,
        &page.file,
        &page.body,
        (&address.permalink, anchor),
    )
}

fn section(shelf: &Shelf<'_>, number: usize) -> Rendered {
    let world = shelf.world;
    let (Some(section), Some(address)) = (
        world.source.sections.get(number),
        world.addresses.sections.get(number),
    ) else {
        return Rendered::default();
    };
    let anchor = section.front.insert_anchor_links;
    let document = shelf
        .section_head(number)
        .map(|map| ("section", Value::Object(map)));
    let around = Around {
        world,
        lang: &section.file.lang,
        document,
    };
    text(
        &around,
        &section.file,
        &section.body,
        (&address.permalink, anchor),
    )
}

fn text(
    around: &Around<'_>,
    file: &ContentFile,
    body: &Body,
    (permalink, anchor): (&str, Option<InsertAnchor>),
) -> Rendered {
    let config = &around.world.source.config;
    let name = format!("content/{}", file.relative);
    let text = Text {
        markdown: &body.markdown,
        file: &name,
        first_line: body.first_line,
        permalink,
        insert_anchor: anchor.unwrap_or(config.markdown.insert_anchor_links),
        slug_anchors: config.slugify.anchors,
        settings: &config.markdown,
    };
    markdown::render(&text, around)
}
