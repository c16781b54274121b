//! A long listing is cut into pagers: `/blog/`, `/blog/page/2/`, ...

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    address::{self, Address},
    outcome::{Made, Output, Rank},
    sections::{finish, locate},
    world::World,
};
use crate::site::Pagination;

/// A listing, and how it is to be cut.
pub(super) struct Cut<'a> {
    /// The pages, in order.
    pub(super) pages: &'a [usize],
    pub(super) pagination: &'a Pagination,
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

    fn pages_of(&self, index: usize) -> Vec<usize> {
        let mut pages = self.pages.to_vec();
        if self.pagination.reversed {
            pages.reverse();
        }
        let by = self.pagination.by.max(1);
        pages
            .chunks(by)
            .nth(index.saturating_sub(1))
            .unwrap_or_default()
            .to_vec()
    }
}

/// A document for each pager of `cut`, each with `context` and its `paginator`, and a redirect from
/// `page/1` to the first.
pub(super) fn documents(
    world: &World,
    cut: &Cut<'_>,
    context: &Map<String, Value>,
    (template, file): (&str, &str),
) -> Vec<Made> {
    let alias = Output::redirect(world, &cut.first_alias(), cut.path);
    let alias = alias.map(|output| output.from(file).ranked(Rank::Redirect));
    let pagers = (1..=cut.count()).into_par_iter().map(|index| {
        let path = cut.path_of(index);
        let permalink = address::permalink(&world.source.config, &path);
        let mut context = context.clone();
        let at = Address {
            path,
            permalink,
            ..Address::default()
        };
        locate(&mut context, &at);
        context.insert("paginator".into(), paginator(world, cut, index));
        finish(world, template, context, (&at.path, file))
    });
    let mut made: Vec<Made> = pagers.collect();
    made.push(alias);
    made
}

/// What templates see of pager `index`.
fn paginator(world: &World, cut: &Cut<'_>, index: usize) -> Value {
    let config = &world.source.config;
    let url = |index: usize| address::permalink(config, &cut.path_of(index));
    let count = cut.count();
    let pages = cut.pages_of(index).into_iter();
    let pages: Vec<Value> = pages
        .filter_map(|page| world.page_value(page).cloned())
        .collect();
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
            pagination: &pagination,
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
            pagination: &reversed,
            ..cut
        };
        assert_eq!(cut.pages_of(1), [14, 13]);
        let wordless = Pagination {
            path: String::new(),
            ..pagination.clone()
        };
        let cut = Cut {
            pagination: &wordless,
            ..cut
        };
        assert_eq!(cut.further_paths(), ["/blog/1/", "/blog/2/", "/blog/3/"]);
        let empty = Cut { pages: &[], ..cut };
        assert_eq!(empty.count(), 1);
    }
}
