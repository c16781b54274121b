//! Search indexes for a script in the visitor's browser, in the formats of elasticlunr and fuse.

use std::collections::HashMap;

use bytes::Bytes;
use elasticlunr::{Index, IndexBuilder, Language as Tongue, lang};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{markdown::plain, world::World};
use crate::site::{IndexFormat, Language, Problem, Search};

/// An index for each language that asks for one, and the script that reads it, by the path each is
/// served at. Templates may ask for their hashes, so they are made before any template is rendered.
pub(super) fn indexes(world: &World) -> (HashMap<String, Bytes>, Vec<Problem>) {
    let config = &world.source.config;
    let wanted: Vec<_> = config
        .languages
        .iter()
        .filter(|(_, language)| language.build_search_index)
        .collect();
    let made: Vec<_> = wanted
        .par_iter()
        .map(|(lang, language)| index(world, lang, language))
        .collect();
    let (mut indexes, mut problems) = (HashMap::new(), Vec::new());
    for made in made {
        match made {
            Ok((name, body)) => {
                indexes.insert(name, Bytes::from(body));
            }
            Err(problem) => problems.push(problem),
        }
    }
    if wanted
        .iter()
        .any(|(_, language)| is_elasticlunr(language.search.index_format))
    {
        indexes.insert(
            "elasticlunr.min.js".into(),
            Bytes::from_static(ELASTICLUNR.as_bytes()),
        );
    }
    (indexes, problems)
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
fn index(world: &World, lang: &str, language: &Language) -> Result<(String, String), Problem> {
    let documents = documents(world, lang, &language.search);
    let format = language.search.index_format;
    let body = match format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::ElasticlunrJson => {
            elasticlunr(lang, &language.search, &documents)?
        }
        IndexFormat::FuseJavascript | IndexFormat::FuseJson => fuse(&documents),
    };
    Ok(match format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::FuseJavascript => (
            format!("search_index.{lang}.js"),
            format!("window.searchIndex = {body};"),
        ),
        IndexFormat::ElasticlunrJson | IndexFormat::FuseJson => {
            (format!("search_index.{lang}.json"), body)
        }
    })
}

/// What is indexed of one page or section.
struct Document {
    permalink: String,
    /// Name and text of each field.
    fields: Vec<(&'static str, String)>,
}

fn documents(world: &World, lang: &str, search: &Search) -> Vec<Document> {
    let source = &world.source;
    let mut documents = Vec::new();
    for (number, section) in source.sections.iter().enumerate() {
        let shown = section.front.in_search_index && section.front.redirect_to.is_none();
        if section.file.lang != lang || !shown {
            continue;
        }
        documents.extend(
            world
                .bare_section_value(number)
                .map(|value| document(value, search)),
        );
    }
    for (number, page) in source.pages.iter().enumerate() {
        let parent = world.library.parent(source, number);
        // A page whose folder is no section is found by its address only.
        let listed = world
            .library
            .pages
            .get(number)
            .is_some_and(|place| place.section.is_some() && !place.left_out);
        let hidden = !listed || parent.is_some_and(|section| !section.in_search_index);
        if page.file.lang != lang || !page.front.in_search_index || hidden {
            continue;
        }
        documents.extend(
            world
                .page_value(number)
                .map(|value| document(value, search)),
        );
    }
    documents
}

fn document(value: &Value, search: &Search) -> Document {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut fields = Vec::new();
    if search.include_title {
        fields.push(("title", text("title").to_owned()));
    }
    if search.include_description {
        fields.push(("description", text("description").to_owned()));
    }
    if search.include_date {
        fields.push(("date", text("date").to_owned()));
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
    Document {
        permalink: text("permalink").to_owned(),
        fields,
    }
}

fn elasticlunr(lang: &str, search: &Search, documents: &[Document]) -> Result<String, Problem> {
    let tongue = tongue(lang).ok_or_else(|| {
        let what = format!("no search index can be made for the language `{lang}`");
        Problem::error(what).way_out("set `build_search_index = false` for it, or use a fuse index")
    })?;
    let mut index: Index = IndexBuilder::with_language(tongue)
        .add_fields(fields(search))
        .build();
    for document in documents {
        index.add_doc(
            &document.permalink,
            document.fields.iter().map(|(_, text)| text),
        );
    }
    Ok(index.to_json())
}

fn fields(search: &Search) -> Vec<&'static str> {
    let all = [
        ("title", search.include_title),
        ("description", search.include_description),
        ("date", search.include_date),
        ("path", search.include_path),
        ("body", search.include_content),
    ];
    all.into_iter()
        .filter(|(_, included)| *included)
        .map(|(name, _)| name)
        .collect()
}

fn tongue(code: &str) -> Option<Box<dyn Tongue>> {
    lang::from_code(code.split(['-', '_']).next().unwrap_or(code))
}

fn fuse(documents: &[Document]) -> String {
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
