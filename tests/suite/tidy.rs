//! The source's own rules: how a file opens, how long it is, and which rooms it may name.
//!
//! What rustc and clippy can see is theirs (`Cargo.toml`, `.clippy.toml`); this is the rest.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Which other rooms a room may name after `crate::`. A new row, or a new word in one, is a change of the
/// architecture: it comes with its reason.
const MAY_NAME: &[(&str, &[&str])] = &[
    // The nouns, spoken by all; so they can know nobody.
    ("site", &[]),
    // A folder becomes a Source. It gives way between two files.
    ("load", &["idle", "site"]),
    // A Source becomes pages: from the nouns alone, so that it is the same everywhere; pictures are
    // another trade. It gives way between two texts.
    ("render", &["idle", "images", "site"]),
    // Bytes become other bytes, which are kept under their hash where somebody hands in a place for it.
    ("images", &["cache", "site"]),
    // Style sheets, by a process of their own: it knows the files they are made of, and problems.
    ("sass", &["site"]),
    // Bytes by hash, in a folder: of whom they are it does not know.
    ("cache", &["site"]),
    // A question of a template becomes bytes from elsewhere: it knows what a question is, and who asks
    // it does not know.
    ("fetch", &["site"]),
    // Pages become a Snapshot, in codings that a cache keeps where somebody hands one in.
    ("pack", &["cache", "idle", "site"]),
    // The one sentence that knows how a folder becomes a snapshot; it owns what is kept between two
    // runs.
    (
        "pipeline",
        &["idle", "images", "load", "pack", "render", "site"],
    ),
    // A snapshot goes on the air, wherever it came from.
    ("publish", &["site"]),
    // What is published goes into a cache, and comes back packed.
    ("last_good", &["cache", "idle", "pack", "publish", "site"]),
    // A changed folder goes through the pipeline to publish, until the shutdown; reads its own section.
    (
        "watch",
        &["config", "load", "pipeline", "publish", "shutdown", "site"],
    ),
    // Answers from what is on the air, with certificates that are a swap of their own.
    // A form that is not held is worked out by whoever packed it.
    ("serve", &["certs", "pack", "publish", "shutdown", "site"]),
    // Tells what is on the air, and what its gauges say: whose they are it does not know.
    ("admin", &["publish", "site"]),
    // A PEM file becomes a certificate: nothing in a page must agree with it.
    ("certs", &[]),
    // What the fuzz targets of tests/fuzz reach: every room that reads texts.
    ("fuzzing", &["config", "load", "render", "serve", "site"]),
    // A Snapshot becomes a file tree.
    ("export", &["site"]),
    // What was typed; it means nothing yet, but for where to listen.
    ("cli", &["serve"]),
    // What was typed becomes the settings of the rooms that have some.
    (
        "config",
        &["certs", "cli", "load", "pack", "serve", "site", "watch"],
    ),
    // Threads that stand back, whatever they do.
    ("idle", &[]),
    // One signal, handed to every task.
    ("shutdown", &[]),
    // The subcommands: each puts rooms together.
    ("command", EVERY_ROOM),
    // The map, and the dispatch to a subcommand.
    ("lib", EVERY_ROOM),
    // Calls the library and turns its answer into an exit code.
    ("main", &[]),
];

const EVERY_ROOM: &[&str] = &[
    "admin",
    "cache",
    "certs",
    "cli",
    "command",
    "config",
    "export",
    "fetch",
    "idle",
    "images",
    "last_good",
    "load",
    "pack",
    "pipeline",
    "publish",
    "render",
    "sass",
    "serve",
    "shutdown",
    "site",
    "watch",
];

#[test]
fn a_file_opens_by_saying_what_it_is_for() {
    no_faults(&rust_files(), |_, text| {
        let opens = text.starts_with("//! ");
        (!opens).then(|| "begin with `//! ` and what the file is for".to_owned())
    });
}

