//! Reads a site's configuration, of every age: retired spellings are taken as what they mean now,
//! with a warning, so that a site written years ago is served as it stands.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    keys::{Keys, Place, Unknown},
    markdown_config,
    retired::unfold,
};
use crate::site::{
    Config, IndexFormat, Language, Outputs, Problem, Search, SlugMode, Slugify, TaxonomyConfig,
};

/// Takes a configuration out of `map`; `file` and `text` are where it was written.
pub(super) fn config(
    mut map: Map<String, Value>,
    file: &str,
    text: &str,
) -> (Config, Vec<Problem>) {
    let place = Place {
        file,
        text,
        called: "the site's configuration",
        table: "",
    };
    let default = map.get("default_language").and_then(Value::as_str);
    let default = default.unwrap_or("en").to_owned();
    let moved = unfold(&mut map, &default);
    let mut keys = Keys::new(map, place);
    for (key, today) in moved {
        retired(&mut keys, key, today);
    }
    let mut problems = Vec::new();
    let default_language = keys
        .filled_string("default_language")
        .unwrap_or_else(|| "en".into());
    let mut config = Config {
        file: file.to_owned(),
        base_url: keys.filled_string("base_url").unwrap_or_else(|| "/".into()),
        theme: keys.filled_string("theme"),
        author: keys.filled_string("author"),
        feed_limit: keys.count("feed_limit"),
        taxonomy_root: keys.filled_string("taxonomy_root"),
        outputs: outputs(&mut keys),
        ignored_content: keys.strings("ignored_content").unwrap_or_default(),
        ignored_static: keys.strings("ignored_static").unwrap_or_default(),
        output_dir: keys
            .filled_string("output_dir")
            .unwrap_or_else(|| "public".into()),
        extra: keys.table("extra").unwrap_or_default(),
        ..Config::default()
    };
    config.feed_limit = config.feed_limit.or_else(|| retired_feed_limit(&mut keys));
    let slugify = keys.table("slugify").unwrap_or_default();
    config.slugify = slugify_table(slugify, place, &mut problems);
    let markdown = keys.table("markdown").unwrap_or_default();
    config.markdown = markdown_config::markdown(&mut keys, markdown, place, &mut problems);
    let links = keys.table("link_checker").unwrap_or_default();
    config.internal_links_warn = link_checker(links, place, &mut problems);
    let languages = keys.table("languages").unwrap_or_default();
    let own = language(&mut keys, place, &config.slugify, &mut problems);
    // What matters only to a program that writes a folder.
    for key in ["hard_link_static", "preserve_dotfiles_in_output"] {
        keys.flag(key);
    }
    problems.extend(keys.finish(Unknown::Warns));
    config.languages = other_languages(languages, place, (&config.slugify, &own), &mut problems);
    merge_default(&mut config.languages, &default_language, own);
    config.default_language = default_language;
    (config, problems)
}

fn outputs(keys: &mut Keys<'_>) -> Outputs {
    let pagers = keys.choice(
        "exclude_paginated_pages_in_sitemap",
        &[("all", false), ("none", true)],
    );
    Outputs {
        // The operator of a node says so.
        markdown: false,
        compile_sass: keys.flag("compile_sass").unwrap_or(false),
        minify_html: keys.flag("minify_html").unwrap_or(false),
        sitemap: keys.flag("generate_sitemap").unwrap_or(true),
        pagers_in_sitemap: pagers.unwrap_or(true),
        robots_txt: keys.flag("generate_robots_txt").unwrap_or(true),
    }
}

fn retired_feed_limit(keys: &mut Keys<'_>) -> Option<usize> {
    let limit = keys.count("rss_limit")?;
    retired(keys, "rss_limit", "feed_limit");
    Some(limit)
}

