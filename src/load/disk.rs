//! The files of one site: listed in a fixed order, read with errors that name them.

#![expect(clippy::disallowed_methods, reason = "this is where a site is read")]

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_json::{Map, Value};

use super::{
    Options,
    entry::Fault,
    facts::Facts,
    memory::Made,
    tree::{Shape, Tree},
};
use crate::site::{Asset, AssetContent, Config, Files, Hash, LargeFile, Lease, Problem};

/// One site's folder, as it was looked at.
pub(super) struct Disk<'t> {
    root: PathBuf,
    tree: &'t Tree,
    memory_file_bytes_max: u64,
    newest: AtomicI64,
    /// How many files may still be held open.
    may_hold: AtomicUsize,
}

/// A file found below a folder.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Relative to the site's root, with `/` between its parts.
    pub(super) file: Arc<str>,
    /// How many files come before it in its folder, whatever becomes of them.
    pub(super) nth: u32,
    /// Where in `file` the path begins that is relative to the folder that was listed.
    pub(super) inner: u32,
    pub(super) facts: Facts,
}

impl Found {
    /// Relative to the folder that was listed.
    pub(super) fn relative(&self) -> &str {
        self.file.get(self.inner as usize..).unwrap_or_default()
    }

    /// Whether a glob means this file by its whole path: `*.tmp` and `**/notes.md` do, and a bare
    /// `notes.md` never does. That path begins at the site, so that it is the same everywhere.
    pub(super) fn is_ignored_content(&self, globs: &GlobSet) -> bool {
        !globs.is_empty() && globs.is_match(format!("/{}", self.file))
    }

    /// Whether a glob means this file by its path below the folder it was found in.
    pub(super) fn is_ignored_static(&self, globs: &GlobSet) -> bool {
        globs.is_match(self.relative())
    }
}

impl<'t> Disk<'t> {
    /// The site of `options`, whose folder is really `root` and looks like `tree`; so many files of it
    /// are `held` open already.
    pub(super) fn new(options: &Options, root: &Path, tree: &'t Tree, held: usize) -> Self {
        Self {
            root: root.to_owned(),
            tree,
            memory_file_bytes_max: options.memory_file_bytes_max,
            newest: AtomicI64::new(0),
            may_hold: AtomicUsize::new(HELD_FILES_MAX.saturating_sub(held)),
        }
    }

