//! The new shape of an image: arithmetic on sizes in pixels.

/// A width and a height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// How an image gets its new shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// The middle part that has this shape, in this size.
    Fill(Size),
    /// No larger than this in either direction, and not larger than it was.
    Fit(Size),
    /// This high, and as wide as that makes it.
    FitHeight(u32),
    /// This wide, and as high as that makes it.
    FitWidth(u32),
    /// Just this size, whatever becomes of its shape.
    Scale(Size),
}

impl Size {
    /// How many pixels it has.
    pub(super) fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

impl Operation {
    /// The size of an image that was of size `from`.
    pub(super) fn size(self, from: Size) -> Size {
        let wide = |width| Size {
            width,
            height: share(from.height, width, from.width),
        };
        let high = |height| Size {
            height,
            width: share(from.width, height, from.height),
        };
        match self {
            Self::Fill(size) | Self::Scale(size) => size,
            Self::FitWidth(width) => wide(width),
            Self::FitHeight(height) => high(height),
            Self::Fit(size) if from.width <= size.width && from.height <= size.height => from,
            Self::Fit(size) => {
                let across = u64::from(from.width) * u64::from(size.height);
                let down = u64::from(from.height) * u64::from(size.width);
                if across > down {
                    wide(size.width)
                } else {
                    high(size.height)
                }
            }
        }
    }

    /// The part of the image that is kept: left, top, width and height; None for all of it.
    pub(super) fn crop(self, from: Size) -> Option<(f64, f64, f64, f64)> {
        let Self::Fill(size) = self else { return None };
        let (width, height) = (f64::from(from.width), f64::from(from.height));
        let shape = f64::from(size.width) / f64::from(size.height);
        // In whole pixels, so that no edge is a mixture with what was cut off.
        let (kept_width, kept_height) = if width / height > shape {
            ((height * shape).round().max(1.0), height)
        } else {
            (width, (width / shape).round().max(1.0))
        };
        Some((
            ((width - kept_width) / 2.0).floor(),
            ((height - kept_height) / 2.0).floor(),
            kept_width,
            kept_height,
        ))
    }
}

/// `whole` × `part` / `of`, in whole pixels, and at least one.
fn share(whole: u32, part: u32, of: u32) -> u32 {
    let of = u64::from(of.max(1));
    let share = u64::from(whole) * u64::from(part) / of;
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let from = Size {
            width: 300,
            height: 380,
        };
        let size = |width, height| Size { width, height };
        for (operation, to) in [
            (Operation::Scale(size(150, 150)), size(150, 150)),
            (Operation::FitWidth(100), size(100, 126)),
            (Operation::FitHeight(150), size(118, 150)),
            (Operation::Fit(size(5000, 5000)), from),
            (Operation::Fit(size(150, 150)), size(118, 150)),
            (Operation::Fill(size(150, 150)), size(150, 150)),
            (Operation::FitWidth(1), size(1, 1)),
        ] {
            assert_eq!(operation.size(from), to, "{operation:?}");
        }
    }

    #[test]
    fn the_middle_is_kept() {
        let from = Size {
            width: 300,
            height: 400,
        };
        let square = Operation::Fill(Size {
            width: 10,
            height: 10,
        });
        assert_eq!(square.crop(from), Some((0.0, 50.0, 300.0, 300.0)));
        assert_eq!(Operation::FitWidth(3).crop(from), None);
        let from = Size {
            width: 323,
            height: 215,
        };
        for (width, height, crop) in [
            (41, 77, (104.0, 0.0, 114.0, 215.0)),
            (60, 40, (0.0, 0.0, 323.0, 215.0)),
            (37, 200, (141.0, 0.0, 40.0, 215.0)),
            (323, 100, (0.0, 57.0, 323.0, 100.0)),
            (1, 9_000, (161.0, 0.0, 1.0, 215.0)),
        ] {
            assert_eq!(
                Operation::Fill(Size { width, height }).crop(from),
                Some(crop)
            );
        }
    }
}
