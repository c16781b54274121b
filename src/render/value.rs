//! What templates see of pages, sections, taxonomies and the configuration.
//!
//! A listed page is the same value wherever it is listed, so each is made once.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    address::Address,
    markdown::{Rendered, words},
    taxonomy::Term,
    world::World,
};
use crate::site::{Asset, Body, Config, ContentFile, Date, HighlightStyle, Highlighting};

/// A page or section whose text was rendered, on its way to become a value.
#[derive(Debug)]
pub(super) struct Draft {
    /// What was known before.
    pub(super) head: Value,
    pub(super) text: Rendered,
}

impl Draft {
    /// The whole value: for a page as it stands in a list, without its neighbours; for a section
    /// without its pages.
    pub(super) fn finish(self, backlinks: Vec<Value>) -> Value {
        let Self { head, text } = self;
        let Value::Object(mut map) = head else {
            return head;
        };
        insert(&mut map, "toc", &text.toc);
        let summary = text.summary.map_or(Value::Null, Value::String);
        map.insert("summary".into(), summary);
        map.insert("content".into(), Value::String(text.html));
        map.insert("backlinks".into(), Value::Array(backlinks));
        Value::Object(map)
    }
}

impl World {
    /// What of a page is known before any text is rendered: what a shortcode sees.
    pub(super) fn page_head(&self, number: usize) -> Option<Value> {
        let page = self.source.pages.get(number)?;
        let address = self.addresses.pages.get(number)?;
        let place = self.library.pages.get(number)?;
        let front = &page.front;
        let assets = page.assets.iter();
        let assets = assets.map(|asset| format!("/{}", asset.relative));
        let mut map = head(&page.file, address, assets.collect());
        self.measure(&mut map, &page.body, &page.file);
        insert(&mut map, "slug", &address.slug);
        insert(&mut map, "title", &front.title);
        insert(&mut map, "description", &front.description);
        let day = front.date.as_ref().map(|date| date.day);
        insert(&mut map, "updated", written(front.updated.as_ref()));
        insert(&mut map, "date", written(front.date.as_ref()));
        insert(&mut map, "year", day.map(|(year, ..)| year));
        insert(&mut map, "month", day.map(|(_, month, _)| month));
        insert(&mut map, "day", day.map(|(.., day)| day));
        insert(&mut map, "draft", front.draft);
        insert(&mut map, "authors", &front.authors);
        insert(&mut map, "lower", Value::Null);
        insert(&mut map, "higher", Value::Null);
        let taxonomies: BTreeMap<_, _> = front.taxonomies.iter().cloned().collect();
        insert(&mut map, "taxonomies", taxonomies);
        map.insert("extra".into(), Value::Object(front.extra.clone()));
        map.insert("ancestors".into(), self.section_files(&place.ancestors));
        map.insert(
            "translations".into(),
            self.page_translations(&place.translations),
        );
        Some(Value::Object(map))
    }

    /// What of a section is known before any text is rendered.
    pub(super) fn section_head(&self, number: usize) -> Option<Value> {
        let section = self.source.sections.get(number)?;
        let address = self.addresses.sections.get(number)?;
        let place = self.library.sections.get(number)?;
        let front = &section.front;
        let assets = section.assets.iter();
        let assets = assets.map(|asset| asset_path(&section.file, address, asset));
        let mut map = head(&section.file, address, assets.collect());
        self.measure(&mut map, &section.body, &section.file);
        insert(&mut map, "title", &front.title);
        insert(&mut map, "description", &front.description);
        insert(&mut map, "draft", front.draft);
        insert(&mut map, "generate_feeds", front.generate_feeds);
        insert(&mut map, "transparent", front.transparent);
        let by = (front.pagination.by > 0).then_some(front.pagination.by);
        insert(&mut map, "paginate_by", by);
        insert(&mut map, "paginate_reversed", front.pagination.reversed);
        map.insert("extra".into(), Value::Object(front.extra.clone()));
        map.insert("ancestors".into(), self.section_files(&place.ancestors));
        map.insert(
            "translations".into(),
            self.section_translations(&place.translations),
        );
        insert(&mut map, "pages", [(); 0]);
        map.insert("subsections".into(), self.section_files(&place.subsections));
        Some(Value::Object(map))
    }