    /// The files, for rooms that may not name a disk.
    pub(super) fn files(&self) -> Files {
        let root = self.root.clone();
        Files::new(self.root.clone(), move |path| {
            if path.split('/').any(|part| part == "..") || path.starts_with('/') {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "outside the site",
                ));
            }
            let path = root.join(path);
            // A pipe or a device would be read for ever.
            if !fs::metadata(&path)?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "no file"));
            }
            fs::read(path).map(Bytes::from)
        })
    }

    /// When the newest file seen so far changed, in seconds since 1970.
    pub(super) fn newest(&self) -> i64 {
        self.newest.load(Ordering::Relaxed)
    }

    pub(super) fn is_dir(&self, path: &str) -> bool {
        self.root.join(path).is_dir()
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    pub(super) fn first_of<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().find(|name| self.is_file(name)).copied()
    }

    /// The names of the folders in `folder`, sorted.
    pub(super) fn folders(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten();
        let folders = entries.flatten().filter(|entry| entry.path().is_dir());
        let mut names: Vec<String> = folders
            .filter_map(|folder| folder.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// `problem` where `needle` stands in `file`.
    pub(super) fn placed(&self, problem: Problem, file: &str, needle: &str) -> Problem {
        let text = self.text(file).unwrap_or_default();
        problem.in_file(file).at_text(&text, needle)
    }

    /// The text of `file`, which must be UTF-8.
    pub(super) fn text(&self, file: &str) -> Result<String, Box<Problem>> {
        self.utf8(&self.root.join(file), file)
    }

    /// The text of a file that may lie anywhere.
    pub(super) fn read_outside(&self, path: &Path) -> Result<String, Box<Problem>> {
        self.utf8(path, &path.display().to_string())
    }

    fn utf8(&self, path: &Path, file: &str) -> Result<String, Box<Problem>> {
        let bytes = fs::read(path).map_err(|error| Box::new(unreadable(file, &error)))?;
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let line = text.get(..valid).unwrap_or_default().matches('\n').count() + 1;
            Box::new(
                Problem::error("the file is not UTF-8")
                    .in_file(file)
                    .at_line(&text, line)
                    .way_out("save it as UTF-8 (`iconv -f latin1 -t utf-8` often does it)"),
            )
        })
    }

    /// Every file below `folder`, by path; none if there is no such folder.
    pub(super) fn list(&self, folder: &str) -> (Vec<Found>, Vec<Problem>) {
        let (mut found, mut problems, mut nth) = (Vec::new(), Vec::new(), 0);
        let mut note = |path: &Path, facts: Result<&Facts, &Fault>| match facts {
            Ok(facts) => {
                match self.found((folder, nth), path, *facts) {
                    Ok(file) => found.push(file),
                    Err(problem) => problems.push(*problem),
                }
                nth += 1;
            }
            Err(fault) => problems.push(faulty(path, fault)),
        };
        // A folder that is written to by builds was not looked at with the rest.
        match Tree::covers(folder) {
            true => self.tree.entry(folder).each(Path::new(folder), &mut note),
            false => {
                let tree = Tree::of(&self.root.join(folder));
                tree.entry("").each(Path::new(folder), &mut note);
            }
        }
        (found, problems)
    }

    /// What stands for the `nth` file of `folder`.
    fn found(
        &self,
        (folder, nth): (&str, u32),
        path: &Path,
        facts: Facts,
    ) -> Result<Found, Box<Problem>> {
        self.newest.fetch_max(facts.modified(), Ordering::Relaxed);
        let Some(file) = path.to_str() else {
            let inner = path.strip_prefix(folder).unwrap_or(path);
            let is_text = inner.extension().is_some_and(|ending| ending == "md");
            let name = inner.display();
            let problem = match is_text {
                true => Problem::error(format!("the file name {name} is not UTF-8")),
                false => Problem::warning(format!(
                    "the file name {name} is not UTF-8: the file is left out"
                )),
            };
            return Err(Box::new(problem.in_file(folder).way_out("rename it")));
        };
        let inner = match folder {
            "" => 0,
            folder => folder.len() + 1,
        };
        Ok(Found {
            file: file.into(),
            nth,
            inner: inner as u32,
            facts,
        })
    }

    /// A file that is known by its name.
    pub(super) fn one(&self, file: &str) -> Option<Found> {
        let metadata = fs::metadata(self.root.join(file)).ok()?;
        let facts = Facts::of(&metadata);
        self.found(("", 0), Path::new(file), facts).ok()
    }

    /// The same as it was looked at, for whoever has listed `folder` before: the facts of all of its
    /// files. None if there may be other files.
    pub(super) fn facts(&self, folder: &str, shape: Shape) -> Option<Vec<Facts>> {
        let is_known = Tree::covers(folder) && self.shape() == shape;
        is_known.then(|| self.tree.entry(folder).facts())
    }

    /// As long as it is the same, so are the names of all files.
    pub(super) fn shape(&self) -> Shape {
        self.tree.shape()
    }

    /// Notes the times of files that were listed before.
    pub(super) fn saw_again(&self, facts: &[Facts]) {
        let newest = facts.iter().map(Facts::modified).max();
        self.newest
            .fetch_max(newest.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Notes the time of a file that is read and was not listed.
    pub(super) fn saw(&self, path: &Path) {
        if let Ok(metadata) = fs::metadata(self.root.join(path)) {
            let modified = Facts::of(&metadata).modified();
            self.newest.fetch_max(modified, Ordering::Relaxed);
        }
    }

    /// Reads a file that is served as it is.
    pub(super) fn asset(&self, found: &Found) -> Made<Arc<Asset>> {
        let path = self.root.join(&*found.file);
        let content = if found.facts.bytes() <= self.memory_file_bytes_max {
            fs::read(&path).map(|bytes| AssetContent::Memory(Lease::of(bytes.into())))
        } else {
            self.large(path, found.facts).map(AssetContent::Disk)
        };
        match content {
            Err(error) => (None, vec![unreadable(&found.file, &error)]),
            Ok(content) => {
                let asset = Asset {
                    file: Arc::clone(&found.file),
                    inner: found.inner,
                    content,
                    modified: found.facts.modified(),
                };
                (Some(Arc::new(asset)), Vec::new())
            }
        }
    }

    /// A file that stays on disk, held open as long as there are not too many.
    fn large(&self, path: PathBuf, facts: Facts) -> io::Result<LargeFile> {
        let mut file = fs::File::open(&path)?;
        let hash = Hash::of_reader(&mut file)?;
        let take_one = |left: usize| left.checked_sub(1);
        let hold = self
            .may_hold
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one);
        Ok(LargeFile {
            file: path,
            bytes: facts.bytes(),
            hash,
            held: hold.is_ok().then(|| Arc::new(file)),
        })
    }
}

/// What is told of a path that gives no file.
fn faulty(path: &Path, fault: &Fault) -> Problem {
    let problem = match fault {
        Fault::Loop(ancestor) => {
            let ancestor = match ancestor.to_str() {
                Some("") => "the site's own folder".into(),
                _ => format!("`{}`", ancestor.display()),
            };
            let what = format!("the link leads back to {ancestor}, and is not followed");
            Problem::warning(what).way_out("take the link away")
        }
        Fault::Nowhere => {
            let what = "the link leads nowhere, and is left out";
            Problem::warning(what).way_out("take it away, or let it lead to a file")
        }
        Fault::Unreadable(why) => Problem::error(format!("can't be read: {why}"))
            .way_out("let the account that littoral runs as read it"),
    };
    problem.in_file(path.display().to_string())
}

/// How many large files of a site are held open: together with those of the snapshot before, and a
/// few sites, well below the 1,024 descriptors that a process may commonly have.
const HELD_FILES_MAX: usize = 128;

fn unreadable(file: &str, error: &io::Error) -> Problem {
    let problem = Problem::error(format!("can't be read: {error}")).in_file(file);
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            problem.way_out("let the account that littoral runs as read it")
        }
        _ => problem,
    }
}

/// Globs of the configuration; a bad one is a problem and matches nothing.
pub(super) fn globs(
    disk: &Disk<'_>,
    patterns: &[String],
    config: &Config,
    problems: &mut Vec<Problem>,
) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        match Glob::new(pattern) {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => {
                let what = format!("the pattern `{pattern}` can't be read: {}", error.kind());
                let problem = Problem::error(what)
                    .way_out("`*`, `**`, `?`, `[abc]` and `{a,b}` mean something: write `\\\\[` for a bracket");
                problems.push(disk.placed(problem, &config.file, pattern));
            }
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// Adds to `over` what only `below` has, in nested tables too.
pub(super) fn merge_below(over: &mut Map<String, Value>, below: Map<String, Value>) {
    for (key, value) in below {
        match (over.get_mut(&key), value) {
            (Some(Value::Object(own)), Value::Object(theirs)) => merge_below(own, theirs),
            (Some(_), _) => {}
            (None, value) => {
                over.insert(key, value);
            }
        }
    }
}
