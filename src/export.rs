//! A [`Snapshot`] as a file tree: what `littoral build` leaves on disk for any other server.
//!
//! The tree is written beside its place and renamed into it, so that a build that fails leaves the
//! last one as it was.
//!
//! **Invariant:** deletes nothing but a folder of its own making, or one it was told to replace.

#![expect(
    clippy::disallowed_methods,
    reason = "looks into the folder it is about to replace; it reads no site"
)]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::site::{Coding, Resource, Snapshot, Stored};

/// What to do about a folder that is there already and that no build of ours has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Leave it alone and say so. An empty folder, or an earlier output, is replaced all the same.
    Keep,
    /// Replace it.
    Replace,
}

/// Why a tree was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The folder holds something that is not ours to delete.
    #[error(
        "{} holds files that littoral did not write; give another folder, or --force to replace it",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The place is not one a folder can be put at: a file, or a root.
    #[error("{} cannot be a folder of output; give the name of a new folder", path.display())]
    NoFolder {
        /// The place.
        path: PathBuf,
    },
    /// Two resources want the same name, or one wants a folder where the other wants a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes every resource of `snapshot` below `out` and returns their number. Missing parents of
/// `out` are made.
pub(crate) fn write(snapshot: &Snapshot, out: &Path, existing: Existing) -> Result<usize, Error> {
    let place = Place::of(out)?;
    place.check(existing)?;
    let written = stage(snapshot, &place.staged);
    match written.and_then(|()| place.switch(snapshot)) {
        Ok(()) => Ok(snapshot.resources.len()),
        Err(error) => {
            // The first error is the one to tell; what is left of the stage is ours and harmless.
            drop(fs::remove_dir_all(&place.staged));
            Err(error)
        }
    }
}

/// Where the tree goes, and the two names beside it that are used on the way.
struct Place {
    out: PathBuf,
    staged: PathBuf,
    retired: PathBuf,
    /// Says that a tree of ours is at `out`. It stands beside the tree, where no server serves it and
    /// no comparison finds it.
    mark: PathBuf,
}

impl Place {
    fn of(out: &Path) -> Result<Self, Error> {
        let no_folder = || Error::NoFolder { path: out.into() };
        let out = match fs::canonicalize(out) {
            Ok(found) if found.is_dir() => found,
            Ok(_) => return Err(no_folder()),
            Err(_) => std::path::absolute(out).map_err(at(out))?,
        };
        let name = out.file_name().ok_or_else(no_folder)?;
        let parent = out.parent().ok_or_else(no_folder)?;
        fs::create_dir_all(parent).map_err(at(parent))?;
        let beside = |suffix: &str| {
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(suffix);
            parent.join(hidden)
        };
        let id = std::process::id();
        Ok(Self {
            staged: beside(&format!(".{id}.new")),
            retired: beside(&format!(".{id}.old")),
            mark: beside(MARK),
            out,
        })
    }

    fn check(&self, existing: Existing) -> Result<(), Error> {
        let ours = existing == Existing::Replace
            || !self.out.exists()
            || self.mark.is_file()
            || fs::read_dir(&self.out)
                .map_err(at(&self.out))?
                .next()
                .is_none();
        if ours {
            Ok(())
        } else {
            Err(Error::Foreign {
                path: self.out.clone(),
            })
        }
    }

    /// Puts the staged tree in place. Two renames: for a moment there is no folder at all, but at
    /// no moment half a one.
    fn switch(&self, snapshot: &Snapshot) -> Result<(), Error> {
        if self.out.exists() {
            fs::rename(&self.out, &self.retired).map_err(at(&self.out))?;
        }
        if let Err(source) = fs::rename(&self.staged, &self.out) {
            // Give the old tree back. If even that fails it still lies beside its place.
            drop(fs::rename(&self.retired, &self.out));
            return Err(at(&self.out)(source));
        }
        if self.retired.exists() {
            fs::remove_dir_all(&self.retired).map_err(at(&self.retired))?;
        }
        fs::write(&self.mark, format!("{}\n", snapshot.root_hash)).map_err(at(&self.mark))
    }
}

fn stage(snapshot: &Snapshot, staged: &Path) -> Result<(), Error> {
    fs::create_dir(staged).map_err(at(staged))?;
    let mut resources = snapshot.resources.values();
    resources.try_for_each(|resource| put(resource, &staged.join(resource.path.file())))
}

