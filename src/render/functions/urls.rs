//! `get_url`.

use serde_json::Value;

use super::{Args, files};
use crate::{
    render::{address, world::World},
    site::{Hash, nearest_path},
};

/// The URL of a path, or of a file below `content/` written as `@/blog/tides.md#spring`.
pub(super) fn get_url(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let path = args.required("path")?;
    let config = &world.source.config;
    let lang = args.string("lang")?.unwrap_or(&config.default_language);
    let slash = args.flag("trailing_slash")?.unwrap_or(false);
    let cachebust = args.flag("cachebust")?.unwrap_or(false);
    if !config.languages.contains_key(lang) {
        return Err(format!(
            "`{lang}` is no language of this site: see `languages` in {}",
            config.file
        ));
    }
    if let Some(inner) = path.strip_prefix("@/") {
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
        let bytes = files::find(world, &path_in_language)
            .ok_or_else(|| format!("there is no file `{path}` to take a hash of"))?;
        url = format!("{url}?h={}", Hash::of(&bytes).hex(CACHEBUST_DIGITS));
    }
    Ok(Value::String(url))
}

/// Enough of a SHA-256 to tell versions of one file apart.
const CACHEBUST_DIGITS: usize = 20;

/// `path` below the base URL, with a slash at its end unless it is a feed.
fn link(world: &World, path: &str) -> String {
    let config = &world.source.config;
    let mut url = address::permalink(config, path.strip_prefix('/').unwrap_or(path));
    let languages = config.languages.values();
    let mut feeds = languages.flat_map(|language| &language.feed_filenames);
    if !url.ends_with('/') && !feeds.any(|feed| path.ends_with(feed.as_str())) {
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
        let files: Vec<&str> = world.addresses.files().collect();
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
