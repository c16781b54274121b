//! `now` and `get_random`, which on a fleet must say the same everywhere: the time of the release,
//! and numbers drawn from what was asked.

use jiff::Timestamp;
use serde_json::Value;

use super::Args;
use crate::{render::world::World, site::Hash};

/// When the site last changed, not when it is rendered: every POP says the same.
pub(super) fn now(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let seconds = world.source.modified;
    if args.flag("timestamp")?.unwrap_or(false) {
        return Ok(seconds.into());
    }
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    Ok(Value::String(
        moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
    ))
}

/// A number from `start` (0) up to but not `end`: the same for the same site and question.
pub(super) fn get_random(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let end = args
        .integer("end")?
        .ok_or("the argument `end` is missing")?;
    let start = args.integer("start")?.unwrap_or(0);
    let span = end.checked_sub(start).filter(|span| *span > 0);
    let span = span.ok_or_else(|| format!("`end` ({end}) must be above `start` ({start})"))?;
    let seed = world.source.modified.to_le_bytes();
    let hash = Hash::of_fields([&seed[..], &start.to_le_bytes(), &end.to_le_bytes()]);
    let (drawn, _) = hash.as_bytes().split_at(8);
    let drawn = drawn
        .iter()
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let offset = i64::try_from(drawn % span.unsigned_abs()).unwrap_or(0);
    Ok((start + offset).into())
}
