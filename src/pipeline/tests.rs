//! After any edits a site that was rendered before is the same as one that is rendered from nothing.
//!
//! A site is a set of files, each in one of some states: absent, one of several texts, broken. An edit puts
//! files into other states.

mod configs;
mod files;

use std::{fs, path::Path};

use bytes::Bytes;
use proptest::{
    collection::vec,
    test_runner::{Config, TestRunner},
};

use self::files::{FILES, PICTURE};
use super::*;
use crate::site::{CompiledSass, Files, Remote, SassCompiler, SassSource, Stored};

/// Files, by their places in [`FILES`], and the states they are put into; behind the last state a text gets
/// another title.
type Edit = Vec<(usize, usize)>;

#[test]
fn what_is_rendered_again_is_as_if_it_were_rendered_from_nothing() {
    #[expect(clippy::disallowed_methods, reason = "who soaks says for how long")]
    let cases = std::env::var("LITTORAL_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let packer = Arc::new(Packer::plain());
    let pipeline = Pipeline::new(Priority::Normal, Studio::default(), packer).unwrap();
    let edits = vec(vec((0..FILES.len(), 0..STATES + RETITLINGS), 1..4), 1..10);
    TestRunner::new(config)
        .run(&edits, |edits| {
            check(&pipeline, &edits);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

fn check(pipeline: &Pipeline, edits: &[Edit]) {
    let folder = tempfile::tempdir().unwrap();
    for place in 0..FILES.len() {
        put(folder.path(), place, 0);
    }
    picture(&folder.path().join(PICTURE));
    let mut known = (load::Reader::new(options(folder.path())), Known::default());
    compare(pipeline, folder.path(), &mut known);
    for edit in edits {
        for (place, state) in edit {
            put(folder.path(), *place, *state);
        }
        compare(pipeline, folder.path(), &mut known);
    }
}

fn put(root: &Path, place: usize, state: usize) {
    let file = &FILES[place];
    let path = root.join(file.path);
    if state >= STATES && file.path.ends_with(".md") {
        return retitle(&path);
    }
    // What is broken hides all else, so it is rare.
    let states = match state {
        GOOD_STATES.. if !file.bad.is_empty() => file.bad,
        _ => file.good,
    };
    match states[state % states.len()] {
        None => {
            fs::remove_file(&path).ok();
        }
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// Such an edit leaves all in its order.
#[expect(
    clippy::disallowed_methods,
    reason = "what is edited is the test's own"
)]
fn retitle(path: &Path) {
    if let Ok(text) = fs::read_to_string(path) {
        fs::write(path, text.replacen("title = '", "title = 'Re", 1)).unwrap();
    }
}

fn picture(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_fn(4, 4, |x, y| image::Rgb([x as u8 * 60, y as u8 * 60, 9]))
        .save(path)
        .unwrap();
}

/// Runs once with what is known, once without, and once with all that templates could be given.
fn compare(pipeline: &Pipeline, root: &Path, (reader, known): &mut (load::Reader, Known)) {
    reader.look(&load::News::Everything);
    let mut changed = pipeline.run_changed(reader, known);
    reader.release();
    let fresh = pipeline.run(&mut load::Reader::new(options(root)));
    let whole = pipeline.run_wholly(&mut load::Reader::new(options(root)));
    assert_eq!(told(&whole), told(&fresh), "problems, with all there is");
    assert_same(whole.snapshot.as_ref(), fresh.snapshot.as_ref());
    assert_eq!(told(&changed), told(&fresh), "problems");
    let learned = changed.learned.take();
    assert_eq!(learned.is_some(), changed.snapshot.is_some());
    learned.into_iter().for_each(|learned| known.learn(learned));
    assert_same(changed.snapshot.as_ref(), fresh.snapshot.as_ref());
}

fn assert_same(one: Option<&Snapshot>, fresh: Option<&Snapshot>) {
    let (Some(one), Some(fresh)) = (one, fresh) else {
        return;
    };
    for resource in fresh.resources.values() {
        let path = &resource.path;
        let other = one.resources.get(path.as_str());
        let other = other.unwrap_or_else(|| panic!("{path} is missing"));
        let facts = |resource: &Resource| {
            let facts = (
                resource.status,
                resource.media_type.clone(),
                resource.modified,
            );
            (facts, body(&resource.stored))
        };
        assert_eq!(facts(other), facts(resource), "{path}");
    }
    assert_eq!(one.resources.len(), fresh.resources.len());
    assert_eq!(one.root_hash, fresh.root_hash);
}

fn told(outcome: &Outcome) -> Vec<String> {
    outcome.problems.iter().map(ToString::to_string).collect()
}

fn body(stored: &Stored) -> String {
    match stored {
        Stored::Memory(body) => {
            let forms = body.forms();
            let tags: Vec<_> = forms.variants().map(|variant| variant.etag).collect();
            let bytes = forms.encoded()[0].bytes.clone().unwrap_or_default();
            format!("{tags:?} {}", String::from_utf8_lossy(&bytes))
        }
        Stored::Redirect(redirect) => {
            format!(
                "{} {}",
                redirect.to,
                String::from_utf8_lossy(&redirect.html)
            )
        }
        Stored::Large(file) => file.hash.to_string(),
    }
}

fn options(root: &Path) -> load::Options {
    load::Options {
        root: root.to_owned(),
        config: None,
        base_url: None,
        drafts: false,
        minify: false,
        markdown: true,
        mode: load::Mode::Build,
        memory_file_bytes_max: 1 << 20,
        remote: Remote::default(),
        sass_compiler: SassCompiler::new(sheets),
    }
}

/// In place of Sass, which takes a process of its own: the file, behind what it may import.
fn sheets(files: &Files, sources: &[SassSource]) -> Vec<CompiledSass> {
    let part = files.read("sass/_part.scss").unwrap_or_default();
    let sheet = |source: &SassSource| CompiledSass {
        css: files
            .read(&source.file)
            .ok()
            .map(|text| Bytes::from([&part[..], &text].concat())),
        problems: Vec::new(),
    };
    sources.iter().map(sheet).collect()
}

/// So many states stand for it, so that it happens often.
const RETITLINGS: usize = 24;

/// In `make soak` there are thousands.
const CASES: u32 = 200;

/// Numbers of states; those from the second on mean broken ones.
const STATES: usize = 64;
const GOOD_STATES: usize = 60;
