//! `littoral build`: a site as a tree of files, and its root hash.

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use super::{cache, log, options, pages, plural, tally, typed_cache, typed_site};
use crate::{
    cli::Build,
    config::{Level, Limits},
    export::{self, Existing},
    images::Studio,
    load::{self, Mode},
    pack::Packer,
    pipeline::{Pipeline, Priority},
};

/// Builds the site; the root hash goes to standard output, alone on its line.
pub(super) fn run(typed: &Build) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    log::start(Level::Warn);
    let site = typed_site(&typed.site, &typed.overrides);
    let options = load::Options {
        drafts: typed.drafts,
        minify: typed.minify,
        ..options(&site, Mode::Build, &Limits::default())
    };
    let studio = Studio::new(cache(typed_cache(&typed.keeping)));
    let packer = Arc::new(Packer::plain());
    let pipeline = Pipeline::new(Priority::Normal, studio, packer)?;
    let outcome = pipeline.run(&mut load::Reader::new(options));
    let mut stderr = io::stderr();
    for problem in &outcome.problems {
        writeln!(stderr, "{problem}")?;
    }
    let Some(snapshot) = outcome.snapshot else {
        anyhow::bail!("nothing was written: {}", tally(&outcome.problems));
    };
    let existing = match typed.force {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    export::write(&snapshot, &typed.output, existing)?;
    writeln!(
        stderr,
        "littoral: wrote {} and {} to {} in {:.2} s",
        plural(pages(&snapshot), "page"),
        plural(snapshot.resources.len() - pages(&snapshot), "other file"),
        typed.output.display(),
        start.elapsed().as_secs_f64()
    )?;
    writeln!(io::stdout(), "{}", snapshot.root_hash)?;
    Ok(ExitCode::SUCCESS)
}
