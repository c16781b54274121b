//! The functions and filters that templates may call, by name, written over plain values: each
//! takes the world and its arguments, and gives a value or a reason in words.

mod content;
mod data;
mod files;
mod filters;
mod images;
mod time;
mod urls;

use std::sync::{Arc, Weak};

use serde_json::{Map, Value};

pub(super) use self::{content::pages as pages_of_term, data::Loaded, files::Digests};
use super::{
    engine::{
        Engine,
        Output::{self, Escaped, Safe},
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

const FUNCTIONS: [(&str, Output, Function); 15] = [
    ("get_env", Escaped, data::get_env),
    // As `get_hash` was called years ago.
    ("get_file_hash", Escaped, files::get_hash),
    ("get_hash", Escaped, files::get_hash),
    ("get_image_metadata", Escaped, files::get_image_metadata),
    ("get_page", Escaped, content::get_page),
    ("get_random", Escaped, time::get_random),
    ("get_section", Escaped, content::get_section),
    ("get_taxonomy", Escaped, content::get_taxonomy),
    ("get_taxonomy_term", Escaped, content::get_taxonomy_term),
    ("get_taxonomy_url", Safe, content::get_taxonomy_url),
    ("get_url", Safe, urls::get_url),
    ("load_data", Escaped, data::load_data),
    ("now", Safe, time::now),
    ("resize_image", Escaped, images::resize_image),
    ("trans", Escaped, content::trans),
];

const FILTERS: [(&str, Filter); 5] = [
    ("base64_decode", filters::base64_decode),
    ("base64_encode", filters::base64_encode),
    ("markdown", filters::markdown),
    ("num_format", filters::num_format),
    ("regex_replace", filters::regex_replace),
];

/// Makes every function and filter known to `engine`. They hold the world weakly: the world holds
/// the engine.
pub(super) fn register(engine: &mut Engine, world: &Weak<World>) {
    for (name, output, function) in FUNCTIONS {
        let world = world.clone();
        let call = move |map: &Map<String, Value>| function(&*alive(&world)?, &Args { map });
        engine.function(name, output, Box::new(call));
    }
    for (name, filter) in FILTERS {
        let world = world.clone();
        let call = move |value: &Value, map: &Map<String, Value>| {
            filter(&*alive(&world)?, value, &Args { map })
        };
        engine.filter(name, Box::new(call));
    }
}

/// The end of a sentence about a word that is not known: which known one it may be.
fn hint<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn alive(world: &Weak<World>) -> Result<Arc<World>, String> {
    world
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
