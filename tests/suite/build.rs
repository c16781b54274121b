//! A whole site becomes a tree of files: the same everywhere, and the one Zola would write.
//!
//! `fixtures/tides` uses most of what the dialect has, `fixtures/almanac` every function and filter with many
//! arguments, `fixtures/dialect` the language of templates, `fixtures/harbour` every kind of listing,
//! `fixtures/isles` three languages and a theme, `fixtures/pools` Markdown and code, `fixtures/pictures` resized
//! images and minified HTML. `fixtures/tides.out` and so on is what becomes of them, and was compared with what
//! Zola 0.22.1 makes of the same sites. After a change that is meant, write them anew with
//! `LITTORAL_UPDATE=1 cargo test --test suite the_fixtures` and read the difference.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::node::{Node, Ran, Setup, fixture};

/// The files below a folder, by their path relative to it.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn expected(name: &str) -> PathBuf {
    fixture(&format!("{name}.out"))
}

/// Builds into `out` beside the site; the root hash is what is printed.
fn build(setup: &Setup, arguments: &[&str]) -> (Ran, PathBuf) {
    let all: Vec<&str> = ["-o", "{}/out"].iter().chain(arguments).copied().collect();
    (setup.run("build", &all).exits_with(0), setup.beside("out"))
}

#[test]
fn the_fixtures_become_the_trees_that_are_expected() {
    for name in [
        "tides", "almanac", "dialect", "harbour", "isles", "pictures", "pools",
    ] {
        becomes_what_is_expected(name);
    }
}

fn becomes_what_is_expected(name: &str) {
    let setup = Node::site(name);
    let (_, out) = build(&setup, &[]);
    let made = tree(&out);
    let expected = expected(name);
    if env::var_os("LITTORAL_UPDATE").is_some() {
        fs::remove_dir_all(&expected).unwrap_or_default();
        for (name, body) in &made {
            let path = expected.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, body).unwrap();
        }
    }
    let expected = tree(&expected);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&expected));
    for (name, body) in made {
        let (made, wanted) = (
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(&expected[&name]),
        );
        assert_eq!(made, wanted, "{name}");
        assert!(body == expected[&name], "{name} differs in its bytes");
    }
}

#[test]
fn the_root_hash_knows_neither_threads_nor_the_order_of_files() {
    let hash = |threads: &str, setup: Setup| {
        let (ran, _) = build(&setup.env("RAYON_NUM_THREADS", threads), &[]);
        ran.stdout.trim().to_owned()
    };
    let first = hash("1", Node::site("tides"));
    assert_eq!(first.len(), 64, "{first}");
    for threads in ["2", "3", "8"] {
        assert_eq!(
            hash(threads, Node::site("tides")),
            first,
            "{threads} threads"
        );
    }
    assert_eq!(
        hash("4", backwards()),
        first,
        "files written in another order"
    );
}

/// The fixture, its files written last to first.
fn backwards() -> Setup {
    let setup = Setup::empty();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fixtures/tides");
    for (name, body) in tree(&fixture).into_iter().rev() {
        let path = setup.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, body).unwrap();
    }
    setup
}

#[test]
fn drafts_are_left_out_until_asked_for() {
    let setup = Node::site("tides");
    let (_, out) = build(&setup, &[]);
    assert!(!out.join("log/draft/index.html").exists());
    let (_, out) = build(&setup, &["--drafts"]);
    assert!(out.join("log/draft/index.html").exists());
}

#[test]
fn the_base_url_can_be_another() {
    let setup = Node::site("tides");
    let (_, out) = build(&setup, &["--base-url", "http://127.0.0.1:1111"]);
    let home = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(home.contains("http://127.0.0.1:1111/log"), "{home}");
    assert!(!home.contains("tides.example"), "{home}");
}

#[test]
fn a_second_build_replaces_the_first_and_nothing_foreign() {
    let setup = Node::site("tides");
    let (_, out) = build(&setup, &[]);
    fs::remove_file(setup.root().join("content/log/neap.md")).unwrap();
    fs::write(
        setup.root().join("content/log/2024-05-01-spring-tide.md"),
        "+++\ntitle = 'Spring'\n+++\n",
    )
    .unwrap();
    build(&setup, &[]);
    assert!(!out.join("log/neap/index.html").exists());
    let foreign = setup.beside("foreign");
    fs::create_dir_all(&foreign).unwrap();
    fs::write(foreign.join("diary.txt"), "mine").unwrap();
    setup
        .run("build", &["-o", "{}/foreign"])
        .exits_with(1)
        .tells("--force");
    assert_eq!(
        fs::read_to_string(foreign.join("diary.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn a_second_start_takes_its_pictures_from_the_cache() {
    let setup = Node::site("pictures");
    let cache = setup.beside("cache");
    let (_, out) = build(&setup, &["--cache", "{}/cache"]);
    let first = tree(&out);
    let kept = tree(&cache);
    let pictures = first
        .keys()
        .filter(|name| name.contains("processed_images/"));
    assert_eq!(kept.len(), pictures.count());
    // What is used is touched; what is not whole is made anew.
    for name in kept.keys() {
        let file = fs::File::options().append(true).open(cache.join(name));
        file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    let (broken, body) = kept.first_key_value().unwrap();
    fs::write(cache.join(broken), &body[..body.len() / 2]).unwrap();
    build(&setup, &["--cache", "{}/cache"]);
    assert!(tree(&out) == first && tree(&cache) == kept);
    for name in kept.keys() {
        let used = cache.join(name).metadata().unwrap().modified().unwrap();
        assert!(used > SystemTime::UNIX_EPOCH, "{name} was not asked for");
    }
}

#[test]
fn a_cache_can_be_switched_off() {
    let setup = Node::site("pictures");
    let cache = setup.beside("cache");
    let setup = setup.env("LITTORAL_CACHE", cache.to_str().unwrap());
    build(&setup, &["--cache", "off"]);
    assert!(!cache.exists() && !Path::new("off").exists());
    build(&setup, &[]);
    assert!(cache.exists());
}

#[test]
fn a_cache_that_cannot_be_used_is_told_of_once() {
    let setup = Node::site("pictures").write_beside("file", "");
    let (ran, out) = build(&setup, &["--cache", "{}/file"]);
    let told = ran.stderr.matches("can't be used").count();
    assert_eq!(told, 1, "{}", ran.stderr);
    assert!(tree(&out) == tree(&expected("pictures")));
}

#[test]
fn html_is_minified_for_the_site_or_on_request() {
    let setup = Node::files(&[
        ("content/_index.md", "+++\n+++\na  b\n\nc"),
        (
            "templates/index.html",
            "<p>  {{ config.title }}  </p>\n{{ section.content | safe }}",
        ),
        ("config.toml", "title = 'T'"),
    ]);
    let (_, out) = build(&setup, &[]);
    let home = || fs::read_to_string(out.join("index.html")).unwrap();
    assert!(home().contains("<p>  T  </p>\n"), "{}", home());
    build(&setup, &["--minify"]);
    assert_eq!(home(), "<p>T<p>a b<p>c");
}
