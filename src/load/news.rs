//! What may have changed at a site: paths that were told, or who knows what.

use std::{collections::BTreeSet, path::PathBuf};

/// What may have changed since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Who knows what.
    Everything,
    /// Nothing but these paths, relative to the site's folder.
    Paths(BTreeSet<PathBuf>),
}

impl News {
    /// Adds a path, relative to the site's folder.
    pub(crate) fn add(&mut self, path: PathBuf) {
        match self {
            Self::Paths(paths) if paths.len() >= PATHS_MAX => *self = Self::Everything,
            Self::Paths(paths) => {
                paths.insert(path);
            }
            Self::Everything => {}
        }
    }

    /// Adds all that `others` say.
    pub(crate) fn merge(&mut self, others: Self) {
        match others {
            Self::Everything => *self = Self::Everything,
            Self::Paths(paths) => paths.into_iter().for_each(|path| self.add(path)),
        }
    }
}

/// Nothing.
impl Default for News {
    fn default() -> Self {
        Self::Paths(BTreeSet::new())
    }
}

/// How many paths are kept: to look at so many one by one costs as much as a walk over a large site.
const PATHS_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_paths_are_everything() {
        let mut news = News::default();
        for number in 0..PATHS_MAX {
            news.add(number.to_string().into());
            news.add("same".into());
        }
        assert_eq!(news, News::Everything);
        news.merge(News::default());
        assert_eq!(news, News::Everything);
    }
}
