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
    let kept: String = name.chars().filter(|c| !UNSAFE.contains(c)).collect();
    kept.trim()
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
        .to_owned()
}

const UNSAFE: [char; 11] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\n', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_modes() {
        for (name, on, safe, off) in [
            ("Hello World", "hello-world", "Hello World", "Hello World"),
            (
                "élevage chèvre",
                "elevage-chevre",
                "élevage chèvre",
                "élevage chèvre",
            ),
            ("a/b: c?.", "a-b-c", "ab c", "a/b: c?."),
            ("x (y) #1", "x-y-1", "x (y) #1", "x (y) #1"),
        ] {
            assert_eq!(slugify(name, SlugMode::On), on);
            assert_eq!(slugify(name, SlugMode::Safe), safe);
            assert_eq!(slugify(name, SlugMode::Off), off);
        }
    }
}
