//! Which names inside a site's folder count: what belongs to the site, what shows that a transfer is
//! under way, and what is noise.

use std::path::{Component, Path};

/// What a path inside a site's folder is to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// Part of the site, as far as a name can tell.
    Content,
    /// An editor's file, version control, the output of a build.
    Noise,
    /// What rsync keeps while it works: `.page.md.a1B2c3` beside the file that it will become, or the
    /// folder `.~tmp~` of `--delay-updates`.
    Transfer,
}

impl Name {
    /// Judges `path`, which is relative to the site's root.
    pub(crate) fn of(path: &Path) -> Self {
        let names = path.components().filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let mut verdict = Self::Content;
        for (depth, name) in names.enumerate() {
            match Self::of_part(name, depth) {
                Self::Content => {}
                Self::Noise => return Self::Noise,
                Self::Transfer => verdict = Self::Transfer,
            }
        }
        verdict
    }

    /// Judges one part of a path, `depth` folders below the root.
    pub(crate) fn of_part(name: &str, depth: usize) -> Self {
        if is_rsync(name) {
            Self::Transfer
        } else if is_editor(name)
            || VERSION_CONTROL.contains(&name)
            || (depth == 0 && OUTPUTS.contains(&name))
        {
            Self::Noise
        } else {
            Self::Content
        }
    }
}

/// `.NAME.XXXXXX`, as rsync and its `mkstemp` write it, and the folders it delays into. A hidden file
/// of an author's own may look so too (`.config.backup`); it is not served either way, and costs one
/// long wait.
fn is_rsync(name: &str) -> bool {
    let temporary = name
        .strip_prefix('.')
        .and_then(|rest| rest.rsplit_once('.'))
        .is_some_and(|(stem, suffix)| {
            !stem.is_empty()
                && suffix.len() == TEMPORARY_SUFFIX_CHARS
                && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
    temporary || matches!(name, ".~tmp~" | ".rsync-partial")
}

/// What editors, office programs and file managers leave beside a file.
fn is_editor(name: &str) -> bool {
    name.ends_with('~')
        || name.starts_with(".#")
        || name.starts_with(".~lock.")
        || name.starts_with(".goutputstream-")
        || (name.starts_with('#') && name.ends_with('#') && name.len() > 2)
        || (name.starts_with('.') && SWAP_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
        || name.ends_with("___jb_tmp___")
        || name.ends_with("___jb_old___")
        || matches!(name, "4913" | ".DS_Store")
}

/// How many characters `mkstemp` appends.
const TEMPORARY_SUFFIX_CHARS: usize = 6;

const SWAP_SUFFIXES: &[&str] = &[".swp", ".swo", ".swx", ".kate-swp"];

const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".jj", ".svn"];

/// Folders at a site's root that tools write to and no site is read from.
const OUTPUTS: &[&str] = &["node_modules", "public", "target"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_site_from_what_surrounds_it() {
        for (path, expected) in [
            ("", Name::Content),
            ("config.toml", Name::Content),
            ("content/blog/a.md", Name::Content),
            ("static/.well-known/security.txt", Name::Content),
            ("static/.htaccess", Name::Content),
            ("static/public/a.js", Name::Content),
            ("static/.config.bak", Name::Content),
            ("static/.site.webmanifest", Name::Content),
            ("content/.a.md.TVawgz", Name::Transfer),
            ("content/.a.md.000001", Name::Transfer),
            ("content/.with.dots.png.x9y8Z7", Name::Transfer),
            ("content/.~tmp~", Name::Transfer),
            ("content/.~tmp~/a.md", Name::Transfer),
            ("content/.a.md.toolong", Name::Content),
            ("content/a.md~", Name::Noise),
            ("content/.a.md.swp", Name::Noise),
            ("content/.#a.md", Name::Noise),
            ("content/#a.md#", Name::Noise),
            ("content/4913", Name::Noise),
            (".git/objects/ab/cdef", Name::Noise),
            (".git/.index.a1B2c3", Name::Noise),
            ("public/index.html", Name::Noise),
            ("target/debug/littoral", Name::Noise),
        ] {
            assert_eq!(Name::of(Path::new(path)), expected, "{path}");
        }
    }
}
