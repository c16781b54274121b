//! The functions and filters that templates may call, by name, written over plain values: each
//! takes the world and its arguments, and gives a value or a reason in words.

mod content;
mod data;
mod date;
mod files;
mod filters;
mod images;
mod range;
mod time;
mod urls;

use std::sync::Arc;

use serde_json::{Map, Value};

pub(super) use self::{
    content::listed,
    data::Loaded,
    files::{Digests, stamp},
    time::NOW_WRITTEN,
};
use super::{
    ask::{self, Question},
    engine::{
        Engine,
        Output::{self, Escaped, Safe},
        Seat,
    },
    world::World,
};
use crate::site::nearest;

/// Arguments by name.
pub(super) struct Args<'a> {
    pub(super) map: &'a Map<String, Value>,
}

type Function = fn(&World, &Args<'_>) -> Result<Value, String>;
type Filter = fn(&World, &Value, &Args<'_>) -> Result<Value, String>;

/// How it is noted that a function was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// As it is: what it gives is little, and soon asked again.
    Called,
    /// By the function itself, which knows what it looked at; or not at all if that never changes.
    Inside,
}

use Noted::{Called, Inside};

const FUNCTIONS: [(&str, Output, Noted, Function); 17] = [
    ("get_env", Escaped, Called, data::get_env),
    // As `get_hash` was called years ago.
    ("get_file_hash", Escaped, Inside, files::get_hash),
    ("get_hash", Escaped, Inside, files::get_hash),
    (
        "get_image_metadata",
        Escaped,
        Inside,
        files::get_image_metadata,
    ),
    ("get_page", Escaped, Inside, content::get_page),
    ("get_random", Escaped, Inside, time::get_random),
    ("get_section", Escaped, Inside, content::get_section),
    ("get_taxonomy", Escaped, Inside, content::get_taxonomy),
    (
        "get_taxonomy_term",
        Escaped,
        Inside,
        content::get_taxonomy_term,
    ),
    ("get_taxonomy_url", Safe, Called, content::get_taxonomy_url),
    ("get_url", Safe, Called, urls::get_url),
    ("load_data", Escaped, Inside, data::load_data),
    ("now", Safe, Called, time::now),
    (NOW_WRITTEN, Escaped, Called, time::now_written),
    ("range", Escaped, Inside, range::range),
    ("resize_image", Escaped, Inside, images::resize_image),
    ("trans", Escaped, Called, content::trans),
];

const FILTERS: [(&str, Filter); 9] = [
    ("base64_decode", filters::base64_decode),
    ("base64_encode", filters::base64_encode),
    ("date", date::date),
    ("filesizeformat", filters::filesizeformat),
    ("markdown", filters::markdown),
    ("num_format", filters::num_format),
    ("regex_replace", filters::regex_replace),
    ("slugify", filters::slugify),
    ("title", filters::title),
];

/// Makes every function and filter known to `engine`. They find the world in its seat: the world holds
/// the engine, and the engine lasts longer.
pub(super) fn register(engine: &mut Engine) {
    for (name, output, noted, function) in FUNCTIONS {
        let seat = Arc::clone(&engine.seat);
        let call = move |map: &Map<String, Value>| {
            if noted == Called {
                ask::note(|| Question::Call(name, written(map), ask::phase()));
            }
            function(&*alive(&seat)?, &Args { map })
        };
        engine.function(name, output, Box::new(call));
    }
    for (name, filter) in FILTERS {
        let seat = Arc::clone(&engine.seat);
        let call = move |value: &Value, map: &Map<String, Value>| {
            filter(&*alive(&seat)?, value, &Args { map })
        };
        engine.filter(name, Box::new(call));
    }
}

/// Arguments as they are noted; they are sorted by name.
fn written(arguments: &Map<String, Value>) -> Arc<str> {
    serde_json::to_string(arguments).unwrap_or_default().into()
}

/// What the function `name` gives for `arguments`, as they were noted.
pub(super) fn call(world: &World, name: &str, arguments: &str) -> Result<Value, String> {
    let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
    let (.., function) = known.ok_or("there is no such function")?;
    let map = serde_json::from_str(arguments).map_err(|error| error.to_string())?;
    function(world, &Args { map: &map })
}

/// What follows a sentence about a word that is not known: which known one it may be, as the way out.
fn hint<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("\ndid you mean `{near}`?"))
}

fn alive(seat: &Seat) -> Result<Arc<World>, String> {
    seat.load()
        .upgrade()
        .ok_or_else(|| "the site is not being rendered any more".to_owned())
}

impl Args<'_> {
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<&str>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(format!("`{name}` must be a string, and is {other}")),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, String> {
        self.string(name)?
            .ok_or_else(|| format!("the argument `{name}` is missing"))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(format!("`{name}` must be true or false, and is {other}")),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(format!("`{name}` must be a whole number, and is {value}")),
            },
        }
    }
}
