//! Functions that fetch pages, sections, taxonomies and translations.

use serde_json::{Value, json};

use super::Args;
use crate::render::{
    taxonomy::{Taxonomy, Term},
    value,
    world::World,
};

/// The page of a file below `content/`.
pub(super) fn get_page(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let file = localized(world, args, path)?;
    let number = world.library.page_of.get(&file).ok_or_else(|| {
        let files = world.library.page_of.keys().map(String::as_str);
        unknown("page", &file, files)
    })?;
    world.page_value(*number).cloned().ok_or_else(too_early)
}

/// The section of a file below `content/`.
pub(super) fn get_section(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    // Anything else than true always meant false.
    let bare = args.value("metadata_only") == Some(&Value::Bool(true));
    let file = localized(world, args, path)?;
    let number = *world.library.section_of.get(&file).ok_or_else(|| {
        let files = world.library.section_of.keys().map(String::as_str);
        unknown("section", &file, files)
    })?;
    let found = if bare {
        world.bare_section_value(number).cloned()
    } else {
        world.section_value(number)
    };
    found.ok_or_else(too_early)
}

fn unknown<'f>(kind: &str, file: &str, files: impl Iterator<Item = &'f str>) -> String {
    let near = super::hint(file, files);
    format!("there is no {kind} `{file}`{near}")
}

fn too_early() -> String {
    "pages and sections are not known yet while texts are rendered".to_owned()
}

/// `path` with the language that `lang` asks for.
fn localized(world: &World, args: &Args<'_>, path: &str) -> Result<String, String> {
    let path = path.strip_prefix("@/").unwrap_or(path);
    let path = path.trim_start_matches('/');
    match args.string("lang")? {
        None => Ok(path.to_owned()),
        Some(lang) => Ok(in_language(world, path, lang)),
    }
}

/// The file of the same text in `lang`: `blog/tides.fr.md`.
pub(super) fn in_language(world: &World, file: &str, lang: &str) -> String {
    if lang == world.source.config.default_language {
        return file.to_owned();
    }
    match file.rsplit_once('.') {
        Some((stem, _)) if stem.ends_with(&format!(".{lang}")) => file.to_owned(),
        Some((stem, ending)) => format!("{stem}.{lang}.{ending}"),
        None => file.to_owned(),
    }
}

/// A text in the language asked for.
pub(super) fn trans(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let key = args.required("key")?;
    let config = &world.source.config;
    let lang = args.string("lang")?.unwrap_or(&config.default_language);
    let language = config.languages.get(lang).ok_or_else(|| {
        format!(
            "`{lang}` is no language of this site: see `languages` in {}",
            config.file
        )
    })?;
    language.translations.get(key).cloned().ok_or_else(|| {
        let near = super::hint(key, language.translations.keys().map(String::as_str));
        format!("there is no translation of `{key}` for the language `{lang}`{near}")
    })
}

/// The URL of a term.
pub(super) fn get_taxonomy_url(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let name = args.required("name")?;
    let Some(taxonomy) = taxonomy(world, args)? else {
        return Ok(Value::Null);
    };
    match taxonomy.term(name, &world.source.config) {
        Some(term) => Ok(Value::from(term.permalink.as_str())),
        None if is_optional(args)? => Ok(Value::Null),
        None => Err(no_term(taxonomy, name)),
    }
}

/// A taxonomy with all its terms.
pub(super) fn get_taxonomy(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let Some(taxonomy) = taxonomy(world, args)? else {
        return Ok(Value::Null);
    };
    let items = taxonomy
        .terms
        .iter()
        .map(|term| value::term(term, pages(world, term)));
    let items: Vec<_> = items.collect();
    Ok(json!({
        "kind": taxonomy.config,
        "lang": taxonomy.lang,
        "permalink": taxonomy.permalink,
        "items": items,
    }))
}

/// One term.
pub(super) fn get_taxonomy_term(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let name = args.required("term")?;
    let with_pages = args.flag("include_pages")?.unwrap_or(true);
    let Some(taxonomy) = taxonomy(world, args)? else {
        return Ok(Value::Null);
    };
    match taxonomy.term(name, &world.source.config) {
        Some(term) => {
            let pages = if with_pages {
                pages(world, term)
            } else {
                Vec::new()
            };
            Ok(value::term(term, pages))
        }
        None if is_optional(args)? => Ok(Value::Null),
        None => Err(no_term(taxonomy, name)),
    }
}

/// The pages of a term.
pub(in crate::render) fn pages(world: &World, term: &Term) -> Vec<Value> {
    term.pages
        .iter()
        .filter_map(|page| world.page_value(*page).cloned())
        .collect()
}

fn taxonomy<'w>(world: &'w World, args: &Args<'_>) -> Result<Option<&'w Taxonomy>, String> {
    let kind = args.required("kind")?;
    let lang = args
        .string("lang")?
        .unwrap_or(&world.source.config.default_language);
    let all = world
        .library
        .taxonomies
        .get(lang)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let found = all
        .iter()
        .find(|t| t.config.name == kind || t.config.slug == kind);
    if found.is_none() && !is_optional(args)? {
        let near = super::hint(kind, all.iter().map(|t| t.config.name.as_str()));
        return Err(format!(
            "there is no taxonomy `{kind}` in the language `{lang}`{near}"
        ));
    }
    Ok(found)
}

fn is_optional(args: &Args<'_>) -> Result<bool, String> {
    Ok(args.flag("required")? == Some(false))
}

fn no_term(taxonomy: &Taxonomy, name: &str) -> String {
    let near = super::hint(name, taxonomy.terms.iter().map(|term| term.name.as_str()));
    format!(
        "no page has `{name}` in its `{}`{near}",
        taxonomy.config.name
    )
}
