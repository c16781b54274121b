//! `littoral dev`: a site for its author.

use std::process::ExitCode;

use crate::cli::Dev;

pub(super) fn run(typed: &Dev) -> anyhow::Result<ExitCode> {
    todo!("{typed:?}")
}
