//! Files that are served as they are, and style sheets.

use bytes::Bytes;
use rayon::prelude::*;

use super::{
    outcome::{Made, Output, Rank, media_type},
    value,
    world::World,
};
use crate::{
    images::Studio,
    site::{Asset, AssetContent, Content, Files, Page, Problem, UrlPath},
};

/// Every static file, every file beside a page or section, every style sheet and search index.
pub(super) fn assets(world: &World) -> Vec<Made> {
    let source = &world.source;
    let mut made: Vec<Made> = Vec::new();
    for asset in &source.statics {
        made.push(self::asset(
            &source.files,
            asset,
            &static_path(&asset.relative),
            Rank::Static,
        ));
    }
    let pages = source.pages.iter().zip(&world.addresses.pages);
    for ((page, address), place) in pages.zip(&world.library.pages) {
        let is_served = page.front.render && !place.left_out;
        for asset in page.assets.iter().filter(|_| is_served) {
            made.push(self::asset(
                &source.files,
                asset,
                &value::asset_path(&page.file, address, asset),
                Rank::Content,
            ));
        }
    }
    for (section, address) in source.sections.iter().zip(&world.addresses.sections) {
        for asset in &section.assets {
            let path = value::asset_path(&section.file, address, asset);
            made.push(self::asset(&source.files, asset, &path, Rank::Content));
        }
    }
    let files = world
        .sheets
        .iter()
        .chain(world.indexes.get().into_iter().flatten());
    made.extend(files.map(|(path, body)| self::made(path, body, source.modified)));
    made
}

/// The index of a folder is at the folder.
fn static_path(relative: &str) -> String {
    match relative.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{relative}"),
    }
}

/// Every image that a template asked for in another size. All templates are rendered by then.
pub(super) fn images(world: &World, studio: &Studio) -> (Vec<Made>, Vec<Problem>) {
    let orders = world.ordered_images();
    let pale = orders.iter().filter(|(_, order)| order.plan.loses_profile);
    let problems = pale.map(|(_, order)| {
        let ending = order.plan.target.ending();
        let what = format!("`{}` loses its colour profile as {ending}", order.path);
        let way_out = "bring it into sRGB first, or make a jpg, a png or a lossless webp of it";
        Problem::warning(what).way_out(way_out)
    });
    let problems = problems.collect();
    let made = orders.into_par_iter().map(|(name, order)| {
        let body = studio.make(&order.source, &order.plan).map_err(|error| {
            Problem::error(format!("`{}` can't be resized: {error}", order.path))
                .way_out("look at it in a viewer: it may be cut short")
        })?;
        made(&name, &body, world.source.modified)
    });
    (made.collect(), problems)
}

fn asset(files: &Files, asset: &Asset, path: &str, rank: Rank) -> Made {
    let content = match &asset.content {
        AssetContent::Memory(_) => asset.bytes(files).map(Content::Bytes),
        AssetContent::Disk(file) => Ok(Content::Large(file.clone())),
    };
    let unread = |error| Problem::error(format!("can't be read: {error}"));
    let content = content.map_err(|error| unread(error).in_file(asset.file.as_str()))?;
    let output = output(path, content, Some(asset.modified));
    Ok(output
        .map_err(|problem| problem.in_file(asset.file.as_str()))?
        .from(&asset.file)
        .ranked(rank))
}

fn made(path: &str, body: &Bytes, modified: i64) -> Made {
    let output = output(
        &format!("/{path}"),
        Content::Bytes(body.clone()),
        Some(modified),
    )?;
    Ok(output.ranked(Rank::Default))
}

fn output(path: &str, content: Content, modified: Option<i64>) -> Made {
    let media_type = media_type(path);
    let path = UrlPath::new(path).map_err(|why| {
        Problem::error(format!("`{path}` can't be a URL path: {why}")).way_out("rename the file")
    })?;
    let page = Page {
        path,
        status: 200,
        media_type,
        content,
        modified,
    };
    Ok(Output {
        page,
        origin: None,
        rank: Rank::Content,
    })
}
