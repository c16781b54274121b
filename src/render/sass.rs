//! Style sheets from Sass.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use rayon::prelude::*;

use crate::site::{Files, Problem, SassSource, Source};

/// Every style sheet, by the path it is served at: `css/site.css`.
pub(super) fn sheets(source: &Source) -> (HashMap<String, Bytes>, Vec<Problem>) {
    let made: Vec<_> = source
        .sass
        .par_iter()
        .map(|sass| (sass, sheet(&source.files, sass)))
        .collect();
    let mut sheets = HashMap::new();
    let mut problems = Vec::new();
    for (sass, made) in made {
        match made {
            Ok(css) => {
                let stem = sass.relative.rsplit_once('.').map_or("", |(stem, _)| stem);
                sheets.insert(format!("{stem}.css"), Bytes::from(css));
            }
            Err(problem) => problems.push(*problem),
        }
    }
    (sheets, problems)
}

fn sheet(files: &Files, sass: &SassSource) -> Result<String, Box<Problem>> {
    let fs = SiteFs { files };
    let options = grass::Options::default()
        .style(grass::OutputStyle::Compressed)
        .fs(&fs);
    let path = files.root.join(&sass.file);
    grass::from_path(&path, &options).map_err(|error| Box::new(problem(files, sass, &error)))
}

fn problem(files: &Files, sass: &SassSource, error: &grass::Error) -> Problem {
    let grass::ErrorKind::ParseError { message, loc, .. } = error.clone().kind() else {
        return Problem::error(error.to_string()).in_file(sass.file.as_str());
    };
    let name = Path::new(loc.file.name());
    let file = name
        .strip_prefix(&files.root)
        .unwrap_or(name)
        .display()
        .to_string();
    let text = String::from_utf8_lossy(loc.file.source().as_bytes()).into_owned();
    let mut problem = Problem::error(message)
        .in_file(file)
        .at_line(&text, loc.begin.line + 1);
    problem.column = u32::try_from(loc.begin.column + 1).ok();
    problem
}

/// The site's files, as the compiler asks for them.
#[derive(Debug)]
struct SiteFs<'f> {
    files: &'f Files,
}

impl SiteFs<'_> {
    fn relative(&self, path: &Path) -> Option<PathBuf> {
        let inner = path.strip_prefix(&self.files.root).unwrap_or(path);
        let mut plain = PathBuf::new();
        for part in inner.components() {
            match part {
                std::path::Component::ParentDir => {
                    plain.pop().then_some(())?;
                }
                std::path::Component::Normal(part) => plain.push(part),
                _ => {}
            }
        }
        Some(plain)
    }

    fn name(&self, path: &Path) -> String {
        self.relative(path)
            .map_or_else(String::new, |path| path.display().to_string())
    }
}

impl grass::Fs for SiteFs<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(&self.name(path)).map(Into::into)
    }

    // The compiler knows a module again by its path: `a/../settings` and `settings` are one, and
    // what `@use … with` gave to the one counts for the other.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let plain = self.relative(path).map(|plain| self.files.root.join(plain));
        Ok(plain.unwrap_or_else(|| path.to_path_buf()))
    }
}
