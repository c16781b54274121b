//! The head of a Markdown file: finds it, parses it, reads pages' and sections' keys.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    date::date,
    keys::{Keys, Place, Unknown, strings},
    markdown_config::ANCHORS,
    words::Words,
};
use crate::site::{
    Body, Extra, PageFront, Pagination, Problem, SectionFront, Seldom, SortBy, Terms, toml, yaml,
};

/// A Markdown file, cut in two.
pub(super) struct Parts {
    pub(super) front: Map<String, Value>,
    pub(super) body: Body,
}

/// Cuts `text` into front matter and body. A problem has no file yet.
pub(super) fn split(text: &str) -> Result<Parts, Problem> {
    let start = text.len()
        - text
            .trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
            .len();
    let rest = text.get(start..).unwrap_or_default();
    let Some(fence) = FENCES.iter().find(|fence| rest.starts_with(**fence)) else {
        let what = match rest.is_empty() {
            true => "the file is empty",
            false => "the file does not begin with front matter",
        };
        return Err(Problem::error(what)
            .at_line(text, 1)
            .way_out("begin it with a line `+++`, TOML (or nothing), and another line `+++`"));
    };
    let inner_start = start + fence.len();
    let inner = text.get(inner_start..).unwrap_or_default();
    let Some(end) = closing(inner, fence) else {
        return Err(
            Problem::error(format!("the front matter has no closing `{fence}`"))
                .at_offset(text, start)
                .way_out(format!("end it with a line `{fence}`")),
        );
    };
    let front_text = inner.get(..end).unwrap_or_default();
    let parse = if *fence == "+++" { toml } else { yaml };
    let front = parse(front_text).map_err(|problem| moved(problem, text, inner_start))?;
    let after = inner_start + end + fence.len();
    let after = after + line_end(text.get(after..).unwrap_or_default());
    let first_line = text.get(..after).unwrap_or_default().matches('\n').count() + 1;
    Ok(Parts {
        front,
        body: Body::of(text, after, first_line),
    })
}

const FENCES: [&str; 2] = ["+++", "---"];

/// The offset in `inner` of the fence that stands on a line of its own.
fn closing(inner: &str, fence: &str) -> Option<usize> {
    let mut offset = 0;
    for line in inner.split_inclusive('\n') {
        if offset > 0 && line.trim_end() == fence {
            return Some(offset);
        }
        offset += line.len();
    }
    None
}

/// The length of the rest of the line.
fn line_end(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |newline| newline + 1)
}

/// Places a problem of the front matter in the whole file.
fn moved(problem: Problem, text: &str, inner_start: usize) -> Problem {
    let before = text
        .get(..inner_start)
        .unwrap_or_default()
        .matches('\n')
        .count();
    let column = problem.column;
    let Some(line) = problem.line else {
        return problem.at_line(text, before + 1);
    };
    let mut problem = problem.at_line(text, line as usize + before);
    problem.column = column;
    problem
}

/// Reads a page's keys; its terms are among `words` then.
pub(super) fn page(
    map: Map<String, Value>,
    place: Place<'_>,
    words: &Words,
) -> (PageFront, Vec<Problem>) {
    let mut keys = Keys::new(
        map,
        Place {
            called: "a page's front matter",
            ..place
        },
    );
    let front = PageFront {
        title: keys.string("title").map(Into::into),
        description: keys.string("description").map(Into::into),
        date: date(&mut keys, "date"),
        weight: keys.integer("weight"),
        draft: keys.flag("draft").unwrap_or(false),
        render: keys.flag("render").unwrap_or(true),
        in_search_index: keys.flag("in_search_index").unwrap_or(true),
        taxonomies: taxonomies(&mut keys, words),
        extra: extra(&mut keys),
        seldom: seldom(&mut keys).said(),
    };
    (front, keys.finish(Unknown::WarnsIfNear))
}

