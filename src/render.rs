//! A [`Source`] becomes pages and problems: Markdown, templates, listings, feeds, style sheets.
//!
//! **Invariant:** no clock, no map order, no thread order reaches a page: the same source gives the
//! same bytes, as long as those whom its templates ask (the environment; the network, where they may) say
//! the same. Problems are collected, never thrown.

mod address;
mod answer;
mod arranged;
mod ask;
mod assets;
mod builtins;
mod changes;
mod collision;
mod colours;
mod documents;
mod draws;
mod engine;
mod feeds;
mod field;
mod functions;
mod job;
mod known;
mod last;
mod library;
mod links;
pub(crate) mod markdown;
mod minify;
mod outcome;
mod pager;
mod said;
mod sass;
mod search;
mod sections;
mod sitemap;
mod taxonomies;
mod taxonomy;
mod texts;
mod value;
mod world;
mod written;

use std::{collections::BTreeSet, sync::Arc};

#[cfg(fuzzing)]
pub(crate) use self::minify::fuzz as fuzz_minify;
use self::{
    ask::{Asking, Noting, Questions},
    job::Shop,
    last::Jobs,
    world::World,
};
pub(crate) use self::{known::Known, last::Learned};
use crate::{
    images::Studio,
    site::{Page, Problem, Resource, Source},
};

/// A rendered site.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Every page, listing, feed, style sheet and asset, sorted by path. What can't be rendered is left
    /// out.
    pub(crate) resources: Vec<Arc<Resource>>,
    /// What is wrong with the site.
    pub(crate) problems: Vec<Problem>,
    /// What to tell [`Known`] if the site did not change while it was rendered; None if there are errors.
    pub(crate) learned: Option<Learned>,
}

/// What rendering is handed, since it is others' trade.
#[derive(Clone, Copy)]
pub(crate) struct Hands<'h> {
    /// Where pictures are made.
    pub(crate) studio: &'h Studio,
    /// Who packs a page as soon as it is rendered, on the thread that did: rendered as they are, all of them
    /// together would be several times as large.
    pub(crate) pack: &'h Pack<'h>,
}

/// Packs a page.
pub(crate) type Pack<'p> = dyn Fn(Page) -> Arc<Resource> + Send + Sync + 'p;

/// Renders everything that `source` is made of.
pub(crate) fn pages(source: Source, hands: Hands<'_>) -> Rendered {
    run(source, hands, &mut Known::default(), Noting::Off)
}

/// Renders of `source` what is not `known` from the last time. The pages are the same as if nothing were
/// known.
pub(crate) fn changed_pages(source: Source, hands: Hands<'_>, known: &mut Known) -> Rendered {
    run(source, hands, known, Noting::On)
}

/// Renders everything, and bounds nothing that templates are given.
#[cfg(test)]
pub(crate) fn whole_pages(source: Source, hands: Hands<'_>) -> Rendered {
    run(source, hands, &mut Known::default(), Noting::Wholly)
}

fn run(source: Source, hands: Hands<'_>, known: &mut Known, noting: Noting) -> Rendered {
    let (mut sheets, mut problems) = sass::sheets(&source);
    let (shelf, _) = known.shelf(&source);
    let (colours, found) = colours::sheets(&source.config, &shelf);
    problems.extend(found);
    sheets.extend(colours);
    let (world, found) = World::of(source, sheets, known, noting);
    problems.extend(found);
    let last = world.last.clone();
    let nothing = Questions::default();
    let asking = Asking::of(last.as_ref().map_or(&nothing, |last| &last.questions));
    problems.extend(texts::render(&world, &asking));
    let links = links::check(&world);
    problems.extend(links.problems.iter().cloned());
    world.links.set(Arc::clone(&links)).expect(ONCE);
    let indexes = search::known_indexes(&world);
    world.indexes.set(indexes.1.clone()).expect(ONCE);
    let shop = Shop {
        world: &world,
        asking: &asking,
        pack: hands.pack,
    };
    let (jobs, found) = documents::make(&shop);
    problems.extend(found);
    let (images, found) = assets::images(&world, pictures(&world, &jobs), hands);
    problems.extend(found);
    let sorted = documents::sorted(&world, &jobs, &images);
    problems.extend(sorted.problems.iter().cloned());
    let resources = sorted.resources.clone();
    let is_worth = noting == Noting::On && !problems.iter().any(Problem::is_error);
    let answers = asking.finish();
    let learned = is_worth.then_some(Learned {
        world,
        answers,
        jobs,
        sorted,
        images,
        indexes,
        links,
    });
    Rendered {
        resources,
        problems,
        learned,
    }
}

/// The names of the images that something of the site asks for.
fn pictures(world: &World, jobs: &Jobs) -> BTreeSet<Arc<str>> {
    let had_some = world
        .last
        .as_ref()
        .is_some_and(|last| !last.images.is_empty());
    if !had_some && !world.has_orders() {
        return BTreeSet::new();
    }
    let texts = world
        .documents()
        .filter_map(|document| world.kept(document));
    let texts = texts.flat_map(|text| text.images().iter());
    let documents = jobs.all.iter().flat_map(|job| job.images().iter());
    texts.chain(documents).cloned().collect()
}

const ONCE: &str = "only `run` fills this cell";

/// The path of a site's base URL: empty, or `/book`.
pub(crate) fn base_path(base_url: &str) -> &str {
    address::base_path(base_url)
}
