//! `resize_image`: says at once what an image will be, and has it made later.

use serde_json::{Value, json};

use super::{Args, files};
use crate::{
    images::{self, Format, Operation, Size, Wish},
    render::{
        address,
        ask::{self, Question},
        world::{Order, World},
    },
};

/// The URL and the size of an image in another size or format.
pub(super) fn resize_image(world: &World, args: &Args<'_>) -> Result<Value, String> {
    ask::note(|| Question::Settings);
    let path = args.required("path")?;
    let wish = wish(args)?;
    let source = files::read(world, path).ok_or_else(|| files::missing(world, "image", path))?;
    let plan = images::plan(&source, &wish).map_err(|error| format!("`{path}`: {error}"))?;
    let hash = plan.key(&source);
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let name = format!(
        "processed_images/{stem}.{}.{}",
        hash.hex(HASH_DIGITS),
        plan.target.ending()
    );
    let answer = json!({
        "url": address::permalink(&world.source.config, &name),
        "static_path": format!("static/{name}"),
        "width": plan.to.width,
        "height": plan.to.height,
        "orig_width": plan.from.width,
        "orig_height": plan.from.height,
    });
    let order = Order {
        path: path.to_owned(),
        source,
        plan,
    };
    world.order_image(name, order);
    Ok(answer)
}

/// Enough to tell any two images of a site apart.
const HASH_DIGITS: usize = 16;

fn wish(args: &Args<'_>) -> Result<Wish, String> {
    let operation = args.string("op")?.unwrap_or("fill");
    let (width, height) = (side(args, "width")?, side(args, "height")?);
    let wide = || width.ok_or_else(|| format!("`{operation}` needs a `width`"));
    let high = || height.ok_or_else(|| format!("`{operation}` needs a `height`"));
    let both = || {
        Ok::<_, String>(Size {
            width: wide()?,
            height: high()?,
        })
    };
    let operation = match operation {
        "fill" => Operation::Fill(both()?),
        "fit" => Operation::Fit(both()?),
        "fit_height" => Operation::FitHeight(high()?),
        "fit_width" => Operation::FitWidth(wide()?),
        "scale" => Operation::Scale(both()?),
        other => {
            let known = "scale, fit_width, fit_height, fit and fill";
            return Err(format!("`op` can't be \"{other}\": there are {known}"));
        }
    };
    let format = match args.string("format")?.unwrap_or("auto") {
        "auto" => None,
        "jpg" | "jpeg" => Some(Format::Jpeg),
        "png" => Some(Format::Png),
        "webp" => Some(Format::WebP),
        "avif" => Some(Format::Avif),
        other => {
            let known = "auto, jpg, png, webp and avif";
            return Err(format!("`format` can't be \"{other}\": there are {known}"));
        }
    };
    Ok(Wish {
        operation,
        format,
        quality: args.integer("quality")?,
        speed: args.integer("speed")?,
    })
}

/// A side in pixels; 0 counts as not given.
fn side(args: &Args<'_>, name: &str) -> Result<Option<u32>, String> {
    match args.integer(name)? {
        None | Some(0) => Ok(None),
        Some(pixels) => u32::try_from(pixels)
            .map(Some)
            .map_err(|_| format!("`{name}` can't be {pixels} pixels")),
    }
}
