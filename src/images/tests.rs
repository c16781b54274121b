//! Images of every kind in, images of every kind out.

use super::*;

#[test]
fn keeps_its_promises() {
    for (operation, (width, height)) in [
        (Operation::Scale(size(7, 9)), (7, 9)),
        (Operation::FitWidth(30), (30, 20)),
        (Operation::FitHeight(10), (15, 10)),
        (Operation::Fill(size(10, 10)), (10, 10)),
        (Operation::Fill(size(90, 10)), (90, 10)),
        (Operation::Fit(size(500, 500)), (60, 40)),
    ] {
        for format in FORMATS {
            let wish = Wish {
                format: Some(format),
                ..wish(operation)
            };
            let (plan, made) = made(&png(60, 40), &wish);
            assert_eq!(plan.to, size(width, height), "{operation:?}");
            let size = imagesize::blob_size(&made).unwrap();
            assert_eq!((size.width, size.height), (width as usize, height as usize));
        }
    }
}

#[test]
fn what_lost_something_already_may_lose_again() {
    for (format, ending) in [
        (ImageFormat::Png, "png"),
        (ImageFormat::Bmp, "png"),
        (ImageFormat::Tiff, "png"),
        (ImageFormat::Ico, "png"),
        (ImageFormat::Pnm, "png"),
        (ImageFormat::Jpeg, "jpg"),
        (ImageFormat::WebP, "jpg"),
        (ImageFormat::Gif, "jpg"),
    ] {
        let image = match format {
            ImageFormat::Ico => DynamicImage::from(picture(60, 40).into_rgba8()),
            _ => picture(60, 40),
        };
        let (plan, made) = made(&written(&image, format), &wish(Operation::FitWidth(30)));
        assert_eq!(plan.target.ending(), ending, "{format:?}");
        let size = imagesize::blob_size(&made).unwrap();
        assert_eq!((size.width, size.height), (30, 20), "{format:?}");
    }
}

/// If this fails since a crate makes other bytes now, say so with another `VERSION`: images that were
/// kept must not be taken for those that would be made today.
#[test]
fn the_version_stands_for_these_bytes() {
    assert_eq!(VERSION, b"1");
    let made = [
        (Format::Jpeg, None),
        (Format::Png, None),
        (Format::WebP, None),
        (Format::WebP, Some(50)),
        (Format::Avif, None),
    ]
    .map(|(format, quality)| {
        let wish = Wish {
            format: Some(format),
            quality,
            ..wish(Operation::Fill(size(31, 17)))
        };
        Hash::of(&made(&png(60, 40), &wish).1).hex(12)
    });
    let expected = [
        "79c4141e26e5",
        "e2b6c00223fc",
        "b8b42b5262a3",
        "706890736c31",
        "0d7e4cd6b0f0",
    ];
    assert_eq!(made, expected);
}

#[test]
fn everything_that_decides_the_bytes_is_in_the_key() {
    let source = png(60, 40);
    let usual = Wish {
        format: Some(Format::Avif),
        quality: Some(50),
        speed: Some(9),
        ..wish(Operation::FitWidth(30))
    };
    let key = |source: &[u8], wish: &Wish| plan(source, wish).unwrap().key(source);
    let first = key(&source, &usual);
    assert_ne!(key(&png(61, 40), &usual), first);
    let other = [
        Wish {
            quality: Some(51),
            ..usual.clone()
        },
        Wish {
            speed: Some(8),
            ..usual.clone()
        },
        Wish {
            format: Some(Format::WebP),
            ..usual.clone()
        },
        Wish {
            operation: Operation::FitWidth(31),
            ..usual.clone()
        },
        // The same size, and another part of the picture.
        Wish {
            operation: Operation::Fill(size(30, 20)),
            ..usual
        },
    ];
    assert!(other.iter().all(|wish| key(&source, wish) != first));
}

#[test]
fn what_was_made_is_found_in_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Arc::new(Cache::open(folder.path().to_owned(), 1 << 20));
    let source = png(60, 40);
    let plan = plan(&source, &wish(Operation::FitWidth(31))).unwrap();
    let made = Studio::new(Some(Arc::clone(&cache)))
        .make(&source, &plan)
        .unwrap();
    assert_eq!(cache.find(&plan.key(&source)), Some(made));
    cache.keep(&plan.key(&source), b"made before");
    let again = Studio::new(Some(cache)).make(&source, &plan).unwrap();
    assert_eq!(again, &b"made before"[..]);
}

