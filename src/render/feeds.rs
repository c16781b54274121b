//! Feeds of the site, of sections and of terms, in every language.

use rayon::prelude::*;
use serde_json::Value;

use super::{
    address,
    library::newest_first,
    outcome::{Made, Output, Rank, media_type},
    sections, value,
    world::World,
};

/// What one feed is about.
struct Feed<'w> {
    /// Of the folder it lies in: `/`, `/fr/`, `/blog/`.
    path: &'w str,
    lang: &'w str,
    /// Its pages, in any order.
    pages: Vec<usize>,
    /// What its template gets beside them.
    about: Vec<(&'static str, Value)>,
}

/// Every feed that the configuration and the sections ask for. Only dated pages are in `pages`; a
/// template of the site's own may look for others itself.
pub(super) fn feeds(world: &World) -> Vec<Made> {
    let feeds: Vec<Feed<'_>> = of_languages(world)
        .chain(of_sections(world))
        .chain(of_terms(world))
        .collect();
    feeds
        .into_par_iter()
        .flat_map_iter(|feed| self::feed(world, feed))
        .collect()
}

fn of_languages(world: &World) -> impl Iterator<Item = Feed<'_>> {
    let source = &world.source;
    let languages = source.config.languages.iter();
    languages
        .filter(|(_, language)| language.generate_feeds)
        .map(|(lang, _)| {
            let pages = source.pages.iter().enumerate();
            let pages = pages
                .filter(|(_, page)| page.file.lang == *lang)
                .map(|(n, _)| n)
                .collect();
            let root = world.library.section_of.values().find(|section| {
                let section = source.sections.get(**section);
                section.is_some_and(|s| s.file.folders.is_empty() && s.file.lang == *lang)
            });
            let path = root.and_then(|root| world.addresses.sections.get(*root));
            Feed {
                path: path.map_or("/", |address| &address.path),
                lang,
                pages,
                about: Vec::new(),
            }
        })
}

fn of_sections(world: &World) -> impl Iterator<Item = Feed<'_>> {
    let sections = world
        .source
        .sections
        .iter()
        .zip(&world.addresses.sections)
        .enumerate();
    sections
        .filter(|(_, (section, _))| section.front.generate_feeds)
        .map(|(n, (section, address))| {
            let pages = world
                .library
                .sections
                .get(n)
                .map(|place| place.pages.clone());
            Feed {
                path: &address.path,
                lang: &section.file.lang,
                pages: pages.unwrap_or_default(),
                about: vec![("section", world.section_value(n).unwrap_or_default())],
            }
        })
}

fn of_terms(world: &World) -> impl Iterator<Item = Feed<'_>> {
    let taxonomies = world.library.taxonomies.values().flatten();
    taxonomies
        .filter(|taxonomy| taxonomy.config.feed && taxonomy.config.render)
        .flat_map(|taxonomy| {
            let config = serde_json::to_value(&taxonomy.config).unwrap_or_default();
            let terms = taxonomy.terms.iter().filter(|term| term.has_page());
            terms.map(move |term| Feed {
                path: &term.path,
                lang: &taxonomy.lang,
                pages: term.pages.clone(),
                about: vec![
                    ("taxonomy", config.clone()),
                    ("term", value::bare_term(term)),
                ],
            })
        })
}

fn feed(world: &World, feed: Feed<'_>) -> Vec<Made> {
    let Some(language) = world.source.config.languages.get(feed.lang) else {
        return Vec::new();
    };
    let dated = |page: &usize| {
        world
            .source
            .pages
            .get(*page)
            .is_some_and(|p| p.front.date.is_some())
    };
    let mut pages: Vec<usize> = feed.pages.iter().copied().filter(dated).collect();
    newest_first(&world.source, &world.addresses, &mut pages);
    let last_updated = last_updated(world, &pages);
    pages.truncate(world.source.config.feed_limit.unwrap_or(usize::MAX));
    let listed = pages
        .iter()
        .filter_map(|page| world.page_value(*page).cloned());
    let listed: Value = listed.collect();
    let mut base = world.base(feed.lang);
    base.insert("pages".into(), listed);
    if let Some(updated) = &last_updated {
        base.insert("last_updated".into(), updated.text.as_str().into());
    }
    for (name, value) in feed.about {
        base.insert(name.into(), value);
    }
    let made = language.feed_filenames.iter().map(|name| {
        let path = format!("{}{name}", feed.path);
        let mut context = base.clone();
        let url = address::permalink(&world.source.config, &path);
        context.insert("feed_url".into(), url.into());
        let asked_by = world.source.config.file.as_str();
        let body = sections::render(world, name, context, (asked_by, &path))?;
        let media_type = feed_type(name, &body);
        let output = Output::document(&path, &media_type, body)?;
        Ok(output
            .ranked(Rank::Default)
            .modified(last_updated.as_ref().map(|updated| updated.seconds)))
    });
    made.collect()
}

struct Updated {
    text: String,
    seconds: i64,
}

/// The newest date of any page.
fn last_updated(world: &World, pages: &[usize]) -> Option<Updated> {
    let fronts = pages
        .iter()
        .filter_map(|page| Some(&world.source.pages.get(*page)?.front));
    let dates = fronts.flat_map(|front| front.updated.iter().chain(&front.date));
    let newest = dates.max_by_key(|date| date.seconds)?;
    Some(Updated {
        text: newest.text.clone(),
        seconds: newest.seconds,
    })
}

/// A feed reader goes by the media type: by what the feed is, not by its name.
fn feed_type(name: &str, body: &str) -> String {
    let head = body.get(..body.len().min(500)).unwrap_or(body);
    match name.rsplit('.').next() {
        Some("xml" | "atom" | "rss") if head.contains("<feed") => {
            "application/atom+xml; charset=utf-8".into()
        }
        Some("xml" | "atom" | "rss") if head.contains("<rss") => {
            "application/rss+xml; charset=utf-8".into()
        }
        Some("json") => "application/feed+json".into(),
        Some("ics") => "text/calendar; charset=utf-8".into(),
        _ => media_type(name).to_string(),
    }
}
