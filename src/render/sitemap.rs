//! What every site gets beside its pages: sitemap, robots.txt, and a page for what is not there.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::{
    address, ask,
    job::Job,
    last::Kind,
    outcome::{Made, Output, Rank, media_type},
    pager, taxonomies,
    world::World,
};
use crate::site::Extra;

/// The sitemap, robots.txt and 404.html.
pub(super) fn files(world: &World) -> Vec<Job<'_>> {
    let outputs = &world.source.config.outputs;
    let mut jobs = vec![not_found(world)];
    if outputs.robots_txt {
        let job = Job::new((Kind::Common, "robots.txt", 0), (), || {
            file(world, "robots.txt", "robots.txt", Map::new())
        });
        jobs.push(job);
    }
    if outputs.sitemap {
        jobs.extend(sitemaps(world));
    }
    jobs
}

fn not_found(world: &World) -> Job<'_> {
    Job::new((Kind::Common, "404.html", 0), (), || {
        let view = world.engine.view("404.html");
        let context = world.base(&world.source.config.default_language, &view);
        let html = world.engine.render("404.html", context);
        let html = html.map_err(|problem| problem.during("/404.html"))?;
        let mut output = Output::html("/404.html", html)?.ranked(Rank::Default);
        output.page.status = 404;
        Ok(output)
    })
}

fn file(world: &World, name: &str, template: &str, more: Map<String, Value>) -> Made {
    let view = world.engine.view(template);
    let mut context = world.base(&world.source.config.default_language, &view);
    context.extend(more);
    let path = format!("/{name}");
    let body = world.engine.render(template, context);
    let body = body.map_err(|problem| problem.during(&path))?;
    let output = Output::document(&path, &media_type(name), body)?;
    Ok(output.ranked(Rank::Default))
}

/// One sitemap, or several and an index of them where one would be too long to be read.
fn sitemaps(world: &World) -> Vec<Job<'_>> {
    // All documents are in it: it follows from the order of the site, and so is known if that is.
    let (count, terms) = *world.arranged.sitemap.get_or_init(|| {
        let mut entries = BTreeMap::new();
        each_entry(world, &mut |permalink, updated, extra| {
            entries.insert(permalink.to_owned(), ask::digest((updated, extra)));
        });
        (entries.len(), ask::digest(&entries))
    });
    let parts_count = count.div_ceil(ENTRIES_MAX).max(1);
    let numbers = 1..=parts_count;
    let parts = numbers.clone().map(|number| {
        let name = part(number, parts_count);
        Job::new((Kind::Sitemap, name.clone(), number), terms, move || {
            let entries = entries(world).into_iter();
            let entries = entries.skip((number - 1) * ENTRIES_MAX).take(ENTRIES_MAX);
            let entries = one("entries", entries.collect());
            file(world, &name, "sitemap.xml", entries)
        })
    });
    let index = Job::new((Kind::Sitemap, "index", 0), count, move || {
        let names = numbers.clone().map(|number| part(number, parts_count));
        let urls = names.map(|name| address::permalink(&world.source.config, &name).into());
        let urls = one("sitemaps", urls.collect());
        file(world, "sitemap.xml", "split_sitemap_index.xml", urls)
    });
    parts.chain((parts_count > 1).then_some(index)).collect()
}

/// The name of part `number` of `count`.
fn part(number: usize, count: usize) -> String {
    match count {
        0 | 1 => "sitemap.xml".to_owned(),
        _ => format!("sitemap{number}.xml"),
    }
}

/// Below the 50,000 that sitemaps.org allows, as sites of this dialect have always had it.
const ENTRIES_MAX: usize = 30_000;

fn one(name: &str, values: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), Value::Array(values))])
}

/// Every document of the site, by permalink.
fn entries(world: &World) -> Vec<Value> {
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    each_entry(world, &mut |permalink, updated, extra| {
        let extra = extra.map(Extra::table);
        let entry = json!({ "permalink": permalink, "updated": updated, "extra": extra });
        entries.insert(permalink.to_owned(), entry);
    });
    entries.into_values().collect()
}

/// Takes the permalink, the date and the extra table of a document.
type Adding<'a> = dyn FnMut(&str, Option<&str>, Option<&Extra>) + 'a;

/// Shows `add` the permalink, the date and the extra table of every document of the site.
fn each_entry(world: &World, add: &mut Adding<'_>) {
    let pages = world.source.pages.iter().zip(&world.addresses.pages);
    for (page, address) in pages.filter(|(page, _)| page.front.render) {
        let updated = page.front.dated();
        add(
            &address.permalink,
            updated.map(|d| &*d.text),
            Some(&page.front.extra),
        );
    }
    let sections = world.source.sections.iter().zip(&world.addresses.sections);
    for (section, address) in sections.filter(|(section, _)| section.front.render) {
        add(&address.permalink, None, Some(&section.front.extra));
    }
    for taxonomy in world.library.taxonomies.values().flatten() {
        if !taxonomy.config.render {
            continue;
        }
        add(&taxonomy.permalink, None, None);
        let terms = taxonomy.terms.iter().filter(|term| term.has_page());
        terms.for_each(|term| add(&term.permalink, None, None));
    }
    if world.source.config.outputs.pagers_in_sitemap {
        for path in pagers(world) {
            add(&address::permalink(&world.source.config, &path), None, None);
        }
    }
}

/// The path of every pager but the first of each listing.
fn pagers(world: &World) -> Vec<String> {
    let mut paths = Vec::new();
    let sections = world.source.sections.iter().zip(&world.addresses.sections);
    for ((section, address), place) in sections.zip(&world.library.sections) {
        if section.front.render && section.front.pagination.by > 0 {
            let pagination = &section.front.pagination;
            let cut = pager::Cut {
                pages: &place.pages,
                pagination: Cow::Borrowed(pagination),
                path: &address.path,
            };
            paths.extend(cut.further_paths());
        }
    }
    for taxonomy in world
        .library
        .taxonomies
        .values()
        .flatten()
        .filter(|t| t.config.render)
    {
        let Some(pagination) = taxonomies::pagination(taxonomy) else {
            continue;
        };
        for term in taxonomy.terms.iter().filter(|term| term.has_page()) {
            let cut = pager::Cut {
                pages: &term.pages,
                pagination: Cow::Borrowed(&pagination),
                path: &term.path,
            };
            paths.extend(cut.further_paths());
        }
    }
    paths
}
