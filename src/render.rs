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
mod collision;
mod colours;
mod draws;
mod engine;
mod feeds;
mod field;
mod functions;
mod job;
mod known;
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

use std::{collections::BTreeSet, sync::Arc};

pub(crate) use self::known::{Known, Learned};
use self::{
    ask::{Asking, Noting},
    job::{Done, Shop},
    world::World,
};
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

fn run(source: Source, hands: Hands<'_>, known: &mut Known, noting: Noting) -> Rendered {
    let (mut sheets, mut problems) = sass::sheets(&source);
    let (shelf, _) = known.shelf(&source);
    let (colours, found) = colours::sheets(&source.config, &shelf);
    problems.extend(found);
    sheets.extend(colours);
    let (world, found) = World::of(source, sheets, known, noting);
    problems.extend(found);
    let asking = Asking::of(&known.questions);
    problems.extend(texts::render(&world, known, &asking));
    let (backlinks, found) = links::check(&world);
    problems.extend(found);
    world.backlinks.set(backlinks).expect(ONCE);
    let indexes = search::known_indexes(&world, known);
    world.indexes.set(indexes.1.clone()).expect(ONCE);
    let shop = Shop {
        world: &world,
        known,
        asking: &asking,
        pack: hands.pack,
    };
    // The pages last: what is not listed any more need not stay in memory.
    let listings = shop.make(listings(&world));
    let mut done = shop.make(sections::pages(&world));
    done.extend(listings);
    let (done, found) = parted(done);
    problems.extend(found);
    let (images, found) = assets::images(&world, ordered(&world, &done), known, hands);
    problems.extend(found);
    let documents = done.iter().map(|(_, job)| &job.placed);
    let pictures = images.values().map(|image| &image.placed);
    let (resources, found) = outcome::sorted(documents.chain(pictures), &world.source.files);
    problems.extend(found);
    let is_worth = noting == Noting::On && !problems.iter().any(Problem::is_error);
    let learned = is_worth.then(|| Learned::of(&world, asking.finish(), done, images, indexes));
    Rendered {
        resources,
        problems,
        learned,
    }
}

/// All that is to be made of a site besides its pages.
fn listings(world: &World) -> Vec<job::Job<'_>> {
    let makers: [fn(&World) -> Vec<job::Job<'_>>; 5] = [
        sections::sections,
        taxonomies::taxonomies,
        sitemap::files,
        feeds::feeds,
        assets::assets,
    ];
    makers.iter().flat_map(|make| make(world)).collect()
}

type Made = Vec<(known::Key, Arc<known::Job>)>;

/// What was made, and what is wrong.
fn parted(done: Vec<Done>) -> (Made, Vec<Problem>) {
    let (mut made, mut problems) = (Vec::with_capacity(done.len()), Vec::new());
    for Done { key, result } in done {
        match result {
            Ok(job) => {
                problems.extend(job.problems.iter().cloned());
                made.push((key, job));
            }
            Err(problem) => problems.push(problem),
        }
    }
    (made, problems)
}

/// The names of the images that something of the site asks for.
fn ordered(world: &World, done: &Made) -> BTreeSet<Arc<str>> {
    let texts = world
        .documents()
        .filter_map(|document| world.slot(document)?.kept());
    let texts = texts.flat_map(|text| text.images.iter());
    let documents = done.iter().flat_map(|(_, job)| job.images.iter());
    texts.chain(documents).cloned().collect()
}

const ONCE: &str = "only `run` fills this cell";

/// The path of a site's base URL: empty, or `/book`.
pub(crate) fn base_path(base_url: &str) -> &str {
    address::base_path(base_url)
}
