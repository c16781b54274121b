//! Search indexes for a script in the visitor's browser, in the formats of elasticlunr and fuse.

mod tongue;

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use elasticlunr::{Index, IndexBuilder};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    ask::{self, Digest, Question},
    field::{Field, Fields},
    markdown::plain,
    world::{Document, World},
};
use crate::site::{IndexFormat, Language, Search};

/// The indexes, made again only if something in them changed, and what they hang on.
pub(super) fn known_indexes(world: &World) -> (Digest, HashMap<String, Bytes>) {
    let terms = terms(world);
    match world.last.as_ref().map(|last| &last.indexes) {
        Some(known) if known.0 == terms => known.clone(),
        _ => (terms, indexes(world)),
    }
}

/// An index for each language that asks for one, and the script that reads it, by the path each is
/// served at. Templates may ask for their hashes, so they are made before any template is rendered.
fn indexes(world: &World) -> HashMap<String, Bytes> {
    let config = &world.source.config;
    let wanted: Vec<_> = config
        .languages
        .iter()
        .filter(|(_, language)| language.build_search_index)
        .collect();
    let made = wanted.par_iter().map(|(lang, language)| {
        let (name, body) = index(world, lang, language);
        (name, Bytes::from(body))
    });
    let mut indexes: HashMap<String, Bytes> = made.collect();
    if wanted
        .iter()
        .any(|(_, language)| is_elasticlunr(language.search.index_format))
    {
        indexes.insert(
            "elasticlunr.min.js".into(),
            Bytes::from_static(ELASTICLUNR.as_bytes()),
        );
    }
    indexes
}

fn is_elasticlunr(format: IndexFormat) -> bool {
    matches!(
        format,
        IndexFormat::ElasticlunrJavascript | IndexFormat::ElasticlunrJson
    )
}

/// elasticlunr.js by Wei Song, MIT licence, as its authors give it out.
const ELASTICLUNR: &str = include_str!("search/elasticlunr.min.js");

/// The name and the text of one index.
fn index(world: &World, lang: &str, language: &Language) -> (String, String) {
    let documents: Vec<Document> = documents(world)
        .filter(|document| world.file(*document).is_some_and(|file| file.lang == lang))
        .collect();
    let documents: Vec<Indexed> = documents
        .into_par_iter()
        .map(|document| indexed(&world.fields(document, READ), &language.search))
        .collect();
    let format = language.search.index_format;
    let body = match format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::ElasticlunrJson => {
            elasticlunr(lang, &language.search, &documents)
        }
        IndexFormat::FuseJavascript | IndexFormat::FuseJson => fuse(&documents),
    };
    match format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::FuseJavascript => (
            format!("search_index.{lang}.js"),
            format!("window.searchIndex = {body};"),
        ),
        IndexFormat::ElasticlunrJson | IndexFormat::FuseJson => {
            (format!("search_index.{lang}.json"), body)
        }
    }
}

/// What the indexes hang on besides the configuration.
fn terms(world: &World) -> Digest {
    let asked = documents(world).map(|document| {
        let doc = world.arranged.order.ids.of(document);
        doc.map(|doc| {
            world.answer(&Question::Document {
                doc,
                fields: READ,
                near: None,
            })
        })
    });
    ask::digest((world.arranged.order.settings, asked.collect::<Vec<_>>()))
}

/// Each section, and then the pages it lists. A page in no section can't be found, as its author
/// had it; one that two sections list is found once.
fn documents(world: &World) -> impl Iterator<Item = Document> {
    let source = &world.source;
    let mut have = HashSet::new();
    let sections = source.sections.iter().enumerate();
    let sections = sections.filter(|(_, section)| {
        let language = source.config.languages.get(&section.file.lang);
        section.front.in_search_index && language.is_some_and(|lang| lang.build_search_index)
    });
    sections.flat_map(move |(number, section)| {
        let own = section
            .front
            .redirect_to
            .is_none()
            .then_some(Document::Section(number));
        let listed = world.library.sections.get(number).map(|place| &place.pages);
        let found = listed.into_iter().flatten().filter(|page| {
            let front = source.pages.get(**page).map(|page| &page.front);
            front.is_some_and(|front| front.in_search_index && front.render) && have.insert(**page)
        });
        let pages: Vec<_> = found.map(|page| Document::Page(*page)).collect();
        own.into_iter().chain(pages)
    })
}

/// What is read of each.
const READ: Fields = Fields::of(&[
    Field::Permalink,
    Field::Path,
    Field::Title,
    Field::Description,
    Field::Date,
    Field::Content,
]);

/// What is indexed of one page or section.
struct Indexed {
    permalink: String,
    /// Name and text of each field.
    fields: Vec<(&'static str, String)>,
}

fn indexed(value: &Map<String, Value>, search: &Search) -> Indexed {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut fields = Vec::new();
    if search.include_title {
        fields.push(("title", text("title").to_owned()));
    }
    if search.include_description {
        fields.push(("description", text("description").to_owned()));
    }
    if search.include_date {
        fields.push(("date", moment(text("date"))));
    }
    if search.include_path {
        fields.push(("path", text("path").to_owned()));
    }
    if search.include_content {
        let mut body = plain::text(text("content"));
        if let Some(most) = search.truncate_content_length
            && let Some((cut, _)) = body.char_indices().nth(most)
        {
            body.truncate(cut);
        }
        fields.push(("body", body));
    }
    Indexed {
        permalink: text("permalink").to_owned(),
        fields,
    }
}

/// A date as a moment (RFC 3339), however its author wrote it; nothing for nothing.
fn moment(date: &str) -> String {
    let has_zone = |time: &str| time.ends_with(['Z', 'z']) || time.contains(['+', '-']);
    match date.split_once(['T', 't', ' ']) {
        None if date.is_empty() => String::new(),
        None => format!("{date}T00:00:00Z"),
        Some((day, time)) if has_zone(time) => format!("{day}T{time}"),
        Some((day, time)) => format!("{day}T{time}Z"),
    }
}

fn elasticlunr(lang: &str, search: &Search, documents: &[Indexed]) -> String {
    let mut builder = IndexBuilder::with_language(tongue::of(lang));
    for field in fields(search) {
        builder = match field {
            "path" => builder.add_field_with_tokenizer(field, Box::new(tongue::path_words)),
            _ => builder.add_field(field),
        };
    }
    let mut index: Index = builder.build();
    for document in documents {
        index.add_doc(
            &document.permalink,
            document.fields.iter().map(|(_, text)| text),
        );
    }
    index.to_json()
}

fn fields(search: &Search) -> impl Iterator<Item = &'static str> {
    let all = [
        ("title", search.include_title),
        ("description", search.include_description),
        ("date", search.include_date),
        ("path", search.include_path),
        ("body", search.include_content),
    ];
    let included = all.into_iter().filter(|(_, included)| *included);
    included.map(|(name, _)| name)
}

fn fuse(documents: &[Indexed]) -> String {
    let each = documents.iter().map(|document| {
        let mut map = Map::new();
        map.insert("url".into(), document.permalink.as_str().into());
        for (name, text) in &document.fields {
            map.insert((*name).to_owned(), text.as_str().into());
        }
        Value::Object(map)
    });
    json!(each.collect::<Vec<_>>()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_moments() {
        for (date, moment_) in [
            ("", ""),
            ("2024-05-01", "2024-05-01T00:00:00Z"),
            ("2024-05-01 10:00:00", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00+02:00", "2024-05-01T10:00:00+02:00"),
            ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ] {
            assert_eq!(moment(date), moment_);
        }
    }
}
