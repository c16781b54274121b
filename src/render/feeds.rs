//! Feeds of the site, of sections and of terms, in every language.

use serde_json::{Map, Value};

use super::{
    address,
    engine::View,
    job::Job,
    last::Kind,
    outcome::{Output, Rank, media_type},
    sections,
    taxonomy::{Taxonomy, Term},
    value,
    world::{Document, World},
};

/// What one feed is about.
pub(super) struct Feed {
    /// Of the folder it lies in: `/`, `/fr/`, `/blog/`.
    path: String,
    lang: String,
    about: Subject,
    /// Its dated pages, the newest first.
    pages: Vec<usize>,
    last_updated: Option<Updated>,
}

/// Whose pages a feed has.
enum Subject {
    Language,
    Section(usize),
    /// By the numbers of the taxonomy, in its language, and of the term.
    Term(usize, usize),
}

/// Every feed that the configuration and the sections ask for. Only dated pages are in `pages`; a
/// template of the site's own may look for others itself.
pub(super) fn feeds(world: &World) -> Vec<Job<'_>> {
    let feeds = world.arranged.order.feeds.get_or_init(|| {
        let languages = of_languages(world);
        let feeds = languages.chain(of_sections(world)).chain(of_terms(world));
        feeds
            .map(|(feed, pages)| with_pages(world, feed, pages))
            .collect()
    });
    let jobs = feeds.iter().flat_map(|feed| {
        let language = world.source.config.languages.get(&feed.lang);
        let names = language
            .into_iter()
            .flat_map(|language| &language.feed_filenames);
        names.map(|name| self::feed(world, feed, name))
    });
    jobs.collect()
}

fn of_languages(world: &World) -> impl Iterator<Item = (Feed, Vec<usize>)> {
    let source = &world.source;
    let languages = source.config.languages.iter();
    languages
        .filter(|(_, language)| language.generate_feeds)
        .map(|(lang, _)| {
            let pages = source.pages.iter().enumerate();
            let pages = pages
                .filter(|(_, page)| page.file.lang() == *lang)
                .map(|(n, _)| n)
                .collect();
            let root = source
                .sections
                .iter()
                .position(|s| s.file.folder().is_empty() && s.file.lang() == *lang);
            let path = root.and_then(|root| world.addresses.sections.get(root));
            let path = path.map_or("/", |address| &address.path);
            (Feed::of(path, lang, Subject::Language), pages)
        })
}

fn of_sections(world: &World) -> impl Iterator<Item = (Feed, Vec<usize>)> {
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
            let feed = Feed::of(&address.path, section.file.lang(), Subject::Section(n));
            (feed, pages.unwrap_or_default())
        })
}

fn of_terms(world: &World) -> impl Iterator<Item = (Feed, Vec<usize>)> {
    let languages = world.library.taxonomies.values();
    let taxonomies = languages.flat_map(|taxonomies| taxonomies.iter().enumerate());
    taxonomies
        .filter(|(_, taxonomy)| taxonomy.config.feed && taxonomy.config.render)
        .flat_map(|(at, taxonomy)| {
            let terms = taxonomy.terms.iter().enumerate();
            let terms = terms.filter(|(_, term)| term.has_page());
            terms.map(move |(number, term)| {
                let subject = Subject::Term(at, number);
                (
                    Feed::of(&term.path, &taxonomy.lang, subject),
                    term.pages.clone(),
                )
            })
        })
}

impl Feed {
    fn of(path: &str, lang: &str, about: Subject) -> Self {
        Self {
            path: path.to_owned(),
            lang: lang.to_owned(),
            about,
            pages: Vec::new(),
            last_updated: None,
        }
    }

    fn term<'w>(&self, world: &'w World) -> Option<(&'w Taxonomy, &'w Term)> {
        let Subject::Term(at, number) = self.about else {
            return None;
        };
        let taxonomy = world.library.taxonomies.get(&self.lang)?.get(at)?;
        Some((taxonomy, taxonomy.terms.get(number)?))
    }
}

fn with_pages(world: &World, feed: Feed, mut pages: Vec<usize>) -> Feed {
    let front = |page: &usize| world.source.pages.get(*page).map(|page| &page.front);
    pages.retain(|page| front(page).is_some_and(|front| front.date.is_some()));
    world.library.newest.sort(&mut pages);
    let last_updated = last_updated(world, &pages);
    pages.truncate(world.source.config.feed_limit.unwrap_or(usize::MAX));
    Feed {
        pages,
        last_updated,
        ..feed
    }
}

fn feed<'w>(world: &'w World, feed: &'w Feed, name: &'w str) -> Job<'w> {
    let path = format!("{}{name}", feed.path);
    let updated = feed.last_updated.as_ref().map(|updated| &updated.text);
    let pages = feed
        .pages
        .iter()
        .map(|page| world.arranged.order.ids.of(Document::Page(*page)));
    let term = feed
        .term(world)
        .map(|(_, term)| (&term.name, term.pages.len()));
    let terms = (name, updated, pages.collect::<Vec<_>>(), term);
    Job::new((Kind::Feed, path.clone(), 0), terms, move || {
        let view = world.engine.view(name);
        let mut context = world.base(&feed.lang, &view);
        context.extend(about(world, feed, &view));
        let pages = feed.pages.iter().map(|page| world.page(*page, view.others));
        context.insert("pages".into(), pages.collect());
        if let Some(updated) = &feed.last_updated {
            context.insert("last_updated".into(), updated.text.as_str().into());
        }
        let url = address::permalink(&world.source.config, &path);
        context.insert("feed_url".into(), url.into());
        let asked_by = world.source.config.file.as_str();
        let body = sections::render(world, name, context, (asked_by, &path))?;
        let media_type = feed_type(name, &body);
        let output = Output::document(&path, &media_type, body)?;
        Ok(output
            .ranked(Rank::Default)
            .modified(feed.last_updated.as_ref().map(|updated| updated.seconds)))
    })
}

/// What the template of a feed gets beside its pages.
fn about(world: &World, feed: &Feed, view: &View) -> Map<String, Value> {
    let mut about = Map::new();
    if let Subject::Section(number) = feed.about {
        let section = world.section(number, view.section, view.others);
        about.insert("section".into(), section);
    }
    if let Some((taxonomy, term)) = feed.term(world) {
        let config = serde_json::to_value(&taxonomy.config).unwrap_or_default();
        about.insert("taxonomy".into(), config);
        about.insert("term".into(), value::bare_term(term));
    }
    about
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
    let dates = fronts.flat_map(|front| front.updated().into_iter().chain(&front.date));
    let newest = dates.max_by_key(|date| date.seconds)?;
    Some(Updated {
        text: newest.text.to_string(),
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
