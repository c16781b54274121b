//! A folder becomes a [`Source`]: the only room that reads a site from disk.
//!
//! Knows the Zola layout, front matter and configuration; knows nothing of HTML and HTTP.
//!
//! **Invariant:** every mistake found becomes a [`Problem`]; one broken file never hides another.
//! **Invariant:** a [`Reader`] that remembers gives the same source and the same problems as one that
//! reads the site for the first time; what did not change is the very same [`Arc`].

mod beside;
mod colours;
mod config;
mod content;
mod date;
mod disk;
mod entry;
mod epoch;
mod facts;
mod front_matter;
mod keys;
mod listing;
mod markdown_config;
mod memory;
mod names;
mod news;
mod reader;
mod retired;
mod rules;
mod templates;
mod tree;
mod walk;
mod words;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::Map;

use self::{content::Drafts, disk::Found, memory::Memory, reader::Known};
pub(crate) use self::{names::Name, news::News, reader::Reader, tree::Look};
use crate::site::{Asset, Config, Problem, Remote, SassCompiler, Source, nearest, toml};

/// Which site to read, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The folder that holds `zola.toml` (or `config.toml`), `content/`, `templates/`, ...
    pub(crate) root: PathBuf,
    /// The site's own configuration, where it is not `zola.toml` or `config.toml` in `root`.
    pub(crate) config: Option<PathBuf>,
    /// In place of the configuration's `base_url`.
    pub(crate) base_url: Option<String>,
    /// Whether drafts are part of the site.
    pub(crate) drafts: bool,
    /// Whether documents are minified even where the configuration does not ask for it.
    pub(crate) minify: bool,
    /// Whether documents are served in Markdown, too.
    pub(crate) markdown: bool,
    /// What `config.mode` says to templates.
    pub(crate) mode: Mode,
    /// A static file larger than this, in bytes, stays on disk.
    pub(crate) memory_file_bytes_max: u64,
    /// What templates may fetch.
    pub(crate) remote: Remote,
    /// Who makes its style sheets.
    pub(crate) sass_compiler: SassCompiler,
}

/// What the site is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `littoral build` and `littoral serve`.
    Build,
    /// `littoral check`.
    Check,
    /// `littoral dev`.
    Dev,
}

impl Mode {
    /// The word templates see as `config.mode`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Check => "check",
            Self::Dev => "serve",
        }
    }
}

/// Reads the site that `options` names, as `disk` looks, but for what is `known` of it. There is no source
/// if its folder or its configuration can't be read at all; the problems then say why.
fn source(
    disk: &disk::Disk<'_>,
    options: &Options,
    known: &mut Known,
    now: Duration,
) -> (Option<Source>, Vec<Problem>) {
    let (mut config, mut problems) = match read_config(disk, options) {
        Ok(read) => read,
        Err(problem) => return (None, vec![*problem]),
    };
    config.mode = options.mode.word();
    config.outputs.minify_html |= options.minify;
    config.outputs.markdown = options.markdown;
    if let Some(base_url) = &options.base_url {
        config.base_url.clone_from(base_url);
    }
    let theme = config.theme.as_ref().map(|theme| format!("themes/{theme}"));
    if let Some(theme) = &theme {
        problems.extend(merge_theme(disk, theme, &mut config));
    }
    let theme = theme.as_deref();
    let drafts = match options.drafts {
        true => Drafts::Kept,
        false => Drafts::LeftOut,
    };
    let (content, found) = content::read(disk, &config, drafts, (&mut known.content, now));
    problems.extend(found);
    let (templates, found) = templates::read(disk, theme, &mut known.templates, now);
    problems.extend(found);
    let (statics, found) = statics(disk, theme, &config, (&mut known.statics, now));
    problems.extend(found);
    let (colours, found) = colours::read(disk, &config, &mut known.colours, now);
    problems.extend(found);
    let sass = templates::sass(disk, theme, &config);
    let (rules, found) = rules::read(disk, theme);
    problems.extend(found);
    let (modified, found) = epoch::modified(disk.newest());
    problems.extend(found);
    let source = Source {
        sections: content.sections,
        pages: content.pages,
        templates,
        colours,
        sass,
        sass_compiler: options.sass_compiler.clone(),
        statics,
        rules: Arc::new(rules),
        files: disk.files(),
        remote: options.remote.clone(),
        modified,
        config,
    };
    (Some(source), problems)
}

