//! What a mistake is about, and where in a template that stands.

use super::tags::tags;

/// A word of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// `| date`
    Filter(String),
    /// `get_url(`, `m::list(`
    Function(String),
    /// The name of a template in quotes.
    Template(String),
    /// `is defined`
    Test(String),
    /// `page.title`
    Variable(String),
}

impl Subject {
    /// As it is written.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Filter(name)
            | Self::Function(name)
            | Self::Template(name)
            | Self::Test(name)
            | Self::Variable(name) => name,
        }
    }

    /// The byte of `text` at which it stands: in the tag that begins at `tag`, else behind it, and from
    /// the top if the tag is not known.
    pub(super) fn find(&self, text: &str, tag: Option<usize>) -> Option<usize> {
        let from = tag.unwrap_or(0);
        let mut tags = tags(text).into_iter().filter(|tag| tag.start >= from);
        tags.find_map(|tag| {
            let inside = text.get(tag.start..tag.end)?;
            self.find_in(inside).map(|at| tag.start + at)
        })
    }

    fn find_in(&self, tag: &str) -> Option<usize> {
        let (word, fits): (&str, fn(&str, &str) -> bool) = match self {
            Self::Filter(name) => (name, |before, _| before.ends_with('|')),
            Self::Function(name) => (name, |_, after| after.starts_with('(')),
            Self::Template(name) => (name, |before, _| before.ends_with(['"', '\'', '`'])),
            Self::Test(name) => (name, |before, _| {
                before.ends_with(" is") || before.ends_with(" not")
            }),
            Self::Variable(name) => (name, |before, after| {
                let is_name = after.starts_with('=') && !after.starts_with("==");
                !is_name && !after.starts_with('(') && !before.ends_with(['"', '\'', '`', '|'])
            }),
        };
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let mut found = tag.match_indices(word);
        let place = found.find(|(at, _)| {
            let before = tag.get(..*at).unwrap_or_default();
            let after = tag.get(at + word.len()..).unwrap_or_default();
            !before.ends_with(is_part)
                && !after.starts_with(|c| is_part(c) && c != '.')
                && fits(before.trim_end(), after.trim_start())
        });
        place.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_mean_it() {
        use Subject::{Filter, Function, Template, Test, Variable};
        let text = "date {{ page.date | date(format='date') }} {% if date is date %}{{ date() }}{% include 'date' %}{{ m::date() }}";
        for (subject, place) in [
            (Variable("page.date".into()), "page.date"),
            (Filter("date".into()), "date(format"),
            (Variable("date".into()), "date is date"),
            (Test("date".into()), "date %}"),
            (Function("date".into()), "date(format"),
            (Template("date".into()), "date') }} {% if"),
            (Function("m::date".into()), "m::date"),
        ] {
            let at = subject.find(text, None).unwrap();
            assert!(
                text[at..].starts_with(place),
                "{subject:?}: {}",
                &text[at..]
            );
        }
        let second = text.find("{{ date()").unwrap();
        let at = Function("date".into()).find(text, Some(second)).unwrap();
        assert!(text[at..].starts_with("date() }}"));
        assert_eq!(Variable("dat".into()).find(text, None), None);
    }
}
