//! Which language the templates are in: that of Zola up to 0.22 (Tera 1), or the one that came after it.

use crate::site::{Problem, TemplateSource};

/// The problem of a site whose templates are written in Tera 2, told once and not per tag; `templates`
/// are those that can't be parsed.
pub(super) fn problem<'t>(
    templates: impl IntoIterator<Item = &'t TemplateSource>,
) -> Option<Problem> {
    let (template, offset) = templates
        .into_iter()
        .filter_map(|template| Some((template, component(&template.text)?)))
        .min_by_key(|(template, _)| template.file.as_str())?;
    let what = "the templates are in Tera 2, the language of Zola 0.23 and later, which Littoral does not read";
    let way_out = "take the theme, or the site, as it was for Zola 0.22 or before";
    let problem = Problem::error(what).in_file(template.file.as_str());
    Some(problem.at_offset(&template.text, offset).way_out(way_out))
}

/// Where a component is defined or called, which only Tera 2 has.
fn component(text: &str) -> Option<usize> {
    let tags = text.match_indices("{%").chain(text.match_indices("{{"));
    let mut found = tags.filter_map(|(at, opening)| {
        let inner = text.get(at + opening.len()..)?;
        let inner = inner.strip_prefix('-').unwrap_or(inner).trim_start();
        let is_component = match opening {
            "{%" => inner
                .strip_prefix("component")
                .is_some_and(|name| name.starts_with([' ', '\t'])),
            _ => inner
                .strip_prefix('<')
                .is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_')),
        };
        is_component.then_some(at)
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_tell_tera_2() {
        for (text, at) in [
            ("a {% component tide(height) %}x", Some(2)),
            ("{{- <tide height=1 /> }}", Some(0)),
            ("{{ <_str key=`a` /> }}", Some(0)),
            ("{{ a < b }} {% if components %}", None),
            ("{% set component = 1 %}", None),
        ] {
            assert_eq!(component(text), at, "{text}");
        }
    }
}