/// The configuration, with the name of its file.
fn read_config(
    disk: &disk::Disk<'_>,
    options: &Options,
) -> Result<(Config, Vec<Problem>), Box<Problem>> {
    if !options.root.is_dir() {
        let what = format!(
            "there is no site at {}: no such folder",
            options.root.display()
        );
        return Err(Box::new(
            Problem::error(what).way_out("name a folder that holds `content/`"),
        ));
    }
    let (file, text) = match &options.config {
        Some(path) => {
            disk.saw(path);
            (path.display().to_string(), disk.read_outside(path)?)
        }
        None => match disk.first_of(&["zola.toml", "config.toml"]) {
            Some(file) => {
                disk.saw(Path::new(file));
                (file.to_owned(), disk.text(file)?)
            }
            None if disk.is_dir("content") => return Ok(unconfigured()),
            None => {
                let what = format!("there is no site at {}", options.root.display());
                let way_out = "it needs a `config.toml` and a folder `content`; \
                               `littoral init DIR` makes a small site to start from";
                return Err(Box::new(Problem::error(what).way_out(way_out)));
            }
        },
    };
    let map = toml(&text).map_err(|problem| Box::new(problem.in_file(file.as_str())))?;
    Ok(config::config(map, &file, &text))
}

/// A folder with content and without configuration is a site with every default.
fn unconfigured() -> (Config, Vec<Problem>) {
    config::config(Map::new(), "config.toml", "")
}

/// Takes in the theme's `[extra]` below the site's own.
fn merge_theme(disk: &disk::Disk<'_>, theme: &str, config: &mut Config) -> Vec<Problem> {
    if !disk.is_dir(theme) {
        let name = theme.trim_start_matches("themes/");
        let known = disk.folders("themes");
        let way_out = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "put it into {theme}/, or take `theme` out of {}",
                config.file
            ),
        };
        let problem = Problem::error(format!("the theme `{name}` is not there"));
        return vec![disk.placed(problem.way_out(way_out), &config.file, name)];
    }
    let file = format!("{theme}/theme.toml");
    if !disk.is_file(&file) {
        let parts = ["templates", "static", "sass"];
        if parts
            .iter()
            .any(|part| disk.is_dir(&format!("{theme}/{part}")))
        {
            return Vec::new();
        }
        let name = theme.trim_start_matches("themes/");
        let problem = Problem::error(format!("there is nothing in {theme}/"));
        let way_out = "if it is a git submodule: `git submodule update --init`";
        return vec![disk.placed(problem.way_out(way_out), &config.file, name)];
    }
    disk.saw(Path::new(&file));
    let read = disk
        .text(&file)
        .and_then(|text| toml(&text).map_err(Box::new));
    match read {
        Ok(mut map) => {
            if let Some(serde_json::Value::Object(extra)) = map.remove("extra") {
                disk::merge_below(&mut config.extra, extra);
            }
            Vec::new()
        }
        Err(problem) => vec![problem.in_file(file)],
    }
}

/// The theme's static files and the site's own, which come over them.
fn statics(
    disk: &disk::Disk<'_>,
    theme: Option<&str>,
    config: &Config,
    (known, now): (&mut Memory<Arc<Asset>>, Duration),
) -> (Vec<Arc<Asset>>, Vec<Problem>) {
    let mut problems = Vec::new();
    let ignored = disk::globs(disk, &config.ignored_static, config, &mut problems);
    let of_theme = theme.map(|theme| format!("{theme}/static"));
    let mut files = Vec::new();
    for folder in of_theme.into_iter().chain(["static".into()]) {
        let (found, more) = disk.list(&folder);
        problems.extend(more);
        // What another program keeps there was made from the site, and is made anew.
        let own = found
            .into_iter()
            .filter(|found| !found.relative().starts_with("processed_images/"))
            .filter(|found| !found.is_ignored_static(&ignored));
        files.extend(own);
    }
    let make = |found: &Found| disk.asset(found);
    known.list(&files);
    let (assets, found) = known.read(now, make, PartialEq::eq);
    problems.extend(found);
    let by_path: BTreeMap<&str, _> = assets
        .iter()
        .map(|asset| (asset.relative(), asset))
        .collect();
    (by_path.into_values().cloned().collect(), problems)
}

/// Reads `text` as the file of a page and of a section, for the fuzz targets.
#[cfg(fuzzing)]
pub(crate) fn fuzz_front_matter(text: &str) {
    let place = keys::Place {
        file: "content/a.md",
        text,
        called: "",
        table: "",
    };
    match front_matter::split(text) {
        Err(problem) => drop(problem.to_string()),
        Ok(parts) => {
            let (_, mut problems) =
                front_matter::page(parts.front.clone(), place, &words::Words::default());
            problems.extend(front_matter::section(parts.front, place).1);
            problems
                .iter()
                .for_each(|problem| drop(problem.to_string()));
        }
    }
}

/// Reads `text` as the configuration of a site, for the fuzz targets.
#[cfg(fuzzing)]
pub(crate) fn fuzz_config(text: &str) {
    if let Ok(map) = toml(text) {
        let (_, problems) = config::config(map, "config.toml", text);
        problems
            .iter()
            .for_each(|problem| drop(problem.to_string()));
    }
}
