//! The files of `content/`: which are texts, which lie beside them, and which are left out.
//!
//! Their names are looked at once: while files only change, and none comes or goes, there is nothing new
//! about them but their facts.

use globset::GlobSet;

use super::{
    disk::{Disk, Found},
    facts::Facts,
    tree::Shape,
};
use crate::site::Problem;

/// The files of `content/`, as they were listed last.
#[derive(Debug, Default)]
pub(super) struct Listing {
    shape: Shape,
    ignored: Vec<String>,
    /// By path.
    pub(super) texts: Vec<Found>,
    /// By path, but for their case.
    pub(super) assets: Vec<Found>,
    /// They count for when the site changed, and for nothing else.
    others: Vec<Found>,
    pub(super) problems: Vec<Problem>,
}

impl Listing {
    /// Lists the files again; what `globs` match, which are of the patterns `ignored`, is left out.
    pub(super) fn refresh(&mut self, disk: &Disk<'_>, (ignored, globs): (&[String], &GlobSet)) {
        let facts = disk.facts(CONTENT, self.shape);
        match facts.filter(|_| self.ignored == ignored) {
            Some(facts) => self.take(disk, &facts),
            None => {
                *self = Self::of(disk, globs);
                self.ignored = ignored.to_vec();
            }
        }
    }

    fn of(disk: &Disk<'_>, globs: &GlobSet) -> Self {
        let (found, problems) = disk.list(CONTENT);
        let mut listing = Self {
            shape: disk.shape(),
            problems,
            ..Self::default()
        };
        for found in found {
            let relative = found.relative();
            let is_left_out = is_hidden(relative) || found.is_ignored_content(globs);
            let list = match relative {
                _ if is_left_out => &mut listing.others,
                text if text.ends_with(".md") => &mut listing.texts,
                asset if is_asset(asset) => &mut listing.assets,
                _ => &mut listing.others,
            };
            list.push(found);
        }
        let lower = |found: &Found| found.relative().to_lowercase();
        listing.assets.sort_by_cached_key(lower);
        listing
    }

    /// The names are the same, and these are all `facts` now.
    fn take(&mut self, disk: &Disk<'_>, facts: &[Facts]) {
        let lists = [&mut self.texts, &mut self.assets, &mut self.others];
        for found in lists.into_iter().flatten() {
            if let Some(facts) = facts.get(found.nth) {
                found.facts = *facts;
            }
            disk.saw_again(found.facts);
        }
    }
}

fn is_hidden(relative: &str) -> bool {
    relative.starts_with('.') || relative.contains("/.")
}

/// `Makefile`, `LICENSE`: what has no ending is a note to the author, never an asset; and so is
/// what an editor leaves behind.
fn is_asset(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| !EDITORS_ENDINGS.contains(&ending))
}

const CONTENT: &str = "content";

const EDITORS_ENDINGS: [&str; 4] = ["___jb_tmp___", "swp", "swx", "tmp"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_no_assets() {
        for (relative, expected) in [
            ("a/x.png", true),
            ("a.d/x.tar.gz", true),
            ("a.d/LICENSE", false),
            ("a/x.tmp", false),
            ("a/.x.png.swp", false),
        ] {
            assert_eq!(is_asset(relative), expected, "{relative}");
        }
    }
}
