//! A [`Source`] becomes pages and problems: Markdown, templates, listings, feeds, style sheets.
//!
//! **Invariant:** no clock, no map order, no thread order reaches a page: the same source gives the
//! same bytes, as long as those whom its templates ask (the environment; the network, where they may) say
//! the same. Problems are collected, never thrown.

mod address;
mod assets;
mod builtins;
mod collision;
mod colours;
mod draws;
mod engine;
mod feeds;
mod functions;
mod library;
mod links;
pub(crate) mod markdown;
mod minify;
mod outcome;
mod pager;
mod sass;
mod search;
mod sections;
mod sitemap;
mod taxonomies;
mod taxonomy;
mod texts;
mod value;
mod world;

use rayon::prelude::*;

use self::{markdown::Shelf, outcome::Made, world::World};
use crate::{
    images::Studio,
    site::{Page, Problem, Source},
};

/// Renders everything that `source` is made of: every page, listing, feed, style sheet and asset,
/// sorted by path; pictures are made in `studio`. What can't be rendered is left out and told among the
/// problems.
pub(crate) fn pages(source: Source, studio: &Studio) -> (Vec<Page>, Vec<Problem>) {
    let (mut sheets, mut problems) = sass::sheets(&source);
    let (shelf, found) = Shelf::of(&source.colours);
    problems.extend(found);
    let (colours, found) = colours::sheets(&source.config, &shelf);
    problems.extend(found);
    sheets.extend(colours);
    problems.extend(taxonomy::problems(&source));
    let (world, found) = World::of(source, sheets, shelf);
    problems.extend(found);
    let (values, found) = texts::render(&world);
    problems.extend(found);
    world.values.set(values).expect(ONCE);
    world.indexes.set(search::indexes(&world)).expect(ONCE);
    let mut made = made_by(
        &world,
        &[
            sections::pages,
            sections::sections,
            taxonomies::taxonomies,
            sitemap::files,
        ],
    );
    if world.source.config.outputs.minify_html {
        problems.extend(minify::documents(&mut made));
    }
    made.extend(made_by(&world, &[feeds::feeds, assets::assets]));
    let (pictures, found) = assets::images(&world, studio);
    made.extend(pictures);
    problems.extend(found);
    let (pages, found) = outcome::sorted(made, &world.source.files);
    problems.extend(found);
    (pages, problems)
}

fn made_by(world: &World, makers: &[fn(&World) -> Vec<Made>]) -> Vec<Made> {
    makers.par_iter().flat_map(|make| make(world)).collect()
}

const ONCE: &str = "only `pages` fills this cell";

/// The path of a site's base URL: empty, or `/book`.
pub(crate) fn base_path(base_url: &str) -> &str {
    address::base_path(base_url)
}
