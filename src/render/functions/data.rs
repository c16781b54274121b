//! `load_data` and `get_env`: what comes into a template from outside of the pages.

mod bibtex;
mod format;
mod request;
mod xml;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use once_cell::sync::OnceCell;
use serde_json::Value;

use self::format::Format;
use super::{Args, files};
use crate::{
    render::{
        ask::{self, Question},
        world::World,
    },
    site::{Fetch, Unfetched},
};

/// What was loaded for this render, parsed: each file and each answer once, and the same for every
/// page.
#[derive(Default)]
pub(in crate::render) struct Loaded {
    /// A lock for the table alone: who loads something holds only its cell, and others who want the
    /// same wait for it.
    cells: Mutex<HashMap<(Origin, Format), Arc<Cell>>>,
}

type Cell = OnceCell<Result<Value, Failure>>;

/// Where data comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Origin {
    File(String),
    Remote(Fetch),
}

/// Why there is no data.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    /// It is not there, which a template may put up with.
    Missing(String),
    /// It is there, and can't be read.
    Broken(String),
}

/// The data of a file, of an address or of a literal, as a value.
pub(super) fn load_data(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let required = args.flag("required")?.unwrap_or(true);
    let format = args.string("format")?.map(Format::named).transpose()?;
    let (path, url) = (args.string("path")?, args.string("url")?);
    let (origin, format) = match (path, url, args.string("literal")?) {
        (Some(path), None, None) => {
            let format = format.unwrap_or_else(|| Format::of_file(path));
            (Origin::File(path.to_owned()), format)
        }
        (None, Some(url), None) => {
            let format = format.unwrap_or(Format::Plain);
            (Origin::Remote(request::fetch(args, url, format)?), format)
        }
        (None, None, Some(literal)) => {
            return format::parse(literal, format.unwrap_or(Format::Plain), "the literal");
        }
        _ => return Err("give it one of `path`, `url` and `literal`".into()),
    };
    ask::note(|| match &origin {
        Origin::File(path) => Question::File(path.as_str().into(), ask::phase()),
        Origin::Remote(_) => Question::Call("load_data", super::written(args.map), ask::phase()),
    });
    match world.loaded.or_load(world, &(origin, format)) {
        Ok(value) => Ok(value),
        Err(Failure::Missing(_)) if !required => Ok(Value::Null),
        Err(Failure::Missing(why) | Failure::Broken(why)) => Err(why),
    }
}

impl Loaded {
    fn or_load(&self, world: &World, key: &(Origin, Format)) -> Result<Value, Failure> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            if cells.len() >= LOADED_MAX && !cells.contains_key(key) {
                let why = format!("templates load more than {LOADED_MAX} different data");
                return Err(Failure::Broken(why));
            }
            Arc::clone(cells.entry(key.clone()).or_default())
        };
        cell.get_or_init(|| load(world, key)).clone()
    }
}

fn load(world: &World, (origin, format): &(Origin, Format)) -> Result<Value, Failure> {
    let (bytes, called) = match origin {
        Origin::File(path) => {
            let called = format!("`{path}`");
            let bytes = files::read(world, path)
                .ok_or_else(|| Failure::Missing(files::missing(world, "file", path)))?;
            (bytes, called)
        }
        Origin::Remote(fetch) => {
            let bytes = world
                .source
                .remote
                .fetch(fetch)
                .map_err(|error| unfetched(&fetch.url, &error))?;
            (bytes, format!("what `{}` answers", fetch.url))
        }
    };
    let text = match origin {
        Origin::File(_) => std::str::from_utf8(&bytes)
            .map_err(|_| Failure::Broken(format!("{called} is not UTF-8\nsave it as UTF-8")))?
            .into(),
        // Nobody here can save it otherwise.
        Origin::Remote(_) => String::from_utf8_lossy(&bytes),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    format::parse(text, *format, &called).map_err(Failure::Broken)
}

fn unfetched(url: &str, error: &Unfetched) -> Failure {
    match error {
        Unfetched::Wrong(_) | Unfetched::TooLong { .. } => {
            Failure::Broken(format!("`{url}` can't be fetched: {error}"))
        }
        Unfetched::Off => Failure::Missing(format!(
            "`{url}` is not fetched: {error}\nkeep a copy of it in the site, or pass \
             `required=false`"
        )),
        Unfetched::Unreachable(_) | Unfetched::Status(_) => Failure::Missing(format!(
            "`{url}` can't be fetched: {error}\npass `required=false` if the page can do without"
        )),
    }
}

/// A variable of the environment littoral runs in.
#[expect(
    clippy::disallowed_methods,
    reason = "the template asks for the environment itself"
)]
pub(super) fn get_env(_: &World, args: &Args<'_>) -> Result<Value, String> {
    let name = args.required("name")?;
    match (std::env::var(name), args.value("default")) {
        (Ok(value), _) => Ok(Value::String(value)),
        (Err(_), Some(default)) => Ok(default.clone()),
        (Err(_), None) => Err(format!(
            "the environment has no variable `{name}`\nset it, or pass `default`"
        )),
    }
}

/// How many different data one render loads: far more than a site keeps by hand.
const LOADED_MAX: usize = 10_000;
