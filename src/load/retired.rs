//! A configuration of years ago takes today's shape before it is read, where more has changed than
//! the name of a key: languages were once a list, and their translations and taxonomies stood beside
//! them rather than below them.

use serde_json::{Map, Value};

/// Moves what stands elsewhere today. Gives back the keys that were moved, each with where it belongs.
pub(super) fn unfold(
    map: &mut Map<String, Value>,
    default: &str,
) -> Vec<(&'static str, &'static str)> {
    let mut told = Vec::new();
    if let Some(Value::Array(list)) = map.get("languages") {
        let languages = list.iter().filter_map(language).collect();
        map.insert("languages".into(), Value::Object(languages));
        move_taxonomies(map, default);
        told.push(("languages", "[languages.CODE]"));
    }
    if move_translations(map, default) {
        told.push(("translations", "[languages.CODE.translations]"));
    }
    told
}

/// `{ code = "fr", feed = true, search = true }` under the names of today.
fn language(written: &Value) -> Option<(String, Value)> {
    let mut language = written.as_object()?.clone();
    let Value::String(code) = language.remove("code")? else {
        return None;
    };
    for (old, new) in [
        ("feed", "generate_feeds"),
        ("rss", "generate_feeds"),
        ("search", "build_search_index"),
    ] {
        if let Some(flag) = language.remove(old) {
            language.entry(new).or_insert(flag);
        }
    }
    Some((code, Value::Object(language)))
}

/// A taxonomy with a `lang` belongs to that language; its `rss` is a feed.
fn move_taxonomies(map: &mut Map<String, Value>, default: &str) {
    let Some(Value::Array(all)) = map.remove("taxonomies") else {
        return;
    };
    let lang = |taxonomy: &Value| taxonomy.get("lang")?.as_str().map(ToOwned::to_owned);
    let mut own = Vec::new();
    for mut taxonomy in all {
        if let Some(table) = taxonomy.as_object_mut()
            && let Some(flag) = table.remove("rss")
        {
            table.entry("feed").or_insert(flag);
        }
        match lang(&taxonomy).filter(|lang| lang != default) {
            None => own.push(taxonomy),
            Some(lang) => {
                let moved = below(map, &lang, "taxonomies", || Value::Array(Vec::new()));
                if let Some(Value::Array(list)) = moved {
                    list.push(taxonomy);
                }
            }
        }
    }
    map.insert("taxonomies".into(), Value::Array(own));
}

/// `[translations.fr]` belongs to French. Whether there was any such table.
fn move_translations(map: &mut Map<String, Value>, default: &str) -> bool {
    let Some(Value::Object(all)) = map.remove("translations") else {
        return false;
    };
    let (tables, mut own): (Map<_, _>, Map<_, _>) =
        all.into_iter().partition(|(_, value)| value.is_object());
    let found = !tables.is_empty();
    for (lang, table) in tables {
        let Value::Object(table) = table else {
            continue;
        };
        if lang == default {
            own.extend(table);
            continue;
        }
        let moved = below(map, &lang, "translations", || Value::Object(Map::new()));
        if let Some(Value::Object(texts)) = moved {
            texts.extend(table);
        }
    }
    map.insert("translations".into(), Value::Object(own));
    found
}

/// What stands at `languages.LANG.KEY`, or `empty` put there.
fn below<'m>(
    map: &'m mut Map<String, Value>,
    lang: &str,
    key: &str,
    empty: fn() -> Value,
) -> Option<&'m mut Value> {
    let table = || Value::Object(Map::new());
    let languages = map.entry("languages").or_insert_with(table);
    let language = languages.as_object_mut()?.entry(lang).or_insert_with(table);
    Some(language.as_object_mut()?.entry(key).or_insert_with(empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_were_once_a_list() {
        let old = r#"
            languages = [{ code = "fr", feed = true, search = true }, { code = "it" }]
            taxonomies = [{ name = "tags", rss = true }, { name = "auteurs", lang = "fr" }]
            [translations.en]
            hi = "Hello"
            [translations.fr]
            hi = "Salut"
        "#;
        let today = r#"
            taxonomies = [{ name = "tags", feed = true }]
            [translations]
            hi = "Hello"
            [languages.fr]
            generate_feeds = true
            build_search_index = true
            taxonomies = [{ name = "auteurs", lang = "fr" }]
            translations = { hi = "Salut" }
            [languages.it]
        "#;
        let mut map = crate::site::toml(old).unwrap();
        assert_eq!(unfold(&mut map, "en").len(), 2);
        assert_eq!(map, crate::site::toml(today).unwrap());
        assert!(unfold(&mut map, "en").is_empty());
    }
}