/// What the top level says of the default language, and `languages.<code>` of another.
fn language(
    keys: &mut Keys<'_>,
    place: Place<'_>,
    slugify: &Slugify,
    problems: &mut Vec<Problem>,
) -> Language {
    let search = keys.table("search").unwrap_or_default();
    let taxonomies = keys.tables("taxonomies").unwrap_or_default();
    let (generate_feeds, feeds_once) = generate_feeds(keys);
    Language {
        title: keys.string("title"),
        description: keys.string("description"),
        generate_feeds,
        feeds_once,
        feed_filenames: feed_filenames(keys),
        taxonomies: taxonomies
            .into_iter()
            .filter_map(|map| taxonomy(map, place, slugify, problems))
            .collect(),
        build_search_index: keys.flag("build_search_index").unwrap_or(false),
        search: search_table(search, place, problems),
        translations: keys.table("translations").unwrap_or_default(),
    }
}

/// Whether there are feeds, and the key of years ago that says so.
fn generate_feeds(keys: &mut Keys<'_>) -> (bool, Option<&'static str>) {
    let mut found = keys.flag("generate_feeds");
    let mut once = None;
    for old in ["generate_feed", "generate_rss"] {
        if let Some(flag) = keys.flag(old) {
            retired(keys, old, "generate_feeds");
            found = found.or(Some(flag));
            once = Some(old);
        }
    }
    (found.unwrap_or(false), once)
}

fn feed_filenames(keys: &mut Keys<'_>) -> Vec<String> {
    let old = keys.filled_string("feed_filename");
    if old.is_some() {
        retired(keys, "feed_filename", "feed_filenames");
    }
    let names = keys
        .strings("feed_filenames")
        .or_else(|| old.map(|name| vec![name]));
    names.unwrap_or_else(|| vec!["atom.xml".into()])
}

/// Tells that `old` is now spelt `new`.
pub(super) fn retired(keys: &mut Keys<'_>, old: &str, new: &str) {
    let problem = Problem::warning(format!("`{old}` is an old spelling"));
    keys.problem_of_key(
        problem.way_out(format!("it still works; today it is `{new}`")),
        old,
    );
}

fn taxonomy(
    map: Map<String, Value>,
    place: Place<'_>,
    slugify: &Slugify,
    problems: &mut Vec<Problem>,
) -> Option<TaxonomyConfig> {
    let mut keys = Keys::new(
        map,
        Place {
            called: "a taxonomy",
            table: "taxonomies",
            ..place
        },
    );
    let name = keys.filled_string("name");
    if name.is_none() {
        let problem = Problem::error("a taxonomy has no `name`");
        keys.problem(problem.way_out("write `{ name = \"tags\" }`"), "taxonomies");
    }
    // Per-language taxonomies were once written in one list.
    keys.value("lang");
    let name = name.unwrap_or_default();
    let taxonomy = TaxonomyConfig {
        slug: crate::site::slugify(&name, slugify.taxonomies),
        paginate_by: keys.count("paginate_by").filter(|by| *by > 0),
        paginate_path: keys.string("paginate_path"),
        render: keys.flag("render").unwrap_or(true),
        feed: keys.flag("feed").unwrap_or(false),
        name,
    };
    problems.extend(keys.finish(Unknown::Warns));
    (!taxonomy.name.is_empty()).then_some(taxonomy)
}

fn search_table(map: Map<String, Value>, place: Place<'_>, problems: &mut Vec<Problem>) -> Search {
    let mut keys = Keys::new(
        map,
        Place {
            called: "`[search]`",
            table: "search",
            ..place
        },
    );
    let formats = [
        ("elasticlunr_javascript", IndexFormat::ElasticlunrJavascript),
        ("elasticlunr_json", IndexFormat::ElasticlunrJson),
        ("fuse_javascript", IndexFormat::FuseJavascript),
        ("fuse_json", IndexFormat::FuseJson),
    ];
    let search = Search {
        include_title: keys.flag("include_title").unwrap_or(true),
        include_description: keys.flag("include_description").unwrap_or(false),
        include_date: keys.flag("include_date").unwrap_or(false),
        include_path: keys.flag("include_path").unwrap_or(false),
        include_content: keys.flag("include_content").unwrap_or(true),
        truncate_content_length: keys.count("truncate_content_length"),
        index_format: keys.choice("index_format", &formats).unwrap_or_default(),
    };
    problems.extend(keys.finish(Unknown::Warns));
    search
}

