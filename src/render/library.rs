//! How pages and sections hang together: parents, order, neighbours, translations, taxonomies.
//!
//! Everything here is a number into [`Source::pages`] or [`Source::sections`]; what templates see
//! of it is made in `value`.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use lexical_sort::natural_lexical_cmp;
use rayon::prelude::*;

use super::{
    address::Addresses,
    taxonomy::{self, Taxonomy, Term},
};
use crate::site::{ContentFile, PageSource, Problem, SectionFront, SortBy, Source};

/// The order of the site.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// For each page.
    pub(super) pages: Vec<PagePlace>,
    /// For each section.
    pub(super) sections: Vec<SectionPlace>,
    /// The taxonomies of each language, by name as configured.
    pub(super) taxonomies: BTreeMap<String, Vec<Taxonomy>>,
    /// Which pages are newer than others.
    pub(super) newest: Newest,
}

/// The place of each page among all, the newest first: compared once, and then by number.
#[derive(Debug, Default)]
pub(super) struct Newest {
    places: Vec<u32>,
}

impl Newest {
    fn of(source: &Source, addresses: &Addresses) -> Self {
        let mut pages: Vec<usize> = (0..source.pages.len()).collect();
        pages.par_sort_by(|a, b| order(source, addresses, SortBy::Date, (*a, *b)));
        let mut places = vec![0; pages.len()];
        for (place, page) in pages.into_iter().enumerate() {
            let slot = places.get_mut(page);
            slot.into_iter().for_each(|slot| *slot = place as u32);
        }
        Self { places }
    }

    /// Puts dated pages in the order of feeds and of taxonomy terms: the newest first.
    pub(super) fn sort(&self, pages: &mut [usize]) {
        pages.sort_by_key(|page| self.places.get(*page));
    }
}

/// Where a page stands among others.
#[derive(Debug, Default, Clone)]
pub(super) struct PagePlace {
    /// The section of its folder, which decides how it is rendered.
    pub(super) section: Option<usize>,
    /// The sections above it, the root first, without the transparent ones that passed it on; none
    /// if its folder is no section. The last one lists it between its neighbours. Shared by all pages of a
    /// folder.
    pub(super) ancestors: Arc<[usize]>,
    /// The one before it in its section's order.
    pub(super) lower: Option<usize>,
    /// The one after it.
    pub(super) higher: Option<usize>,
    /// The pages that are the same text in each language, itself among them, by path; none if it is alone.
    pub(super) translations: Box<[usize]>,
    /// It lacks what every section that would list it is sorted by: neither listed nor rendered.
    pub(super) left_out: bool,
}

/// Where a section stands among others.
#[derive(Debug, Default, Clone)]
pub(super) struct SectionPlace {
    /// The sections above it, the root first.
    pub(super) ancestors: Vec<usize>,
    /// The sections right below it, by weight and path.
    pub(super) subsections: Vec<usize>,
    /// Its pages, sorted.
    pub(super) pages: Vec<usize>,
    /// The sections that are the same text in each language, itself among them, by path; none if it is alone.
    pub(super) translations: Box<[usize]>,
}

/// Where the pages of a folder are listed.
struct Way {
    listings: Vec<usize>,
    /// As of each of the pages.
    ancestors: Arc<[usize]>,
}

impl Library {
    pub(super) fn of(source: &Source, addresses: &Addresses) -> Self {
        let mut library = Self {
            pages: vec![PagePlace::default(); source.pages.len()],
            sections: vec![SectionPlace::default(); source.sections.len()],
            taxonomies: BTreeMap::new(),
            newest: Newest::of(source, addresses),
        };
        library.link_sections(source);
        library.place_pages(source);
        library.sort(source, addresses);
        library.link_translations(source);
        library.taxonomies = taxonomy::of(source, &library.newest);
        library
    }

    fn link_sections(&mut self, source: &Source) {
        let by_folder = sections_by_folder(source);
        for (number, section) in source.sections.iter().enumerate() {
            let ancestors = ancestors(&by_folder, &section.file);
            let parent = parent(&by_folder, &section.file);
            if let Some(parent) = parent.and_then(|parent| self.sections.get_mut(parent)) {
                parent.subsections.push(number);
            }
            if let Some(place) = self.sections.get_mut(number) {
                place.ancestors = ancestors;
            }
        }
        for place in &mut self.sections {
            let weight = |number: &usize| source.sections.get(*number).map(|s| s.front.weight);
            place.subsections.sort_by_key(weight);
        }
    }

    fn place_pages(&mut self, source: &Source) {
        let by_folder = sections_by_folder(source);
        let ways: Vec<Way> = (0..source.sections.len())
            .map(|section| self.way(source, section))
            .collect();
        for (number, page) in source.pages.iter().enumerate() {
            let section = by_folder.get(&(page.file.folder(), page.file.lang()));
            let way = section.and_then(|section| ways.get(*section));
            let Some((way, place)) = way.zip(self.pages.get_mut(number)) else {
                continue;
            };
            place.section = section.copied();
            place.ancestors = Arc::clone(&way.ancestors);
            way.listings
                .iter()
                .for_each(|listing| self.list(number, *listing));
        }
    }

