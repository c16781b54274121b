//! An image becomes bytes again. Its colour profile stays with it; what else it said of its maker and
//! of where it was taken does not.

use bytes::Bytes;
use image::{
    DynamicImage, ExtendedColorType, ImageEncoder,
    codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};

use super::Error;

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Jpeg,
    Png,
    WebP,
}

impl Target {
    /// The usual ending of its files.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

pub(super) fn encode(
    image: &DynamicImage,
    target: Target,
    quality: Option<u8>,
    profile: Option<Vec<u8>>,
) -> Result<Bytes, Error> {
    let mut out = Vec::new();
    match (target, quality) {
        (Target::Jpeg, quality) => {
            let quality = quality.unwrap_or(JPEG_QUALITY);
            let encoder = JpegEncoder::new_with_quality(&mut out, quality);
            write(encoder, profile, &image.to_rgb8(), ExtendedColorType::Rgb8)?;
        }
        (Target::Png, _) if image.color().has_alpha() => {
            let rgba = image.to_rgba8();
            write(
                PngEncoder::new(&mut out),
                profile,
                &rgba,
                ExtendedColorType::Rgba8,
            )?;
        }
        (Target::Png, _) => {
            let rgb = image.to_rgb8();
            write(
                PngEncoder::new(&mut out),
                profile,
                &rgb,
                ExtendedColorType::Rgb8,
            )?;
        }
        (Target::WebP, None) => {
            let rgba = image.to_rgba8();
            let encoder = WebPEncoder::new_lossless(&mut out);
            write(encoder, profile, &rgba, ExtendedColorType::Rgba8)?;
        }
        (Target::WebP, Some(quality)) => {
            let rgba = image.to_rgba8();
            let encoder = webp::Encoder::from_rgba(&rgba, rgba.width(), rgba.height());
            let encoded = encoder.encode_simple(false, f32::from(quality));
            out = encoded
                .map_err(|error| Error::Webp(format!("{error:?}")))?
                .to_vec();
        }
    }
    Ok(out.into())
}

/// Writes `pixels`, which may be an image buffer.
fn write<P: image::Pixel<Subpixel = u8>>(
    mut encoder: impl ImageEncoder,
    profile: Option<Vec<u8>>,
    pixels: &image::ImageBuffer<P, Vec<u8>>,
    color: ExtendedColorType,
) -> Result<(), Error> {
    if let Some(profile) = profile {
        // A format that has no place for it shows the usual colours.
        drop(encoder.set_icc_profile(profile));
    }
    Ok(encoder.write_image(pixels.as_raw(), pixels.width(), pixels.height(), color)?)
}

/// What eyes are content with.
const JPEG_QUALITY: u8 = 75;