fn slugify_table(
    map: Map<String, Value>,
    place: Place<'_>,
    problems: &mut Vec<Problem>,
) -> Slugify {
    let mut keys = Keys::new(
        map,
        Place {
            called: "`[slugify]`",
            table: "slugify",
            ..place
        },
    );
    let modes = [
        ("on", SlugMode::On),
        ("safe", SlugMode::Safe),
        ("off", SlugMode::Off),
    ];
    let slugify = Slugify {
        paths: keys.choice("paths", &modes).unwrap_or_default(),
        taxonomies: keys.choice("taxonomies", &modes).unwrap_or_default(),
        anchors: keys.choice("anchors", &modes).unwrap_or_default(),
        paths_keep_dates: keys.flag("paths_keep_dates").unwrap_or(false),
    };
    problems.extend(keys.finish(Unknown::Warns));
    slugify
}

/// Whether a dead internal link only warns. External links are never fetched by a POP.
fn link_checker(map: Map<String, Value>, place: Place<'_>, problems: &mut Vec<Problem>) -> bool {
    let mut keys = Keys::new(
        map,
        Place {
            called: "`[link_checker]`",
            table: "link_checker",
            ..place
        },
    );
    let levels = [("error", false), ("warn", true)];
    let warns = keys.choice("internal_level", &levels).unwrap_or(false);
    keys.choice("external_level", &levels);
    keys.strings("skip_prefixes");
    keys.strings("skip_anchor_prefixes");
    problems.extend(keys.finish(Unknown::Warns));
    warns
}

fn other_languages(
    map: Map<String, Value>,
    place: Place<'_>,
    (slugify, default): (&Slugify, &Language),
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Language> {
    let mut languages = BTreeMap::new();
    if map.len() > LANGUAGES_MAX {
        let what = format!("there are more than {LANGUAGES_MAX} languages");
        let problem = Problem::error(what).way_out("take away those that no page is written in");
        problems.push(problem.in_file(place.file).at_text(place.text, "languages"));
    }
    for (code, value) in map.into_iter().take(LANGUAGES_MAX) {
        let Value::Object(map) = value else {
            let what = format!("`languages.{code}` must be a table");
            problems.push(
                Problem::error(what)
                    .in_file(place.file)
                    .at_text(place.text, &code),
            );
            continue;
        };
        let has_search = map.contains_key("search");
        let table = format!("languages.{code}");
        let place = Place {
            called: "a language",
            table: &table,
            ..place
        };
        let mut keys = Keys::new(map, place);
        let mut own = language(&mut keys, place, slugify, problems);
        if !has_search {
            own.search = default.search.clone();
        }
        problems.extend(keys.finish(Unknown::Warns));
        languages.insert(code, own);
    }
    languages
}

/// Every page's template sees the configuration of its language, and in it those of all.
const LANGUAGES_MAX: usize = 200;

/// The default language is written at the top level, and perhaps also below `languages`, which
/// then says only what differs.
fn merge_default(languages: &mut BTreeMap<String, Language>, code: &str, own: Language) {
    let merged = match languages.remove(code) {
        None => own,
        Some(listed) => Language {
            title: listed.title.or(own.title),
            description: listed.description.or(own.description),
            generate_feeds: own.generate_feeds || listed.generate_feeds,
            feeds_once: own.feeds_once.or(listed.feeds_once),
            build_search_index: own.build_search_index,
            taxonomies: if own.taxonomies.is_empty() {
                listed.taxonomies
            } else {
                own.taxonomies
            },
            translations: own
                .translations
                .into_iter()
                .chain(listed.translations)
                .collect(),
            feed_filenames: own.feed_filenames,
            search: own.search,
        },
    };
    // The top level says whether the site has search at all, and in which form; a language only
    // whether it takes part, and with what.
    for language in languages.values_mut() {
        language.build_search_index &= merged.build_search_index;
        language.search.index_format = merged.search.index_format;
    }
    languages.insert(code.to_owned(), merged);
}
