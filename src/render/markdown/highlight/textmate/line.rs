//! One line of code, and what was found in it so far.

use std::collections::HashMap;

use super::pattern::{Anchors, Groups, Pattern};

/// The line that is looked at, as far as it is.
pub(super) struct Line<'l> {
    pub(super) text: &'l str,
    /// What was found of each pattern, and from where on it was looked for.
    found: HashMap<usize, (usize, Option<Groups>)>,
    /// Of all.
    pub(super) is_first: bool,
    /// How many groups it was cut out of.
    pub(super) depth: usize,
}

impl<'l> Line<'l> {
    pub(super) fn new(text: &'l str) -> Self {
        Self {
            text,
            found: HashMap::new(),
            is_first: false,
            depth: 0,
        }
    }

    pub(super) fn anchors(&self, at: usize, anchor: Option<usize>) -> Anchors {
        Anchors {
            text: self.is_first,
            last: anchor == Some(at),
        }
    }

    /// Where `pattern` matches at or behind `from`, and what it cost to find out. Without a `slot`,
    /// nothing is remembered.
    pub(super) fn find(
        &mut self,
        pattern: &Pattern,
        slot: Option<usize>,
        from: usize,
        anchors: Anchors,
    ) -> (Option<Groups>, u64) {
        let slot = slot.filter(|_| !pattern.is_anchored());
        let known = slot.and_then(|slot| self.found.get(&slot));
        match known {
            Some((_, None)) => return (None, 0),
            Some((looked, Some(groups))) if *looked <= from && whole(groups).0 >= from => {
                return (Some(groups.clone()), 0);
            }
            _ => {}
        }
        let mut search = pattern.find(self.text, from, anchors);
        // Behind its newline a line has no beginning any more.
        let is_behind = |groups: &Groups| whole(groups).0 >= self.text.len();
        if self.text.ends_with('\n') && pattern.knows_line_starts() {
            search.groups = search.groups.filter(|groups| !is_behind(groups));
        }
        if let Some(slot) = slot {
            self.found.insert(slot, (from, search.groups.clone()));
        }
        (search.groups, search.cost)
    }
}

/// The whole of a match.
pub(super) fn whole(groups: &Groups) -> (usize, usize) {
    groups.first().copied().flatten().unwrap_or_default()
}
