//! Files that are served as they are, and style sheets.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use bytes::Bytes;
use rayon::prelude::*;

use super::{
    Hands, ask,
    job::Job,
    last::{Image, Kind},
    outcome::{Made, Output, Rank, media_type},
    value,
    world::{Order, World},
};
use crate::site::{Asset, AssetContent, Content, Files, Page, Problem, UrlPath};

/// Every static file, every file beside a page or section, every style sheet and search index.
pub(super) fn assets(world: &World) -> Vec<Job<'_>> {
    let source = &world.source;
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for asset in &source.statics {
        let path = static_path(asset.relative());
        jobs.push(self::asset(&source.files, asset, path, Rank::Static));
    }
    let pages = source.pages.iter().zip(&world.addresses.pages);
    for ((page, address), place) in pages.zip(&world.library.pages) {
        let is_served = page.front.render && !place.left_out;
        for asset in page.assets.iter().filter(|_| is_served) {
            let path = value::asset_path(&page.file, address, asset);
            jobs.push(self::asset(&source.files, asset, path, Rank::Content));
        }
    }
    for (section, address) in source.sections.iter().zip(&world.addresses.sections) {
        for asset in &section.assets {
            let path = value::asset_path(&section.file, address, asset);
            jobs.push(self::asset(&source.files, asset, path, Rank::Content));
        }
    }
    let files = world
        .sheets
        .iter()
        .chain(world.indexes.get().into_iter().flatten());
    jobs.extend(files.map(|(path, body)| {
        let terms = (ask::digest(body), source.modified);
        Job::new((Kind::Made, path.as_str(), 0), terms, move || {
            made(path, body, Some(source.modified))
        })
    }));
    jobs
}

/// The index of a folder is at the folder.
fn static_path(relative: &str) -> String {
    match relative.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{relative}"),
    }
}

/// The images that templates asked for in other sizes, by path: those of `names`, which may be known
/// from before, and those that were ordered now. All templates are rendered by then.
pub(super) fn images(
    world: &World,
    mut names: BTreeSet<Arc<str>>,
    hands: Hands<'_>,
) -> (HashMap<Arc<str>, Arc<Image>>, Vec<Problem>) {
    let mut orders: HashMap<String, Order> = world.ordered_images().into_iter().collect();
    names.extend(orders.keys().map(|name| name.as_str().into()));
    let wanted = names.into_iter().map(|name| {
        let order = orders.remove(&*name);
        (name, order)
    });
    let wanted: Vec<_> = wanted.collect();
    let made = wanted.into_par_iter().filter_map(|(name, order)| {
        // Its name tells what it was made of.
        let before = world.last.as_ref().and_then(|last| last.images.get(&name));
        let image = match (before, order) {
            (Some(before), _) => Ok(Arc::clone(before)),
            (None, Some(order)) => image(&name, &order, hands).map(Arc::new),
            (None, None) => return None,
        };
        Some((name, image))
    });
    let (mut images, mut problems) = (HashMap::new(), Vec::new());
    for (name, image) in made.collect::<Vec<_>>() {
        match image {
            Ok(image) => {
                problems.extend(image.problem.clone());
                images.insert(name, image);
            }
            Err(problem) => problems.push(problem),
        }
    }
    (images, problems)
}

fn image(name: &str, order: &Order, hands: Hands<'_>) -> Result<Image, Problem> {
    let body = hands
        .studio
        .make(&order.source, &order.plan)
        .map_err(|error| {
            Problem::error(format!("`{}` can't be resized: {error}", order.path))
                .way_out("look at it in a viewer: it may be cut short")
        })?;
    let ending = order.plan.target.ending();
    let problem = order.plan.loses_profile.then(|| {
        let what = format!("`{}` loses its colour profile as {ending}", order.path);
        let way_out = "bring it into sRGB first, or make a jpg, a png or a lossless webp of it";
        Problem::warning(what).way_out(way_out)
    });
    Ok(Image {
        // Its name tells its content, so nobody asks how old it is.
        placed: made(name, &body, None)?.packed(hands.pack),
        problem,
    })
}

fn asset<'a>(files: &'a Files, asset: &'a Asset, path: String, rank: Rank) -> Job<'a> {
    let content = match &asset.content {
        AssetContent::Memory(bytes) => bytes.hash(),
        AssetContent::Disk(file) => file.hash,
    };
    let terms = (content, asset.modified, &asset.file);
    let key = format!("{path}\n{}", asset.file);
    Job::new((Kind::Asset, key, 0), terms, move || {
        let content = match &asset.content {
            AssetContent::Memory(_) => asset.bytes(files).map(Content::Bytes),
            AssetContent::Disk(file) => Ok(Content::Large(file.clone())),
        };
        let unread = |error| Problem::error(format!("can't be read: {error}"));
        let content = content.map_err(|error| unread(error).in_file(&*asset.file))?;
        let output = output(&path, content, Some(asset.modified));
        Ok(output
            .map_err(|problem| problem.in_file(&*asset.file))?
            .from(Arc::clone(&asset.file))
            .ranked(rank))
    })
}

fn made(path: &str, body: &Bytes, modified: Option<i64>) -> Made {
    let output = output(&format!("/{path}"), Content::Bytes(body.clone()), modified)?;
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
