//! Where each page and section is served, from where its file lies and what its front matter says.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use percent_encoding::percent_decode_str;
use rayon::prelude::*;

use super::world::Document;
use crate::site::{Config, ContentFile, PageSource, SectionSource, Source, slugify};

/// The place of a page or section in the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// `/blog/tides/`.
    pub(super) path: String,
    /// `https://example.org/blog/tides/`.
    pub(super) permalink: String,
    /// The last part of `path`.
    pub(super) slug: String,
}

/// The address of every page and section.
#[derive(Debug)]
pub(super) struct Addresses {
    /// In the order of [`Source::pages`].
    pub(super) pages: Vec<Address>,
    /// In the order of [`Source::sections`].
    pub(super) sections: Vec<Address>,
    /// What the file of each is called, relative to the site's root.
    by_file: HashMap<Arc<str>, Document>,
}

impl Addresses {
    pub(super) fn of(source: &Source) -> Self {
        let config = &source.config;
        let pages: Vec<_> = source
            .pages
            .par_iter()
            .map(|page| page_address(page, config))
            .collect();
        let sections: Vec<_> = source
            .sections
            .iter()
            .map(|section| section_address(section, config))
            .collect();
        let page_files = source.pages.iter().enumerate();
        let page_files = page_files.map(|(n, page)| (page.file.shared_path(), Document::Page(n)));
        let section_files = source.sections.iter().enumerate();
        let section_files =
            section_files.map(|(n, section)| (section.file.shared_path(), Document::Section(n)));
        let by_file = page_files.chain(section_files).collect();
        Self {
            pages,
            sections,
            by_file,
        }
    }

    /// About what they take in memory.
    pub(super) fn bytes(&self) -> usize {
        let all = self.pages.iter().chain(&self.sections);
        let texts = all.map(|one| one.path.len() + one.permalink.len() + one.slug.len());
        // A table is between half and all full.
        let entry = 2 * (size_of::<(Arc<str>, Document)>() + 1);
        let each = size_of::<Address>() + entry;
        texts.sum::<usize>() + (self.pages.len() + self.sections.len()) * each
    }

    /// The permalink of the file `relative` below `content/`, as a link names it.
    pub(super) fn permalink(&self, relative: &str) -> Option<&str> {
        let known = self.document(relative);
        let known = known.or_else(|| self.document(&decoded(relative)));
        let address = match known? {
            Document::Page(number) => self.pages.get(number),
            Document::Section(number) => self.sections.get(number),
        };
        address.map(|address| address.permalink.as_str())
    }

    /// The page or section of the file `relative` below `content/`.
    pub(super) fn document(&self, relative: &str) -> Option<Document> {
        let name = format!("content/{relative}");
        self.by_file.get(name.as_str()).copied()
    }

    /// The page of the file `relative` below `content/`.
    pub(super) fn page(&self, relative: &str) -> Option<usize> {
        match self.document(relative)? {
            Document::Page(number) => Some(number),
            Document::Section(_) => None,
        }
    }

    /// The section of the file `relative` below `content/`.
    pub(super) fn section(&self, relative: &str) -> Option<usize> {
        match self.document(relative)? {
            Document::Section(number) => Some(number),
            Document::Page(_) => None,
        }
    }
}

/// A file as it is named, from a link that may write a space as `%20`.
pub(super) fn decoded(path: &str) -> Cow<'_, str> {
    percent_decode_str(path)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(path))
}

/// `path` below the site's base URL.
pub(super) fn permalink(config: &Config, path: &str) -> String {
    format!(
        "{}/{}",
        config.base_url.trim_end_matches('/'),
        path.trim_start_matches('/')
    )
}

/// The path of the base URL: empty, or `/book`.
pub(super) fn base_path(base_url: &str) -> &str {
    let after_scheme = base_url.split_once("://").map(|(_, rest)| rest);
    let path = match after_scheme {
        Some(rest) => rest
            .find('/')
            .and_then(|slash| rest.get(slash..))
            .unwrap_or_default(),
        None => base_url,
    };
    path.trim_end_matches('/')
}

fn page_address(page: &PageSource, config: &Config) -> Address {
    let mode = config.slugify.paths;
    let slug = match page.front.slug() {
        Some(slug) => slugify(slug, mode),
        None => slugify(page.file.slug_name(), mode),
    };
    let path = match page.front.path() {
        Some(path) => joined(path.trim().split('/')),
        None if page.file.slug_name() == "index" && page.file.folder().is_empty() => {
            in_language(&page.file, config, None)
        }
        None => in_language(&page.file, config, Some(&slug)),
    };
    address(&path, slug, config)
}

fn section_address(section: &SectionSource, config: &Config) -> Address {
    let path = in_language(&section.file, config, None);
    let slug = path.rsplit('/').next().unwrap_or_default().to_owned();
    address(&path, slug, config)
}

/// The folders of `file`, as they are called, and then `last`, below the language's own folder.
fn in_language(file: &ContentFile, config: &Config, last: Option<&str>) -> String {
    let lang = (file.lang() != config.default_language).then(|| file.lang());
    let folders = file.folder().split_terminator('/');
    let parts: Vec<_> = lang.into_iter().chain(folders).chain(last).collect();
    parts.join("/")
}

/// With one slash between any two parts.
pub(super) fn joined<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

fn address(path: &str, slug: String, config: &Config) -> Address {
    let path = if path.is_empty() {
        "/".to_owned()
    } else {
        format!("/{path}/")
    };
    Address {
        permalink: permalink(config, &path),
        slug,
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_have_a_path() {
        for (base_url, path) in [
            ("https://example.org", ""),
            ("https://example.org/", ""),
            ("https://example.org/book/", "/book"),
            ("/", ""),
            ("/book", "/book"),
        ] {
            assert_eq!(base_path(base_url), path, "{base_url}");
        }
    }
}
