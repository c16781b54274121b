//! Functions that fetch pages, sections, taxonomies and translations.

use serde_json::{Value, json};

use super::Args;
use crate::{
    render::{
        ask::{self, List, Phase, Question},
        field::{Field, Fields},
        taxonomy::{Taxonomy, Term},
        value,
        world::World,
    },
    site::{nearest, nearest_path},
};

/// The page of a file below `content/`.
pub(super) fn get_page(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let file = localized(world, args, path)?;
    ask::note(|| Question::Permalink(file.as_str().into()));
    let number = world.addresses.page(&file).ok_or_else(|| {
        ask::note(|| Question::Files);
        let files = world.source.pages.iter().map(|page| page.file.relative());
        unknown("page", &file, files)
    })?;
    let others = ready()?;
    Ok(world.page_with_neighbours(number, others, others))
}

/// The section of a file below `content/`.
pub(super) fn get_section(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    // Anything else than true always meant false.
    let bare = args.value("metadata_only") == Some(&Value::Bool(true));
    let file = localized(world, args, path)?;
    ask::note(|| Question::Permalink(file.as_str().into()));
    let number = world.addresses.section(&file).ok_or_else(|| {
        ask::note(|| Question::Files);
        let sections = world.source.sections.iter();
        let files = sections.map(|section| section.file.relative());
        unknown("section", &file, files)
    })?;
    let others = ready()?;
    Ok(match bare {
        true => world.bare_section(number, others),
        false => world.section(number, others, others),
    })
}

/// The fields that the caller can read of what is fetched, if it is known by now.
fn ready() -> Result<Fields, String> {
    match ask::phase() {
        Phase::Documents => Ok(ask::others()),
        Phase::Texts => {
            Err("pages and sections are not known yet while texts are rendered".to_owned())
        }
    }
}

fn unknown<'f>(kind: &str, file: &str, files: impl Iterator<Item = &'f str> + Clone) -> String {
    let way_out = match nearest_path(file, files) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the path of its Markdown file below `content/`".to_owned(),
    };
    format!("there is no {kind} `{file}`\n{way_out}")
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
    let fields = ask::others();
    note_list(List::Taxonomy(taxonomy.key()), fields);
    let terms = taxonomy.terms.iter();
    let items: Vec<_> = terms
        .map(|term| value::term(term, listed(world, term, fields)))
        .collect();
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
    // Whether there is such a term, and what it is called.
    ask::note(|| {
        let mut bare = args.map.clone();
        bare.insert("include_pages".into(), false.into());
        Question::Call("get_taxonomy_term", super::written(&bare), ask::phase())
    });
    let Some(taxonomy) = taxonomy(world, args)? else {
        return Ok(Value::Null);
    };
    match taxonomy.term(name, &world.source.config) {
        Some(term) => {
            let fields = ask::others();
            let pages = match with_pages {
                true => {
                    note_list(List::Term(taxonomy.key_of(term)), fields);
                    listed(world, term, fields)
                }
                false => Some(Vec::new()),
            };
            Ok(value::term(term, pages))
        }
        None if is_optional(args)? => Ok(Value::Null),
        None => Err(no_term(taxonomy, name)),
    }
}

/// The pages of a term, if the caller can read of them at all. While texts are rendered there are none.
pub(in crate::render) fn listed(world: &World, term: &Term, fields: Fields) -> Option<Vec<Value>> {
    let pages = match ask::phase() {
        Phase::Documents => term.pages.as_slice(),
        Phase::Texts => &[],
    };
    fields
        .has(Field::Pages)
        .then(|| world.listed(pages, fields))
}

fn note_list(list: List, fields: Fields) {
    ask::note(|| Question::Listing {
        list,
        fields,
        near: None,
    });
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
        let way_out = match nearest(kind, all.iter().map(|t| t.config.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it to `taxonomies` in the configuration, or pass `required=false`".into(),
        };
        return Err(format!(
            "there is no taxonomy `{kind}` in the language `{lang}`\n{way_out}"
        ));
    }
    Ok(found)
}

fn is_optional(args: &Args<'_>) -> Result<bool, String> {
    Ok(args.flag("required")? == Some(false))
}

fn no_term(taxonomy: &Taxonomy, name: &str) -> String {
    let terms = taxonomy.terms.iter().map(|term| term.name.as_str());
    let way_out = match nearest(name, terms) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "pass `required=false` if there may be none".to_owned(),
    };
    format!(
        "no page has `{name}` in its `{}`\n{way_out}",
        taxonomy.config.name
    )
}
