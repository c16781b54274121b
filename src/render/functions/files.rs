//! Functions that look at files of the site: hashes, image sizes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::Args;
use crate::{
    render::{
        ask::{self, Question},
        world::World,
    },
    site::nearest_path,
};

/// The file that `path` means, wherever it lies: below the site's root, `static/`, `content/`, among
/// what is made (style sheets), or in the theme's `static/`. From each of these a `..` may lead to
/// another, but not out of the site.
fn find(world: &World, path: &str) -> Option<Bytes> {
    let path = match path.strip_prefix("@/") {
        Some(inner) => format!("content/{inner}"),
        None => path.to_owned(),
    };
    let source = &world.source;
    let read = |folder: &str| source.files.read(&inside(&format!("{folder}{path}"))?).ok();
    let within = || inside(&path);
    let made = || world.made(strip_output(world, &within()?)).cloned();
    let of_theme = || {
        let theme = source.config.theme.as_ref()?;
        read(&format!("themes/{theme}/static/"))
    };
    read("")
        .or_else(|| read("static/"))
        .or_else(|| read("content/"))
        .or_else(made)
        .or_else(of_theme)
        .or_else(|| served_asset(world, &within()?))
}

/// The file that `path` means, noted as asked for.
pub(super) fn read(world: &World, path: &str) -> Option<Bytes> {
    ask::note(|| Question::File(path.into(), ask::phase()));
    find(world, path)
}

/// A digest of the file that `path` means.
pub(in crate::render) fn stamp(world: &World, path: &str) -> ask::Digest {
    ask::digest(find(world, path))
}

/// What to say if [`find`] finds no `kind`.
pub(super) fn missing(world: &World, kind: &str, path: &str) -> String {
    let source = &world.source;
    let of_pages = source.pages.iter().flat_map(|page| &page.assets);
    let of_sections = source.sections.iter().flat_map(|section| &section.assets);
    let inner = of_pages
        .chain(of_sections)
        .filter_map(|asset| asset.file.strip_prefix("content/"));
    let statics = source.statics.iter().map(|asset| asset.relative());
    let way_out = match nearest_path(path.trim_start_matches(['/', '@']), statics.chain(inner)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a path counts from the site's folder, from `static/` or from `content/`".into(),
    };
    format!("there is no {kind} `{path}`\n{way_out}")
}

/// `path` without `.` and `..`; None if it leads out of the site.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn strip_output<'p>(world: &World, path: &'p str) -> &'p str {
    let output = world.source.config.output_dir.as_str();
    path.strip_prefix(output)
        .map_or(path, |path| path.trim_start_matches('/'))
}

/// An asset by the path it is served at, which may be another than its file's.
fn served_asset(world: &World, path: &str) -> Option<Bytes> {
    let source = &world.source;
    let pages = source.pages.iter().zip(&world.addresses.pages);
    let pages = pages.map(|(page, address)| (&page.file, &page.assets, address));
    let sections = source.sections.iter().zip(&world.addresses.sections);
    let sections = sections.map(|(section, address)| (&section.file, &section.assets, address));
    let (file, assets, address) = pages.chain(sections).find(|(_, assets, address)| {
        !assets.is_empty() && format!("/{path}").starts_with(&address.path)
    })?;
    let served = |asset: &&Arc<crate::site::Asset>| {
        crate::render::value::asset_path(file, address, asset).trim_start_matches('/') == path
    };
    assets.iter().find(served)?.bytes(&source.files).ok()
}

/// The digests of files that were asked for in this render: one style sheet is on every page.
#[derive(Default)]
pub(in crate::render) struct Digests {
    /// A lock, held for a look. A file that is not there may still be made, and is asked for again.
    by_path: Mutex<HashMap<(String, Sha), Made>>,
}

type Made = Arc<[u8]>;

/// Which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sha {
    Sha256,
    Sha384,
    Sha512,
}

/// The digest of the file that `path` means, if there is one.
pub(super) fn digest(world: &World, path: &str, sha: Sha) -> Option<Arc<[u8]>> {
    ask::note(|| Question::File(path.into(), ask::phase()));
    let by_path = || {
        let by_path = world.digests.by_path.lock();
        by_path.unwrap_or_else(PoisonError::into_inner)
    };
    let key = (path.to_owned(), sha);
    if let Some(known) = by_path().get(&key) {
        return Some(Arc::clone(known));
    }
    let digest: Arc<[u8]> = sha.digest(&find(world, path)?).into();
    let mut by_path = by_path();
    if by_path.len() < DIGESTS_MAX {
        by_path.insert(key, Arc::clone(&digest));
    }
    Some(digest)
}