    fn list(&mut self, page: usize, section: usize) {
        if let Some(place) = self.sections.get_mut(section) {
            place.pages.push(page);
        }
    }

    /// The way of the pages in the folder of `section`: into that and, while it is transparent, into that of
    /// the folder above it too.
    fn way(&self, source: &Source, section: usize) -> Way {
        let above = self.sections.get(section);
        let mut chain = above.map_or_else(Vec::new, |place| place.ancestors.clone());
        chain.push(section);
        let mut listings = Vec::new();
        while let Some(listing) = chain.last().copied() {
            listings.push(listing);
            let above = chain.iter().rev().nth(1).copied();
            if !passes_on(source, listing, above) {
                break;
            }
            chain.pop();
        }
        Way {
            listings,
            ancestors: chain.into(),
        }
    }

    fn sort(&mut self, source: &Source, addresses: &Addresses) {
        let mut listed: HashSet<usize> = HashSet::new();
        for (number, section) in source.sections.iter().enumerate() {
            let Some(place) = self.sections.get_mut(number) else {
                continue;
            };
            let pages = std::mem::take(&mut place.pages);
            let by = section.front.sort_by;
            let is_listed = |page: &PageSource| page.front.render && has_key(page, by);
            let keyed = |page: &usize| source.pages.get(*page).is_some_and(|page| is_listed(page));
            let mut sorted: Vec<_> = pages.into_iter().filter(keyed).collect();
            match by {
                SortBy::Date => self.newest.sort(&mut sorted),
                _ => sorted.sort_by(|a, b| order(source, addresses, by, (*a, *b))),
            }
            place.pages.clone_from(&sorted);
            listed.extend(&sorted);
            if by != SortBy::None {
                self.link_neighbours(number, &sorted);
            }
        }
        for (number, (place, page)) in self.pages.iter_mut().zip(&source.pages).enumerate() {
            let is_wanted = page.front.render && place.section.is_some();
            place.left_out = is_wanted && !listed.contains(&number);
        }
    }

    /// Only the section a page finally belongs to gives it neighbours.
    fn link_neighbours(&mut self, section: usize, sorted: &[usize]) {
        for (at, page) in sorted.iter().enumerate() {
            let lower = at.checked_sub(1).and_then(|at| sorted.get(at)).copied();
            let higher = sorted.get(at + 1).copied();
            if let Some(place) = self.pages.get_mut(*page)
                && place.ancestors.last() == Some(&section)
            {
                (place.lower, place.higher) = (lower, higher);
            }
        }
    }

    /// A warning for each page that is left out, and for each term without a page.
    pub(super) fn problems(&self, source: &Source) -> Vec<Problem> {
        let pages = source.pages.iter().zip(&self.pages).enumerate();
        let left_out = pages.filter(|(_, (_, place))| place.left_out);
        let told = left_out.filter_map(|(number, (page, _))| {
            let key = match self.folders_above(source, number).next()?.sort_by {
                SortBy::Date | SortBy::UpdateDate => "date",
                SortBy::Title | SortBy::TitleBytes => "title",
                _ => "weight",
            };
            let what =
                format!("the page has no `{key}`, by which its section is sorted: it is left out");
            let way_out = format!("give it a `{key}`, or sort the section by something else");
            let file = page.file.path();
            Some(Problem::warning(what).in_file(file).way_out(way_out))
        });
        let nameless = taxonomy::nameless(&self.taxonomies, &source.config);
        let repeated = taxonomy::repeated(source);
        told.chain(nameless).chain(repeated).collect()
    }

    fn link_translations(&mut self, source: &Source) {
        let pages = groups(source.pages.iter().map(|page| page.file.canonical()));
        for (place, group) in self.pages.iter_mut().zip(pages) {
            place.translations = group;
        }
        let sections = groups(
            source
                .sections
                .iter()
                .map(|section| section.file.canonical()),
        );
        for (place, group) in self.sections.iter_mut().zip(sections) {
            place.translations = group;
        }
    }

