//! `date`: a moment becomes what a format says, in a zone and a language.
//!
//! The engine's own panics at numbers that are no date and at formats with a zone where there is none, and keeps a
//! megabyte of tables of zones.

use std::fmt;

use chrono::{
    DateTime, FixedOffset, Locale, NaiveDate, NaiveDateTime, NaiveTime, Offset, Utc,
    format::{DelayedFormat, Item, StrftimeItems},
};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use once_cell::sync::Lazy;
use serde_json::Value;

use super::Args;
use crate::render::{engine::unfit, world::World};

/// The date at `value`: seconds since 1970, or as RFC 3339 has it, with or without time and offset. Written as `format`
/// says (`strftime`), in the `timezone` of that name and in the words of the `locale`.
pub(super) fn date(_: &World, value: &Value, args: &Args<'_>) -> Result<Value, String> {
    written(value, args).map(Value::String)
}

fn written(value: &Value, args: &Args<'_>) -> Result<String, String> {
    let format = args.string("format")?.unwrap_or("%Y-%m-%d");
    let locale = args.string("locale")?.map_or(Ok(Locale::POSIX), |name| {
        let unknown = |_| format!("there is no locale `{name}`\nname one like `de_DE`");
        Locale::try_from(name).map_err(unknown)
    })?;
    let items: Vec<_> = StrftimeItems::new_with_locale(format, locale).collect();
    if items.contains(&Item::Error) {
        return Err(format!("invalid date format `{format}`"));
    }
    let zone = args.string("timezone")?.map(zone).transpose()?;
    let (local, offset) = read(value)?.in_zone(zone.as_ref())?;
    let written = DelayedFormat::new_with_offset_and_locale(
        Some(local.date()),
        Some(local.time()),
        &offset,
        items.iter(),
        locale,
    );
    let mut text = String::new();
    fmt::write(&mut text, format_args!("{written}"))
        .map_err(|_| format!("a date cannot be written as `{format}`"))?;
    Ok(text)
}

/// When something is, as it was said.
enum Moment {
    /// At a place with this offset.
    At(DateTime<FixedOffset>),
    Utc(NaiveDateTime),
    /// Without an offset: the same in every zone.
    Anywhere(NaiveDateTime),
}

/// How far the clocks of a zone are from those of UTC, and how that is called.
#[derive(Debug, Clone)]
struct Named {
    east: FixedOffset,
    name: String,
}

