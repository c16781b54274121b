//! Filters over strings and numbers.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use num_format::{Locale, ToFormattedString};
use regex::Regex;
use regex_syntax::is_word_character;
use serde_json::Value;

use super::Args;
use crate::{
    render::{
        ask::{self, Question},
        engine::unfit,
        markdown,
        world::{Around, World},
    },
    site::InsertAnchor,
};

/// Markdown becomes HTML; with `inline=true` without the paragraph around it.
pub(super) fn markdown(world: &World, value: &Value, args: &Args<'_>) -> Result<Value, String> {
    ask::note(|| Question::Settings);
    ask::note(|| Question::Colours);
    let text = text(value)?;
    let inline = args.flag("inline")?.unwrap_or(false);
    let config = &world.source.config;
    let around = Around {
        world,
        lang: &config.default_language,
        document: None,
    };
    let text = markdown::Text {
        markdown: text,
        file: "",
        first_line: 1,
        permalink: "",
        insert_anchor: InsertAnchor::None,
        slug_anchors: config.slugify.anchors,
        settings: &config.markdown,
        shelf: &world.shelf,
    };
    let rendered = markdown::render(&text, &around);
    if let Some(problem) = rendered.problems.iter().find(|problem| problem.is_error()) {
        let way_out = problem.way_out.as_deref().unwrap_or_default();
        return Err(format!("{}\n{way_out}", problem.what).trim_end().to_owned());
    }
    let html = rendered.html;
    Ok(Value::String(if inline {
        markdown::inline(&html).to_owned()
    } else {
        html
    }))
}

pub(super) fn base64_encode(_: &World, value: &Value, _: &Args<'_>) -> Result<Value, String> {
    Ok(Value::String(STANDARD.encode(text(value)?)))
}

pub(super) fn base64_decode(_: &World, value: &Value, _: &Args<'_>) -> Result<Value, String> {
    let bytes = STANDARD
        .decode(text(value)?.trim())
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes)
        .map(Value::String)
        .map_err(|_| "what it encodes is no text".into())
}

/// `rep` may name groups as `$name`.
pub(super) fn regex_replace(_: &World, value: &Value, args: &Args<'_>) -> Result<Value, String> {
    let pattern = args.required("pattern")?;
    let rep = args.required("rep")?;
    let regex = Regex::new(pattern).map_err(|error| format!("`{pattern}`: {error}"))?;
    Ok(Value::from(regex.replace_all(text(value)?, rep)))
}

/// A number with the separators of a language.
pub(super) fn num_format(world: &World, value: &Value, args: &Args<'_>) -> Result<Value, String> {
    ask::note(|| Question::Settings);
    let number = value
        .as_i64()
        .ok_or_else(|| unfit("a whole number", value))?;
    let name = args
        .string("locale")?
        .unwrap_or(&world.source.config.default_language);
    let locale = Locale::from_name(name)
        .or_else(|_| Locale::from_name(name.split(['-', '_']).next().unwrap_or_default()));
    let locale = locale.map_err(|_| format!("there is no locale `{name}`"))?;
    Ok(Value::String(number.to_formatted_string(&locale)))
}

/// A number of bytes as people say it, in steps of 1024: `110 MB`, or `110 MiB` with `binary=true`.
pub(super) fn filesizeformat(_: &World, value: &Value, args: &Args<'_>) -> Result<Value, String> {
    sized(value, args).map(Value::String)
}

fn sized(value: &Value, args: &Args<'_>) -> Result<String, String> {
    let bytes = value
        .as_u64()
        .ok_or_else(|| unfit("a number of bytes", value))?;
    let units = match args.flag("binary")? {
        Some(true) => humansize::BINARY,
        _ => humansize::WINDOWS,
    };
    Ok(humansize::format_size(bytes, units))
}

pub(super) fn slugify(_: &World, value: &Value, _: &Args<'_>) -> Result<Value, String> {
    Ok(Value::String(slug::slugify(text(value)?)))
}

/// Each word with a capital letter, and small ones behind it. The engine's own keeps a megabyte of memory for it.
pub(super) fn title(_: &World, value: &Value, _: &Args<'_>) -> Result<Value, String> {
    Ok(Value::String(titled(text(value)?)))
}

fn titled(mut text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    while let Some(begin) = text.find(is_word_character) {
        let (before, from_word) = text.split_at(begin);
        // `don't` is one word; a quotation mark behind a word is none of it.
        let is_other = |letter| letter != '\'' && !is_word_character(letter);
        let run = from_word.split(is_other).next().unwrap_or_default();
        let word = run.trim_end_matches('\'');
        let mut letters = word.chars();
        titled += before;
        titled.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        titled += &letters.as_str().to_lowercase();
        text = from_word.get(word.len()..).unwrap_or_default();
    }
    titled + text
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| unfit("a string", value))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::{prelude::*, test_runner::Config};

    use super::*;

    proptest! {
        #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

        /// It is what the engine's own filter of that name gives.
        #[test]
        fn words_are_titled_as_the_engine_does(
            text in "([a-zßŉΣσǆ'’_ ñé\u{301}½²\u{200d}.-]|\\PC)*",
        ) {
            let engine = tera::Tera::default();
            let theirs = engine.get_filter("title").unwrap();
            let theirs = theirs.filter(&Value::from(text.as_str()), &HashMap::new());
            prop_assert_eq!(Value::from(titled(&text)), theirs.unwrap());
        }
    }

    #[test]
    fn sizes_are_written_as_people_say_them() {
        let said = |bytes: i64, args: &[(&str, bool)]| {
            let map = args.iter().map(|(n, v)| ((*n).to_owned(), (*v).into()));
            let map = map.collect();
            sized(&bytes.into(), &Args { map: &map })
        };
        for (bytes, args, expected) in [
            (0, &[][..], Ok("0 B")),
            (110 << 20, &[], Ok("110 MB")),
            (1_536, &[("binary", false)], Ok("1.50 kB")),
            (1_536, &[("binary", true)], Ok("1.50 KiB")),
            (-1, &[], Err("it works on a number of bytes, and got `-1`")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(said(bytes, args), expected, "{bytes} {args:?}");
        }
    }
}
