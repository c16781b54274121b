//! Template and Sass files of a site and its theme.

use std::collections::BTreeMap;

use super::disk::Disk;
use crate::site::{Config, Problem, SassSource, TemplateSource};

/// Reads every template. One of the theme is known by its own name, unless the site has one of
/// that name, and always as `THEME/templates/NAME`, so that the site's can extend it.
pub(super) fn read(disk: &Disk, theme: Option<&str>) -> (Vec<TemplateSource>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut by_name = BTreeMap::new();
    if let Some(theme) = theme {
        let prefix = theme.trim_start_matches("themes/");
        for template in folder(disk, &format!("{theme}/templates"), &mut problems) {
            let full = format!("{prefix}/templates/{}", template.name);
            by_name.insert(
                full.clone(),
                TemplateSource {
                    name: full,
                    ..template.clone()
                },
            );
            by_name.insert(template.name.clone(), template);
        }
    }
    for template in folder(disk, "templates", &mut problems) {
        by_name.insert(template.name.clone(), template);
    }
    (by_name.into_values().collect(), problems)
}

fn folder(disk: &Disk, folder: &str, problems: &mut Vec<Problem>) -> Vec<TemplateSource> {
    let (found, more) = disk.list(folder);
    problems.extend(more);
    let mut templates = Vec::new();
    for found in found
        .into_iter()
        .filter(|found| is_template(&found.relative))
    {
        match disk.text(&found.file) {
            Ok(text) => templates.push(TemplateSource {
                name: found.relative,
                file: found.file,
                text,
            }),
            Err(problem) => problems.push(*problem),
        }
    }
    templates
}

/// By its ending. Pictures and the like that stand among templates are none.
fn is_template(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.ends_with("ml") || TEXT_ENDINGS.contains(&ending)
}

const TEXT_ENDINGS: [&str; 12] = [
    "css",
    "csv",
    "htm",
    "ics",
    "js",
    "json",
    "md",
    "rss",
    "svg",
    "txt",
    "webmanifest",
    "xsl",
];

/// The Sass files of theme and site that become style sheets; a site's replaces the theme's of
/// the same name.
pub(super) fn sass(disk: &Disk, theme: Option<&str>, config: &Config) -> Vec<SassSource> {
    let theme = theme.map(|theme| format!("{theme}/sass"));
    let own = config.outputs.compile_sass.then(|| "sass".to_owned());
    let mut by_name = BTreeMap::new();
    for folder in theme.into_iter().chain(own) {
        let (found, _) = disk.list(&folder);
        for found in found.into_iter().filter(|found| is_sheet(&found.relative)) {
            let stem = found
                .relative
                .rsplit_once('.')
                .map_or("", |(stem, _)| stem)
                .to_owned();
            by_name.insert(
                stem,
                SassSource {
                    relative: found.relative,
                    file: found.file,
                },
            );
        }
    }
    by_name.into_values().collect()
}

/// Whether a Sass file is a sheet of its own, not a part of others.
fn is_sheet(relative: &str) -> bool {
    let is_sass = relative.ends_with(".scss") || relative.ends_with(".sass");
    is_sass && !relative.split('/').any(|part| part.starts_with('_'))
}
