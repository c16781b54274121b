//! Files that nobody meant to be in a site: each is one problem at most, and none is waited for.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::Path,
    process::Command,
};

use crate::node::{Node, Ran, Setup};

#[test]
fn a_text_that_is_not_utf8() {
    told_after(|root| fs::write(root.join("content/a.md"), b"+++\n+++\ncaf\xe9\n").unwrap())
        .exits_with(1)
        .prints("the file is not UTF-8")
        .prints("content/a.md:3");
}

#[test]
fn a_pipe_is_no_page_and_no_data() {
    told_after(|root| {
        for pipe in ["content/a.md", "data.json", "static/a", "templates/a.html"] {
            let made = Command::new("mkfifo").arg(root.join(pipe)).status();
            assert!(made.unwrap().success());
        }
        let asks = "{{ load_data(path='data.json', required=false) }}";
        fs::write(root.join("templates/index.html"), asks).unwrap();
    })
    .exits_with(0)
    .prints("no problems");
}

#[test]
fn a_link_that_leads_back_is_not_followed() {
    told_after(|root| symlink("..", root.join("content/loop")).unwrap())
        .exits_with(0)
        .prints("content/loop")
        .prints("is not followed");
}

#[test]
fn a_link_that_leads_nowhere_is_left_out() {
    told_after(|root| {
        symlink("gone.md", root.join("content/a.md")).unwrap();
        symlink("itself", root.join("static/itself")).unwrap();
    })
    .exits_with(0)
    .prints("2 warnings");
}

#[test]
fn names_that_are_not_utf8() {
    let name = |end: &str| [b"caf\xe9.", end.as_bytes()].concat();
    let put = |folder: &Path, end: &str| {
        let file = folder.join(OsStr::from_bytes(&name(end)));
        fs::write(file, "+++\n+++\n").unwrap();
    };
    told_after(|root| put(&root.join("static"), "png"))
        .exits_with(0)
        .prints("the file is left out");
    told_after(|root| put(&root.join("content"), "md"))
        .exits_with(1)
        .prints("is not UTF-8");
}

#[test]
fn a_folder_may_be_called_like_a_page() {
    told_after(|root| {
        fs::create_dir(root.join("content/x.md")).unwrap();
        fs::write(root.join("content/x.md/y.md"), "\u{feff}+++\r\n+++\r\na\0b").unwrap();
    })
    .exits_with(0)
    .prints("no problems in 2 pages");
}

#[test]
fn a_site_may_lack_nearly_everything() {
    Node::files(&[("content/a.md", "+++\n+++\n")])
        .run("check", &[])
        .exits_with(0)
        .prints("no problems");
    let setup = Setup::empty();
    fs::create_dir(setup.root().join("content")).unwrap();
    setup.run("check", &[]).exits_with(0).prints("no problems");
}

/// What is told of a small site after `change` to its folder.
fn told_after(change: impl FnOnce(&Path)) -> Ran {
    let setup = Node::files(&[
        ("config.toml", ""),
        ("content/_index.md", "+++\n+++\n"),
        ("static/a.txt", "a"),
        ("templates/index.html", "{{ section.content | safe }}"),
    ]);
    change(&setup.root());
    setup.run("check", &[])
}
