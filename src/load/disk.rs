//! The files of one site: listed in a fixed order, read with errors that name them.

#![expect(clippy::disallowed_methods, reason = "this is where a site is read")]

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use globset::{Glob, GlobSet, GlobSetBuilder};
use once_cell::sync::Lazy;
use rayon::prelude::*;
use serde_json::{Map, Value};
use walkdir::{DirEntry, WalkDir};

use super::Options;
use crate::site::{Asset, AssetContent, Config, Files, Hash, LargeFile, Problem};

/// One site's folder.
pub(super) struct Disk {
    root: PathBuf,
    memory_file_bytes_max: u64,
    newest: AtomicI64,
    /// How many files may still be held open.
    may_hold: AtomicUsize,
}

/// A file found below a folder.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Relative to the folder that was listed, with `/` between its parts.
    pub(super) relative: String,
    /// Relative to the site's root.
    pub(super) file: String,
    bytes: u64,
    modified: i64,
    modified_nanos: u32,
}

impl Found {
    /// Whether a glob means this file by its whole path: `*.tmp` and `**/notes.md` do, and a bare
    /// `notes.md` never does. That path begins at the site, so that it is the same everywhere.
    pub(super) fn is_ignored_content(&self, globs: &GlobSet) -> bool {
        globs.is_match(format!("/{}", self.file))
    }

    /// Whether a glob means this file by its path below the folder it was found in.
    pub(super) fn is_ignored_static(&self, globs: &GlobSet) -> bool {
        globs.is_match(&self.relative)
    }
}

