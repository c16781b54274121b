//! An image becomes bytes again. Its colour profile stays with it; what else it said of its maker and
//! of where it was taken does not.

use bytes::Bytes;
use image::{
    DynamicImage, ImageEncoder,
    codecs::{avif::AvifEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};

use super::{Error, Target};

pub(super) fn encode(
    image: DynamicImage,
    target: Target,
    profile: Option<Vec<u8>>,
) -> Result<Bytes, Error> {
    let mut out = Vec::new();
    match target {
        Target::Jpeg(quality) => {
            let encoder = JpegEncoder::new_with_quality(&mut out, quality);
            write(encoder, profile, &image.into_rgb8().into())?;
        }
        Target::Png => write(PngEncoder::new(&mut out), profile, &image)?,
        Target::WebP(None) => write(WebPEncoder::new_lossless(&mut out), profile, &image)?,
        Target::WebP(Some(quality)) => return lossy_webp(image, quality),
        Target::Avif(quality, speed) => {
            let encoder = AvifEncoder::new_with_speed_quality(&mut out, speed, quality);
            // How it is cut into tiles, and so its bytes, depends on the number of threads.
            let encoder = encoder.with_num_threads(Some(1));
            write(encoder, None, &in_8_bits(image))?;
        }
    }
    Ok(out.into())
}

fn write(
    mut encoder: impl ImageEncoder,
    profile: Option<Vec<u8>>,
    image: &DynamicImage,
) -> Result<(), Error> {
    if let Some(profile) = profile {
        // A format that has no place for it shows the usual colours.
        drop(encoder.set_icc_profile(profile));
    }
    Ok(image.write_with_encoder(encoder)?)
}

fn lossy_webp(image: DynamicImage, quality: u8) -> Result<Bytes, Error> {
    let image = in_8_bits(image);
    let (width, height) = (image.width(), image.height());
    let encoder = match image.color().has_alpha() {
        true => webp::Encoder::from_rgba(image.as_bytes(), width, height),
        false => webp::Encoder::from_rgb(image.as_bytes(), width, height),
    };
    let encoded = encoder.encode_simple(false, f32::from(quality));
    let encoded = encoded.map_err(|error| Error::Webp(format!("{error:?}")))?;
    Ok(Bytes::copy_from_slice(&encoded))
}

/// In three channels of 8 bits, or four if it has an alpha channel.
fn in_8_bits(image: DynamicImage) -> DynamicImage {
    match image.color().has_alpha() {
        true => image.into_rgba8().into(),
        false => image.into_rgb8().into(),
    }
}