#[test]
fn a_door_says_what_its_room_keeps_to_itself() {
    no_faults(&sources(), |path, text| {
        let is_door = path.parent() == Some(&repository().join("src"));
        let room = room_of(path);
        let promises = ["lib", "main"].contains(&&*room) || text.contains("//! **Invariant:** ");
        (is_door && !promises).then(|| "a door has a line `//! **Invariant:** ...`".to_owned())
    });
}

#[test]
fn a_file_fits_in_one_head() {
    no_faults(&rust_files(), |path, text| {
        let lines = before_tests(path, text).lines().count();
        (lines > FILE_LINES_MAX).then(|| {
            format!("{lines} lines before its tests, more than {FILE_LINES_MAX}: it holds two ideas, give each a file")
        })
    });
}

#[test]
fn rooms_name_only_whom_they_may() {
    no_faults(&sources(), |path, text| {
        let room = room_of(path);
        let Some((_, may)) = MAY_NAME.iter().find(|(name, _)| *name == room) else {
            return Some(format!(
                "`{room}` has no row in MAY_NAME: add it, with its reason"
            ));
        };
        // A test may make what it needs with any room.
        let code = code(before_tests(path, text));
        let mut wrong = rooms_named(&code);
        wrong.retain(|named| *named != room && !may.contains(named));
        (!wrong.is_empty())
            .then(|| format!("`{room}` may not name {wrong:?} (MAY_NAME in tests/suite/tidy.rs)"))
    });
}

#[test]
fn rooms_are_named_by_crate() {
    no_faults(&sources(), |path, text| {
        // As many steps up as the file stands deep lead to the root, past the doors.
        let depth = path
            .strip_prefix(repository().join("src"))
            .unwrap()
            .iter()
            .count();
        let dodge = "super::".repeat(depth);
        let dodges = code(before_tests(path, text)).contains(&dodge);
        dodges.then(|| format!("write `crate::`, not `{dodge}`"))
    });
}

#[test]
fn names_say_what_a_thing_is() {
    // What templates call has the name that they call it by.
    let of_templates = repository().join("src/render/functions");
    no_faults(&sources(), |path, text| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if EMPTY_NAMES.contains(&stem) {
            return Some("the file's name says nothing".to_owned());
        }
        let get = code(text).contains("fn get_") && !path.starts_with(&of_templates);
        get.then(|| "leave `get_` out of the name of a function".to_owned())
    });
}

#[test]
fn text_names_no_place_on_one_machine() {
    let places = ["/wo rk/", "/ro ot/", "/Us ers/"].map(|place| place.replace(' ', ""));
    let files = repository_files().into_iter().filter_map(|path| {
        // What is not text is an image or a font.
        let text = fs::read_to_string(&path).ok()?;
        Some((path, text))
    });
    no_faults(&files.collect::<Vec<_>>(), |_, text| {
        let named = places.iter().find(|place| text.contains(*place))?;
        Some(format!("names {named}"))
    });
}

#[test]
fn lockfiles_name_no_mirror() {
    let cargo = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    for line in cargo.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(
            line,
            r#"source = "registry+https://github.com/rust-lang/crates.io-index""#
        );
    }
    for tests in ["browser", "commonmark"] {
        let folder = repository().join("tests").join(tests);
        let npm = fs::read_to_string(folder.join("package-lock.json")).unwrap();
        assert!(
            !npm.contains("\"resolved\""),
            "tests/{tests}/.npmrc keeps `resolved` out of the lockfile"
        );
    }
}

#[test]
fn scripts_are_good_sh() {
    let shellcheck = Command::new("shellcheck").arg("--version").output().is_ok();
    for path in repository_files() {
        let text = fs::read(&path).unwrap();
        let parse: &[&str] = match text.split(|&byte| byte == b'\n').next() {
            Some(b"#!/bin/sh") => &["sh", "-n"],
            Some(b"#!/usr/bin/env bash") => &["bash", "-n"],
            _ => continue,
        };
        runs_well(Command::new(parse[0]).arg(parse[1]).arg(&path));
        if shellcheck {
            runs_well(Command::new("shellcheck").arg(&path));
        }
    }
}

