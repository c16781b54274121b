//! `littoral check`: every problem, with the way out, and an exit code.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use super::{options, pages, plural, tally, typed_site};
use crate::{
    cli::Check,
    config::{Config, Site},
    images::Studio,
    load::{self, Mode},
    pack::Packer,
    pipeline::{Pipeline, Priority},
    site::{Problem, Severity},
};

/// Checks the site, or the configuration and each of its sites.
pub(super) fn run(typed: &Check) -> anyhow::Result<ExitCode> {
    let (config, sites) = subjects(typed)?;
    let pipeline = Pipeline::new(
        Priority::Normal,
        Studio::that_only_looks(),
        Arc::new(Packer::plain()),
    )?;
    let mut stdout = io::stdout();
    let (mut problems, mut page_count): (Vec<Problem>, _) = (Vec::new(), 0);
    for site in &sites {
        let options = load::Options {
            drafts: typed.drafts,
            ..options(site, Mode::Check, &config.limits)
        };
        let mut outcome = pipeline.run(&mut load::Reader::new(options));
        if typed.strict {
            let told = outcome.problems.iter_mut();
            told.for_each(|problem| problem.severity = Severity::Error);
        }
        if sites.len() > 1 && !outcome.problems.is_empty() {
            writeln!(stdout, "in {}:", site.root.display())?;
        }
        for problem in &outcome.problems {
            writeln!(stdout, "{problem}\n")?;
        }
        page_count += outcome.snapshot.as_ref().map_or(0, pages);
        problems.extend(outcome.problems);
    }
    if problems.is_empty() {
        writeln!(stdout, "no problems in {}", plural(page_count, "page"))?;
    } else {
        writeln!(stdout, "{}", tally(&problems))?;
    }
    let failed = problems.iter().any(Problem::is_error);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What is to be checked: the sites of the configuration, if one was named, else one site.
fn subjects(typed: &Check) -> anyhow::Result<(Config, Vec<Site>)> {
    let root = |site: &Option<PathBuf>| site.clone().unwrap_or_else(|| Path::new(".").to_owned());
    match &typed.config {
        Some(path) => {
            let config = Config::read(path)?;
            let sites = config.sites.clone();
            Ok((config, sites))
        }
        None => {
            let site = typed_site(&root(&typed.site), &typed.overrides);
            Ok((Config::default(), vec![site]))
        }
    }
}