impl Disk {
    pub(super) fn new(options: &Options) -> Self {
        let memory_file_bytes_max = options.memory_file_bytes_max;
        Self {
            root: options.root.clone(),
            memory_file_bytes_max,
            newest: AtomicI64::new(0),
            may_hold: AtomicUsize::new(HELD_FILES_MAX),
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
        self.read_outside(&self.root.join(file))
            .map_err(|problem| Box::new(problem.in_file(file)))
    }

    /// The text of a file that may lie anywhere.
    pub(super) fn read_outside(&self, path: &Path) -> Result<String, Box<Problem>> {
        let file = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| Box::new(unreadable(&file, &error)))?;
        if let Ok(metadata) = fs::metadata(path) {
            self.saw(&metadata);
        }
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

    /// Every file below `folder`, by path; none if there is no such folder. Transfers under way
    /// leave no trace: see [`is_temporary`].
    pub(super) fn list(&self, folder: &str) -> (Vec<Found>, Vec<Problem>) {
        let start = self.root.join(folder);
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        if !start.is_dir() {
            return (found, problems);
        }
        let walk = WalkDir::new(&start)
            .follow_links(true)
            .sort_by_file_name()
            .min_depth(1);
        for entry in walk.into_iter().filter_entry(|entry| !is_temporary(entry)) {
            match entry
                .map_err(|error| self.unlisted(&error))
                .and_then(|e| self.found(&start, folder, &e))
            {
                Ok(file) => found.extend(file),
                Err(problem) => problems.push(*problem),
            }
        }
        (found, problems)
    }

    fn found(
        &self,
        start: &Path,
        folder: &str,
        entry: &DirEntry,
    ) -> Result<Option<Found>, Box<Problem>> {
        if !entry.file_type().is_file() {
            return Ok(None);
        }
        let inner = entry
            .path()
            .strip_prefix(start)
            .unwrap_or_else(|_| entry.path());
        let Some(relative) = inner.to_str() else {
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
        let relative = relative.replace(std::path::MAIN_SEPARATOR, "/");
        let metadata = entry.metadata().map_err(|error| self.unlisted(&error))?;
        let (modified, modified_nanos) = self.saw(&metadata);
        let file = format!("{folder}/{relative}");
        Ok(Some(Found {
            relative,
            file,
            bytes: metadata.len(),
            modified,
            modified_nanos,
        }))
    }

    /// The files below `folder` as assets, but for the `ignored`.
    pub(super) fn assets(&self, folder: &str, ignored: &GlobSet) -> (Vec<Asset>, Vec<Problem>) {
        let (found, mut problems) = self.list(folder);
        let kept = found
            .into_par_iter()
            .filter(|found| !found.is_ignored_static(ignored));
        let read: Vec<_> = kept.map(|found| self.asset(found)).collect();
        let mut assets = Vec::with_capacity(read.len());
        for asset in read {
            match asset {
                Ok(asset) => assets.push(asset),
                Err(problem) => problems.push(*problem),
            }
        }
        (assets, problems)
    }

    /// Reads a file that is served as it is.
    pub(super) fn asset(&self, found: Found) -> Result<Asset, Box<Problem>> {
        let path = self.root.join(&found.file);
        let content = if found.bytes <= self.memory_file_bytes_max {
            fs::read(&path).map(|bytes| AssetContent::Memory(bytes.into()))
        } else {
            self.large(path, &found).map(AssetContent::Disk)
        };
        let content = content.map_err(|error| Box::new(unreadable(&found.file, &error)))?;
        let Found {
            relative,
            file,
            modified,
            ..
        } = found;
        Ok(Asset {
            relative,
            file,
            content,
            modified,
        })
    }

    /// A file that stays on disk, held open as long as there are not too many.
    fn large(&self, path: PathBuf, found: &Found) -> io::Result<LargeFile> {
        let mut file = fs::File::open(&path)?;
        let hash = hash(&path, &mut file, found)?;
        let take_one = |left: usize| left.checked_sub(1);
        let hold = self
            .may_hold
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one);
        Ok(LargeFile {
            file: path,
            bytes: found.bytes,
            hash,
            held: hold.is_ok().then(|| Arc::new(file)),
        })
    }

    /// Notes a file's time, which is returned as seconds and nanoseconds since 1970.
    fn saw(&self, metadata: &fs::Metadata) -> (i64, u32) {
        let since = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let since = since.unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        self.newest.fetch_max(seconds, Ordering::Relaxed);
        (seconds, since.subsec_nanos())
    }

    fn unlisted(&self, error: &walkdir::Error) -> Box<Problem> {
        let path = error.path().unwrap_or(&self.root);
        let file = path
            .strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string();
        Box::new(
            match error.loop_ancestor() {
                Some(ancestor) => {
                    let ancestor = ancestor.strip_prefix(&self.root).unwrap_or(ancestor);
                    let ancestor = match ancestor.to_str() {
                        Some("") => "the site's own folder".into(),
                        _ => format!("`{}`", ancestor.display()),
                    };
                    let what = format!("the link leads back to {ancestor}, and is not followed");
                    Problem::warning(what).way_out("take the link away")
                }
                None if path.is_symlink() && !path.exists() => {
                    let what = "the link leads nowhere, and is left out";
                    Problem::warning(what).way_out("take it away, or let it lead to a file")
                }
                None => {
                    let io = error
                        .io_error()
                        .map_or_else(|| error.to_string(), ToString::to_string);
                    Problem::error(format!("can't be read: {io}"))
                        .way_out("let the account that littoral runs as read it")
                }
            }
            .in_file(file),
        )
    }
}

/// The hash of a large file is kept for as long as its size and time stay, so that a reload
/// does not read gigabytes again.
fn hash(path: &Path, file: &mut fs::File, found: &Found) -> io::Result<Hash> {
    type Known = HashMap<(PathBuf, u64, i64, u32), Hash>;
    static KNOWN: Lazy<Mutex<Known>> = Lazy::new(Mutex::default);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (
        path.to_owned(),
        found.bytes,
        found.modified,
        found.modified_nanos,
    );
    if let Some(hash) = known().get(&key).copied() {
        return Ok(hash);
    }
    let hash = Hash::of_reader(file)?;
    known().insert(key, hash);
    Ok(hash)
}

/// How many large files of a site are held open: together with those of the snapshot before, and a
/// few sites, well below the 1,024 descriptors that a process may commonly have.
const HELD_FILES_MAX: usize = 128;

/// Whether a name is of a file on its way in: rsync writes `.name.XXXXXX` and folders `.~tmp~`;
/// desktops leave `.DS_Store`, editors `name~` and `.name.swp`.
fn is_temporary(entry: &DirEntry) -> bool {
    let Some(name) = entry.file_name().to_str() else {
        return false;
    };
    let Some(hidden) = name.strip_prefix('.') else {
        return name.ends_with('~');
    };
    let is_random = |end: &str| end.len() == 6 && end.chars().all(|c| c.is_ascii_alphanumeric());
    matches!(name, ".~tmp~" | ".DS_Store" | ".git" | ".rsync-partial")
        || hidden.ends_with(".swp")
        || hidden
            .rsplit_once('.')
            .is_some_and(|(_, end)| is_random(end))
}

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
    disk: &Disk,
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
