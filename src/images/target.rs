//! What an image is written as, and how well.

use super::Error;

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    WebP,
    Avif,
}

/// A format with all that decides its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// With a quality from 1 to 100.
    Jpeg(u8),
    Png,
    /// With a quality from 0 to 100; None loses nothing.
    WebP(Option<u8>),
    /// With a quality from 1 to 100 and a speed from 1 to 10.
    Avif(u8, u8),
}

impl Target {
    /// `format` with what was asked for, or the usual quality and speed where nothing was.
    pub(super) fn of(
        format: Format,
        quality: Option<i64>,
        speed: Option<i64>,
    ) -> Result<Self, Error> {
        Ok(match format {
            Format::Jpeg => {
                Self::Jpeg(within("quality", quality, (1, 100))?.unwrap_or(JPEG_QUALITY))
            }
            Format::Png => Self::Png,
            Format::WebP => Self::WebP(within("quality", quality, (0, 100))?),
            Format::Avif => Self::Avif(
                within("quality", quality, (1, 100))?.unwrap_or(AVIF_QUALITY),
                within("speed", speed, (1, 10))?.unwrap_or(AVIF_SPEED),
            ),
        })
    }

    /// The usual ending of its files.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Jpeg(_) => "jpg",
            Self::Png => "png",
            Self::WebP(_) => "webp",
            Self::Avif(..) => "avif",
        }
    }

    /// Whether it has a place for a colour profile.
    pub(super) fn keeps_profile(self) -> bool {
        matches!(self, Self::Jpeg(_) | Self::Png | Self::WebP(None))
    }
}

fn within(
    name: &'static str,
    value: Option<i64>,
    (least, most): (u8, u8),
) -> Result<Option<u8>, Error> {
    let Some(value) = value else { return Ok(None) };
    match u8::try_from(value) {
        Ok(fits) if (least..=most).contains(&fits) => Ok(Some(fits)),
        _ => Err(Error::Range {
            name,
            value,
            least,
            most,
        }),
    }
}

/// What eyes are content with.
const JPEG_QUALITY: u8 = 75;
const AVIF_QUALITY: u8 = 80;
const AVIF_SPEED: u8 = 5;
