//! Where a Markdown file lies, and what its name says.

use std::{ops::Range, sync::Arc};

/// A Markdown file below `content/`. All that its name says is a part of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentFile {
    /// Shared with whoever listed the file.
    path: Arc<str>,
    /// Shared by all files of the language.
    lang: Arc<str>,
    /// Where in `path` those folders end that count for its URL.
    folder_end: u32,
    /// Where in `path` the name stands that its slug is made from.
    named: (u32, u32),
    /// Where in `path` language and ending begin.
    canonical_end: u32,
}

impl ContentFile {
    /// The file at `path`, relative to the site's root and below `content/`. Its name begins with `stem`,
    /// behind which language and ending stand.
    pub(crate) fn new(path: Arc<str>, stem: &str, lang: Arc<str>) -> Self {
        let begins = path.rfind('/').map_or(0, |slash| slash + 1);
        let canonical_end = begins + stem.len();
        let above = path.get(CONTENT.len()..begins).unwrap_or_default();
        let is_colocated = stem == "index" && !above.is_empty();
        let (folder_end, named) = match is_colocated {
            true => {
                let own = begins - 1;
                let folder = path.get(..own).unwrap_or_default();
                let folder_end = folder.rfind('/').map_or(0, |slash| slash + 1);
                (folder_end, (folder_end, own))
            }
            false => (begins, (begins, canonical_end)),
        };
        Self {
            path,
            lang,
            folder_end: folder_end as u32,
            named: (named.0 as u32, named.1 as u32),
            canonical_end: canonical_end as u32,
        }
    }

    /// Its path relative to the site's root: `content/blog/2024-05-01-tides/index.fr.md`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The same, to be kept without a copy.
    pub(crate) fn shared_path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// Its path below `content/`: `blog/2024-05-01-tides/index.fr.md`.
    pub(crate) fn relative(&self) -> &str {
        self.inner(CONTENT.len()..self.path.len())
    }

    /// The folders above it that count for its URL, each with a slash at its end, and without the folder
    /// of an `index.md`: `blog/`.
    pub(crate) fn folder(&self) -> &str {
        self.inner(CONTENT.len()..self.folder_end as usize)
    }

    /// How many folders those are.
    pub(crate) fn depth(&self) -> usize {
        self.folder().matches('/').count()
    }

    /// What [`Self::folder`] is of files in the folders around its own: first the root's, which is empty.
    pub(crate) fn folders_above(&self) -> impl DoubleEndedIterator<Item = &str> {
        let own = self.folder();
        let parts = own.match_indices('/').map(|(slash, _)| slash + 1);
        let ends = std::iter::once(0).chain(parts);
        let above = ends.filter(move |end| *end < own.len());
        above.filter_map(move |end| own.get(..end))
    }

    /// The name that its slug is made from: of the file, or of the folder of an `index.md`.
    pub(crate) fn slug_name(&self) -> &str {
        self.inner(self.named.0 as usize..self.named.1 as usize)
    }

    /// The folder of an `index.md`, with a slash at its end, below `content/`: its assets lie there.
    pub(crate) fn colocated(&self) -> Option<&str> {
        let begins = self.path.rfind('/').map_or(0, |slash| slash + 1);
        let is_colocated = (self.folder_end as usize) < begins;
        is_colocated.then(|| self.inner(CONTENT.len()..begins))
    }

    /// Its language.
    pub(crate) fn lang(&self) -> &str {
        &self.lang
    }

    /// [`Self::relative`] without language and ending: the same for each translation.
    pub(crate) fn canonical(&self) -> &str {
        self.inner(CONTENT.len()..self.canonical_end as usize)
    }

    /// Has the slug made from no more than the last `bytes` of the name.
    pub(crate) fn shorten_slug_name(&mut self, bytes: usize) {
        let (begins, end) = self.named;
        self.named.0 = end.saturating_sub(bytes as u32).max(begins);
    }

    fn inner(&self, range: Range<usize>) -> &str {
        self.path.get(range).unwrap_or_default()
    }
}

/// Where they all lie.
const CONTENT: &str = "content/";

#[cfg(test)]
mod tests {
    use super::*;

    fn file(relative: &str, stem: &str) -> ContentFile {
        ContentFile::new(format!("{CONTENT}{relative}").into(), stem, "fr".into())
    }

    #[test]
    fn a_name_says_much() {
        for (relative, stem, folder, name, colocated, canonical) in [
            ("a.md", "a", "", "a", None, "a"),
            ("b/a.fr.md", "a", "b/", "a", None, "b/a"),
            (
                "b/c/_index.md",
                "_index",
                "b/c/",
                "_index",
                None,
                "b/c/_index",
            ),
            ("index.md", "index", "", "index", None, "index"),
            ("b/index.md", "index", "", "b", Some("b/"), "b/index"),
            (
                "b/ü/index.fr.md",
                "index",
                "b/",
                "ü",
                Some("b/ü/"),
                "b/ü/index",
            ),
        ] {
            let file = file(relative, stem);
            assert_eq!(file.path(), format!("content/{relative}"));
            assert_eq!(file.relative(), relative);
            assert_eq!(file.folder(), folder, "{relative}");
            assert_eq!(file.depth(), folder.matches('/').count(), "{relative}");
            assert_eq!(file.slug_name(), name, "{relative}");
            assert_eq!(file.colocated(), colocated, "{relative}");
            assert_eq!(file.canonical(), canonical, "{relative}");
        }
    }

    #[test]
    fn folders_above_begin_at_the_root() {
        for (relative, above) in [
            ("_index.md", vec![]),
            ("a/_index.md", vec![""]),
            ("a/b/c/_index.md", vec!["", "a/", "a/b/"]),
        ] {
            let file = file(relative, "_index");
            assert_eq!(
                file.folders_above().collect::<Vec<_>>(),
                above,
                "{relative}"
            );
        }
    }

    #[test]
    fn a_slug_is_made_from_the_end() {
        let mut file = file("2024-05-01-tides.md", "2024-05-01-tides");
        file.shorten_slug_name("tides".len());
        assert_eq!(file.slug_name(), "tides");
        assert_eq!(file.canonical(), "2024-05-01-tides");
    }
}