    /// The files of `sections`, for `get_section`.
    fn section_files(&self, sections: &[usize]) -> Value {
        let sections = sections
            .iter()
            .filter_map(|number| self.source.sections.get(*number));
        sections
            .map(|section| Value::from(section.file.relative.as_str()))
            .collect()
    }

    /// A site in one language has no translations, not even each text of itself.
    fn in_languages<'t>(&self, translations: &'t [usize]) -> &'t [usize] {
        let several = self.source.config.languages.len() > 1;
        if several { translations } else { &[] }
    }

    fn page_translations(&self, pages: &[usize]) -> Value {
        let pages = self.in_languages(pages);
        let each = pages.iter().filter_map(|number| {
            let page = self.source.pages.get(*number)?;
            let address = self.addresses.pages.get(*number)?;
            Some(translation(
                &page.file,
                address,
                page.front.title.as_deref(),
            ))
        });
        each.collect()
    }

    fn section_translations(&self, sections: &[usize]) -> Value {
        let sections = self.in_languages(sections);
        let each = sections.iter().filter_map(|number| {
            let section = self.source.sections.get(*number)?;
            let address = self.addresses.sections.get(*number)?;
            Some(translation(
                &section.file,
                address,
                section.front.title.as_deref(),
            ))
        });
        each.collect()
    }

    fn measure(&self, map: &mut Map<String, Value>, body: &Body, file: &ContentFile) {
        // Where the text can't be read, its rendering says so.
        let markdown = body.text(&self.source.files, file);
        let (words, minutes) = words::count(markdown.as_deref().unwrap_or_default());
        insert(map, "word_count", words);
        insert(map, "reading_time", minutes);
    }
}

fn translation(file: &ContentFile, address: &Address, title: Option<&str>) -> Value {
    json!({
        "lang": file.lang,
        "permalink": address.permalink,
        "title": title,
        "path": file.relative,
    })
}

fn head(file: &ContentFile, address: &Address, assets: Vec<String>) -> Map<String, Value> {
    let mut map = Map::new();
    insert(&mut map, "relative_path", &file.relative);
    insert(&mut map, "colocated_path", &file.colocated);
    insert(&mut map, "permalink", &address.permalink);
    insert(&mut map, "path", &address.path);
    insert(&mut map, "components", &address.components);
    insert(&mut map, "lang", &file.lang);
    insert(&mut map, "assets", assets);
    map
}

/// Where an asset is served that lies with the page or section of `file`.
pub(super) fn asset_path(file: &ContentFile, address: &Address, asset: &Asset) -> String {
    let folder: String = match &file.colocated {
        Some(folder) => folder.clone(),
        None => file
            .folders
            .iter()
            .flat_map(|folder| [folder.as_str(), "/"])
            .collect(),
    };
    let inner = asset
        .relative
        .strip_prefix(&folder)
        .unwrap_or(&asset.relative);
    format!("{}{inner}", address.path)
}

fn written(date: Option<&Date>) -> Option<&str> {
    date.map(|date| date.text.as_str())
}

fn insert(map: &mut Map<String, Value>, key: &str, value: impl serde::Serialize) {
    // Strings, numbers and lists of them always become values.
    map.insert(key.into(), serde_json::to_value(value).unwrap_or_default());
}

/// A term, with `pages`.
pub(super) fn term(term: &Term, pages: Vec<Value>) -> Value {
    let mut value = bare_term(term);
    if let Value::Object(map) = &mut value {
        map.insert("pages".into(), Value::Array(pages));
    }
    value
}

/// A term without its pages.
pub(super) fn bare_term(term: &Term) -> Value {
    let mut map = Map::new();
    insert(&mut map, "name", &term.name);
    insert(&mut map, "slug", &term.slug);
    insert(&mut map, "path", &term.path);
    insert(&mut map, "permalink", &term.permalink);
    insert(&mut map, "page_count", term.pages.len());
    Value::Object(map)
}

