//! What stands behind the opening of a fenced code block.

use std::ops::RangeInclusive;

/// The annotations of a code block: ```` ```rust,linenos,hl_lines=3-4 8 ````.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::render::markdown) struct Fence {
    /// As it is written; empty if there are only annotations, None if there is nothing.
    pub(super) language: Option<String>,
    /// The number of the first line, if lines are numbered.
    pub(super) numbers_from: Option<i64>,
    /// Lines to be marked, from 1.
    pub(super) marked: Vec<RangeInclusive<usize>>,
    /// Lines to be left out, from 1.
    pub(super) hidden: Vec<RangeInclusive<usize>>,
    /// What goes into `data-` attributes: `name=mod.rs` and anything else of that form.
    pub(super) data: Vec<(String, String)>,
}

impl Fence {
    /// Reads `info`, parts between commas in any order. The first that is no annotation is the
    /// language; what cannot be read is passed over.
    pub(in crate::render::markdown) fn parse(info: &str) -> Self {
        let info = info.trim();
        let mut fence = Self::default();
        if info.is_empty() {
            return fence;
        }
        let mut language = None;
        let mut first_number = 1;
        let mut is_numbered = false;
        for part in info.split(',').map(str::trim) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match (key.trim(), value.trim()) {
                ("linenos", _) => is_numbered = true,
                ("linenostart", number) => first_number = number.parse().unwrap_or(first_number),
                ("hl_lines", lines) => fence.marked.extend(lines.split(' ').filter_map(range)),
                ("hide_lines", lines) => fence.hidden.extend(lines.split(' ').filter_map(range)),
                (key, value) if part.contains('=') => fence.set_data(key, value),
                // What other tools call it, without a value.
                ("name", _) | ("", _) => {}
                _ => language = language.or(Some(part)),
            }
        }
        fence.numbers_from = is_numbered.then_some(first_number);
        fence.language = Some(language.unwrap_or_default().to_owned());
        fence
    }

    /// The last of a name counts.
    fn set_data(&mut self, key: &str, value: &str) {
        let fits = |found: char| found.is_ascii_alphanumeric() || matches!(found, '-' | '_');
        if key.is_empty() || key == "lang" || !key.chars().all(fits) {
            return;
        }
        self.data.retain(|(known, _)| known != key);
        self.data.push((key.to_owned(), value.to_owned()));
    }

    pub(super) fn marks(&self, line: usize) -> bool {
        self.marked.iter().any(|range| range.contains(&line))
    }

    pub(super) fn hides(&self, line: usize) -> bool {
        self.hidden.iter().any(|range| range.contains(&line))
    }
}

/// `3` or `3-5`; `5-3` is meant as `3-5`.
fn range(written: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = written.split_once('-').unwrap_or((written, written));
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    Some(first.min(last)..=first.max(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fence in short: language, number of the first line, marked, hidden, data.
    fn sketch(info: &str) -> String {
        let fence = Fence::parse(info);
        let language = fence.language.unwrap_or_else(|| "-".into());
        let numbers = fence.numbers_from.map(|first| format!(" from {first}"));
        let lines = |what: &str, ranges: &[RangeInclusive<usize>]| {
            let each = ranges.iter();
            each.map(|range| format!(" {what} {}-{}", range.start(), range.end()))
                .collect::<String>()
        };
        let data = fence.data.iter();
        let data: String = data.map(|(key, value)| format!(" {key}={value}")).collect();
        let (marked, hidden) = (
            lines("marked", &fence.marked),
            lines("hidden", &fence.hidden),
        );
        format!(
            "{language}{}{marked}{hidden}{data}",
            numbers.unwrap_or_default()
        )
    }

    #[test]
    fn annotations_are_read_as_zola_reads_them() {
        let cases = [
            ("", "-"),
            ("rust", "rust"),
            ("rust  foo bar", "rust  foo bar"),
            ("{.rust}", "{.rust}"),
            ("linenos", " from 1"),
            (",linenos", " from 1"),
            (" , rust", "rust"),
            ("rust,,linenos", "rust from 1"),
            ("linenos,rust", "rust from 1"),
            ("rust,linenos,toml", "rust from 1"),
            ("rust,linenos=false", "rust from 1"),
            ("rust,LINENOS", "rust"),
            ("rust linenos", "rust linenos"),
            ("rust,linenostart=4", "rust"),
            ("rust,linenos,linenostart=-3", "rust from -3"),
            ("rust,linenos,linenostart=x", "rust from 1"),
            (
                "rust, linenos, hl_lines = 1-2 4-3",
                "rust from 1 marked 1-2 marked 3-4",
            ),
            ("rust,hl_lines=2,4", "rust marked 2-2"),
            ("rust,hl_lines=x 2 -3 4- 1-2-3", "rust marked 2-2"),
            ("rust,hl_lines=1,hl_lines=2", "rust marked 1-1 marked 2-2"),
            ("hl_lines=2,python", "python marked 2-2"),
            (
                "rust,hide_lines=1-2 5,linenos",
                "rust from 1 hidden 1-2 hidden 5-5",
            ),
            ("rust,name= a b ,linenos", "rust from 1 name=a b"),
            ("rust,name=a,name=b", "rust name=b"),
            ("rust,name=", "rust name="),
            ("rust,name,copy", "rust"),
            ("toml,copy=true", "toml copy=true"),
            ("rust,a\"b=c,lang=x,=y", "rust"),
        ];
        for (info, expected) in cases {
            assert_eq!(sketch(info), expected, "{info}");
        }
    }
}
