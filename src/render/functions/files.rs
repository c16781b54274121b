//! Functions that look at files of the site: hashes, image sizes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Args;
use crate::{render::world::World, site::AssetContent};

/// The file that `path` means, wherever it lies: below the site's root, `static/`, `content/`, among
/// what is made (style sheets), or in the theme's `static/`.
pub(super) fn find(world: &World, path: &str) -> Option<Bytes> {
    let path = match path.strip_prefix("@/") {
        Some(inner) => format!("content/{inner}"),
        None => path.trim_start_matches('/').to_owned(),
    };
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    let source = &world.source;
    let read = |folder: &str| source.files.read(&format!("{folder}{path}")).ok();
    let made = || world.made(strip_output(world, &path)).cloned();
    let of_theme = || {
        let theme = source.config.theme.as_ref()?;
        read(&format!("themes/{theme}/static/"))
    };
    read("")
        .or_else(|| read("static/"))
        .or_else(|| read("content/"))
        .or_else(made)
        .or_else(of_theme)
        .or_else(|| served_asset(world, &path))
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
    let served = |asset: &&crate::site::Asset| {
        crate::render::value::asset_path(file, address, asset).trim_start_matches('/') == path
    };
    match &assets.iter().find(served)?.content {
        AssetContent::Memory(bytes) => Some(bytes.clone()),
        AssetContent::Disk(_) => None,
    }
}

/// The hash of a file or of a string, as Subresource Integrity writes it.
pub(super) fn get_hash(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let bytes = match (args.string("path")?, args.string("literal")?) {
        (Some(path), None) => {
            find(world, path).ok_or_else(|| format!("there is no file `{path}`"))?
        }
        (None, Some(literal)) => Bytes::copy_from_slice(literal.as_bytes()),
        _ => return Err("give it either `path` or `literal`".into()),
    };
    let digest = match args.integer("sha_type")?.unwrap_or(384) {
        256 => Sha256::digest(&bytes).to_vec(),
        384 => Sha384::digest(&bytes).to_vec(),
        512 => Sha512::digest(&bytes).to_vec(),
        other => return Err(format!("`sha_type` is 256, 384 or 512, and not {other}")),
    };
    let in_base64 = args.flag("base64")?.unwrap_or(true);
    let hex = || {
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    Ok(Value::String(if in_base64 {
        STANDARD.encode(&digest)
    } else {
        hex()
    }))
}

/// The width, height and format of an image.
pub(super) fn get_image_metadata(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let may_miss = args.flag("allow_missing")?.unwrap_or(false);
    let Some(bytes) = find(world, path) else {
        if may_miss {
            return Ok(Value::Null);
        }
        return Err(format!("there is no image `{path}`"));
    };
    if path.to_ascii_lowercase().ends_with(".svg") {
        let (width, height) = svg_size(&String::from_utf8_lossy(&bytes))
            .ok_or_else(|| format!("`{path}` says neither width and height nor a viewBox"))?;
        return Ok(metadata(&width, &height, "svg", "image/svg+xml"));
    }
    let size = imagesize::blob_size(&bytes)
        .map_err(|error| format!("`{path}` is no image that can be read: {error}"))?;
    let (format, mime) = format(&bytes);
    Ok(metadata(
        &json!(size.width),
        &json!(size.height),
        format,
        mime,
    ))
}

fn metadata(width: &Value, height: &Value, format: &str, mime: &str) -> Value {
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

/// The size an SVG says it has, by its attributes or else by its `viewBox`.
fn svg_size(text: &str) -> Option<(Value, Value)> {
    let root = text.get(text.find("<svg")?..)?;
    let root = root.get(..root.find('>')?)?;
    let size = |name: &str| {
        let value = attribute(root, name)?;
        let number = value.trim().trim_end_matches("px");
        number.parse::<f64>().ok().map(number_value)
    };
    if let (Some(width), Some(height)) = (size("width"), size("height")) {
        return Some((width, height));
    }
    let view_box = attribute(root, "viewBox")?;
    let mut parts = view_box.split([' ', ',']).filter(|part| !part.is_empty());
    let width = parts.nth(2)?.parse::<f64>().ok()?;
    let height = parts.next()?.parse::<f64>().ok()?;
    Some((number_value(width), number_value(height)))
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag
        .find(&format!(" {name}="))
        .or_else(|| tag.find(&format!("\n{name}=")))?;
    let value = tag.get(at + name.len() + 2..)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

/// A whole number as such.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a size in pixels that is whole fits"
)]
fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e9 {
        json!(number as i64)
    } else {
        json!(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_says_its_size() {
        for (text, size) in [
            (
                r#"<svg width="10" height="20px">"#,
                Some((json!(10), json!(20))),
            ),
            (
                r#"<?xml?><svg viewBox="0 0 16 9.5">"#,
                Some((json!(16), json!(9.5))),
            ),
            ("<svg>", None),
            ("no", None),
        ] {
            assert_eq!(svg_size(text), size, "{text}");
        }
    }
}
