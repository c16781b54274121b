//! The files of `content/`: which are texts, which lie beside them, and which are left out.
//!
//! Their names are looked at once: while files only change, and none comes or goes, there is nothing new
//! about them but their facts.

use globset::GlobSet;

use super::{
    disk::{Disk, Found},
    memory::{Held, Memory},
    tree::Shape,
};
use crate::site::Problem;

/// The files of `content/`, as they were listed last.
#[derive(Debug, Default)]
pub(super) struct Listing {
    shape: Shape,
    ignored: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

impl Listing {
    /// Lists the files again, for `texts` by path, and for `assets` by path but for their case; what `globs`
    /// match, which are of the patterns `ignored`, is left out.
    pub(super) fn refresh<T, A>(
        &mut self,
        disk: &Disk<'_>,
        (ignored, globs): (&[String], &GlobSet),
        (texts, assets): (&mut Memory<T>, &mut Memory<A>),
    ) where
        T: Held + Clone + Send + Sync,
        A: Held + Clone + Send + Sync,
    {
        let facts = disk.facts(CONTENT, self.shape);
        if let Some(facts) = facts.filter(|_| self.ignored == ignored) {
            disk.saw_again(&facts);
            texts.list_again(&facts);
            assets.list_again(&facts);
            return;
        }
        let (found, problems) = disk.list(CONTENT);
        let (of_texts, of_assets) = parted(found, globs);
        texts.list(&of_texts);
        assets.list(&of_assets);
        *self = Self {
            shape: disk.shape(),
            ignored: ignored.to_vec(),
            problems,
        };
    }
}

/// The texts and the assets among `found`.
fn parted(found: Vec<Found>, globs: &GlobSet) -> (Vec<Found>, Vec<Found>) {
    let (mut texts, mut assets) = (Vec::new(), Vec::new());
    for found in found {
        let relative = found.relative();
        let is_left_out = is_hidden(relative) || found.is_ignored_content(globs);
        match relative {
            _ if is_left_out => {}
            text if text.ends_with(".md") => texts.push(found),
            asset if is_asset(asset) => assets.push(found),
            _ => {}
        }
    }
    assets.sort_by_cached_key(|found| found.relative().to_lowercase());
    (texts, assets)
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