fn put(resource: &Resource, file: &Path) -> Result<(), Error> {
    let folder = file.parent().expect("the file lies below the stage");
    fs::create_dir_all(folder).map_err(at(folder))?;
    let written = match &resource.stored {
        Stored::Memory(body) => {
            let forms = body.forms();
            let bytes = forms.bytes(Coding::Identity);
            fs::write(file, bytes.expect("a tree is packed in identity forms"))
        }
        Stored::Redirect(redirect) => fs::write(file, &redirect.html),
        Stored::Large(large) => {
            return fs::copy(&large.file, file)
                .map(drop)
                .map_err(at(&large.file));
        }
    };
    written.map_err(at(file))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// How the name of the file ends by which an earlier output is known; it holds the root hash.
const MARK: &str = ".littoral";

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        pack,
        site::{Content, Hash, LargeFile, Page, UrlPath},
    };

    fn page(path: &str, content: Content) -> Page {
        Page {
            path: UrlPath::new(path).unwrap(),
            status: 200,
            media_type: "text/html; charset=utf-8".into(),
            content,
            modified: None,
        }
    }

    fn bytes(path: &str, body: &'static str) -> Page {
        page(path, Content::Bytes(Bytes::from_static(body.as_bytes())))
    }

    fn read(path: PathBuf) -> String {
        fs::read_to_string(path).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn writes_every_kind_of_resource_and_replaces_an_earlier_output() {
        let scratch = tempfile::tempdir().unwrap();
        let film = scratch.path().join("film");
        fs::write(&film, "frames").unwrap();
        let redirect = Content::Redirect {
            to: "/b/".into(),
            html: Bytes::from_static(b"go on"),
        };
        let large = Content::Large(LargeFile {
            file: film,
            bytes: 6,
            hash: Hash::of(b"frames"),
            held: None,
        });
        let pages = vec![
            bytes("/", "home"),
            bytes("/b/c.txt", "c"),
            page("/old/", redirect),
            page("/film.mp4", large),
        ];
        let out = scratch.path().join("deep/public");
        let count = write(&pack::Packer::plain().pack(pages, ""), &out, Existing::Keep).unwrap();
        assert_eq!(count, 4);
        for (file, text) in [
            ("index.html", "home"),
            ("b/c.txt", "c"),
            ("old/index.html", "go on"),
            ("film.mp4", "frames"),
        ] {
            assert_eq!(read(out.join(file)), text, "{file}");
        }

        let next = pack::Packer::plain().pack(vec![bytes("/", "again")], "");
        assert_eq!(write(&next, &out, Existing::Keep).unwrap(), 1);
        assert_eq!(names(&out), ["index.html"]);
        assert_eq!(names(out.parent().unwrap()), [".public.littoral", "public"]);
    }

    #[test]
    fn leaves_what_is_not_its_own_unless_told() {
        let scratch = tempfile::tempdir().unwrap();
        let out = scratch.path().join("photos");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("only-copy.jpg"), "x").unwrap();
        let snapshot = pack::Packer::plain().pack(vec![bytes("/", "home")], "");
        let error = write(&snapshot, &out, Existing::Keep).unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{error}");
        assert_eq!(names(&out), ["only-copy.jpg"]);
        write(&snapshot, &out, Existing::Replace).unwrap();
        assert_eq!(names(&out), ["index.html"]);
    }

    #[test]
    fn a_failed_build_leaves_the_last_one() {
        let scratch = tempfile::tempdir().unwrap();
        let out = scratch.path().join("public");
        write(
            &pack::Packer::plain().pack(vec![bytes("/", "good")], ""),
            &out,
            Existing::Keep,
        )
        .unwrap();
        let gone = Content::Large(LargeFile {
            file: scratch.path().join("gone"),
            bytes: 1,
            hash: Hash::of(b"x"),
            held: None,
        });
        let broken = pack::Packer::plain().pack(vec![page("/film.mp4", gone)], "");
        let error = write(&broken, &out, Existing::Keep).unwrap_err();
        assert!(error.to_string().contains("gone"), "{error}");
        assert_eq!(read(out.join("index.html")), "good");
        assert_eq!(names(scratch.path()), [".public.littoral", "public"]);
    }

    #[test]
    fn a_file_is_no_place_for_a_tree() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("file");
        fs::write(&file, "x").unwrap();
        let snapshot = pack::Packer::plain().pack(vec![], "");
        for place in [file.as_path(), Path::new("/")] {
            let error = write(&snapshot, place, Existing::Replace).unwrap_err();
            assert!(matches!(error, Error::NoFolder { .. }), "{error}");
        }
    }
}
