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

/// Reads `2024-05-01`, `2024-05-01T10:00:00`, or the same with a zone (RFC 3339), and what YAML
/// allows beside: a space for the `T` and before the zone, one digit for a month or a day.
pub(super) fn parse(text: &str) -> Option<Date> {
    let text = standard(text.trim())?;
    let written: civil::DateTime = match text.get(..CLOCK_END) {
        Some(written) => written.parse().ok()?,
        None => text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    let seconds = match text.parse::<Timestamp>() {
        Ok(moment) => moment.as_second(),
        // Counted by hand: the last day of the year 9999, which stands for never, is no moment of a clock.
        Err(_) => written.duration_since(EPOCH).as_secs(),
    };
    let day = written.date();
    Some(Date {
        seconds,
        day: (day.year(), day.month(), day.day()),
        text: text.into(),
    })
}

const EPOCH: civil::DateTime = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

const CLOCK_END: usize = "2024-05-01T10:00:00".len();

/// A date in the one form that templates see and the `date` filter reads.
fn standard(text: &str) -> Option<String> {
    let (written, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = written.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    let is_day = year.len() == 4 && [year, month, day].into_iter().all(digits);
    if parts.next().is_some() || !is_day || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let standard = format!("{year}-{month:0>2}-{day:0>2}");
    match time {
        Some(time) => Some(format!("{standard}T{}", standard_time(time)?)),
        None if standard == written => Some(standard),
        None => Some(format!("{standard}T00:00:00Z")),
    }
}

fn standard_time(text: &str) -> Option<String> {
    let zone = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let clock = clock.trim();
    let seconds = if clock.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    let zone = match (zone.get(..1), zone.get(1..3), zone.get(3..)) {
        (None, ..) => String::new(),
        (Some("Z" | "z"), None, _) => "Z".to_owned(),
        (Some(sign), Some(hours), Some("")) => format!("{sign}{hours}:00"),
        (Some(sign), Some(hours), Some(minutes)) => {
            format!("{sign}{hours}:{}", minutes.trim_start_matches(':'))
        }
        _ => return None,
    };
    Some(format!("{clock}{seconds}{zone}"))
}

/// The date at the head of a file name, and what follows it, if that is parted by a hyphen or an
/// underscore: `2024-05-01-tides` is a date and `tides`. Without either, the whole name stays one.
pub(super) fn in_name(name: &str) -> Option<(Date, Option<&str>)> {
    let day = name.get(..DAY).filter(|day| has_form(day, "dddd-dd-dd"))?;
    let end = DAY + time_length(name.get(DAY..).unwrap_or_default());
    let date = parse(name.get(..end)?).or_else(|| parse(day))?;
    let rest = name.get(end..).unwrap_or_default();
    let rest = rest.strip_prefix(char::is_whitespace).unwrap_or(rest);
    let named = rest.strip_prefix(['-', '_']);
    Some((date, named.filter(|name| !name.is_empty())))
}

/// The length of a time with its zone (RFC 3339) at the head of `text`; 0 if there is none.
fn time_length(text: &str) -> usize {
    let clock = "Tdd:dd:dd".len();
    if !text
        .get(..clock)
        .is_some_and(|time| has_form(time, "Tdd:dd:dd"))
    {
        return 0;
    }
    let after = text.get(clock..).unwrap_or_default();
    let fraction = after.strip_prefix('.').map_or(0, |digits| {
        let other = digits.find(|c: char| !c.is_ascii_digit());
        1 + other.unwrap_or(digits.len())
    });
    let zone = after.get(fraction..).unwrap_or_default();
    let is = |form: &str| {
        zone.get(..form.len())
            .is_some_and(|zone| has_form(zone, form))
    };
    let zones = ["Z", "+dd:dd", "-dd:dd"];
    let zone = zones.into_iter().find(|form| is(form));
    zone.map_or(0, |zone| clock + fraction + zone.len())
}

/// Whether `text` is written as `form`, where a `d` is any digit.
fn has_form(text: &str, form: &str) -> bool {
    let is = |(c, form): (char, char)| match form {
        'd' => c.is_ascii_digit(),
        other => c == other,
    };
    text.len() == form.len() && text.chars().zip(form.chars()).all(is)
}

const DAY: usize = "dddd-dd-dd".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_written_forms() {
        for (text, standard, seconds) in [
            ("2024-05-01", "2024-05-01", 1_714_521_600),
            ("2024-5-1", "2024-05-01T00:00:00Z", 1_714_521_600),
            (
                "2024-05-01T10:00:00Z",
                "2024-05-01T10:00:00Z",
                1_714_557_600,
            ),
            (
                "2024-05-01t10:00:00.5z",
                "2024-05-01T10:00:00.5Z",
                1_714_557_600,
            ),
            (
                "2024-05-01T01:00:00+02:00",
                "2024-05-01T01:00:00+02:00",
                1_714_518_000,
            ),
            (
                "2024-05-01 01:00:00 +0200",
                "2024-05-01T01:00:00+02:00",
                1_714_518_000,
            ),
            ("2024-05-01T10:00:00", "2024-05-01T10:00:00", 1_714_557_600),
            ("2024-05-01 10:00", "2024-05-01T10:00:00", 1_714_557_600),
        ] {
            let date = parse(text).unwrap();
            assert_eq!((&*date.text, date.seconds), (standard, seconds), "{text}");
            assert_eq!(date.day, (2024, 5, 1), "{text}");
        }
        for (text, seconds) in [
            ("9999-12-31", 253_402_214_400),
            ("0001-01-01", -62_135_596_800),
        ] {
            assert_eq!(parse(text).unwrap().seconds, seconds, "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024",
            "2024-05-01T",
            "2024-05-01T99:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn cuts_dates_off_names() {
        for (name, slug) in [
            ("2018-10-10-hello-world", Some(Some("hello-world"))),
            ("2018-10-10_hello", Some(Some("hello"))),
            ("2018-10-10 - hello", Some(Some(" hello"))),
            ("2018-10-10", Some(None)),
            ("2018-10-10_", Some(None)),
            ("2018-10-10T12:00:00Z-hello", Some(Some("hello"))),
            ("2018-10-10T12:00:00.5+02:00_hello", Some(Some("hello"))),
            ("2018-10-10T12:00:00-hello", Some(None)),
            ("2018-10-10hello", Some(None)),
            ("2018-99-10-hello", None),
            ("hello", None),
        ] {
            assert_eq!(in_name(name).map(|(_, slug)| slug), slug, "{name}");
        }
    }
}
