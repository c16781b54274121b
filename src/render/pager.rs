//! A long listing is cut into pagers: `/blog/`, `/blog/page/2/`, ...

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value, json};

use super::{
    address::{self, Address},
    ask::{self, Doc},
    engine::View,
    job::Job,
    last::Kind,
    outcome::{Made, Output, Rank},
    sections::{finish_lent, locate},
    world::{Document, World},
};
use crate::site::Pagination;

/// A listing, and how it is to be cut.
pub(super) struct Cut<'a> {
    /// The pages, in order.
    pub(super) pages: &'a [usize],
    pub(super) pagination: Cow<'a, Pagination>,
    /// The path of the first pager.
    pub(super) path: &'a str,
}

impl Cut<'_> {
    /// How many pagers there are; a listing without pages still has one.
    pub(super) fn count(&self) -> usize {
        self.pages.len().div_ceil(self.pagination.by.max(1)).max(1)
    }

    /// Where pager `index` is, from 1.
    pub(super) fn path_of(&self, index: usize) -> String {
        let word = self.pagination.path.trim_matches('/');
        match index {
            1 => self.path.to_owned(),
            _ if word.is_empty() => format!("{}{index}/", self.path),
            _ => format!("{}{word}/{index}/", self.path),
        }
    }

    /// The paths of all pagers but the first, and of the redirect to the first; none if there is
    /// nothing to list.
    pub(super) fn further_paths(&self) -> Vec<String> {
        if self.pages.is_empty() {
            return Vec::new();
        }
        let further = (2..=self.count()).map(|index| self.path_of(index));
        std::iter::once(self.first_alias()).chain(further).collect()
    }

    fn first_alias(&self) -> String {
        match self.pagination.path.trim_matches('/') {
            "" => format!("{}1/", self.path),
            word => format!("{}{word}/1/", self.path),
        }
    }

    /// The pages of pager `index`, from 1.
    fn pages_of(&self, index: usize) -> Vec<usize> {
        let by = self.pagination.by.max(1);
        let before = by * index.saturating_sub(1);
        let pages = self.pages.iter().copied();
        match self.pagination.reversed {
            true => pages.rev().skip(before).take(by).collect(),
            false => pages.skip(before).take(by).collect(),
        }
    }
}

/// What is listed, and how it is rendered.
pub(super) struct About<'w> {
    pub(super) kind: Kind,
    pub(super) lang: &'w str,
    pub(super) template: Cow<'w, str>,
    /// What the list is called.
    pub(super) name: &'w str,
    /// The file that asked for it.
    pub(super) file: String,
    pub(super) rank: Rank,
    /// Notes what `context` asks.
    pub(super) note: Box<Noting<'w>>,
    /// What all pagers are given, as far as their template can read it.
    pub(super) context: Box<Giving<'w>>,
}

type Noting<'w> = dyn Fn(&View) + Send + Sync + 'w;
type Giving<'w> = dyn Fn(&View) -> Map<String, Value> + Send + Sync + 'w;

/// A listing with its pagers. What all of them are given may be long, so it is made once for each thread
/// and lent to one pager after the other.
struct Shared<'w> {
    cut: Cut<'w>,
    about: About<'w>,
    /// A lock, held to take a context or to give it back.
    contexts: Mutex<Vec<Map<String, Value>>>,
}

/// A document for each pager of `cut`, each with its `paginator`, and a redirect from `page/1` to the
/// first.
pub(super) fn documents<'w>(world: &'w World, cut: Cut<'w>, about: About<'w>) -> Vec<Job<'w>> {
    let shared = Arc::new(Shared {
        cut,
        about,
        contexts: Mutex::default(),
    });
    let Shared { cut, about, .. } = &*shared;
    let mut jobs: Vec<Job<'w>> = (1..=cut.count())
        .map(|index| {
            let size = (cut.pages.len(), &cut.pagination.path, cut.pagination.by);
            let at = (&about.template, about.name, cut.path);
            let terms = (at, size, ids(world, &cut.pages_of(index)));
            let shared = Arc::clone(&shared);
            let make = move || document(world, &shared, index);
            Job::new((about.kind, cut.path, index), terms, make)
        })
        .collect();
    let key = format!("{}\n{}", cut.first_alias(), about.file);
    let again = Arc::clone(&shared);
    jobs.push(Job::new((Kind::Redirect, &key, 0), cut.path, move || {
        let Shared { cut, about, .. } = &*again;
        let alias = Output::redirect(world, &cut.first_alias(), cut.path)?;
        Ok(alias.from(&about.file).ranked(Rank::Redirect))
    }));
    jobs
}

