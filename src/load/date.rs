//! Dates of front matter and of file names.

use jiff::{Timestamp, civil};
use serde_json::Value;

use super::keys::Keys;
use crate::site::{Date, Problem};

/// Takes a date out of `keys`; None, with a problem noted, if it is none.
pub(super) fn date(keys: &mut Keys<'_>, key: &'static str) -> Option<Date> {
    let value = keys.value(key)?;
    let found = value.as_str().and_then(parse);
    if found.is_none() && value != Value::String(String::new()) {
        let what = format!("`{key}` is no date: {value}");
        let way_out = "write 2024-05-01 or 2024-05-01T10:00:00Z";
        keys.problem(Problem::error(what).way_out(way_out), key);
    }
    found
}

/// Reads `2024-05-01`, `2024-05-01T10:00:00`, or the same with a zone (RFC 3339), also with a space
/// in place of the `T`.
pub(super) fn parse(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        let written: civil::DateTime = text.get(..19)?.parse().ok()?;
        return Some(dated(text, moment.as_second(), written.date()));
    }
    let written: civil::DateTime = text.parse().ok().or_else(|| {
        let day: civil::Date = text.parse().ok()?;
        Some(day.at(0, 0, 0, 0))
    })?;
    // Counted by hand: the last day of the year 9999, which stands for never, is no moment of a clock.
    let since = written.duration_since(civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    Some(dated(text, since.as_secs(), written.date()))
}

fn dated(text: &str, seconds: i64, day: civil::Date) -> Date {
    Date {
        text: text.to_owned(),
        seconds,
        day: (day.year(), day.month(), day.day()),
    }
}

/// Cuts a date off the head of a file name: `2024-05-01-tides` is a date and `tides`. The name is
/// empty if the date is all there is.
pub(super) fn in_name(name: &str) -> Option<(Date, &str)> {
    // The longest form first: a date and time with its zone may hold hyphens itself.
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    let candidates = ends.filter(|end| *end >= 10).collect::<Vec<_>>();
    for end in candidates.into_iter().rev() {
        let (head, rest) = name.split_at(end);
        let head = head.trim_end();
        let separated = rest.is_empty() || rest.starts_with(['-', '_']);
        if separated && is_written_as_date(head) {
            let date = parse(head)?;
            return Some((date, rest.get(1..).unwrap_or_default().trim()));
        }
    }
    None
}

/// Only the two forms that file names use, so that `20240501` or a bare year stay names.
fn is_written_as_date(text: &str) -> bool {
    let is_day = |text: &str| {
        text.len() == 10
            && text.char_indices().all(|(at, c)| match at {
                4 | 7 => c == '-',
                _ => c.is_ascii_digit(),
            })
    };
    match text.split_once(['T', 't']) {
        None => is_day(text) && parse(text).is_some(),
        Some((day, time)) => is_day(day) && time.len() >= 8 && text.parse::<Timestamp>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_written_forms() {
        for (text, seconds, day) in [
            ("2024-05-01", 1_714_521_600, (2024, 5, 1)),
            ("2024-05-01T10:00:00Z", 1_714_557_600, (2024, 5, 1)),
            ("2024-05-01T01:00:00+02:00", 1_714_518_000, (2024, 5, 1)),
            ("2024-05-01T10:00:00", 1_714_557_600, (2024, 5, 1)),
            ("2024-05-01 10:00:00", 1_714_557_600, (2024, 5, 1)),
            ("9999-12-31", 253_402_214_400, (9999, 12, 31)),
            ("0001-01-01", -62_135_596_800, (1, 1, 1)),
        ] {
            let date = parse(text).unwrap();
            assert_eq!((date.seconds, date.day), (seconds, day), "{text}");
        }
        for text in ["", "yesterday", "2024-13-01", "2024"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn cuts_dates_off_names() {
        for (name, slug) in [
            ("2018-10-10-hello-world", Some("hello-world")),
            ("2018-10-10_hello", Some("hello")),
            ("2018-10-10 - hello", Some("hello")),
            ("2018-10-10", Some("")),
            ("2018-10-10T12:00:00Z-hello", Some("hello")),
            ("2018-10-10hello", None),
            ("2018-99-10-hello", None),
            ("hello", None),
        ] {
            assert_eq!(in_name(name).map(|(_, slug)| slug), slug, "{name}");
        }
    }
}
