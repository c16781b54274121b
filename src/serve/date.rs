//! Dates as HTTP writes them (RFC 9110 §5.6.7). Knows no clock.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// An IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. A page that has one tells it in every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImfDate([u8; 29]);

impl ImfDate {
    /// Its text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// When counting began.
pub(super) const EPOCH: ImfDate = ImfDate(*b"Thu, 01 Jan 1970 00:00:00 GMT");

/// Seconds since 1970 as HTTP writes them; None for a year that has not four digits.
pub(super) fn format(seconds: i64) -> Option<ImfDate> {
    let date = Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
    let year = u16::try_from(date.year())
        .ok()
        .filter(|year| *year <= 9_999)?;
    let weekday = WEEKDAYS.get(date.weekday().to_monday_zero_offset() as usize)?;
    let month = MONTHS.get(date.month() as usize - 1)?;
    let [day, hour, minute, second] =
        [date.day(), date.hour(), date.minute(), date.second()].map(|number| two(number as u8));
    let [century, year] = [year / 100, year % 100].map(|number| two(number as u8));
    let mut text = [b' '; 29];
    let parts: [(usize, &[u8]); 12] = [
        (0, weekday.as_bytes()),
        (3, b","),
        (5, &day),
        (8, month.as_bytes()),
        (12, &century),
        (14, &year),
        (17, &hour),
        (19, b":"),
        (20, &minute),
        (22, b":"),
        (23, &second),
        (26, b"GMT"),
    ];
    for (at, part) in parts {
        text.get_mut(at..at + part.len())?.copy_from_slice(part);
    }
    Some(ImfDate(text))
}

/// A number below 100 in two digits.
fn two(number: u8) -> [u8; 2] {
    [b'0' + number / 10 % 10, b'0' + number % 10]
}

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
            let date = format(seconds);
            let text = date.as_ref().map(ImfDate::as_bytes);
            assert_eq!(text, expected.map(str::as_bytes));
        }
    }
}
