//! The command line: what it prints, and the exit codes.

use crate::node::{Node, Setup, littoral};

/// A site with one page and nothing wrong.
const GOOD: &[(&str, &str)] = &[
    ("config.toml", "base_url = 'https://example.org'\n"),
    ("templates/index.html", "<p>{{ section.title }}"),
    ("templates/page.html", "<p>{{ page.title }}"),
    ("content/_index.md", "+++\ntitle = 'Home'\n+++\n"),
    ("content/a.md", "+++\ntitle = 'A'\n+++\n"),
];

#[test]
fn no_command_is_misuse() {
    littoral(&[]).exits_with(64).tells("Usage: littoral");
    littoral(&["sevre"])
        .exits_with(64)
        .tells("a similar subcommand exists: 'serve'");
    littoral(&["serve", "--http", "localhost"])
        .exits_with(64)
        .tells("an IP address and a port, as 127.0.0.1:8080");
    littoral(&["build"]).exits_with(64).tells("--output <DIR>");
}

#[test]
fn help_and_version_are_no_failure() {
    littoral(&["--version"])
        .exits_with(0)
        .prints(concat!("littoral ", env!("CARGO_PKG_VERSION")));
    let help = littoral(&["--help"]).exits_with(0);
    for command in ["serve", "build", "check", "dev", "init"] {
        help.stdout.contains(command).then_some(()).unwrap();
    }
    help.prints("64  the command line or a configuration is wrong");
}

#[test]
fn every_option_of_the_long_help_tells_its_default() {
    for command in ["serve", "build", "check", "dev"] {
        let help = littoral(&[command, "--help"]).exits_with(0).stdout;
        let options = help.split("\nOptions:\n").nth(1).unwrap();
        let options = options.split("\nExamples:").next().unwrap();
        for option in options
            .split("\n\n")
            .filter(|option| !option.trim().is_empty())
        {
            let free = ["--help", "--output"]
                .iter()
                .any(|name| option.contains(name));
            let told = option.to_lowercase().contains("default");
            assert!(told || free, "littoral {command}: no default in\n{option}");
        }
    }
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    littoral(&["completions", "bash"])
        .exits_with(0)
        .prints("_littoral()");
    littoral(&["man"])
        .exits_with(0)
        .prints(".TH littoral 1")
        .prints(".SH \"LITTORAL SERVE\"")
        .prints("\\-\\-base\\-url");
}

#[test]
fn check_says_that_all_is_well() {
    let site = Node::files(GOOD);
    site.run("check", &[])
        .exits_with(0)
        .prints("no problems in 2 pages");
}

#[test]
fn check_shows_every_problem_at_once() {
    let site = Node::files(&[
        GOOD[0],
        GOOD[1],
        GOOD[2],
        GOOD[3],
        ("content/b.md", "+++\ntitle = \n+++\n"),
        (
            "content/c.md",
            "+++\ntitle = 'C'\n+++\n[up](@/nowhere.md)\n",
        ),
        ("content/d.md", "+++\ntemplate = 'pge.html'\n+++\n"),
    ]);
    site.run("check", &[])
        .exits_with(1)
        .prints("--> content/b.md:2")
        .prints("--> content/c.md:4")
        .prints("--> content/d.md")
        .prints("page.html")
        .prints("3 errors");
}

#[test]
fn build_writes_the_site_and_prints_its_root_hash() {
    let site = Node::files(GOOD);
    let out = site.beside("out");
    let out = out.to_str().unwrap();
    let first = site.run("build", &["-o", out]).exits_with(0);
    let hash = first.stdout.trim_end();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for (file, text) in [("index.html", "<p>Home"), ("a/index.html", "<p>A")] {
        let written = std::fs::read_to_string(site.beside("out").join(file)).unwrap();
        assert_eq!(written, text, "{file}");
    }
    let again = site.run("build", &["-o", out]).exits_with(0);
    assert_eq!(first.stdout, again.stdout);
    let elsewhere = site.run("build", &["-o", out, "-u", "https://example.net/x"]);
    assert_ne!(first.stdout, elsewhere.exits_with(0).stdout);
}

#[test]
fn build_writes_nothing_of_a_bad_site() {
    let site = Node::files(&[GOOD[0], ("content/b.md", "+++\ntitle = \n+++\n")]);
    let out = site.beside("out");
    site.run("build", &["-o", out.to_str().unwrap()])
        .exits_with(1)
        .tells("--> content/b.md:2")
        .tells("littoral: nothing was written: 1 error");
    assert!(!out.exists());
}

#[test]
fn drafts_are_taken_in_on_request() {
    let mut files = GOOD.to_vec();
    files.push(("content/d.md", "+++\ntitle = 'D'\ndraft = true\n+++\n"));
    let site = Node::files(&files);
    site.run("check", &[]).prints("no problems in 2 pages");
    site.run("check", &["--drafts"])
        .prints("no problems in 3 pages");
}

#[test]
fn a_folder_without_a_site_is_told_the_way_out() {
    let nothing = Setup::empty();
    nothing
        .run("check", &[])
        .exits_with(1)
        .prints("`littoral init DIR`");
    nothing.run("serve", &[]).exits_with(1).tells("littoral: ");
}

#[test]
fn init_makes_a_site_that_is_good() {
    let nothing = Setup::empty();
    let dir = nothing.beside("new");
    let dir = dir.to_str().unwrap();
    littoral(&["init", dir])
        .exits_with(0)
        .prints(&format!("littoral dev {dir}"));
    littoral(&["check", "--strict", dir])
        .exits_with(0)
        .prints("no problems in");
    littoral(&["init", dir])
        .exits_with(1)
        .tells(&format!("littoral: {dir} is not empty; name a new folder"));
}
