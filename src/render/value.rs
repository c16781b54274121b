//! What templates see of pages, sections, taxonomies and the configuration.
//!
//! A value is made for each that asks, of those fields that it can read: most listings want a title and a
//! link, and no text.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    address::Address,
    field::{Field, Fields},
    taxonomy::Term,
    world::{Document, World},
};
use crate::{
    idle,
    site::{Asset, Config, ContentFile, Date, HighlightStyle, Highlighting, SortBy},
};

impl World {
    /// `fields` of a page or section, without its neighbours and its pages.
    pub(super) fn fields(&self, document: Document, fields: Fields) -> Map<String, Value> {
        idle::step();
        let mut map = Map::with_capacity(fields.len());
        for field in fields.iter() {
            if let Some(value) = self.field(document, field) {
                map.insert(field.name().to_owned(), value);
            }
        }
        map
    }

    /// One field; None if documents of its kind have none of that name.
    pub(super) fn field(&self, document: Document, field: Field) -> Option<Value> {
        let (file, address) = (self.file(document)?, self.address(document)?);
        Some(match field {
            Field::RelativePath => value(file.relative()),
            Field::ColocatedPath => value(file.colocated()),
            Field::Permalink => value(&address.permalink),
            Field::Path => value(&address.path),
            Field::Components => {
                let parts = address.path.split('/');
                parts.filter(|part| !part.is_empty()).collect()
            }
            Field::Lang => value(file.lang()),
            Field::WordCount => value(self.measure(document).0),
            Field::ReadingTime => value(self.measure(document).1),
            Field::Toc => self.rendered(document).toc.value(),
            Field::Summary => match self.kept(document) {
                Some(kept) => value(kept.summary.as_deref()),
                None => value(&self.rendered(document).summary),
            },
            Field::Content => value(&self.rendered(document).html),
            Field::Backlinks => self.backlinks(document),
            field => match document {
                Document::Page(number) => return self.page_field(number, field),
                Document::Section(number) => return self.section_field(number, field),
            },
        })
    }

    fn page_field(&self, number: usize, field: Field) -> Option<Value> {
        let page = self.source.pages.get(number)?;
        let address = self.addresses.pages.get(number)?;
        let place = self.library.pages.get(number)?;
        let front = &page.front;
        let day = || front.date.as_ref().map(|date| date.day);
        Some(match field {
            Field::Assets => {
                let assets = page.assets.iter();
                assets
                    .map(|asset| Value::from(format!("/{}", asset.relative())))
                    .collect()
            }
            Field::Slug => value(&address.slug),
            Field::Title => value(&front.title),
            Field::Description => value(&front.description),
            Field::Updated => value(written(front.updated())),
            Field::Date => value(written(front.date.as_ref())),
            Field::Year => value(day().map(|(year, ..)| year)),
            Field::Month => value(day().map(|(_, month, _)| month)),
            Field::Day => value(day().map(|(.., day)| day)),
            Field::Draft => value(front.draft),
            Field::Authors => value(front.authors()),
            Field::Lower | Field::Higher => Value::Null,
            Field::Taxonomies => {
                value(front.taxonomies.iter().cloned().collect::<BTreeMap<_, _>>())
            }
            Field::Extra => Value::Object(front.extra.table()),
            Field::Ancestors => self.section_files(&place.ancestors),
            Field::Translations => self.translations(&place.translations, Document::Page(number)),
            _ => return None,
        })
    }

    fn section_field(&self, number: usize, field: Field) -> Option<Value> {
        let section = self.source.sections.get(number)?;
        let address = self.addresses.sections.get(number)?;
        let place = self.library.sections.get(number)?;
        let front = &section.front;
        let pagination = &front.pagination;
        Some(match field {
            Field::Assets => {
                let assets = section.assets.iter();
                assets
                    .map(|asset| Value::from(asset_path(&section.file, address, asset)))
                    .collect()
            }
            Field::Title => value(&front.title),
            Field::Description => value(&front.description),
            Field::Draft => value(front.draft),
            Field::GenerateFeeds => value(front.generate_feeds),
            Field::Transparent => value(front.transparent),
            Field::PaginateBy => value((pagination.by > 0).then_some(pagination.by)),
            Field::PaginateReversed => value(pagination.reversed),
            Field::Extra => Value::Object(front.extra.table()),
            Field::Ancestors => self.section_files(&place.ancestors),
            Field::Translations => {
                self.translations(&place.translations, Document::Section(number))
            }
            Field::Pages => Value::Array(Vec::new()),
            Field::Subsections => self.section_files(&place.subsections),
            _ => return None,
        })
    }

    /// What a page's neighbours are called: today, and years ago, when that depended on the order they
    /// stand in.
    pub(super) fn neighbours_names(&self, page: usize) -> [Option<[Field; 2]>; 2] {
        let section = self
            .library
            .pages
            .get(page)
            .and_then(|place| place.ancestors.last());
        let section = section.and_then(|section| self.source.sections.get(*section));
        let retired = section.and_then(|section| match section.front.sort_by {
            SortBy::Date | SortBy::UpdateDate => Some([Field::Later, Field::Earlier]),
            SortBy::Weight => Some([Field::Lighter, Field::Heavier]),
            SortBy::Title | SortBy::TitleBytes => Some([Field::TitlePrev, Field::TitleNext]),
            SortBy::None | SortBy::Slug | SortBy::Permalink => None,
        });
        [retired, Some([Field::Lower, Field::Higher])]
    }

    /// The files of `sections`, for `get_section`.
    fn section_files(&self, sections: &[usize]) -> Value {
        let sections = sections
            .iter()
            .filter_map(|number| self.source.sections.get(*number));
        sections
            .map(|section| Value::from(section.file.relative()))
            .collect()
    }

    /// A site in one language has no translations, not even each text of itself.
    fn translations(&self, numbers: &[usize], own: Document) -> Value {
        let several = self.source.config.languages.len() > 1;
        let others = numbers.iter().map(|number| match own {
            Document::Page(_) => Document::Page(*number),
            Document::Section(_) => Document::Section(*number),
        });
        let alone = numbers.is_empty().then_some(own);
        let each = others
            .chain(alone)
            .filter(|_| several)
            .filter_map(|document| {
                let (file, address) = (self.file(document)?, self.address(document)?);
                Some(translation(file, address, self.title(document)))
            });
        each.collect()
    }
}

fn translation(file: &ContentFile, address: &Address, title: Option<&str>) -> Value {
    json!({
        "lang": file.lang(),
        "permalink": address.permalink,
        "title": title,
        "path": file.relative(),
    })
}

/// Where an asset is served that lies with the page or section of `file`.
pub(super) fn asset_path(file: &ContentFile, address: &Address, asset: &Asset) -> String {
    let folder = file.colocated().unwrap_or_else(|| file.folder());
    let relative = asset.relative();
    let inner = relative.strip_prefix(folder).unwrap_or(relative);
    format!("{}{inner}", address.path)
}

fn written(date: Option<&Date>) -> Option<&str> {
    date.map(|date| &*date.text)
}

fn insert(map: &mut Map<String, Value>, key: &str, of: impl serde::Serialize) {
    map.insert(key.into(), value(of));
}

/// Strings, numbers and lists of them always become values.
fn value(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// A term, with its `pages` if anybody can read them.
pub(super) fn term(term: &Term, pages: Option<Vec<Value>>) -> Value {
    let mut value = bare_term(term);
    if let (Value::Object(map), Some(pages)) = (&mut value, pages) {
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