#[test]
fn says_why_not() {
    let fit = wish(Operation::FitWidth(31));
    let check = |source: &[u8], wish: &Wish, expected: &str| {
        let told = plan(source, wish).unwrap_err().to_string();
        assert!(told.starts_with(expected), "{told}");
    };
    check(b"no image", &fit, "its format is none that can be read");
    check(b"<?xml?>\n<svg>", &fit, "an SVG has no pixels");
    check(b"\0\0\0\x20ftypavif\0\0\0\0", &fit, "AVIF can be written");
    check(&png(60, 40)[..20], &fit, "it can't be read");
    let vast = wish(Operation::Scale(size(10_000, 10_000)));
    check(&png(60, 40), &vast, "it would be 10000 by 10000 pixels");
    for (format, quality, speed, expected) in [
        (
            Format::Jpeg,
            0,
            5,
            "`quality` is from 1 to 100 for this format, and not 0",
        ),
        (
            Format::WebP,
            101,
            5,
            "`quality` is from 0 to 100 for this format, and not 101",
        ),
        (
            Format::Avif,
            50,
            11,
            "`speed` is from 1 to 10 for this format, and not 11",
        ),
    ] {
        let wish = Wish {
            format: Some(format),
            quality: Some(quality),
            speed: Some(speed),
            ..fit
        };
        check(&png(60, 40), &wish, expected);
    }
    let whole = png(60, 40);
    let plan = plan(&whole, &fit).unwrap();
    let cut = &whole[..whole.len() / 2];
    assert!(matches!(
        Studio::default().make(cut, &plan),
        Err(Error::Decode(_))
    ));
}

#[test]
fn a_profile_stays_or_its_loss_is_known() {
    let mut source = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut source);
    image::ImageEncoder::set_icc_profile(&mut encoder, vec![7; 200]).unwrap();
    picture(60, 40).write_with_encoder(encoder).unwrap();
    for (format, quality, loses) in [
        (Format::Jpeg, None, false),
        (Format::Png, None, false),
        (Format::WebP, None, false),
        (Format::WebP, Some(50), true),
        (Format::Avif, None, true),
    ] {
        let wish = Wish {
            format: Some(format),
            quality,
            ..wish(Operation::FitWidth(30))
        };
        let (plan, made) = made(&source, &wish);
        assert_eq!(plan.loses_profile, loses, "{format:?}");
        if !loses {
            let (mut decoder, _) = open(&made).unwrap();
            assert_eq!(
                decoder.icc_profile().unwrap(),
                Some(vec![7; 200]),
                "{format:?}"
            );
        }
    }
}

fn made(source: &[u8], wish: &Wish) -> (Plan, Bytes) {
    let plan = plan(source, wish).unwrap();
    let made = Studio::default().make(source, &plan).unwrap();
    (plan, made)
}

fn wish(operation: Operation) -> Wish {
    Wish {
        operation,
        format: None,
        quality: None,
        speed: Some(10),
    }
}

fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

fn png(width: u32, height: u32) -> Vec<u8> {
    written(&picture(width, height), ImageFormat::Png)
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn picture(width: u32, height: u32) -> DynamicImage {
    let byte = |number: u32| u8::try_from(number % 256).unwrap();
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([byte(x * 5), byte(y * 3), byte(x * y)])
    });
    image.into()
}

const FORMATS: [Format; 4] = [Format::Jpeg, Format::Png, Format::WebP, Format::Avif];

#[test]
fn a_studio_that_only_looks_finds_what_is_wrong_and_makes_nothing() {
    let whole = png(60, 40);
    let plan = plan(&whole, &wish(Operation::FitWidth(30))).unwrap();
    let studio = Studio::that_only_looks();
    assert!(studio.make(&whole, &plan).unwrap().is_empty());
    let cut = &whole[..whole.len() / 2];
    assert!(matches!(studio.make(cut, &plan), Err(Error::Decode(_))));
}
