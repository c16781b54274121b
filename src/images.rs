//! Images in other sizes: bytes and a wish in, bytes out.
//!
//! What an image will be is known from its head alone ([`plan`]), so that a template gets its answer at
//! once; the work is done afterwards, side by side ([`make`]), and kept, so that the next reload
//! does not do it again.
//!
//! **Invariant:** knows no files, no templates and no requests; memory is bounded for what is decoded
//! and for what is kept.

mod encode;
mod kept;
mod shape;

use std::io::Cursor;

use bytes::Bytes;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation};

pub(crate) use self::{
    encode::Target,
    shape::{Operation, Size},
};

/// What is to become of an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    /// Its new shape.
    pub(crate) operation: Operation,
    /// Its new format; None keeps JPEG for JPEG and takes PNG for everything else.
    pub(crate) format: Option<Target>,
    /// From 1 to 100 for JPEG (75 unless said) and WebP (lossless unless said).
    pub(crate) quality: Option<u8>,
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
    quality: Option<u8>,
    operation: Operation,
}

/// Why an image can't be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("its format is none that can be read: use JPEG, PNG, WebP or GIF")]
    Unknown,
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
    let lossy = format == ImageFormat::Jpeg;
    let fallback = if lossy { Target::Jpeg } else { Target::Png };
    Ok(Plan {
        from,
        to: wish.operation.size(from),
        target: wish.format.unwrap_or(fallback),
        quality: wish.quality,
        operation: wish.operation,
    })
}

/// Makes the image that `plan` promises of `bytes`.
pub(crate) fn make(bytes: &[u8], plan: &Plan) -> Result<Bytes, Error> {
    kept::or_made(bytes, plan, || {
        let (mut decoder, _) = open(bytes)?;
        let orientation = decoder.orientation()?;
        let profile = decoder.icc_profile()?;
        let mut image = DynamicImage::from_decoder(decoder)?;
        image.apply_orientation(orientation);
        let image = resized(image, plan)?;
        encode::encode(&image, plan.target, plan.quality, profile)
    })
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
    let format = reader.format().ok_or(Error::Unknown)?;
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
    let mut smaller = DynamicImage::new(plan.to.width, plan.to.height, image.color());
    Resizer::new().resize(&image, &mut smaller, &options)?;
    Ok(smaller)
}

/// No picture of a site is larger, in pixels a side.
const SIDE_MAX: u32 = 16_384;

/// How much one picture may take while it is worked on.
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([
                u8::try_from(x % 256).unwrap(),
                u8::try_from(y % 256).unwrap(),
                90,
            ])
        });
        DynamicImage::from(image)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn keeps_its_promises() {
        let source = png(60, 40);
        for (operation, format, (width, height)) in [
            (
                Operation::Scale(Size {
                    width: 7,
                    height: 9,
                }),
                None,
                (7, 9),
            ),
            (Operation::FitWidth(30), Some(Target::Jpeg), (30, 20)),
            (Operation::FitHeight(10), Some(Target::WebP), (15, 10)),
            (
                Operation::Fill(Size {
                    width: 10,
                    height: 10,
                }),
                Some(Target::Png),
                (10, 10),
            ),
            (
                Operation::Fit(Size {
                    width: 500,
                    height: 500,
                }),
                None,
                (60, 40),
            ),
        ] {
            for quality in [None, Some(60)] {
                let plan = plan(
                    &source,
                    &Wish {
                        operation,
                        format,
                        quality,
                    },
                )
                .unwrap();
                assert_eq!(
                    (plan.to.width, plan.to.height),
                    (width, height),
                    "{operation:?}"
                );
                let made = make(&source, &plan).unwrap();
                let size = imagesize::blob_size(&made).unwrap();
                assert_eq!((size.width, size.height), (width as usize, height as usize));
            }
        }
    }

    #[test]
    fn is_the_same_each_time() {
        let source = png(60, 40);
        let wish = Wish {
            operation: Operation::FitWidth(31),
            format: None,
            quality: None,
        };
        let plan = plan(&source, &wish).unwrap();
        assert_eq!(make(&source, &plan).unwrap(), make(&source, &plan).unwrap());
    }

    #[test]
    fn says_what_it_cannot_read() {
        let wish = Wish {
            operation: Operation::FitWidth(31),
            format: None,
            quality: None,
        };
        assert!(matches!(plan(b"no image", &wish), Err(Error::Unknown)));
        let cut = png(60, 40);
        let plan = plan(&cut, &wish).unwrap();
        assert!(matches!(
            make(&cut[..cut.len() / 2], &plan),
            Err(Error::Decode(_))
        ));
    }
}
