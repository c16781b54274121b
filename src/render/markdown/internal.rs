//! The links of a text to other texts, kept for as long as the site is known: in one piece, since there
//! are many and each is short.

/// Links written as `@/path#fragment`, or as `#fragment` of their own page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InternalLinks {
    /// Line, path and fragment of each, with an [`END`] behind each of these.
    written: String,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InternalLink<'l> {
    /// The path below `content/`.
    pub(crate) path: &'l str,
    /// The fragment, without `#`.
    pub(crate) fragment: Option<&'l str>,
    /// The line of the file, from 1.
    pub(crate) line: usize,
}

impl InternalLinks {
    /// Adds one behind the others.
    pub(super) fn push(&mut self, link: InternalLink<'_>) {
        let line = link.line.to_string();
        let parts = [&line, link.path, link.fragment.unwrap_or_default()];
        // What has one within names no file.
        if parts.iter().all(|part| !part.contains(END)) {
            self.written
                .extend(parts.into_iter().flat_map(|part| [part, END]));
        }
    }

    /// Each of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = InternalLink<'_>> {
        let mut parts = self.written.split_terminator(END);
        std::iter::from_fn(move || {
            Some(InternalLink {
                line: parts.next()?.parse().ok()?,
                path: parts.next()?,
                fragment: parts.next().filter(|fragment| !fragment.is_empty()),
            })
        })
    }

    /// How many bytes they take.
    pub(crate) fn bytes(&self) -> usize {
        self.written.len()
    }

    /// The same, without room for more.
    #[must_use]
    pub(crate) fn fitted(&self) -> Self {
        Self {
            written: self.written.as_str().to_owned(),
        }
    }
}

/// Markdown has none (CommonMark 0.31 §2.3).
const END: &str = "\0";
