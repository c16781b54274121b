//! What pages and sections say of themselves, beside what decides where they stand.

use std::sync::Arc;

use super::field::{Field, Fields};
use crate::site::{Asset, PageFront, PageSource, SectionFront, SectionSource, SortBy};

/// Whether titles decide where pages stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sorting {
    ByTitles,
    Otherwise,
}

impl Sorting {
    /// As any of `sections` has it.
    pub(super) fn of(sections: &[Arc<SectionSource>]) -> Self {
        let is_by_titles = |by: SortBy| matches!(by, SortBy::Title | SortBy::TitleBytes);
        match sections
            .iter()
            .any(|section| is_by_titles(section.front.sort_by))
        {
            true => Self::ByTitles,
            false => Self::Otherwise,
        }
    }
}

/// The fields that two states of a page fill otherwise, beside those of its text; None if it may stand
/// elsewhere, look otherwise altogether, or not be there.
pub(super) fn page_difference(
    a: &Arc<PageSource>,
    b: &Arc<PageSource>,
    by: Sorting,
) -> Option<Fields> {
    if Arc::ptr_eq(a, b) {
        return Some(Fields::default());
    }
    let is_placed = a.file == b.file && names(&a.assets).eq(names(&b.assets));
    let is_titled = by == Sorting::Otherwise || a.front.title == b.front.title;
    if !is_placed || !is_titled || !is_page_like(&a.front, &b.front) {
        return None;
    }
    let (a, b) = (&a.front, &b.front);
    Some(differing(&[
        (Field::Title, a.title == b.title),
        (Field::Description, a.description == b.description),
        (Field::Authors, a.authors == b.authors),
        (Field::Extra, a.extra == b.extra),
    ]))
}

/// The same of a section.
pub(super) fn section_difference(a: &Arc<SectionSource>, b: &Arc<SectionSource>) -> Option<Fields> {
    if Arc::ptr_eq(a, b) {
        return Some(Fields::default());
    }
    let is_placed = a.file == b.file && names(&a.assets).eq(names(&b.assets));
    if !is_placed || !is_section_like(&a.front, &b.front) {
        return None;
    }
    let (a, b) = (&a.front, &b.front);
    Some(differing(&[
        (Field::Title, a.title == b.title),
        (Field::Description, a.description == b.description),
        (Field::Extra, a.extra == b.extra),
    ]))
}

fn differing(fields: &[(Field, bool)]) -> Fields {
    let mut differing = Fields::default();
    let others = fields.iter().filter(|(_, is_same)| !is_same);
    others.for_each(|(field, _)| differing.add(*field));
    differing
}

// Taken apart in full, so that nobody adds a key without saying here what hangs on it.
fn is_page_like(a: &PageFront, b: &PageFront) -> bool {
    let PageFront {
        title: _,
        description: _,
        authors: _,
        extra: _,
        // The indexes themselves look at it.
        in_search_index: _,
        date,
        updated,
        weight,
        draft,
        render,
        slug,
        path,
        aliases,
        template,
        taxonomies,
    } = a;
    let place = (date, updated, weight, draft, render, slug, path);
    place
        == (
            &b.date, &b.updated, &b.weight, &b.draft, &b.render, &b.slug, &b.path,
        )
        && (aliases, template, taxonomies) == (&b.aliases, &b.template, &b.taxonomies)
}

fn is_section_like(a: &SectionFront, b: &SectionFront) -> bool {
    let SectionFront {
        title: _,
        description: _,
        extra: _,
        in_search_index: _,
        weight,
        draft,
        render,
        transparent,
        generate_feeds,
        sort_by,
        pagination,
        insert_anchor_links,
        redirect_to,
        template,
        page_template,
        aliases,
    } = a;
    let place = (weight, draft, render, transparent, sort_by, pagination);
    let looks = (insert_anchor_links, redirect_to, template, page_template);
    place
        == (
            &b.weight,
            &b.draft,
            &b.render,
            &b.transparent,
            &b.sort_by,
            &b.pagination,
        )
        && looks
            == (
                &b.insert_anchor_links,
                &b.redirect_to,
                &b.template,
                &b.page_template,
            )
        && (generate_feeds, aliases) == (&b.generate_feeds, &b.aliases)
}

fn names(assets: &[Arc<Asset>]) -> impl Iterator<Item = &str> {
    assets.iter().map(|asset| asset.relative.as_str())
}
