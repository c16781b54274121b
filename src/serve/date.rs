//! Dates as HTTP writes them (RFC 9110 §5.6.7). Knows no clock.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Seconds since 1970 as an IMF-fixdate; None for a year that has not four digits.
pub(super) fn format(seconds: i64) -> Option<String> {
    let date = Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
    let year = u16::try_from(date.year())
        .ok()
        .filter(|year| *year <= 9_999)?;
    let weekday = WEEKDAYS.get(date.weekday().to_monday_zero_offset() as usize)?;
    let month = MONTHS.get(date.month() as usize - 1)?;
    // By hand: a page with a date has one in every answer.
    let mut text = String::with_capacity(IMF_FIXDATE_BYTES);
    text.push_str(weekday);
    text.push_str(", ");
    push_two(&mut text, date.day() as u8);
    text.push(' ');
    text.push_str(month);
    text.push(' ');
    push_two(&mut text, (year / 100) as u8);
    push_two(&mut text, (year % 100) as u8);
    for (before, number) in [
        (' ', date.hour()),
        (':', date.minute()),
        (':', date.second()),
    ] {
        text.push(before);
        push_two(&mut text, number as u8);
    }
    text.push_str(" GMT");
    Some(text)
}

fn push_two(text: &mut String, number: u8) {
    text.push(char::from(b'0' + number / 10 % 10));
    text.push(char::from(b'0' + number % 10));
}

const IMF_FIXDATE_BYTES: usize = 29;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Any of the three formats a recipient must take, as seconds since 1970.
pub(super) fn parse(text: &str) -> Option<i64> {
    let formats = [
        "%a, %d %b %Y %H:%M:%S GMT",
        // RFC 850. Two digits of a year mean 1969 to 2068.
        "%A, %d-%b-%y %H:%M:%S GMT",
        // asctime.
        "%a %b %e %H:%M:%S %Y",
    ];
    formats
        .iter()
        .find_map(|format| DateTime::strptime(format, text).ok())
        .and_then(|date| Offset::UTC.to_timestamp(date).ok())
        .map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_formats() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text), Some(784_111_777), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "784111777",
            "Sun, 06 Nov 1994 08:49:37 +0100",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_one() {
        for (seconds, expected) in [
            (784_111_777, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
            (0, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
            (-1, Some("Wed, 31 Dec 1969 23:59:59 GMT")),
            (i64::MAX, None),
        ] {
            assert_eq!(format(seconds).as_deref(), expected);
        }
    }
}
