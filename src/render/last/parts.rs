//! What is known of one text, one document, one image. A large site has a hundred thousand of each.

use std::sync::Arc;

use super::super::{
    ask::{Digest, digest},
    field::{Field, Fields},
    markdown::{InternalLinks, Rendered},
    outcome::Placed,
};
use crate::site::{COUNTS_BYTES, Problem};

/// What is known of a text.
#[derive(Debug, Clone)]
pub(in crate::render) struct Text {
    /// What it was rendered from besides what it asked.
    pub(in crate::render) terms: Digest,
    pub(in crate::render) questions: Box<[u32]>,
    /// Its words, and how many minutes it takes to read.
    pub(in crate::render) measured: (u32, u32),
    pub(in crate::render) toc: Digest,
    /// Short, and in most listings.
    pub(in crate::render) summary: Option<Box<str>>,
    pub(in crate::render) content: Digest,
    pub(in crate::render) links: InternalLinks,
    /// A digest of each, sorted.
    pub(in crate::render) anchors: Box<[Digest]>,
    pub(in crate::render) seldom: Option<Box<Seldom>>,
}

/// What is known of few texts and documents.
#[derive(Debug, Clone, Default)]
pub(in crate::render) struct Seldom {
    /// What is wrong with it.
    pub(in crate::render) problems: Box<[Problem]>,
    /// The images that it ordered.
    pub(in crate::render) images: Box<[Arc<str>]>,
}

impl Seldom {
    /// What is known of it; None if that is nothing.
    pub(in crate::render) fn known(
        problems: Vec<Problem>,
        images: Vec<Arc<str>>,
    ) -> Option<Box<Self>> {
        let is_known = !problems.is_empty() || !images.is_empty();
        is_known.then(|| {
            Box::new(Self {
                problems: problems.into(),
                images: images.into(),
            })
        })
    }
}

impl Text {
    /// What is wrong with it.
    pub(in crate::render) fn problems(&self) -> &[Problem] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.problems)
    }

    /// The images that it ordered.
    pub(in crate::render) fn images(&self) -> &[Arc<str>] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.images)
    }

    /// About what it takes in memory, behind the pointer to it.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Arc<Self>>()
            + COUNTS_BYTES
            + size_of::<Self>()
            + size_of_val(&*self.questions)
            + self.summary.as_deref().map_or(0, str::len)
            + self.links.bytes()
            + size_of_val(&*self.anchors)
    }

    /// The fields in which two texts of one page differ.
    pub(in crate::render) fn difference(&self, other: &Self) -> Fields {
        let mut fields = Fields::default();
        let mut note = |differs: bool, field| {
            if differs {
                fields.add(field);
            }
        };
        note(self.measured != other.measured, Field::WordCount);
        note(self.measured != other.measured, Field::ReadingTime);
        note(self.toc != other.toc, Field::Toc);
        note(self.summary != other.summary, Field::Summary);
        note(self.content != other.content, Field::Content);
        fields
    }

    /// Whether both link to the same, and can be linked to alike.
    pub(in crate::render) fn is_linked_as(&self, other: &Self) -> bool {
        self.links == other.links && self.anchors == other.anchors
    }

    pub(in crate::render) fn of(
        rendered: &Rendered,
        terms: Digest,
        measured: (u32, u32),
        questions: Box<[u32]>,
        images: Vec<Arc<str>>,
    ) -> Self {
        let mut anchors: Box<[Digest]> = rendered.anchors.iter().map(digest).collect();
        anchors.sort_unstable();
        Self {
            terms,
            questions,
            measured,
            toc: digest(&rendered.toc),
            summary: rendered.summary.as_deref().map(Into::into),
            content: digest(&rendered.html),
            links: rendered.internal_links.fitted(),
            anchors,
            seldom: Seldom::known(rendered.problems.clone(), images),
        }
    }
}

/// What a document is known by from publish to publish.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::render) struct Key {
    pub(in crate::render) kind: Kind,
    /// A file or a path, whatever tells those of one kind apart.
    pub(in crate::render) name: Arc<str>,
    /// The number of a pager.
    pub(in crate::render) index: usize,
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::render) enum Kind {
    Page,
    Section,
    Redirect,
    TermList,
    Term,
    Feed,
    Sitemap,
    /// What every site has.
    Common,
    Asset,
    Made,
    /// The Markdown of a page or section.
    Written,
}

/// What is known of a document.
#[derive(Debug, Clone)]
pub(in crate::render) struct Job {
    pub(in crate::render) key: Key,
    pub(in crate::render) terms: Digest,
    pub(in crate::render) questions: Box<[u32]>,
    pub(in crate::render) placed: Placed,
    pub(in crate::render) seldom: Option<Box<Seldom>>,
}

impl Job {
    /// What is wrong with it.
    pub(in crate::render) fn problems(&self) -> &[Problem] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.problems)
    }

    /// The images that it ordered.
    pub(in crate::render) fn images(&self) -> &[Arc<str>] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.images)
    }

    /// About what it takes in memory, behind the pointers to it, without the page. Its name is another's.
    pub(super) fn bytes(&self) -> usize {
        let place = 2 * size_of::<Arc<Self>>() + size_of::<u32>();
        place + COUNTS_BYTES + size_of::<Self>() + size_of_val(&*self.questions)
    }
}

/// An image in another size.
#[derive(Debug)]
pub(in crate::render) struct Image {
    pub(in crate::render) placed: Placed,
    pub(in crate::render) problem: Option<Problem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_large_site_has_many_of_is_small() {
        // With the counts before them, these are what an allocator gives without a rest.
        let sizes = [size_of::<Text>(), size_of::<Job>()];
        assert_eq!(sizes.map(|size| size + COUNTS_BYTES), [128, 112]);
    }
}
