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
    said::{self, Sorting},
    taxonomy,
    world::Document,
};
use crate::site::{COUNTS_BYTES, PageSource, Problem, SectionSource, Source};

/// A site in its order, with all that its front matters say.
pub(super) struct Arranged {
    pub(super) order: Arc<Order>,
    /// How many entries a sitemap has, and what they say.
    pub(super) sitemap: OnceCell<(usize, Digest)>,
    heads: Heads,
    pages: Vec<Arc<PageSource>>,
    sections: Vec<Arc<SectionSource>>,
}

/// What is where: the same as long as nothing differs but what pages and sections say of themselves.
pub(super) struct Order {
    pub(super) addresses: Arc<Addresses>,
    pub(super) library: Arc<Library>,
    pub(super) ids: Ids,
    has_problems: bool,
    /// Of the whole configuration.
    pub(super) settings: Digest,
    /// Of all that code is painted with.
    pub(super) colours: Digest,
    /// Of the names of all files below `content/`.
    pub(super) files: Digest,
    pub(super) feeds: OnceCell<Vec<Feed>>,
    /// Of the addresses of all pages and sections.
    pub(super) places: OnceCell<Digest>,
}

/// Digests of the fields that are known before any text is rendered, of each page and each section.
struct Heads {
    pages: Vec<OnceCell<Head>>,
    sections: Vec<OnceCell<Head>>,
}

/// By [`Field::group`].
pub(super) type Head = Arc<[Digest; field::GROUPS]>;

impl Arranged {
    /// `source` in its order: one of the `known` if nothing that counts for it differs, or at least the order
    /// of one of them.
    pub(super) fn of<'k>(
        source: &Source,
        known: impl Iterator<Item = &'k Arc<Self>>,
        numbers: &mut Numbers,
    ) -> Arc<Self> {
        let settings = digest(format!("{:?}", source.config));
        let colours = digest(&source.colours);
        let known: Vec<_> = known.collect();
        let is_set_alike = |known: &&&Arc<Self>| {
            (known.order.settings, known.order.colours) == (settings, colours)
        };
        let alike = known.iter().filter(is_set_alike);
        let mut alike = alike.filter_map(|known| Some((*known, known.difference(source)?)));
        let nearest = alike
            .clone()
            .find(|(_, fields)| *fields == Fields::default());
        if let Some((known, fields)) = nearest.or_else(|| alike.next()) {
            return match fields == Fields::default() {
                true => Arc::clone(known),
                false => Arc::new(known.restated(source, fields)),
            };
        }
        let addresses = Addresses::of(source);
        let library = Library::of(source, &addresses);
        let has_problems = !problems(source, &library).is_empty();
        let order = Order {
            addresses: Arc::new(addresses),
            library: Arc::new(library),
            ids: numbers.ids(source),
            has_problems,
            settings,
            colours,
            files: files(source),
            feeds: OnceCell::new(),
            places: OnceCell::new(),
        };
        let arranged = Self {
            order: Arc::new(order),
            sitemap: OnceCell::new(),
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

    /// The fields in which what pages and sections say of themselves differs from `source`; None if that
    /// counts for the order.
    fn difference(&self, source: &Source) -> Option<Fields> {
        if self.pages.len() != source.pages.len() || self.sections.len() != source.sections.len() {
            return None;
        }
        let by = Sorting::of(&self.sections);
        let pages = self.pages.iter().zip(&source.pages);
        let pages = pages.map(|(a, b)| said::page_difference(a, b, by));
        let sections = self.sections.iter().zip(&source.sections);
        let sections = sections.map(|(a, b)| said::section_difference(a, b));
        let mut all = pages.chain(sections);
        let fields = all.try_fold(Fields::default(), |fields, more| Some(fields.and(more?)))?;
        // Translations name each other by their titles.
        let is_renamed = fields.has(Field::Title) && self.order.is_translated();
        Some(fields).filter(|_| !is_renamed)
    }

    /// The same order; what `source` says otherwise, in `fields`, is as it says.
    fn restated(&self, source: &Source, fields: Fields) -> Self {
        let sitemap = self.sitemap.clone();
        Self {
            order: Arc::clone(&self.order),
            sitemap: match fields.has(Field::Extra) {
                true => OnceCell::new(),
                false => sitemap,
            },
            heads: Heads {
                pages: kept(&self.heads.pages, (&self.pages, &source.pages), |a, b| {
                    a.front == b.front
                }),
                sections: kept(
                    &self.heads.sections,
                    (&self.sections, &source.sections),
                    |a, b| a.front == b.front,
                ),
            },
            pages: source.pages.clone(),
            sections: source.sections.clone(),
        }
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
        let (order, before) = (&self.order, &known.order);
        if order.settings != before.settings || order.is_translated() || !has_same_sections {
            return;
        }
        for (number, (page, cell)) in self.pages.iter().zip(&self.heads.pages).enumerate() {
            let doc = order.ids.of(Document::Page(number));
            let was = doc.and_then(|doc| before.ids.document(doc));
            let Some(Document::Page(was)) = was else {
                continue;
            };
            let is_same = known
                .pages
                .get(was)
                .is_some_and(|known| Arc::ptr_eq(known, page))
                && order.addresses.pages.get(number) == before.addresses.pages.get(was)
                && order.ancestors(number) == before.ancestors(was);
            let head = known.heads.pages.get(was).and_then(OnceCell::get);
            head.filter(|_| is_same).into_iter().for_each(|head| {
                cell.set(Arc::clone(head)).ok();
            });
        }
    }

    /// About what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let cells = self.heads.pages.len() + self.heads.sections.len();
        let heads = self.heads.pages.iter().chain(&self.heads.sections);
        let heads = heads.filter(|head| head.get().is_some()).count();
        cells * (size_of::<OnceCell<Head>>() + size_of::<Arc<PageSource>>())
            + heads * (size_of::<[Digest; field::GROUPS]>() + COUNTS_BYTES)
            + self.order.bytes()
    }

    /// The digests of a page's or section's fields, which `of` makes the first time.
    pub(super) fn head(&self, document: Document, of: impl Fn(Field) -> Digest) -> Option<&Head> {
        let cell = match document {
            Document::Page(number) => self.heads.pages.get(number)?,
            Document::Section(number) => self.heads.sections.get(number)?,
        };
        Some(cell.get_or_init(|| {
            let mut head = [0; field::GROUPS];
            for field in Field::all() {
                let slot = field.group().and_then(|group| head.get_mut(group));
                slot.into_iter()
                    .for_each(|slot| *slot = digest((*slot, of(field))));
            }
            Arc::new(head)
        }))
    }
}

