//! Template and Sass files of a site and its theme.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    disk::{Disk, Found},
    memory::{Made, Templates},
};
use crate::site::{Config, Problem, SassSource, TemplateSource};

/// Reads every template. One of the theme is known by its own name, unless the site has one of
/// that name, and always as `THEME/templates/NAME`, so that the site's can extend it.
pub(super) fn read(
    disk: &Disk<'_>,
    theme: Option<&str>,
    known: &mut Templates,
    now: Duration,
) -> (Vec<Arc<TemplateSource>>, Vec<Problem>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let of_theme = theme.map(|theme| format!("{theme}/templates"));
    for folder in of_theme.into_iter().chain(["templates".into()]) {
        let (found, more) = disk.list(&folder);
        problems.extend(more);
        files.extend(found.into_iter().filter(|f| is_template(f.relative())));
    }
    let make = |found: &Found| template(disk, found);
    known.by_file.list(&files);
    let (templates, found) = known.by_file.read(now, make, PartialEq::eq);
    problems.extend(found);
    let prefix = theme.map_or("", |theme| theme.trim_start_matches("themes/"));
    let mut by_name = BTreeMap::new();
    let before = std::mem::take(&mut known.full_names);
    for template in templates {
        if !template.file.starts_with("templates/") {
            let full = TemplateSource {
                name: format!("{prefix}/templates/{}", template.name),
                ..TemplateSource::clone(&template)
            };
            let same = before.get(&full.name).filter(|before| ***before == full);
            let full = same.cloned().unwrap_or_else(|| Arc::new(full));
            known
                .full_names
                .insert(full.name.clone(), Arc::clone(&full));
            by_name.insert(full.name.clone(), full);
        }
        by_name.insert(template.name.clone(), template);
    }
    (by_name.into_values().collect(), problems)
}

fn template(disk: &Disk<'_>, found: &Found) -> Made<Arc<TemplateSource>> {
    let text = match disk.text(&found.file) {
        Ok(text) => text,
        Err(problem) => return (None, vec![*problem]),
    };
    let template = TemplateSource {
        name: found.relative().to_owned(),
        file: found.file.to_string(),
        text,
    };
    (Some(Arc::new(template)), Vec::new())
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
pub(super) fn sass(disk: &Disk<'_>, theme: Option<&str>, config: &Config) -> Vec<SassSource> {
    let theme = theme.map(|theme| format!("{theme}/sass"));
    let own = config.outputs.compile_sass.then(|| "sass".to_owned());
    let mut by_name = BTreeMap::new();
    for folder in theme.into_iter().chain(own) {
        let (found, _) = disk.list(&folder);
        for found in found.into_iter().filter(|found| is_sheet(found.relative())) {
            let stem = found
                .relative()
                .rsplit_once('.')
                .map_or("", |(stem, _)| stem)
                .to_owned();
            by_name.insert(
                stem,
                SassSource {
                    relative: found.relative().to_owned(),
                    file: found.file.to_string(),
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
