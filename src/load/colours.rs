//! The grammars and themes for code that a site brings itself.

use std::{sync::Arc, time::Duration};

use super::{
    disk::{Disk, Found},
    memory::Memory,
};
use crate::site::{ColourSource, Config, Problem, Severity};

/// Reads every file that the configuration names, and every one in the folders it names. What is
/// missing leaves code plain, or in the colours of another theme: that stops nothing.
pub(super) fn read(
    disk: &Disk<'_>,
    config: &Config,
    known: &mut Memory<Arc<ColourSource>>,
    now: Duration,
) -> (Vec<Arc<ColourSource>>, Vec<Problem>) {
    let Some(highlighting) = &config.markdown.highlighting else {
        return Default::default();
    };
    let (mut there, mut problems) = (Vec::new(), Vec::new());
    let named = highlighting
        .extra_grammars
        .iter()
        .chain(&highlighting.extra_themes);
    let mut files: Vec<String> = named.map(|file| tidy(file)).collect();
    for folder in &highlighting.extra_folders {
        let folder = tidy(folder);
        if leads_out(&folder) || !disk.is_dir(&folder) {
            problems.push(missing(&folder, config));
            continue;
        }
        let (found, more) = disk.list(&folder);
        problems.extend(more.into_iter().map(harmless));
        let known = |file: &String| ENDINGS.iter().any(|ending| file.ends_with(ending));
        files.extend(
            found
                .into_iter()
                .map(|found| found.file.to_string())
                .filter(known),
        );
    }
    for file in files {
        if leads_out(&file) || !disk.is_file(&file) {
            problems.push(missing(&file, config));
            continue;
        }
        there.extend(disk.one(&file));
    }
    let make = |found: &Found| match disk.text(&found.file) {
        Ok(text) => {
            let file = found.file.to_string();
            (Some(Arc::new(ColourSource { file, text })), Vec::new())
        }
        Err(problem) => (None, vec![harmless(*problem)]),
    };
    known.list(&there);
    let (sources, found) = known.read(now, make, PartialEq::eq);
    problems.extend(found);
    (sources, problems)
}

fn tidy(path: &str) -> String {
    path.trim_start_matches("./")
        .trim_end_matches('/')
        .to_owned()
}

fn leads_out(path: &str) -> bool {
    path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..")
}

fn missing(path: &str, config: &Config) -> Problem {
    let what = format!("there is no `{path}`, which should have grammars or themes for code");
    let problem = Problem::warning(what).in_file(config.file.as_str());
    problem.way_out("write its path from the site's folder, or take it out of the list")
}

fn harmless(problem: Problem) -> Problem {
    Problem {
        severity: Severity::Warning,
        ..problem
    }
}

const ENDINGS: [&str; 2] = [".sublime-syntax", ".tmTheme"];
