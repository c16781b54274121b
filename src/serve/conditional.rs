//! Preconditions (RFC 9110 §13), in the order of its §13.2.2.

use super::{
    date,
    reply::{Field, Fields},
};
use crate::site::ETag;

/// What a precondition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer as if there were none.
    Proceed,
    /// 304: the client has it.
    NotModified,
    /// 412: the client wanted something else.
    Failed,
}

/// The validators of the form that was chosen for the client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validators {
    /// The strong entity tag.
    pub(super) etag: ETag,
    /// Seconds since 1970.
    pub(super) modified: Option<i64>,
}

/// Judges a GET or HEAD.
pub(super) fn judge(fields: &dyn Fields, validators: Validators) -> Verdict {
    let Validators { etag, modified } = validators;
    if let Some(wanted) = fields.value(Field::IfMatch) {
        if !lists(&wanted, etag, Comparison::Strong) {
            return Verdict::Failed;
        }
    } else if let Some(since) = date_field(fields, Field::IfUnmodifiedSince)
        && modified.is_some_and(|modified| modified > since)
    {
        return Verdict::Failed;
    }

    let known = match fields.value(Field::IfNoneMatch) {
        Some(known) => lists(&known, etag, Comparison::Weak),
        None => date_field(fields, Field::IfModifiedSince)
            .zip(modified)
            .is_some_and(|(since, modified)| modified <= since),
    };
    if known {
        Verdict::NotModified
    } else {
        Verdict::Proceed
    }
}

/// Whether a `Range` counts (RFC 9110 §13.1.5). A date never matches: ours comes from the content's
/// author, who may give the same one to two versions, so it is a weak validator.
pub(super) fn range_counts(fields: &dyn Fields, etag: ETag) -> bool {
    fields
        .value(Field::IfRange)
        .is_none_or(|wanted| wanted.trim().as_bytes() == etag.text())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// RFC 9110 §8.8.3.2: a weak tag equals nothing.
    Strong,
    /// Only the opaque part counts.
    Weak,
}

/// Whether a list of entity tags, or `*`, names `etag`, which is strong.
fn lists(list: &str, etag: ETag, comparison: Comparison) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let etag = etag.text();
    let mut rest = list;
    while let Some((tag, after)) = next_tag(rest) {
        let opaque = match tag.strip_prefix("W/") {
            Some(_) if comparison == Comparison::Strong => None,
            Some(opaque) => Some(opaque),
            None => Some(tag),
        };
        if opaque.is_some_and(|opaque| opaque.as_bytes() == etag) {
            return true;
        }
        rest = after;
    }
    false
}

/// The next tag of a list and what follows it. Commas may stand inside of a tag, so it is read to
/// its quote; what is no tag ends the list.
fn next_tag(list: &str) -> Option<(&str, &str)> {
    let list = list.trim_start_matches([' ', '\t', ',']);
    let opening = if list.starts_with("W/\"") { 3 } else { 1 };
    let inner = list.get(opening..)?;
    if !list.get(..opening)?.ends_with('"') {
        return None;
    }
    let end = opening + inner.find('"')? + 1;
    list.split_at_checked(end)
}

fn date_field(fields: &dyn Fields, field: Field) -> Option<i64> {
    date::parse(fields.value(field)?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::ETAG_BYTES;

    const ETAG: &str = "\"abababababababababababababababab\"";
    const TAG: ETag = ETag::from_bytes([0xab; ETAG_BYTES]);
    const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    #[test]
    fn preconditions_are_judged_in_order() {
        use Verdict::{Failed, NotModified, Proceed};
        for (fields, expected) in [
            (&[][..], Proceed),
            (&[("if-match", ETAG)], Proceed),
            (&[("if-match", "*")], Proceed),
            (
                &[("if-match", "\"x\", \"abababababababababababababababab\"")],
                Proceed,
            ),
            (&[("if-match", "\"x\"")], Failed),
            (
                &[("if-match", "W/\"abababababababababababababababab\"")],
                Failed,
            ),
            (&[("if-match", "abababababababababababababababab")], Failed),
            (&[("if-match", "")], Failed),
            (&[("if-none-match", ETAG)], NotModified),
            (
                &[("if-none-match", "W/\"abababababababababababababababab\"")],
                NotModified,
            ),
            (&[("if-none-match", "*")], NotModified),
            (
                &[(
                    "if-none-match",
                    "\"a,b\",W/\"c\" ,\"abababababababababababababababab\"",
                )],
                NotModified,
            ),
            (
                &[("if-none-match", "\"x\""), ("if-none-match", ETAG)],
                NotModified,
            ),
            (&[("if-none-match", "\"x\"")], Proceed),
            (
                &[("if-none-match", "\"abababababababababababababababab")],
                Proceed,
            ),
            (
                &[("if-none-match", "\"ABABABABABABABABABABABABABABABAB\"")],
                Proceed,
            ),
            (
                &[("if-none-match", "w/\"abababababababababababababababab\"")],
                Proceed,
            ),
            (&[("if-modified-since", MODIFIED)], NotModified),
            (&[("if-modified-since", AFTER)], NotModified),
            (&[("if-modified-since", BEFORE)], Proceed),
            (&[("if-modified-since", "now")], Proceed),
            (&[("if-unmodified-since", MODIFIED)], Proceed),
            (&[("if-unmodified-since", BEFORE)], Failed),
            (&[("if-unmodified-since", "never")], Proceed),
            // A tag outranks a date, and If-Match outranks all.
            (
                &[("if-none-match", "\"x\""), ("if-modified-since", AFTER)],
                Proceed,
            ),
            (
                &[("if-match", ETAG), ("if-unmodified-since", BEFORE)],
                Proceed,
            ),
            (&[("if-match", "\"x\""), ("if-none-match", ETAG)], Failed),
            (&[("if-match", ETAG), ("if-none-match", ETAG)], NotModified),
        ] {
            let validators = Validators {
                etag: TAG,
                modified: date::parse(MODIFIED),
            };
            assert_eq!(judge(&fields, validators), expected, "{fields:?}");
        }
    }

    #[test]
    fn what_has_no_date_is_compared_by_tag_alone() {
        let validators = Validators {
            etag: TAG,
            modified: None,
        };
        for name in ["if-modified-since", "if-unmodified-since"] {
            let fields = &[(name, BEFORE)][..];
            assert_eq!(judge(&fields, validators), Verdict::Proceed, "{name}");
        }
    }

    #[test]
    fn if_range_wants_the_very_tag() {
        for (value, expected) in [
            (None, true),
            (Some(ETAG), true),
            (Some("\"x\""), false),
            (Some("W/\"abababababababababababababababab\""), false),
            (Some(MODIFIED), false),
        ] {
            let fields: Vec<_> = value.map(|value| ("if-range", value)).into_iter().collect();
            assert_eq!(range_counts(&&fields[..], TAG), expected, "{value:?}");
        }
    }
}
