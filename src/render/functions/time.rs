//! `now` and `get_random`, which on a fleet must say the same everywhere: the time of the site, and
//! numbers drawn from the page that asks.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Args;
use crate::render::{draws, world::World};

/// When the site last changed, not when it is rendered: every POP says the same. The zone is always
/// UTC, whether `utc` asks for it or not.
pub(super) fn now(world: &World, args: &Args<'_>) -> Result<Value, String> {
    args.flag("utc")?;
    let seconds = world.source.modified;
    if args.flag("timestamp")?.unwrap_or(false) {
        return Ok(seconds.into());
    }
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    Ok(Value::String(
        moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
    ))
}

/// `now` as it is written at once by the filter `date`, which is what it is mostly asked for: the year at
/// the foot of each page is the same for a year, and no reason to render it again.
pub(in crate::render) fn now_written(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let moment = now(world, &Args { map: &Map::new() })?;
    world.engine.written_date(&moment, args.map)
}

/// What `now() | date(...)` becomes.
pub(in crate::render) const NOW_WRITTEN: &str = "__littoral_now";

/// A number from `start` (0) up to but not `end`: the next one of the page.
pub(super) fn get_random(_: &World, args: &Args<'_>) -> Result<Value, String> {
    let end = args
        .integer("end")?
        .ok_or("the argument `end` is missing")?;
    let start = args.integer("start")?.unwrap_or(0);
    if end <= start {
        return Err(format!("`end` ({end}) must be above `start` ({start})"));
    }
    Ok(draws::draw(start, end.abs_diff(start)).into())
}
