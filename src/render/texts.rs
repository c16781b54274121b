//! Every Markdown text is rendered, and becomes part of the values that templates see.

use rayon::prelude::*;

use super::{
    links,
    markdown::{self, Rendered, Text},
    value::Draft,
    world::{Around, Values, World},
};
use crate::site::{Body, ContentFile, InsertAnchor, Problem};

/// Renders all texts, side by side.
pub(super) fn render(world: &World) -> (Values, Vec<Problem>) {
    let count = world.source.pages.len();
    let pages: Vec<Draft> = (0..count).into_par_iter().map(|n| page(world, n)).collect();
    let count = world.source.sections.len();
    let sections: Vec<Draft> = (0..count)
        .into_par_iter()
        .map(|n| section(world, n))
        .collect();
    let drafts = pages.iter().chain(&sections);
    let mut problems: Vec<Problem> = drafts
        .flat_map(|draft| draft.text.problems.clone())
        .collect();
    let (backlinks, found) = links::check(world, &pages, &sections);
    problems.extend(found);
    let pages = pages.into_par_iter().zip(backlinks.pages);
    let pages = pages
        .map(|(draft, backlinks)| draft.finish(backlinks))
        .collect();
    let sections = sections.into_par_iter().zip(backlinks.sections);
    let sections = sections
        .map(|(draft, backlinks)| draft.finish(backlinks))
        .collect();
    (Values { pages, sections }, problems)
}

fn page(world: &World, number: usize) -> Draft {
    let head = world.page_head(number).unwrap_or_default();
    let section = world.library.folders_above(&world.source, number).next();
    let anchor = section.and_then(|section| section.insert_anchor_links);
    let place = world
        .source
        .pages
        .get(number)
        .zip(world.addresses.pages.get(number));
    let text = place.map(|(page, address)| {
        let around = Around {
            world,
            lang: &page.file.lang,
            document: Some(("page", &head)),
        };
        text(
            &around,
            &page.file,
            &page.body,
            (&address.permalink, anchor),
        )
    });
    Draft {
        text: text.unwrap_or_default(),
        head,
    }
}

fn section(world: &World, number: usize) -> Draft {
    let head = world.section_head(number).unwrap_or_default();
    let place = world
        .source
        .sections
        .get(number)
        .zip(world.addresses.sections.get(number));
    let text = place.map(|(section, address)| {
        let around = Around {
            world,
            lang: &section.file.lang,
            document: Some(("section", &head)),
        };
        let anchor = section.front.insert_anchor_links;
        text(
            &around,
            &section.file,
            &section.body,
            (&address.permalink, anchor),
        )
    });
    Draft {
        text: text.unwrap_or_default(),
        head,
    }
}

fn text(
    around: &Around<'_>,
    file: &ContentFile,
    body: &Body,
    (permalink, anchor): (&str, Option<InsertAnchor>),
) -> Rendered {
    let config = &around.world.source.config;
    let name = file.name();
    let markdown = match body.text(&around.world.source.files, file) {
        Ok(markdown) => markdown,
        Err(error) => {
            let problem = Problem::error(format!("can't be read: {error}")).in_file(name);
            return Rendered {
                problems: vec![problem],
                ..Rendered::default()
            };
        }
    };
    let text = Text {
        markdown: &markdown,
        file: &name,
        first_line: body.first_line,
        permalink,
        insert_anchor: anchor.unwrap_or(config.markdown.insert_anchor_links),
        slug_anchors: config.slugify.anchors,
        settings: &config.markdown,
        shelf: &around.world.shelf,
    };
    markdown::render(&text, around)
}
