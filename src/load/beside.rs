//! Which page or section a file belongs to that lies among texts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::site::{Asset, PageSource, SectionSource};

/// The files of `content/` that are no texts, by the folder of the page or section that they belong to.
pub(super) struct Beside {
    by_folder: BTreeMap<String, Vec<Arc<Asset>>>,
}

impl Beside {
    /// Gives each of `assets` to every page above it that has a folder of its own, else to the section of
    /// its very folder.
    pub(super) fn of(assets: &[Arc<Asset>], pages: &[Arc<PageSource>]) -> Self {
        let page_folders: BTreeSet<&str> = match assets {
            [] => BTreeSet::new(),
            _ => pages
                .iter()
                .filter_map(|page| page.file.colocated())
                .collect(),
        };
        let mut by_folder: BTreeMap<String, Vec<Arc<Asset>>> = BTreeMap::new();
        for asset in assets {
            for owner in owners(asset.relative(), &page_folders) {
                let files = by_folder.entry(owner.to_owned()).or_default();
                files.push(Arc::clone(asset));
            }
        }
        Self { by_folder }
    }

    /// A page whose files are others than before is another one, which is told to `changed`.
    pub(super) fn attach_to_pages(
        &self,
        pages: &mut [Arc<PageSource>],
        mut changed: impl FnMut(&Arc<PageSource>),
    ) {
        for page in pages {
            let folder = page.file.colocated();
            let beside = folder.and_then(|folder| self.by_folder.get(folder));
            let beside = beside.map_or(&[][..], Vec::as_slice);
            if are_same(&page.assets, beside) {
                continue;
            }
            *page = Arc::new(PageSource {
                assets: beside.into(),
                ..PageSource::clone(page)
            });
            changed(page);
        }
    }

    /// The same for sections. A folder may be a section's and a page's: what lies deeper is the page's
    /// alone.
    pub(super) fn attach_to_sections(
        &self,
        sections: &mut [Arc<SectionSource>],
        mut changed: impl FnMut(&Arc<SectionSource>),
    ) {
        for section in sections {
            let folder = section.file.folder();
            let all = self.by_folder.get(folder);
            let is_direct = |asset: &&Arc<Asset>| {
                let inner = asset.relative().strip_prefix(folder);
                inner.is_some_and(|inner| !inner.contains('/'))
            };
            let direct = all.into_iter().flatten().filter(is_direct);
            let assets: Box<[_]> = direct.cloned().collect();
            if are_same(&section.assets, &assets) {
                continue;
            }
            *section = Arc::new(SectionSource {
                assets,
                ..SectionSource::clone(section)
            });
            changed(section);
        }
    }
}

fn are_same(before: &[Arc<Asset>], now: &[Arc<Asset>]) -> bool {
    let mut pairs = before.iter().zip(now);
    before.len() == now.len() && pairs.all(|(before, now)| Arc::ptr_eq(before, now))
}

/// The folders, each with a slash at its end, whose pages a file belongs to, or the one whose
/// section it belongs to.
fn owners<'r>(relative: &'r str, page_folders: &BTreeSet<&str>) -> Vec<&'r str> {
    let folders = relative
        .match_indices('/')
        .filter_map(|(at, _)| relative.get(..=at));
    let of_pages: Vec<_> = folders
        .filter(|folder| page_folders.contains(folder))
        .collect();
    if !of_pages.is_empty() {
        return of_pages;
    }
    let own = relative.rfind('/').and_then(|at| relative.get(..=at));
    vec![own.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_the_pages_above_them() {
        let pages = BTreeSet::from(["a/", "a/b/"]);
        for (relative, owners_) in [
            ("a/x.png", vec!["a/"]),
            ("a/b/x.png", vec!["a/", "a/b/"]),
            ("a/c/x.png", vec!["a/"]),
            ("c/x.png", vec!["c/"]),
            ("x.png", vec![""]),
        ] {
            assert_eq!(owners(relative, &pages), owners_, "{relative}");
        }
    }
}
