//! `get_url`.

use serde_json::Value;

use super::{Args, files};
use crate::{render::world::World, site::nearest_path};

/// The URL of a path, or of a file below `content/` written as `@/blog/tides.md#spring`.
pub(super) fn get_url(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let config = &world.source.config;
    let lang = args.string("lang")?.unwrap_or(&config.default_language);
    let slash = args.flag("trailing_slash")?.unwrap_or(false);
    let cachebust = args.flag("cachebust")?.unwrap_or(false);
    if let Some(inner) = path.strip_prefix("@/") {
        if !config.languages.contains_key(lang) {
            return Err(format!(
                "`{lang}` is no language of this site\nsee `languages` in {}",
                config.file
            ));
        }
        return internal(world, inner, lang).map(Value::String);
    }
    let in_language = lang != config.default_language;
    let path_in_language = if in_language {
        format!("{lang}/{path}")
    } else {
        path.to_owned()
    };
    let mut url = link(world, &path_in_language);
    if !slash && url.ends_with('/') {
        url.pop();
    }
    if cachebust {
        let digest = files::digest(world, &path_in_language, files::Sha::Sha256)
            .ok_or_else(|| format!("there is no file `{path}` to take a hash of"))?;
        let digest = digest.get(..CACHEBUST_BYTES).unwrap_or(&digest);
        url = format!("{url}?h={}", files::hex(digest));
    }
    Ok(Value::String(url))
}

/// Enough of a SHA-256 to tell versions of one file apart.
const CACHEBUST_BYTES: usize = 10;

/// `path` below the base URL, with a slash at its end unless it is a feed or has a fragment.
fn link(world: &World, path: &str) -> String {
    let config = &world.source.config;
    let base = config.base_url.trim_end_matches('/');
    let mut url = format!("{base}/{}", path.strip_prefix('/').unwrap_or(path));
    let languages = config.languages.values();
    let mut feeds = languages.flat_map(|language| &language.feed_filenames);
    let is_whole = path.contains('#') || feeds.any(|feed| path.ends_with(feed.as_str()));
    if !url.ends_with('/') && !is_whole {
        url.push('/');
    }
    url
}

/// The permalink of a file below `content/`, in `lang`.
pub(super) fn internal(world: &World, path: &str, lang: &str) -> Result<String, String> {
    let (file, fragment) = match path.split_once('#') {
        Some((file, fragment)) => (file, Some(fragment)),
        None => (path, None),
    };
    let file = super::content::in_language(world, file, lang);
    let Some(permalink) = world.addresses.permalink(&file) else {
        let files: Vec<&str> = world.files().collect();
        let way_out = match nearest_path(&file, files) {
            Some(near) => format!("did you mean `@/{near}`?"),
            None => "write `@/` and the path of a Markdown file below `content/`".to_owned(),
        };
        return Err(format!("there is no page or section `@/{file}`\n{way_out}"));
    };
    Ok(match fragment {
        Some(fragment) => format!("{permalink}#{fragment}"),
        None => permalink.to_owned(),
    })
}
