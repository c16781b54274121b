//! The fields of pages and sections that templates may name, and sets of them.

/// A field of a page or of a section, by the name that templates call it. The order is that in which a
/// template sees them that shows a page as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    RelativePath,
    ColocatedPath,
    Permalink,
    Path,
    Components,
    Lang,
    Assets,
    WordCount,
    ReadingTime,
    Slug,
    Title,
    Description,
    Updated,
    Date,
    Year,
    Month,
    Day,
    Draft,
    Authors,
    Lower,
    Higher,
    Taxonomies,
    GenerateFeeds,
    Transparent,
    PaginateBy,
    PaginateReversed,
    Extra,
    Ancestors,
    Translations,
    Pages,
    Subsections,
    Toc,
    Summary,
    Content,
    Backlinks,
    // What the ones before and after a page were once called.
    Later,
    Earlier,
    Lighter,
    Heavier,
    TitlePrev,
    TitleNext,
}

impl Field {
    /// As templates call it.
    pub(super) fn name(self) -> &'static str {
        NAMED.get(self.number()).map_or("", |(_, name)| name)
    }

    /// The field that templates call `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMED
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(field, _)| *field)
    }

    /// Its place among all.
    pub(super) fn number(self) -> usize {
        self as usize
    }

    /// The number of the group that it is digested with: of fields that hardly ever differ without each
    /// other, or that hardly any template reads. None for what a text or other pages decide.
    pub(super) fn group(self) -> Option<usize> {
        Some(match self {
            Self::RelativePath
            | Self::ColocatedPath
            | Self::Permalink
            | Self::Path
            | Self::Components
            | Self::Lang
            | Self::Slug => 0,
            Self::Title => 1,
            Self::Description => 2,
            Self::Date | Self::Year | Self::Month | Self::Day => 3,
            Self::Updated => 4,
            Self::Draft
            | Self::GenerateFeeds
            | Self::Transparent
            | Self::PaginateBy
            | Self::PaginateReversed => 5,
            Self::Authors => 6,
            Self::Taxonomies => 7,
            Self::Extra => 8,
            Self::Ancestors | Self::Subsections | Self::Translations => 9,
            Self::Assets => 10,
            _ => return None,
        })
    }

    /// Every field, in order.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        NAMED.iter().map(|(field, _)| *field)
    }
}

/// How many groups of fields there are.
pub(super) const GROUPS: usize = 11;

/// How many fields there are.
pub(super) const COUNT: usize = 41;

/// A set of fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Fields(u64);

impl Fields {
    pub(super) const ALL: Self = Self((1 << COUNT) - 1);
    /// The neighbours, by all their names.
    pub(super) const NEIGHBOURS: Self = Self::of(&[
        Field::Lower,
        Field::Higher,
        Field::Later,
        Field::Earlier,
        Field::Lighter,
        Field::Heavier,
        Field::TitlePrev,
        Field::TitleNext,
    ]);
    /// What only a rendered text has.
    pub(super) const OF_TEXT: Self =
        Self::of(&[Field::Toc, Field::Summary, Field::Content, Field::Backlinks]);

    pub(super) const fn of(mut fields: &[Field]) -> Self {
        let mut set = 0;
        while let [first, rest @ ..] = fields {
            set |= 1 << *first as u8;
            fields = rest;
        }
        Self(set)
    }

    pub(super) fn has(self, field: Field) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    #[must_use]
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn add(&mut self, field: Field) {
        self.0 |= 1 << field as u8;
    }

    pub(super) fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The fields of the set, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            NAMED.get(number).map(|(field, _)| *field)
        })
    }
}

const NAMED: [(Field, &str); COUNT] = [
    (Field::RelativePath, "relative_path"),
    (Field::ColocatedPath, "colocated_path"),
    (Field::Permalink, "permalink"),
    (Field::Path, "path"),
    (Field::Components, "components"),
    (Field::Lang, "lang"),
    (Field::Assets, "assets"),
    (Field::WordCount, "word_count"),
    (Field::ReadingTime, "reading_time"),
    (Field::Slug, "slug"),
    (Field::Title, "title"),
    (Field::Description, "description"),
    (Field::Updated, "updated"),
    (Field::Date, "date"),
    (Field::Year, "year"),
    (Field::Month, "month"),
    (Field::Day, "day"),
    (Field::Draft, "draft"),
    (Field::Authors, "authors"),
    (Field::Lower, "lower"),
    (Field::Higher, "higher"),
    (Field::Taxonomies, "taxonomies"),
    (Field::GenerateFeeds, "generate_feeds"),
    (Field::Transparent, "transparent"),
    (Field::PaginateBy, "paginate_by"),
    (Field::PaginateReversed, "paginate_reversed"),
    (Field::Extra, "extra"),
    (Field::Ancestors, "ancestors"),
    (Field::Translations, "translations"),
    (Field::Pages, "pages"),
    (Field::Subsections, "subsections"),
    (Field::Toc, "toc"),
    (Field::Summary, "summary"),
    (Field::Content, "content"),
    (Field::Backlinks, "backlinks"),
    (Field::Later, "later"),
    (Field::Earlier, "earlier"),
    (Field::Lighter, "lighter"),
    (Field::Heavier, "heavier"),
    (Field::TitlePrev, "title_prev"),
    (Field::TitleNext, "title_next"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_its_name_and_its_place() {
        for (at, field) in Field::all().enumerate() {
            assert_eq!(field.number(), at);
            assert_eq!(Field::named(field.name()), Some(field));
            assert!(Fields::ALL.has(field));
        }
        assert_eq!(Fields::ALL.len(), COUNT);
    }

    #[test]
    fn sets_are_sets() {
        let set = Fields::of(&[Field::Title, Field::Date]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Title, Field::Date]);
        let other = Fields::of(&[Field::Date, Field::Content]);
        assert!(set.has_any(other));
        assert_eq!(set.without(other), Fields::of(&[Field::Title]));
        assert_eq!(set.and(other).len(), 3);
        assert!(!set.without(other).has_any(other));
    }
}
