//! Images in other sizes: bytes and a wish in, bytes out.
//!
//! What an image will be is known from its head alone ([`plan`]), so that a template gets its answer at
//! once; the work is done afterwards, side by side ([`Studio::make`]), and kept in memory and in the
//! cache, so that neither the next reload nor the next start does it again.
//!
//! **Invariant:** knows no files, no templates and no requests; memory is bounded for what is decoded
//! and for what is kept.
//! **Invariant:** the same image and the same wish give the same bytes, whatever the processor and
//! however many there are.

mod encode;
mod kept;
mod room;
mod shape;
mod target;

use std::{
    io::Cursor,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation,
};

use self::{kept::Kept, room::Room};
pub(crate) use self::{
    shape::{Operation, Size},
    target::{Format, Target},
};
use crate::{cache::Cache, site::Hash};

/// What is to become of an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    /// Its new shape.
    pub(crate) operation: Operation,
    /// Its new format; None takes JPEG for what may have lost something already, PNG for the rest.
    pub(crate) format: Option<Format>,
    /// How well it is to look: from 1 to 100 for JPEG (75 unless said) and AVIF (80), from 0 to 100 for
    /// WebP (lossless unless said).
    pub(crate) quality: Option<i64>,
    /// How fast AVIF is written, from 1 (and small) to 10 (and large); 5 unless said.
    pub(crate) speed: Option<i64>,
}

/// What an image will be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Before, in pixels, as a viewer shows it.
    pub(crate) from: Size,
    /// Afterwards.
    pub(crate) to: Size,
    /// Its format.
    pub(crate) target: Target,
    /// Whether its colour profile gets lost, since the format has no place for it.
    pub(crate) loses_profile: bool,
    operation: Operation,
}

/// Why an image can't be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("its format is none that can be read: use JPEG, PNG, WebP, GIF, BMP, TIFF, ICO or PNM")]
    Unknown,
    #[error("an SVG has no pixels: it is sharp in every size, so use it as it is")]
    Svg,
    #[error("AVIF can be written, and not read: start from a JPEG, PNG or WebP")]
    Avif,
    #[error("`{name}` is from {least} to {most} for this format, and not {value}")]
    Range {
        name: &'static str,
        value: i64,
        least: u8,
        most: u8,
    },
    #[error("it would be {} by {} pixels, which is too large: {SIDE_MAX} a side and {} million in \
             all is the most", .0.width, .0.height, AREA_MAX / 1_000_000)]
    TooLarge(Size),
    #[error("it can't be read: {0}")]
    Decode(#[from] image::ImageError),
    #[error("it can't be resized: {0}")]
    Resize(#[from] fast_image_resize::ResizeError),
    #[error("it can't be written as WebP: {0}")]
    Webp(String),
}

/// What becomes of the image `bytes` by `wish`; only its head is read.
pub(crate) fn plan(bytes: &[u8], wish: &Wish) -> Result<Plan, Error> {
    let (mut decoder, format) = open(bytes)?;
    let (width, height) = decoder.dimensions();
    let from = match decoder.orientation()? {
        Orientation::NoTransforms
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical
        | Orientation::Rotate180 => Size { width, height },
        _ => Size {
            width: height,
            height: width,
        },
    };
    let lossy = matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif
    );
    let fallback = if lossy { Format::Jpeg } else { Format::Png };
    let target = Target::of(wish.format.unwrap_or(fallback), wish.quality, wish.speed)?;
    let to = wish.operation.size(from);
    if to.width.max(to.height) > SIDE_MAX || to.area() > AREA_MAX {
        return Err(Error::TooLarge(to));
    }
    let loses_profile = !target.keeps_profile() && decoder.icc_profile()?.is_some();
    Ok(Plan {
        from,
        to,
        target,
        loses_profile,
        operation: wish.operation,
    })
}

impl Plan {
    /// Names the image that becomes of `source`: everything that decides its bytes is in it.
    pub(crate) fn key(&self, source: &[u8]) -> Hash {
        Hash::of_fields([b"image", VERSION, format!("{self:?}").as_bytes(), source])
    }

    /// About how many bytes of memory it takes to make.
    fn work_bytes(&self) -> u64 {
        let a_pixel = match self.target {
            Target::Avif(..) => AVIF_BYTES_A_PIXEL,
            _ => BYTES_A_PIXEL,
        };
        self.from.area() * BYTES_A_PIXEL + self.to.area() * a_pixel
    }
}

