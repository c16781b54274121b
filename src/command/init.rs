//! `littoral init`: a starter site in a new folder.
#![expect(
    clippy::disallowed_methods,
    reason = "looks whether the new folder is empty; it reads no site"
)]

mod starter;

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::cli::Init;

/// Writes the starter site, and says how to go on.
pub(super) fn run(typed: &Init) -> anyhow::Result<ExitCode> {
    write(&typed.dir)?;
    let dir = typed.dir.display();
    writeln!(
        io::stdout(),
        "{dir} holds a small site now. To go on:\n\n  \
         littoral dev {dir}       write, and see each change in the browser\n  \
         littoral check {dir}     look for mistakes\n  \
         littoral serve {dir}     serve it\n\n\
         Begin with {dir}/config.toml (its name, its address) and {dir}/content/_index.md (its first \
         page)."
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Why there is no new site.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The folder is not new.
    #[error("{} is not empty; name a new folder", .0.display())]
    Occupied(PathBuf),
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

fn write(dir: &Path) -> Result<(), Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| Error::Unwritable { path, source }
    };
    fs::create_dir_all(dir).map_err(at(dir))?;
    if fs::read_dir(dir).map_err(at(dir))?.next().is_some() {
        return Err(Error::Occupied(dir.to_owned()));
    }
    for (name, bytes) in starter::FILES {
        let path = dir.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&path, bytes).map_err(at(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_every_file() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path()).unwrap();
        for (name, bytes) in starter::FILES {
            assert_eq!(fs::read(dir.path().join(name)).unwrap(), *bytes, "{name}");
        }
    }

    #[test]
    fn leaves_a_folder_in_use_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "").unwrap();
        let refused = write(dir.path()).unwrap_err().to_string();
        assert!(
            refused.ends_with("is not empty; name a new folder"),
            "{refused}"
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