/// All the faults at once, each with its file.
#[track_caller]
fn no_faults(files: &[(PathBuf, String)], fault: impl Fn(&Path, &str) -> Option<String>) {
    let faults = files.iter().filter_map(|(path, text)| {
        let shown = path.strip_prefix(repository()).unwrap().display();
        fault(path, text).map(|fault| format!("{shown}: {fault}"))
    });
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[track_caller]
fn runs_well(command: &mut Command) {
    let said = command.output().unwrap();
    assert!(
        said.status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&[said.stdout, said.stderr].concat())
    );
}

/// The first words after each `crate::` of `code`, those in braces too.
fn rooms_named(code: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => named.push(first_word(rest)),
            Some(group) => named.extend(words_of_group(group)),
        }
    }
    named.retain(|word| !word.is_empty());
    named
}

/// The first word of each item of a `{...}` group whose opening brace is gone.
fn words_of_group(group: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut depth, mut item) = (0, 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' if depth > 0 => {}
            b',' | b'}' => {
                words.push(first_word(group[item..at].trim_start()));
                item = at + 1;
            }
            _ => {}
        }
        if byte == b'}' && depth == 0 && item == at + 1 {
            break;
        }
    }
    words
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .next()
        .unwrap_or("")
}

/// `text` without its comments: a door may be spoken of where it may not be used.
fn code(text: &str) -> String {
    let kept = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    kept.collect::<Vec<_>>().join("\n")
}

/// What stands before the tests at the end of a file: nothing in `tests.rs`, and below `tests/`.
fn before_tests<'a>(path: &Path, text: &'a str) -> &'a str {
    let inside = path.strip_prefix(repository().join("src"));
    if inside.is_ok_and(|inside| inside.with_extension("").iter().any(|part| part == "tests")) {
        return "";
    }
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// `src/serve/reply.rs` and `src/serve.rs` are of the room `serve`.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(repository().join("src")).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Every Rust file of the program, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    rust_files()
        .into_iter()
        .filter(|(path, _)| path.starts_with(repository().join("src")))
        .collect()
}

/// Every Rust file of the program and of its tests, with its text.
fn rust_files() -> Vec<(PathBuf, String)> {
    let files = repository_files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    files
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// Every file of the repository, but for what is built and what git keeps.
fn repository_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![repository().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_built = folder == repository() && NOT_SOURCE.contains(&name);
            match (is_built, path.is_dir()) {
                (true, _) => {}
                (false, true) => folders.push(path),
                (false, false) => files.push(path),
            }
        }
    }
    files.sort();
    files
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

const EMPTY_NAMES: [&str; 9] = [
    "common",
    "globals",
    "handler_main",
    "helpers",
    "manager",
    "misc",
    "types",
    "util",
    "utils",
];

/// Without its tests: what can be read in one sitting.
const FILE_LINES_MAX: usize = 400;

/// In the first folder of the repository.
const NOT_SOURCE: [&str; 4] = [".git", "node_modules", "public", "target"];

#[test]
fn rooms_are_found_in_every_form() {
    let check = |code: &str, expected: &[&str]| assert_eq!(rooms_named(code), expected, "{code}");
    check("use crate::site::Page;", &["site"]);
    check(
        "let a = crate::load::source(&crate::site::Path);",
        &["load", "site"],
    );
    check("use crate::{load, pack};", &["load", "pack"]);
    check(
        "use crate::{\n    load, render::{a, b::{c, d}},\n    site::{Page, Problem},\n};",
        &["load", "render", "site"],
    );
    check(
        "use crate::{load}; use std::{fs, io}; use crate::{pack,};",
        &["load", "pack"],
    );
    check("pub(in crate::serve) fn f() {}", &["serve"]);
    check("fn f() { other::load() }", &[]);
}