    /// About what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let pages = self.pages.iter();
        let pages = pages.map(|place| size_of_val(place) + size_of_val(&*place.translations));
        let listed = self.sections.iter().map(|place| &place.pages);
        let terms = self.taxonomies.values().flatten().flat_map(|t| &t.terms);
        let listed = listed.chain(terms.map(|term| &term.pages));
        let listed = listed.map(|pages| size_of_val(&**pages));
        pages.chain(listed).sum::<usize>() + size_of_val(&*self.newest.places)
    }

    /// The terms of the taxonomy called `name` in the language `lang`.
    pub(super) fn terms(&self, lang: &str, name: &str) -> &[Term] {
        let mut all = self.taxonomies.get(lang).into_iter().flatten();
        let found = all.find(|taxonomy| taxonomy.config.name == name);
        found.map_or(&[], |taxonomy| &taxonomy.terms)
    }

    /// The sections of the folders above a page, its own first.
    pub(super) fn folders_above<'s>(
        &'s self,
        source: &'s Source,
        page: usize,
    ) -> impl Iterator<Item = &'s SectionFront> {
        let own = self.pages.get(page).and_then(|place| place.section);
        let above = own.and_then(|section| self.sections.get(section));
        let above = above
            .into_iter()
            .flat_map(|place| place.ancestors.iter().rev());
        let sections = own.into_iter().chain(above.copied());
        sections.filter_map(|section| source.sections.get(section).map(|section| &section.front))
    }
}

/// Whether `section` gives its pages to `above`, the next one on the way to the root: a folder between
/// them that is no section parts them.
fn passes_on(source: &Source, section: usize, above: Option<usize>) -> bool {
    let above = above.and_then(|above| source.sections.get(above));
    let Some((section, above)) = source.sections.get(section).zip(above) else {
        return false;
    };
    let is_next = section.file.depth() == above.file.depth() + 1;
    section.front.transparent && is_next
}

type ByFolder<'s> = HashMap<(&'s str, &'s str), usize>;

/// The sections above a section, the root first.
fn ancestors(by_folder: &ByFolder<'_>, file: &ContentFile) -> Vec<usize> {
    let above = file.folders_above();
    let sections = above.filter_map(|folder| by_folder.get(&(folder, file.lang())).copied());
    sections.collect()
}

/// The section of the folder right above a section's. A folder between that is none parts them.
fn parent(by_folder: &ByFolder<'_>, file: &ContentFile) -> Option<usize> {
    let above = file.folders_above().next_back()?;
    by_folder.get(&(above, file.lang())).copied()
}

/// The section of each folder and language.
fn sections_by_folder(source: &Source) -> ByFolder<'_> {
    let keys = source
        .sections
        .iter()
        .map(|s| (s.file.folder(), s.file.lang()));
    keys.enumerate()
        .map(|(number, key)| (key, number))
        .collect()
}

/// For each name, the places of all that are the same, if there are several.
fn groups<'s>(names: impl Iterator<Item = &'s str> + Clone) -> Vec<Box<[usize]>> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, name) in names.clone().enumerate() {
        groups.entry(name).or_default().push(number);
    }
    let several = |name| groups.get(name).filter(|group| group.len() > 1);
    names
        .map(|name| several(name).map_or_else(Default::default, |group| group.as_slice().into()))
        .collect()
}

/// Whether a page has what it is to be sorted by.
fn has_key(page: &PageSource, by: SortBy) -> bool {
    match by {
        SortBy::Date => page.front.date.is_some(),
        SortBy::UpdateDate => page.front.dated().is_some(),
        SortBy::Title | SortBy::TitleBytes => page.front.title.is_some(),
        SortBy::Weight => page.front.weight.is_some(),
        SortBy::None | SortBy::Permalink | SortBy::Slug => true,
    }
}

/// The order of two pages; the permalink decides between equals.
fn order(source: &Source, addresses: &Addresses, by: SortBy, (a, b): (usize, usize)) -> Ordering {
    let (Some(page_a), Some(page_b)) = (source.pages.get(a), source.pages.get(b)) else {
        return Ordering::Equal;
    };
    let (Some(at_a), Some(at_b)) = (addresses.pages.get(a), addresses.pages.get(b)) else {
        return Ordering::Equal;
    };
    let title = |page: &'_ PageSource| page.front.title.clone().unwrap_or_default();
    let first = match by {
        SortBy::None => return page_a.file.relative().cmp(page_b.file.relative()),
        SortBy::Date => date(page_a).cmp(&date(page_b)),
        SortBy::UpdateDate => updated(page_a).cmp(&updated(page_b)),
        SortBy::Title => natural_lexical_cmp(&title(page_a), &title(page_b)),
        SortBy::TitleBytes => page_a.front.title.cmp(&page_b.front.title),
        SortBy::Weight => page_a.front.weight.cmp(&page_b.front.weight),
        SortBy::Slug => natural_lexical_cmp(&at_a.slug, &at_b.slug),
        SortBy::Permalink => at_a.permalink.cmp(&at_b.permalink),
    };
    first.then_with(|| at_a.permalink.cmp(&at_b.permalink))
}

/// A page's date, the newest first.
fn date(page: &PageSource) -> Reverse<Option<i64>> {
    Reverse(page.front.date.as_ref().map(|date| date.seconds))
}

fn updated(page: &PageSource) -> Reverse<Option<i64>> {
    let updated = page.front.updated().map(|date| date.seconds);
    Reverse(updated.max(date(page).0))
}
