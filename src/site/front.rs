//! What the front matter of a page or section says.

use std::sync::Arc;

use super::{Extra, InsertAnchor};

/// The front matter of a page. There are many pages: what most of them say nothing of takes no memory.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one key of the front matter each"
)]
pub(crate) struct PageFront {
    pub(crate) title: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    /// As written: a date, or a date with a time.
    pub(crate) date: Option<Date>,
    pub(crate) weight: Option<i64>,
    pub(crate) draft: bool,
    pub(crate) render: bool,
    pub(crate) in_search_index: bool,
    /// Each taxonomy used, with its terms. The words are shared by all pages that have them.
    pub(crate) taxonomies: Box<[(Arc<str>, Terms)]>,
    pub(crate) extra: Extra,
    /// See [`Seldom::said`].
    pub(crate) seldom: Option<Box<Seldom>>,
}

/// The terms of a page in one taxonomy.
pub(crate) type Terms = Box<[Arc<str>]>;

/// What the front matter of few pages says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seldom {
    pub(crate) updated: Option<Date>,
    pub(crate) slug: Option<Box<str>>,
    pub(crate) path: Option<Box<str>>,
    pub(crate) template: Option<Box<str>>,
    pub(crate) aliases: Vec<String>,
    pub(crate) authors: Vec<String>,
}

/// The front matter of a section.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one key of the front matter each"
)]
pub(crate) struct SectionFront {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) weight: i64,
    pub(crate) draft: bool,
    pub(crate) render: bool,
    pub(crate) transparent: bool,
    pub(crate) in_search_index: bool,
    pub(crate) generate_feeds: bool,
    pub(crate) sort_by: SortBy,
    pub(crate) pagination: Pagination,
    pub(crate) insert_anchor_links: Option<InsertAnchor>,
    pub(crate) redirect_to: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) page_template: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) extra: Extra,
}

/// How a listing is cut into pagers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pagination {
    /// Pages on each; 0 means that it is not cut.
    pub(crate) by: usize,
    /// The word in the URLs of all but the first: `page`.
    pub(crate) path: String,
    /// The last pages first.
    pub(crate) reversed: bool,
}

/// The order of a section's pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SortBy {
    Date,
    /// By path.
    #[default]
    None,
    Permalink,
    Slug,
    Title,
    TitleBytes,
    UpdateDate,
    Weight,
}

/// A date of the front matter: as it was written, and as a moment to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Date {
    /// As written, which is what templates see.
    pub(crate) text: Box<str>,
    /// In seconds since 1970; a date without a zone counts as UTC.
    pub(crate) seconds: i64,
    /// Year, month and day as written.
    pub(crate) day: (i16, i8, i8),
}

impl PageFront {
    pub(crate) fn updated(&self) -> Option<&Date> {
        self.seldom().updated.as_ref()
    }

    /// When it was changed last, as far as it says so.
    pub(crate) fn dated(&self) -> Option<&Date> {
        self.updated().or(self.date.as_ref())
    }

    pub(crate) fn slug(&self) -> Option<&str> {
        self.seldom().slug.as_deref()
    }

    pub(crate) fn path(&self) -> Option<&str> {
        self.seldom().path.as_deref()
    }

    pub(crate) fn template(&self) -> Option<&str> {
        self.seldom().template.as_deref()
    }

    pub(crate) fn aliases(&self) -> &[String] {
        &self.seldom().aliases
    }

    pub(crate) fn authors(&self) -> &[String] {
        &self.seldom().authors
    }

    /// About what it takes in memory beside itself, but for the words that are shared.
    pub(crate) fn held_bytes(&self) -> usize {
        let texts = [&self.title, &self.description].into_iter().flatten();
        let terms = self
            .taxonomies
            .iter()
            .map(|(_, terms)| size_of_val(&**terms));
        texts.map(|text| text.len()).sum::<usize>()
            + self.date.as_ref().map_or(0, |date| date.text.len())
            + size_of_val(&*self.taxonomies)
            + terms.sum::<usize>()
            + self.extra.held_bytes()
            + self.seldom.as_deref().map_or(0, Seldom::held_bytes)
    }

    /// What is seldom said; nothing of it, mostly.
    pub(crate) fn seldom(&self) -> &Seldom {
        self.seldom.as_deref().unwrap_or(&NOTHING)
    }
}

impl Seldom {
    /// What is said of it; None, if that is nothing.
    pub(crate) fn said(self) -> Option<Box<Self>> {
        let says_something = self != NOTHING;
        says_something.then(|| Box::new(self))
    }

    fn held_bytes(&self) -> usize {
        let texts = [&self.slug, &self.path, &self.template];
        let texts = texts.into_iter().flatten().map(|text| text.len());
        let lists = self.aliases.iter().chain(&self.authors);
        size_of::<Self>()
            + self.updated.as_ref().map_or(0, |date| date.text.len())
            + texts.sum::<usize>()
            + lists
                .map(|text| size_of::<String>() + text.len())
                .sum::<usize>()
    }
}

static NOTHING: Seldom = Seldom {
    updated: None,
    slug: None,
    path: None,
    template: None,
    aliases: Vec::new(),
    authors: Vec::new(),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_does_not_say_takes_little() {
        assert!(size_of::<PageFront>() <= 128);
        assert!(Seldom::default().said().is_none());
        let front = PageFront::default();
        assert_eq!(
            (front.held_bytes(), front.slug(), front.aliases()),
            (0, None, &[][..])
        );
        let seldom = Seldom {
            slug: Some("tides".into()),
            ..Seldom::default()
        };
        let front = PageFront {
            seldom: seldom.said(),
            ..front
        };
        assert_eq!(front.slug(), Some("tides"));
        assert!(front.held_bytes() > "tides".len());
    }
}
