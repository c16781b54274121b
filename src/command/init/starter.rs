//! The files of the starter site, which lie beside this one in `starter/` and travel in the program.

/// Each file: its path in the new site, and its content.
pub(super) const FILES: &[(&str, &[u8])] = &[
    ("config.toml", include_bytes!("starter/config.toml")),
    (
        "content/_index.md",
        include_bytes!("starter/content/_index.md"),
    ),
    (
        "content/about.md",
        include_bytes!("starter/content/about.md"),
    ),
    (
        "content/blog/2026-11-01-first-steps.md",
        include_bytes!("starter/content/blog/2026-11-01-first-steps.md"),
    ),
    (
        "content/blog/_index.md",
        include_bytes!("starter/content/blog/_index.md"),
    ),
    (
        "content/blog/pictures/index.md",
        include_bytes!("starter/content/blog/pictures/index.md"),
    ),
    (
        "content/blog/pictures/shore.svg",
        include_bytes!("starter/content/blog/pictures/shore.svg"),
    ),
    ("static/icon.svg", include_bytes!("starter/static/icon.svg")),
    (
        "static/style.css",
        include_bytes!("starter/static/style.css"),
    ),
    (
        "templates/404.html",
        include_bytes!("starter/templates/404.html"),
    ),
    (
        "templates/base.html",
        include_bytes!("starter/templates/base.html"),
    ),
    (
        "templates/index.html",
        include_bytes!("starter/templates/index.html"),
    ),
    (
        "templates/macros.html",
        include_bytes!("starter/templates/macros.html"),
    ),
    (
        "templates/page.html",
        include_bytes!("starter/templates/page.html"),
    ),
    (
        "templates/section.html",
        include_bytes!("starter/templates/section.html"),
    ),
    (
        "templates/shortcodes/figure.html",
        include_bytes!("starter/templates/shortcodes/figure.html"),
    ),
    (
        "templates/tags/list.html",
        include_bytes!("starter/templates/tags/list.html"),
    ),
    (
        "templates/tags/single.html",
        include_bytes!("starter/templates/tags/single.html"),
    ),
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use walkdir::WalkDir;

    use super::*;

    #[test]
    fn names_every_file_of_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command/init/starter");
        let there: BTreeSet<_> = WalkDir::new(&folder)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(&folder).unwrap().to_owned())
            .collect();
        let named: BTreeSet<_> = FILES
            .iter()
            .map(|(name, _)| Path::new(name).to_owned())
            .collect();
        assert_eq!(there, named);
    }
}