/// Reads a section's keys.
pub(super) fn section(map: Map<String, Value>, place: Place<'_>) -> (SectionFront, Vec<Problem>) {
    let mut keys = Keys::new(
        map,
        Place {
            called: "a section's front matter",
            ..place
        },
    );
    let pagination = Pagination {
        by: keys.count("paginate_by").unwrap_or(0),
        path: keys
            .string("paginate_path")
            .unwrap_or_else(|| "page".into()),
        reversed: keys.flag("paginate_reversed").unwrap_or(false),
    };
    let anchors = keys.choice("insert_anchor_links", &ANCHORS);
    let front = SectionFront {
        title: keys.string("title"),
        description: keys.string("description"),
        weight: keys.integer("weight").unwrap_or(0),
        draft: keys.flag("draft").unwrap_or(false),
        render: keys.flag("render").unwrap_or(true),
        transparent: keys.flag("transparent").unwrap_or(false),
        in_search_index: keys.flag("in_search_index").unwrap_or(true),
        generate_feeds: section_feeds(&mut keys),
        sort_by: keys.choice("sort_by", &ORDERS).unwrap_or_default(),
        pagination,
        insert_anchor_links: anchors.or_else(|| keys.choice("insert_anchor", &ANCHORS)),
        redirect_to: keys.filled_string("redirect_to"),
        template: keys.filled_string("template"),
        page_template: keys.filled_string("page_template"),
        aliases: keys.strings("aliases").unwrap_or_default(),
        extra: extra(&mut keys),
    };
    (front, keys.finish(Unknown::Warns))
}

fn section_feeds(keys: &mut Keys<'_>) -> bool {
    let now = keys.flag("generate_feeds");
    let old = keys.flag("generate_feed");
    now.or(old).unwrap_or(false)
}

fn seldom(keys: &mut Keys<'_>) -> Seldom {
    Seldom {
        updated: date(keys, "updated"),
        slug: keys.filled_string("slug").map(Into::into),
        path: keys.filled_string("path").map(Into::into),
        template: keys.filled_string("template").map(Into::into),
        aliases: keys.strings("aliases").unwrap_or_default(),
        authors: keys.strings("authors").unwrap_or_default(),
    }
}

fn extra(keys: &mut Keys<'_>) -> Extra {
    Extra::of(&keys.table("extra").unwrap_or_default())
}

fn taxonomies(keys: &mut Keys<'_>, words: &Words) -> Box<[(Arc<str>, Terms)]> {
    let table = keys.table("taxonomies").unwrap_or_default();
    let mut taxonomies = Vec::new();
    for (name, value) in table {
        match strings(&value) {
            Some(terms) => {
                let terms = terms.iter().map(|term| words.shared(term));
                taxonomies.push((words.shared(&name), terms.collect()));
            }
            None => {
                let what = format!("the taxonomy `{name}` must be a list of strings");
                keys.problem(Problem::error(what), &name);
            }
        }
    }
    taxonomies.into()
}

const ORDERS: [(&str, SortBy); 8] = [
    ("date", SortBy::Date),
    ("none", SortBy::None),
    ("permalink", SortBy::Permalink),
    ("slug", SortBy::Slug),
    ("title", SortBy::Title),
    ("title_bytes", SortBy::TitleBytes),
    ("update_date", SortBy::UpdateDate),
    ("weight", SortBy::Weight),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_toml_and_yaml() {
        for text in [
            "+++\ntitle = \"A\"\n+++\nBody\n",
            "---\ntitle: A\n---\nBody\n",
            "\n+++\r\ntitle = \"A\"\r\n+++\r\nBody\n",
        ] {
            let parts = split(text).unwrap();
            assert_eq!(parts.front.get("title"), Some(&"A".into()), "{text:?}");
            assert_eq!(
                parts.body,
                Body::of(text, text.len() - 5, parts.body.first_line as usize),
                "{text:?}"
            );
        }
        assert_eq!(
            split("+++\ntitle = \"A\"\n+++\nBody\n")
                .unwrap()
                .body
                .first_line,
            4
        );
        assert_eq!(split("+++\n+++").unwrap().body.held_bytes(), 0);
    }

    #[test]
    fn tells_where_it_is_broken() {
        let problem = split("+++\ntitle = \n+++\n").err().unwrap();
        assert_eq!(
            (problem.line, problem.excerpt.as_deref()),
            (Some(2), Some("title ="))
        );
        assert!(
            split("Body only\n")
                .err()
                .unwrap()
                .what
                .contains("front matter")
        );
        assert!(
            split("+++\ntitle = 1\n")
                .err()
                .unwrap()
                .what
                .contains("closing")
        );
    }
}
