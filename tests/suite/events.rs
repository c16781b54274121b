//! A running node that is told of changes by events: it looks at what they name, and at everything where
//! they may not have named all.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    time::{Duration, SystemTime},
};

use crate::node::{Node, rsync, write};

/// A node that says by which way it came to know of a change, and looks over its files by itself so
/// seldom that no test waits for it.
fn node() -> Node {
    quiet(10)
}

fn quiet(quiet_ms: u32) -> Node {
    let config = format!(
        "[[site]]\nroot = 'site'\n[log]\nlevel = 'debug'\n[watch]\npoll_s = 3600\nquiet_ms = {quiet_ms}\n"
    );
    let node = Node::files(&[])
        .write_beside("site/config.toml", "")
        .write_beside(
            "site/templates/index.html",
            "{{ section.pages | length }} pages",
        )
        .write_beside("site/templates/page.html", "{{ page.content | safe }}")
        .write_beside("site/content/_index.md", "+++\n+++\n")
        .write_beside("site/content/a.md", "+++\n+++\nOne\n")
        .write_beside("littoral.toml", &config)
        .start_with_config("littoral.toml");
    node.told("looked over");
    node
}

fn shows(node: &Node, path: &str, text: &str) {
    node.wait_for(text, |node| node.get(path).body.contains(text));
}

/// Whether every look so far was at what events named.
fn is_guided(node: &Node) -> bool {
    !node.stderr().contains("is_guided=false")
}

#[test]
fn one_edit_takes_one_look() {
    let node = node();
    for text in ["Two", "Three", "Four"] {
        node.write("content/a.md", &format!("+++\n+++\n{text}\n"));
        shows(&node, "/a/", text);
    }
    node.write("content/b.md", "+++\n+++\nNew\n");
    shows(&node, "/b/", "New");
    fs::rename(
        node.root().join("content/b.md"),
        node.root().join("content/c.md"),
    )
    .unwrap();
    shows(&node, "/c/", "New");
    node.get("/b/").is(404);
    fs::remove_file(node.root().join("content/c.md")).unwrap();
    shows(&node, "/", "1 pages");
    node.write("templates/page.html", "<p>{{ page.content | safe }}");
    shows(&node, "/a/", "<p>");
    node.write("config.toml", "title = 'T'\n");
    node.write("templates/index.html", "{{ config.title }}");
    shows(&node, "/", "T");
    assert!(is_guided(&node), "{}", node.stderr());
}

#[test]
fn what_rsync_brings_takes_no_walk() {
    let node = node();
    let next = node.beside("next");
    for (text, flags) in [
        ("Delayed", &["--delay-updates"][..]),
        ("Plain", &[]),
        ("Checked", &["--checksum"]),
    ] {
        write(&next.join("a.md"), &format!("+++\n+++\n{text}\n"));
        rsync(&next, &node.root().join("content"), flags);
        shows(&node, "/a/", text);
    }
    assert!(is_guided(&node), "{}", node.stderr());
}

#[test]
fn a_burst_of_edits_ends_in_the_last() {
    let node = node();
    for number in 0..500 {
        let text = format!("+++\n+++\nNumber {number}.\n");
        node.write("content/a.md", &text);
        node.write(&format!("content/b{}.md", number % 50), &text);
    }
    shows(&node, "/a/", "Number 499.");
    shows(&node, "/b49/", "Number 499.");
    shows(&node, "/", "51 pages");
}

#[test]
fn a_file_of_the_same_size_and_time_is_another() {
    let node = node();
    let file = node.root().join("content/a.md");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for text in ["Two", "Six", "Ten"] {
        let new = node.beside("new.md");
        write(&new, &format!("+++\n+++\n{text}\n"));
        let written = File::options().write(true).open(&new).unwrap();
        written.set_modified(time).unwrap();
        fs::rename(&new, &file).unwrap();
        shows(&node, "/a/", text);
    }
    assert!(is_guided(&node), "{}", node.stderr());
}

#[test]
fn folders_come_and_go_with_all_that_is_in_them() {
    let node = node();
    let away = node.beside("away");
    write(&away.join("b.md"), "+++\n+++\nOne\n");
    write(&away.join("deep/c.md"), "+++\n+++\nDeep\n");
    let inside = node.root().join("content/sec");
    fs::rename(&away, &inside).unwrap();
    shows(&node, "/sec/b/", "One");
    shows(&node, "/sec/deep/c/", "Deep");
    node.write("content/sec/b.md", "+++\n+++\nTwo\n");
    shows(&node, "/sec/b/", "Two");
    node.write("content/sec/deep/c.md", "+++\n+++\nDeeper\n");
    shows(&node, "/sec/deep/c/", "Deeper");
    fs::rename(&inside, &away).unwrap();
    node.wait_for("its end", |node| node.get("/sec/b/").status == 404);
    // What happens where it is now is nobody's concern.
    write(&away.join("b.md"), "+++\n+++\nElsewhere\n");
    fs::rename(&away, node.root().join("content/other")).unwrap();
    shows(&node, "/other/b/", "Elsewhere");
    node.get("/sec/b/").is(404);
}

#[test]
fn what_appears_and_disappears_leaves_no_trace() {
    let node = quiet(300);
    node.write("content/b.md", "+++\ntitle = \n+++\nbroken\n");
    fs::remove_file(node.root().join("content/b.md")).unwrap();
    fs::create_dir(node.root().join("content/sec")).unwrap();
    fs::remove_dir(node.root().join("content/sec")).unwrap();
    node.write("content/a.md", "+++\n+++\nTwo\n");
    shows(&node, "/a/", "Two");
    node.get("/").body_has("1 pages");
    assert!(
        !node.stderr().contains("not published"),
        "{}",
        node.stderr()
    );
}

#[test]
fn more_paths_than_are_kept_are_everything() {
    let node = quiet(1_000);
    for number in 0..4_200 {
        node.write(&format!("content/n{number}.md"), "+++\n+++\n");
    }
    shows(&node, "/", "4201 pages");
    assert!(!is_guided(&node), "{}", node.stderr());
    node.write("content/a.md", "+++\n+++\nTwo\n");
    shows(&node, "/a/", "Two");
}

#[test]
fn what_lies_behind_a_link_is_looked_at_each_time() {
    let node = node();
    let outside = node.beside("outside.md");
    write(&outside, "+++\n+++\nOutside\n");
    symlink(&outside, node.root().join("content/link.md")).unwrap();
    shows(&node, "/link/", "Outside");
    write(&outside, "+++\n+++\nAfterwards\n");
    node.write("content/a.md", "+++\n+++\nTwo\n");
    shows(&node, "/link/", "Afterwards");
}