impl Order {
    /// What is wrong with it. That is told with lines of `source`, which may have moved.
    pub(super) fn problems(&self, source: &Source) -> Vec<Problem> {
        match self.has_problems {
            true => problems(source, &self.library),
            false => Vec::new(),
        }
    }

    fn bytes(&self) -> usize {
        self.addresses.bytes() + self.library.bytes() + self.ids.bytes()
    }

    fn ancestors(&self, page: usize) -> Option<&[usize]> {
        let place = self.library.pages.get(page);
        place.map(|place| &*place.ancestors)
    }

    fn is_translated(&self) -> bool {
        let pages = self.library.pages.iter().map(|place| &place.translations);
        let sections = &self.library.sections;
        let mut all = pages.chain(sections.iter().map(|place| &place.translations));
        all.any(|translations| translations.len() > 1)
    }
}

fn problems(source: &Source, library: &Library) -> Vec<Problem> {
    let mut problems = taxonomy::problems(source);
    problems.extend(library.problems(source));
    problems
}

/// The heads of those that are as they were.
fn kept<T>(
    heads: &[OnceCell<Head>],
    (before, now): (&[Arc<T>], &[Arc<T>]),
    says_the_same: impl Fn(&T, &T) -> bool,
) -> Vec<OnceCell<Head>> {
    let pairs = heads.iter().zip(before.iter().zip(now));
    let kept = pairs.map(
        |(head, (a, b))| match Arc::ptr_eq(a, b) || says_the_same(a, b) {
            true => head.clone(),
            false => OnceCell::new(),
        },
    );
    kept.collect()
}

fn files(source: &Source) -> Digest {
    let pages = source.pages.iter().map(|page| page.file.relative());
    let sections = source
        .sections
        .iter()
        .map(|section| section.file.relative());
    digest(pages.chain(sections).collect::<Vec<_>>())
}

/// What hangs on the text itself.
pub(super) const TEXTUAL: Fields =
    Fields::OF_TEXT.and(Fields::of(&[Field::WordCount, Field::ReadingTime]));
