//! What follows from the front matters and the configuration alone: addresses, order, taxonomies. It is
//! made again only if one of those changed, and not for every edit of a text.

use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::{
    address::Addresses,
    ask::{Digest, digest},
    feeds::Feed,
    field::{self, Field, Fields},
    known::{Ids, Numbers},
    library::Library,
    taxonomy,
    world::Document,
};
use crate::site::{Asset, PageSource, Problem, SectionSource, Source};

/// A site in its order.
pub(super) struct Arranged {
    pub(super) addresses: Arc<Addresses>,
    pub(super) library: Arc<Library>,
    pub(super) ids: Ids,
    pub(super) problems: Vec<Problem>,
    /// Of the whole configuration.
    pub(super) settings: Digest,
    /// Of all that code is painted with.
    pub(super) colours: Digest,
    files: OnceCell<Digest>,
    /// How many entries a sitemap has, and what they say.
    pub(super) sitemap: OnceCell<(usize, Digest)>,
    pub(super) feeds: OnceCell<Vec<Feed>>,
    heads: Heads,
    pages: Vec<Arc<PageSource>>,
    sections: Vec<Arc<SectionSource>>,
}

/// Digests of the fields that are known before any text is rendered, of each page and each section.
struct Heads {
    pages: Vec<OnceCell<Head>>,
    sections: Vec<OnceCell<Head>>,
}

/// By [`Field::number`]; 0 for a field that is not there.
pub(super) type Head = Arc<[Digest; field::COUNT]>;

impl Arranged {
    /// `source` in its order, which is one of the `known` if nothing that counts for it differs.
    pub(super) fn of<'k>(
        source: &Source,
        known: impl Iterator<Item = &'k Arc<Self>>,
        numbers: &mut Numbers,
    ) -> Arc<Self> {
        let settings = digest(format!("{:?}", source.config));
        let colours = digest(&source.colours);
        let is_same = |known: &&Arc<Self>| {
            (known.settings, known.colours) == (settings, colours) && known.has_order_of(source)
        };
        let known: Vec<_> = known.collect();
        if let Some(known) = known.iter().copied().find(is_same) {
            return Arc::clone(known);
        }
        let addresses = Addresses::of(source);
        let library = Library::of(source, &addresses);
        let mut problems = taxonomy::problems(source);
        problems.extend(library.problems(source));
        let arranged = Self {
            addresses: Arc::new(addresses),
            library: Arc::new(library),
            ids: numbers.ids(source),
            problems,
            settings,
            colours,
            files: OnceCell::new(),
            sitemap: OnceCell::new(),
            feeds: OnceCell::new(),
            heads: Heads {
                pages: vec![OnceCell::new(); source.pages.len()],
                sections: vec![OnceCell::new(); source.sections.len()],
            },
            pages: source.pages.clone(),
            sections: source.sections.clone(),
        };
        if let Some(known) = known.first() {
            arranged.take_heads(known);
        }
        Arc::new(arranged)
    }

    /// Takes over the heads of those pages that are as they were. Translations name other pages, so a site
    /// that has some makes them anew.
    fn take_heads(&self, known: &Self) {
        let files = |sections: &[Arc<SectionSource>]| -> Vec<String> {
            sections
                .iter()
                .map(|section| section.file.relative().to_owned())
                .collect()
        };
        let has_same_sections = files(&self.sections) == files(&known.sections);
        let is_translated = self
            .library
            .pages
            .iter()
            .any(|place| place.translations.len() > 1);
        if self.settings != known.settings || is_translated || !has_same_sections {
            return;
        }
        for (number, (page, cell)) in self.pages.iter().zip(&self.heads.pages).enumerate() {
            let doc = self.ids.of(Document::Page(number));
            let before = doc.and_then(|doc| known.ids.document(doc));
            let Some(Document::Page(before)) = before else {
                continue;
            };
            let is_same = known
                .pages
                .get(before)
                .is_some_and(|known| Arc::ptr_eq(known, page))
                && self.addresses.pages.get(number) == known.addresses.pages.get(before)
                && self.ancestors(number) == known.ancestors(before);
            let head = known.heads.pages.get(before).and_then(OnceCell::get);
            head.filter(|_| is_same).into_iter().for_each(|head| {
                cell.set(Arc::clone(head)).ok();
            });
        }
    }

    fn ancestors(&self, page: usize) -> Option<&[usize]> {
        self.library
            .pages
            .get(page)
            .map(|place| place.ancestors.as_slice())
    }

    fn has_order_of(&self, source: &Source) -> bool {
        let pages = self.pages.iter().zip(&source.pages);
        let sections = self.sections.iter().zip(&source.sections);
        self.pages.len() == source.pages.len()
            && self.sections.len() == source.sections.len()
            && pages.into_iter().all(|(a, b)| {
                let is_like = || (&a.file, &a.front) == (&b.file, &b.front);
                Arc::ptr_eq(a, b) || is_like() && names(&a.assets).eq(names(&b.assets))
            })
            && sections.into_iter().all(|(a, b)| {
                let is_like = || (&a.file, &a.front) == (&b.file, &b.front);
                Arc::ptr_eq(a, b) || is_like() && names(&a.assets).eq(names(&b.assets))
            })
    }

    /// The digests of a page's or section's fields, which `of` makes the first time.
    pub(super) fn head(&self, document: Document, of: impl Fn(Field) -> Digest) -> Option<&Head> {
        let cell = match document {
            Document::Page(number) => self.heads.pages.get(number)?,
            Document::Section(number) => self.heads.sections.get(number)?,
        };
        Some(cell.get_or_init(|| {
            let mut head = [0; field::COUNT];
            let fields = Field::all().filter(|field| !TEXTUAL.has(*field));
            for (field, digest) in fields.map(|field| (field, of(field))) {
                head.get_mut(field.number())
                    .into_iter()
                    .for_each(|slot| *slot = digest);
            }
            Arc::new(head)
        }))
    }

    /// A digest of the names of all files below `content/`.
    pub(super) fn files(&self) -> Digest {
        *self.files.get_or_init(|| {
            let pages = self.pages.iter().map(|page| page.file.relative());
            let sections = self.sections.iter().map(|section| section.file.relative());
            digest(pages.chain(sections).collect::<Vec<_>>())
        })
    }
}

fn names(assets: &[Arc<Asset>]) -> impl Iterator<Item = &str> {
    assets.iter().map(|asset| asset.relative())
}

/// What hangs on the text itself.
pub(super) const TEXTUAL: Fields =
    Fields::OF_TEXT.and(Fields::of(&[Field::WordCount, Field::ReadingTime]));
