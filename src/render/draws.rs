//! Numbers that look drawn, and are the same on every server: each comes from what is being rendered
//! and from how many were drawn for it before.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::site::Hash;

thread_local! {
    /// What this thread renders, and how many numbers were drawn for it.
    static DRAWN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// One rendering: when it is over, drawing goes on where it was, for what asked for it.
pub(super) struct Turn {
    before: (u64, u64),
}

/// Begins the drawing for `template`, rendered with `context`.
pub(super) fn begin(template: &str, context: &Map<String, Value>) -> Turn {
    let within = |name: &str| context.get(name).and_then(|value| value.get("path"));
    let path = context.get("current_path");
    let path = path
        .or_else(|| within("page"))
        .or_else(|| within("section"));
    let path = path.and_then(Value::as_str).unwrap_or_default();
    let nth = context.get("nth").and_then(Value::as_u64).unwrap_or(0);
    let seed = [
        template.as_bytes(),
        b"\0",
        path.as_bytes(),
        &nth.to_le_bytes(),
    ];
    let seed = seed
        .iter()
        .copied()
        .flatten()
        .fold(FNV_BASIS, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
        });
    Turn {
        before: DRAWN.replace((seed, 0)),
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        DRAWN.set(self.before);
    }
}

/// A number from `start` up to but not `start + span`.
pub(super) fn draw(start: i64, span: u64) -> i64 {
    let (seed, count) = DRAWN.get();
    DRAWN.set((seed, count + 1));
    let fields = [seed, count, start.cast_unsigned(), span].map(u64::to_le_bytes);
    let hash = Hash::of_fields(fields.iter().map(|field| &field[..]));
    let (drawn, _) = hash.as_bytes().split_at(8);
    let drawn = drawn
        .iter()
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    start.wrapping_add_unsigned(drawn.checked_rem(span).unwrap_or(0))
}

/// FNV-1a, 64 bits: enough to tell pages apart, and done for every heading.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(path: &str) -> Vec<i64> {
        let context = json!({ "current_path": path });
        let _turn = begin("page.html", context.as_object().unwrap());
        (0..8).map(|_| draw(-5, 1_000)).collect()
    }

    #[test]
    fn the_same_page_draws_the_same_and_another_page_others() {
        let first = drawn("/a/");
        assert_eq!(drawn("/a/"), first);
        assert_ne!(drawn("/b/"), first);
        let mut different = first.clone();
        different.sort_unstable();
        different.dedup();
        assert!(different.len() > 5, "each draw is another: {first:?}");
        assert!(first.iter().all(|number| (-5..995).contains(number)));
    }

    #[test]
    fn what_is_rendered_in_between_takes_no_number() {
        let map = Map::new();
        let alone = {
            let _turn = begin("a", &map);
            [draw(0, 1_000), draw(0, 1_000)]
        };
        let _turn = begin("a", &map);
        let first = draw(0, 1_000);
        drawn("/within/");
        assert_eq!([first, draw(0, 1_000)], alone);
    }

    #[test]
    fn the_whole_range_may_be_asked_for() {
        let _turn = begin("a", &Map::new());
        draw(i64::MIN, u64::MAX);
        assert_eq!(draw(i64::MAX - 1, 1), i64::MAX - 1);
    }
}