/// Where images are made, and those that were made are kept.
#[derive(Debug, Default)]
pub(crate) struct Studio {
    /// A lock, not a lock-free map: it is held for a look, never while an image is made.
    kept: Mutex<Kept>,
    room: Room,
    cache: Option<Arc<Cache>>,
    /// It looks whether images can be made, and makes none.
    only_looks: bool,
}

impl Studio {
    /// A studio that reads what it is to make an image of, and gives back an empty one: a mistake is found,
    /// and the work that is left to those who want the image is not done.
    pub(crate) fn that_only_looks() -> Self {
        Self {
            only_looks: true,
            ..Self::default()
        }
    }

    /// A studio that also looks for its images in `cache`.
    pub(crate) fn new(cache: Option<Arc<Cache>>) -> Self {
        Self {
            cache,
            ..Self::default()
        }
    }

    /// Makes the image that `plan` promises of `source`, unless it was made before.
    pub(crate) fn make(&self, source: &[u8], plan: &Plan) -> Result<Bytes, Error> {
        if self.only_looks {
            let _taken = self.room.take(plan.from.area() * BYTES_A_PIXEL);
            return read(source).map(|_| Bytes::new());
        }
        let key = plan.key(source);
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept().find(&key);
        if let Some(image) = found {
            return Ok(image);
        }
        let cached = self.cache.as_ref().and_then(|cache| cache.find(&key));
        let image = match cached {
            Some(image) => image,
            None => {
                let image = self.made(source, plan)?;
                if let Some(cache) = &self.cache {
                    cache.keep(&key, &image);
                }
                image
            }
        };
        kept().keep(key, image.clone());
        Ok(image)
    }

    fn made(&self, source: &[u8], plan: &Plan) -> Result<Bytes, Error> {
        let _taken = self.room.take(plan.work_bytes());
        let (mut image, profile) = read(source)?;
        if matches!(plan.target, Target::Jpeg(_)) {
            // What was transparent shows its colour, which resizing would take from it.
            image = image.into_rgb8().into();
        }
        encode::encode(resized(image, plan)?, plan.target, profile)
    }
}

/// An image as a viewer shows it, and its colour profile.
fn read(source: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>), Error> {
    let (mut decoder, _) = open(source)?;
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok((image, profile))
}

fn open(bytes: &[u8]) -> Result<(impl ImageDecoder + '_, ImageFormat), Error> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| Error::Decode(image::ImageError::IoError(error)))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let format = match reader.format() {
        Some(ImageFormat::Avif) => return Err(Error::Avif),
        Some(format) if format.reading_enabled() => format,
        _ if bytes
            .get(..HEAD_BYTES)
            .unwrap_or(bytes)
            .windows(4)
            .any(|word| word == b"<svg") =>
        {
            return Err(Error::Svg);
        }
        _ => return Err(Error::Unknown),
    };
    Ok((reader.into_decoder()?, format))
}

fn resized(image: DynamicImage, plan: &Plan) -> Result<DynamicImage, Error> {
    let crop = plan.operation.crop(plan.from);
    if plan.from == plan.to && crop.is_none() {
        return Ok(image);
    }
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    if let Some((left, top, width, height)) = crop {
        options = options.crop(left, top, width, height);
    }
    // Arithmetic on whole numbers alone is the same on every processor.
    let image = match image.color() {
        ColorType::Rgb32F => image.into_rgb16().into(),
        ColorType::Rgba32F => image.into_rgba16().into(),
        _ => image,
    };
    let mut smaller = DynamicImage::new(plan.to.width, plan.to.height, image.color());
    Resizer::new().resize(&image, &mut smaller, &options)?;
    Ok(smaller)
}

/// No picture of a site is larger, in pixels a side.
const SIDE_MAX: u32 = 16_384;

/// How much one picture may take while it is worked on.
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// No image that is made has more pixels.
const AREA_MAX: u64 = 64_000_000;

/// Four channels, with as much again for what is half done.
const BYTES_A_PIXEL: u64 = 8;

/// AVIF looks at each pixel in many ways.
const AVIF_BYTES_A_PIXEL: u64 = 64;

/// Where an SVG begins with its element, after a declaration and comments.
const HEAD_BYTES: usize = 4096;

/// Changes whenever the same plan gives other bytes, so that no image of before is taken for it.
const VERSION: &[u8] = b"1";

#[cfg(test)]
mod tests;
