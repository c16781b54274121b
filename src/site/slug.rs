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

/// Without the characters that no file of Windows may have in its name, and without dots and white
/// space at the end.
fn safe(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !UNSAFE.contains(c)).collect();
    let end = |c: char| c == '.' || c.is_whitespace();
    kept.trim_end_matches(end).to_owned()
}

const UNSAFE: [char; 12] = [
    '<', '>', ':', '"', '/', '\\', '|', '?', '*', '\n', '\r', '\t',
];

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
            ("C# (x)..", "c-x", "C# (x)", "C# (x).."),
        ] {
            assert_eq!(slugify(name, SlugMode::On), on);
            assert_eq!(slugify(name, SlugMode::Safe), safe);
            assert_eq!(slugify(name, SlugMode::Off), off);
        }
    }
}
