//! How long a client may keep a resource without asking again.

use super::target::Target;
use crate::site::{MediaKind, Resource, UrlPath};

/// The `Cache-Control` of a resource that was asked for as `target`.
pub(super) fn policy(resource: &Resource, target: &Target<'_>) -> &'static str {
    let kind = resource.kind;
    if kind != MediaKind::Document
        && (is_named_by_content(&resource.path) || matches(resource, target))
    {
        return FOR_EVER;
    }
    match kind {
        MediaKind::Document | MediaKind::Code => REVALIDATE,
        MediaKind::Media => FOR_A_WHILE,
    }
}

/// Documents and redirects: the next release must be seen at once. The entity tag makes asking
/// again cheap.
pub(super) const REVALIDATE: &str = "no-cache";
/// Where a mistake must be undoable: a permanent redirect without this is kept for years.
pub(super) const FOR_A_WHILE: &str = "max-age=3600";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `app.3f9a1c0b77.css`, `photo-0123456789abcdef.webp`: a run of hexadecimal digits that is no date
/// and no word.
fn is_named_by_content(path: &UrlPath) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    stem.split(['.', '-', '_']).skip(1).any(|run| {
        run.len() >= DIGITS_MIN
            && is_lower_hex(run)
            && run.bytes().any(|digit| digit.is_ascii_digit())
            && run.bytes().any(|digit| digit.is_ascii_lowercase())
    })
}

/// `?h=` with the beginning of the content's SHA-256, as `get_url(cachebust=true)` writes it. One
/// that does not fit comes from a page of another release: it gets what is here now, but must not
/// keep it under that name.
fn matches(resource: &Resource, target: &Target<'_>) -> bool {
    target.query_value("h").is_some_and(|digits| {
        (DIGITS_MIN..=64).contains(&digits.len())
            && is_lower_hex(digits)
            && resource.hash().hex(digits.len()) == digits
    })
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Fewer hexadecimal digits are no content hash.
const DIGITS_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        serve::target,
        site::{Hash, LargeFile, Stored},
    };

    #[test]
    fn what_is_named_by_its_content_is_kept_for_ever() {
        let hash = Hash::of(b"body");
        let cachebust = |digits: usize| format!("/site.css?h={}", hash.hex(digits));
        for (target, media_type, expected) in [
            ("/", "text/html; charset=utf-8", REVALIDATE),
            ("/a.0123456789abcdef.html", "text/html", REVALIDATE),
            ("/feed.xml", "application/atom+xml", REVALIDATE),
            ("/site.css", "text/css; charset=utf-8", REVALIDATE),
            ("/app.js", "text/javascript", REVALIDATE),
            ("/photo.jpg", "image/jpeg", FOR_A_WHILE),
            ("/logo.svg", "image/svg+xml", FOR_A_WHILE),
            ("/font.woff2", "font/woff2", FOR_A_WHILE),
            ("/app.3f9a1c0b77.js", "text/javascript", FOR_EVER),
            ("/i/photo-0123456789abcdef.webp", "image/webp", FOR_EVER),
            ("/photo-20240131.jpg", "image/jpeg", FOR_A_WHILE),
            ("/the-deadbeef.jpg", "image/jpeg", FOR_A_WHILE),
            ("/0123456789abcdef.jpg", "image/jpeg", FOR_A_WHILE),
            (&cachebust(20), "text/css", FOR_EVER),
            (&cachebust(64), "text/css", FOR_EVER),
            (&cachebust(7), "text/css", REVALIDATE),
            ("/site.css?h=0123456789abcdef0123", "text/css", REVALIDATE),
        ] {
            let parsed = target::parse(target).unwrap();
            let stored = Stored::Large(Box::new(LargeFile {
                file: "/nowhere".into(),
                bytes: 0,
                hash,
                held: None,
            }));
            let path = UrlPath::new(&parsed.path).unwrap();
            let resource = Resource::new(path, 200, media_type.into(), stored, None);
            assert_eq!(policy(&resource, &parsed), expected, "{target}");
        }
    }
}
