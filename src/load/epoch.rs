//! When a site counts as changed: when its newest file did, unless `SOURCE_DATE_EPOCH` says it
//! (reproducible-builds.org/specs/source-date-epoch).

use crate::site::Problem;

/// `newest`, or what the environment says; both in seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "this variable is made for those who build from a source"
)]
pub(super) fn modified(newest: i64) -> (i64, Option<Problem>) {
    match std::env::var(VARIABLE) {
        Ok(text) => said(&text, newest),
        Err(_) => (newest, None),
    }
}

fn said(text: &str, newest: i64) -> (i64, Option<Problem>) {
    match text.parse() {
        Ok(seconds @ 0..=SECONDS_MAX) => (seconds, None),
        _ => {
            let what = format!("the environment's {VARIABLE} is \"{text}\"");
            let way_out = "give it whole seconds since 1970, or take it away";
            (newest, Some(Problem::error(what).way_out(way_out)))
        }
    }
}

const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The last second of the year 9999, the last one that a date in a feed can say.
const SECONDS_MAX: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seconds_count() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1714557600", Some(1_714_557_600)),
            ("", None),
            ("-1", None),
            ("2024-05-01", None),
            ("99999999999999", None),
        ] {
            let (seconds, problem) = said(text, 7);
            assert_eq!(seconds, expected.unwrap_or(7), "{text}");
            assert_eq!(problem.is_none(), expected.is_some(), "{text}");
        }
    }
}