impl Offset for Named {
    fn fix(&self) -> FixedOffset {
        self.east
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Moment {
    /// What the clocks in `zone` show; those of where it was said, without one.
    fn in_zone(&self, zone: Option<&TimeZone>) -> Result<(NaiveDateTime, Named), String> {
        let utc = |moment| {
            let name = "UTC".to_owned();
            let east = Utc.fix();
            (moment, Named { east, name })
        };
        let (moment, zone) = match (self, zone) {
            (Self::Anywhere(moment), _) | (Self::Utc(moment), None) => return Ok(utc(*moment)),
            (Self::At(moment), None) => {
                let east = *moment.offset();
                let name = east.to_string();
                return Ok((moment.naive_local(), Named { east, name }));
            }
            (Self::Utc(moment), Some(zone)) => (*moment, zone),
            (Self::At(moment), Some(zone)) => (moment.naive_utc(), zone),
        };
        let too_far = || format!("{moment} is too far away for a time zone");
        let seconds = moment.and_utc().timestamp();
        let timestamp = jiff::Timestamp::from_second(seconds).map_err(|_| too_far())?;
        let there = zone.to_offset_info(timestamp);
        let east = FixedOffset::east_opt(there.offset().seconds()).ok_or_else(too_far)?;
        let local = moment.checked_add_offset(east).ok_or_else(too_far)?;
        let name = there.abbreviation().to_owned();
        Ok((local, Named { east, name }))
    }
}

fn read(value: &Value) -> Result<Moment, String> {
    match value {
        Value::Number(number) => {
            let seconds = number
                .as_i64()
                .ok_or_else(|| unfit("a whole number of seconds", value))?;
            let moment = DateTime::from_timestamp(seconds, 0);
            let moment = moment.ok_or_else(|| {
                format!("{seconds} seconds are too many for a date\nare they milliseconds?")
            })?;
            Ok(Moment::Utc(moment.naive_utc()))
        }
        Value::String(text) if text.contains('T') => {
            let anywhere = || text.parse().map(Moment::Anywhere);
            let moment = text.parse().map(Moment::At).or_else(|_| anywhere());
            moment.map_err(|_| {
                format!("`{text}` is no date with a time\nwrite it like 2026-02-28T12:30:00Z")
            })
        }
        Value::String(text) => {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
            let day = day.map_err(|_| format!("`{text}` is no date\nwrite it like 2026-02-28"))?;
            Ok(Moment::Anywhere(day.and_time(NaiveTime::MIN)))
        }
        _ => Err(unfit("a number or a string", value)),
    }
}

/// The zone of this name, as it is on every machine, whatever is installed there.
fn zone(name: &str) -> Result<TimeZone, String> {
    static ZONES: Lazy<TimeZoneDatabase> = Lazy::new(TimeZoneDatabase::bundled);
    let unknown = |_| format!("there is no time zone `{name}`\nname one like `Europe/Lisbon`");
    ZONES.get(name).map_err(unknown)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Map, json};

    use super::*;

    fn ours(value: &Value, args: &Value) -> Result<String, String> {
        let map: Map<_, _> = args.as_object().unwrap().clone();
        written(value, &Args { map: &map })
    }

    #[test]
    fn dates_are_written_as_the_engine_does() {
        let engine = tera::Tera::default();
        let theirs = engine.get_filter("date").unwrap();
        let values = [
            json!(0),
            json!(-86_401),
            json!(1_764_300_000),
            json!("2026-02-28"),
            json!("1879-12-31"),
            json!("2026-07-01T23:59:59Z"),
            json!("2026-03-29T01:30:00+02:00"),
            json!("2026-10-25T00:59:59.25-03:30"),
            json!("1916-05-01T00:00:00Z"),
            json!("2026-02-28T12:30:00"),
        ];
        let formats = [
            "%Y-%m-%d",
            "%A, %-d. %B %Y, %k:%M %p",
            "%a %b %e %T %Y %c %x %X %r",
            "%z %:z %Z",
            "%+ %s %j %U %V %G %f %.3f",
        ];
        let zones = [
            None,
            Some("UTC"),
            Some("Europe/Lisbon"),
            Some("Asia/Kathmandu"),
            Some("America/St_Johns"),
            Some("Pacific/Apia"),
            Some("US/Eastern"),
        ];
        let locales = [None, Some("de_DE"), Some("ja_JP"), Some("ar_EG")];
        let asked = values.iter().flat_map(|v| formats.map(|f| (v, f)));
        let asked = asked.flat_map(|(v, f)| zones.map(|zone| (v, f, zone)));
        let asked = asked.flat_map(|(v, f, zone)| locales.map(|l| (v, f, zone, l)));
        // Without a zone the engine's own knows no language for a number, and panics where the format has one.
        for (value, format, zone, locale) in
            asked.filter(|(value, _, zone, _)| zone.is_some() || !value.is_number())
        {
            let mut args = json!({ "format": format });
            zone.iter().for_each(|zone| args["timezone"] = json!(zone));
            locale.iter().for_each(|name| args["locale"] = json!(name));
            let map: HashMap<_, _> = args.as_object().unwrap().clone().into_iter().collect();
            let theirs = theirs.filter(value, &map).unwrap();
            assert_eq!(json!(ours(value, &args).unwrap()), theirs, "{value} {args}");
        }
    }

    #[test]
    fn what_is_no_date_is_told() {
        for (value, args, expected) in [
            (json!(0), json!({ "format": "%z" }), Ok("+0000")),
            (
                json!(0),
                json!({ "format": "%B", "locale": "fr_FR" }),
                Ok("janvier"),
            ),
            (
                json!(0),
                json!({ "format": "%Q" }),
                Err("invalid date format `%Q`"),
            ),
            (
                json!(1_764_300_000_000_000_i64),
                json!({}),
                Err("1764300000000000 seconds are too many for a date\nare they milliseconds?"),
            ),
            (
                json!("+262142-12-31T00:00:00Z"),
                json!({ "timezone": "Asia/Tokyo" }),
                Err("+262142-12-31 00:00:00 is too far away for a time zone"),
            ),
            (
                json!(1.5),
                json!({}),
                Err("it works on a whole number of seconds, and got `1.5`"),
            ),
            (
                json!([]),
                json!({}),
                Err("it works on a number or a string, and got `[]`"),
            ),
            (
                json!("28.2.2026"),
                json!({}),
                Err("`28.2.2026` is no date\nwrite it like 2026-02-28"),
            ),
            (
                json!("Today"),
                json!({}),
                Err("`Today` is no date with a time\nwrite it like 2026-02-28T12:30:00Z"),
            ),
            (
                json!(0),
                json!({ "timezone": "Nowhere" }),
                Err("there is no time zone `Nowhere`\nname one like `Europe/Lisbon`"),
            ),
            (
                json!(0),
                json!({ "locale": "xx" }),
                Err("there is no locale `xx`\nname one like `de_DE`"),
            ),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(ours(&value, &args), expected, "{value} {args}");
        }
    }
}