impl Sha {
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// In hexadecimal digits.
pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a file or of a string, as Subresource Integrity writes it.
pub(super) fn get_hash(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let sha = match args.integer("sha_type")?.unwrap_or(384) {
        256 => Sha::Sha256,
        384 => Sha::Sha384,
        512 => Sha::Sha512,
        other => return Err(format!("`sha_type` is 256, 384 or 512, and not {other}")),
    };
    let digest = match (args.string("path")?, args.string("literal")?) {
        (Some(path), None) => {
            digest(world, path, sha).ok_or_else(|| missing(world, "file", path))?
        }
        (None, Some(literal)) => sha.digest(literal.as_bytes()).into(),
        _ => return Err("give it either `path` or `literal`".into()),
    };
    Ok(Value::String(match args.flag("base64")?.unwrap_or(true) {
        true => STANDARD.encode(&digest),
        false => hex(&digest),
    }))
}

/// The width, height and format of an image.
pub(super) fn get_image_metadata(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let may_miss = args.flag("allow_missing")?.unwrap_or(false);
    let Some(bytes) = read(world, path) else {
        if may_miss {
            return Ok(Value::Null);
        }
        return Err(missing(world, "image", path));
    };
    if path.to_ascii_lowercase().ends_with(".svg") {
        let (width, height) = svg_size(&String::from_utf8_lossy(&bytes))
            .ok_or_else(|| format!("`{path}` says neither width and height nor a viewBox"))?;
        return Ok(metadata(width, height, "svg", "image/svg+xml"));
    }
    let size = imagesize::blob_size(&bytes)
        .map_err(|error| format!("`{path}` is no image that can be read: {error}"))?;
    let (format, mime) = format(&bytes);
    Ok(metadata(size.width, size.height, format, mime))
}

fn metadata(width: impl Serialize, height: impl Serialize, format: &str, mime: &str) -> Value {
    json!({ "width": width, "height": height, "format": format, "mime": mime })
}

/// The usual file ending and the media type.
fn format(bytes: &[u8]) -> (&'static str, &'static str) {
    use imagesize::ImageType;
    match imagesize::image_type(bytes) {
        Ok(ImageType::Jpeg) => ("jpg", "image/jpeg"),
        Ok(ImageType::Png) => ("png", "image/png"),
        Ok(ImageType::Gif) => ("gif", "image/gif"),
        Ok(ImageType::Webp) => ("webp", "image/webp"),
        Ok(ImageType::Bmp) => ("bmp", "image/bmp"),
        Ok(ImageType::Ico) => ("ico", "image/x-icon"),
        Ok(ImageType::Tiff) => ("tiff", "image/tiff"),
        Ok(ImageType::Heif(imagesize::Compression::Av1)) => ("avif", "image/avif"),
        _ => ("bin", "application/octet-stream"),
    }
}

/// The size an SVG says it has, by its `viewBox` or else by its attributes, without units and fractions.
fn svg_size(text: &str) -> Option<(u32, u32)> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(text, options).ok()?;
    let root = document.root_element();
    let of_view_box = || {
        let numbers = root.attribute("viewBox")?.split([' ', ',', '\t', '\n']);
        let numbers: Vec<_> = numbers.filter(|part| !part.is_empty()).collect();
        let [_, _, width, height] = numbers.as_slice() else {
            return None;
        };
        Some((number(width)?, number(height)?))
    };
    let of_attributes = || {
        let side = |name: &str| number(root.attribute(name)?);
        Some((side("width")?, side("height")?))
    };
    of_view_box().or_else(of_attributes)
}

/// The number that `text` begins with, whatever its unit.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a side in whole pixels; what is below or above any side becomes the least or the greatest"
)]
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
    let number: f64 = text.get(..end.unwrap_or(text.len()))?.parse().ok()?;
    Some(number as u32)
}

/// How many digests are kept: all that a site asks for again and again.
const DIGESTS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_site() {
        for (path, expected) in [
            ("/a//./b", Some("a/b")),
            ("a/../b", Some("b")),
            ("a/../../b", None),
            ("..", None),
            ("", Some("")),
        ] {
            assert_eq!(inside(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn svg_says_its_size() {
        for (text, size) in [
            (r#"<svg width="10" height="20px"/>"#, Some((10, 20))),
            (r#"<svg width="2.9em" height="50%"/>"#, Some((2, 50))),
            (r#"<svg viewBox="0 0 16 9.5" width="1"/>"#, Some((16, 9))),
            (
                r#"<svg viewBox="0 0 16" width="-3" height="4"/>"#,
                Some((0, 4)),
            ),
            (
                r#"<!DOCTYPE svg><!-- <svg viewBox="1 1 1 1"/> --><s:svg xmlns:s="u" viewBox="0,0,7,8"/>"#,
                Some((7, 8)),
            ),
            (r#"<svg width="auto" height="4"/>"#, None),
            (r#"<svg width="4"/>"#, None),
            ("no", None),
        ] {
            assert_eq!(svg_size(text), size, "{text}");
        }
    }
}