/// `config` as the templates of one language see it.
pub(super) fn config(config: &Config, lang: &str) -> Value {
    let mut map = language(config, lang);
    insert(&mut map, "base_url", &config.base_url);
    insert(&mut map, "mode", config.mode);
    insert(&mut map, "default_language", &config.default_language);
    insert(&mut map, "author", &config.author);
    insert(&mut map, "theme", &config.theme);
    insert(&mut map, "generate_sitemap", config.outputs.sitemap);
    insert(&mut map, "generate_robots_txt", config.outputs.robots_txt);
    let pagers = if config.outputs.pagers_in_sitemap {
        "none"
    } else {
        "all"
    };
    insert(&mut map, "exclude_paginated_pages_in_sitemap", pagers);
    insert(&mut map, "minify_html", config.outputs.minify_html);
    let others = config.languages.keys().filter(|code| *code != lang);
    let others = others.map(|code| (code.clone(), Value::Object(language(config, code))));
    map.insert("languages".into(), Value::Object(others.collect()));
    map.insert("extra".into(), Value::Object(config.extra.clone()));
    map.insert("markdown".into(), markdown(config));
    Value::Object(map)
}

/// What differs from language to language, under today's names and those of years ago.
fn language(config: &Config, lang: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let Some(language) = config.languages.get(lang) else {
        return map;
    };
    insert(&mut map, "title", &language.title);
    insert(&mut map, "description", &language.description);
    insert(&mut map, "generate_feeds", language.generate_feeds);
    insert(&mut map, "generate_feed", language.generate_feeds);
    if let Some(once) = language.feeds_once {
        insert(&mut map, once, language.generate_feeds);
    }
    insert(&mut map, "feed_filenames", &language.feed_filenames);
    insert(&mut map, "feed_filename", language.feed_filenames.first());
    insert(&mut map, "taxonomies", &language.taxonomies);
    insert(&mut map, "build_search_index", language.build_search_index);
    insert(&mut map, "search", &language.search);
    map.insert(
        "translations".into(),
        Value::Object(language.translations.clone()),
    );
    map
}

fn markdown(config: &Config) -> Value {
    let markdown = &config.markdown;
    let links = &markdown.external_links;
    json!({
        "render_emoji": markdown.render_emoji,
        "external_links_class": markdown.external_links_class,
        "external_links_target_blank": links.target_blank,
        "external_links_no_follow": links.no_follow,
        "external_links_no_referrer": links.no_referrer,
        "external_links_external": links.external,
        "smart_punctuation": markdown.smart_punctuation,
        "definition_list": markdown.definition_list,
        "bottom_footnotes": markdown.bottom_footnotes,
        "lazy_async_image": markdown.lazy_async_image,
        "github_alerts": markdown.github_alerts,
        "insert_anchor_links": markdown.insert_anchor_links,
        "highlight_code": markdown.highlighting.is_some(),
        "highlight_theme": markdown.highlighting.as_ref().map(highlight_theme),
        "highlighting": markdown.highlighting.as_ref().map(highlighting),
    })
}

/// As it was said of old: classes were a theme.
fn highlight_theme(highlighting: &Highlighting) -> &str {
    match highlighting.style {
        HighlightStyle::Class => "css",
        HighlightStyle::Inline => &highlighting.theme,
    }
}

fn highlighting(highlighting: &Highlighting) -> Value {
    let mut value = json!({
        "error_on_missing_language": highlighting.error_on_missing_language,
        "style": highlighting.style,
        "extra_grammars": highlighting.extra_grammars,
        "extra_themes": highlighting.extra_themes,
    });
    if let Value::Object(map) = &mut value {
        let light = if highlighting.dark_theme.is_some() {
            "light_theme"
        } else {
            "theme"
        };
        insert(map, light, &highlighting.theme);
        if let Some(dark) = &highlighting.dark_theme {
            insert(map, "dark_theme", dark);
        }
    }
    value
}
