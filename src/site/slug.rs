//! Names become parts of URLs.

use super::SlugMode;

/// `name` as it stands in a URL path.
pub(crate) fn slugify(name: &str, mode: SlugMode) -> String {
    match mode {
        SlugMode::Off => name.to_owned(),
        SlugMode::On => slug::slugify(name),
        SlugMode::Safe => safe(name),
    }
}

/// Without the characters that some file system or URL parser trips over.
fn safe(name: &str) -> String {
    let kept: String = name
        .trim()
        .chars()
        .filter(|c| !UNSAFE.contains(c))
        .collect();
    kept.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
        .chars()
        .map(|c| if c.is_whitespace() { '_' } else { c })
        .collect()
}

const UNSAFE: [char; 17] = [
    '<', '>', ':', '/', '|', '?', '*', '#', '\\', '(', ')', '[', ']', '\n', '\r', '\t', '"',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_modes() {
        for (name, on, safe, off) in [
            ("Hello World", "hello-world", "Hello_World", "Hello World"),
            (
                "élevage chèvre",
                "elevage-chevre",
                "élevage_chèvre",
                "élevage chèvre",
            ),
            ("a/b: c?.", "a-b-c", "ab_c", "a/b: c?."),
        ] {
            assert_eq!(slugify(name, SlugMode::On), on);
            assert_eq!(slugify(name, SlugMode::Safe), safe);
            assert_eq!(slugify(name, SlugMode::Off), off);
        }
    }
}
