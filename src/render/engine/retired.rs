//! Names of years ago in templates: they still work, and a warning says what they are called today.

use std::sync::Arc;

use super::tags::tags;
use crate::site::{Problem, TemplateSource};

/// A warning for each retired name that a template reads, where it does so first.
pub(super) fn problems(templates: &[Arc<TemplateSource>]) -> Vec<Problem> {
    let each = templates.iter().flat_map(|template| {
        RETIRED.iter().filter_map(move |(once, today)| {
            let offset = first(&template.text, once)?;
            let problem = Problem::warning(format!("`{once}` is a name of years ago"))
                .in_file(template.file.as_str())
                .at_offset(&template.text, offset);
            Some(problem.way_out(format!("it still works; today it is `{today}`")))
        })
    });
    let mut told: Vec<_> = each.collect();
    // A theme's template goes by two names.
    told.sort();
    told.dedup();
    told
}

/// Where `field` is first read of something that is not the author's own.
fn first(text: &str, field: &str) -> Option<usize> {
    if !text.contains(field) {
        return None;
    }
    tags(text).iter().find_map(|tag| {
        let within = text.get(tag.start..tag.end)?;
        let mut found = within.match_indices(field).map(|(at, _)| at);
        let at = found.find(|at| is_field(within, *at, field))?;
        Some(tag.start + at)
    })
}

fn is_field(text: &str, at: usize, field: &str) -> bool {
    let before = text.get(..at).and_then(|before| before.strip_suffix('.'));
    let after = text.get(at + field.len()..).unwrap_or_default();
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    ends && before.is_some_and(|owner| !owner.ends_with("extra"))
}

/// Each retired name and today's.
const RETIRED: [(&str, &str); 7] = [
    ("later", "lower"),
    ("earlier", "higher"),
    ("lighter", "lower"),
    ("heavier", "higher"),
    ("title_prev", "lower"),
    ("title_next", "higher"),
    ("feed_filename", "feed_filenames | first"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_of_what_is_given_count() {
        for (text, at) in [
            ("<p>later</p>{% if page.later %}", Some(23)),
            ("{{ post.later.title }}", Some(8)),
            (
                "{{ page.extra.later }} {{ later }} {{ page.later_on }}",
                None,
            ),
            ("{# page.later #}", None),
        ] {
            assert_eq!(first(text, "later"), at, "{text}");
        }
    }
}