/// The lasting numbers of `pages`.
fn ids(world: &World, pages: &[usize]) -> Vec<Option<Doc>> {
    pages
        .iter()
        .map(|page| world.arranged.order.ids.of(Document::Page(*page)))
        .collect()
}

fn document(world: &World, shared: &Shared<'_>, index: usize) -> Made {
    let Shared { cut, about, .. } = shared;
    let path = cut.path_of(index);
    let permalink = address::permalink(&world.source.config, &path);
    let view = world.engine.view(&about.template);
    (about.note)(&view);
    let mut context = shared.borrow(&view);
    context.extend(world.base(about.lang, &view));
    let at = Address {
        path,
        permalink,
        ..Address::default()
    };
    locate(&mut context, &at);
    context.insert("paginator".into(), paginator(world, cut, index, &view));
    let place = (at.path.as_str(), about.file.as_str());
    let (output, context) = finish_lent(world, &about.template, context, place);
    shared.give_back(context);
    Ok(output?.ranked(about.rank))
}

impl Shared<'_> {
    fn borrow(&self, view: &View) -> Map<String, Value> {
        let lent = match ask::is_whole() {
            true => None,
            false => self.contexts().pop(),
        };
        lent.unwrap_or_else(|| (self.about.context)(view))
    }

    fn give_back(&self, context: Map<String, Value>) {
        if !ask::is_whole() {
            self.contexts().push(context);
        }
    }

    fn contexts(&self) -> MutexGuard<'_, Vec<Map<String, Value>>> {
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What templates see of pager `index`.
fn paginator(world: &World, cut: &Cut<'_>, index: usize, view: &View) -> Value {
    let config = &world.source.config;
    let url = |index: usize| address::permalink(config, &cut.path_of(index));
    let count = cut.count();
    let pages = cut.pages_of(index).into_iter();
    let pages: Vec<Value> = pages.map(|page| world.page(page, view.others)).collect();
    let word = cut.pagination.path.trim_matches('/');
    let base = if word.is_empty() {
        cut.path.into()
    } else {
        format!("{}{word}/", cut.path)
    };
    let mut map = Map::new();
    map.insert("pages".into(), Value::Array(pages));
    let previous = (index > 1).then(|| url(index - 1));
    let next = (index < count).then(|| url(index + 1));
    if let Value::Object(rest) = json!({
        "paginate_by": cut.pagination.by,
        "base_url": address::permalink(config, &base),
        "number_pagers": count,
        "first": url(1),
        "last": url(count),
        "previous": previous,
        "next": next,
        "current_index": index,
        "total_pages": cut.pages.len(),
    }) {
        map.extend(rest);
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_cut() {
        let pagination = Pagination {
            by: 2,
            path: "page".into(),
            reversed: false,
        };
        let pages = [10, 11, 12, 13, 14];
        let cut = Cut {
            pages: &pages,
            pagination: Cow::Borrowed(&pagination),
            path: "/blog/",
        };
        assert_eq!(cut.count(), 3);
        assert_eq!(cut.path_of(1), "/blog/");
        assert_eq!(cut.path_of(3), "/blog/page/3/");
        assert_eq!(cut.first_alias(), "/blog/page/1/");
        assert_eq!(cut.pages_of(3), [14]);
        let reversed = Pagination {
            reversed: true,
            ..pagination.clone()
        };
        let cut = Cut {
            pagination: Cow::Borrowed(&reversed),
            ..cut
        };
        assert_eq!(cut.pages_of(1), [14, 13]);
        let wordless = Pagination {
            path: String::new(),
            ..pagination.clone()
        };
        let cut = Cut {
            pagination: Cow::Borrowed(&wordless),
            ..cut
        };
        assert_eq!(cut.further_paths(), ["/blog/1/", "/blog/2/", "/blog/3/"]);
        let empty = Cut { pages: &[], ..cut };
        assert_eq!(empty.count(), 1);
    }
}
