//! `littoral.toml` as its operator meets it.

use crate::node::{Node, Setup, littoral};

const ONE: &[(&str, &str)] = &[
    ("config.toml", "base_url = 'https://one.example'\n"),
    ("templates/index.html", "<p>One"),
    ("content/_index.md", "+++\n+++\n"),
];

#[test]
fn a_slip_is_told_with_its_line_and_the_nearest_key() {
    let setup = Setup::empty().write_beside(
        "littoral.toml",
        "[watch]\nquiet_msec = 300\n[log]\naccess = 'comon'\n",
    );
    let path = setup.beside("littoral.toml");
    let path = path.to_str().unwrap();
    for command in ["check", "serve"] {
        let told = littoral(&[command, "--config", path]).exits_with(64).stderr;
        assert_eq!(
            told,
            format!(
                "littoral: the configuration has mistakes\n\
                 error: `[watch]` has no key `quiet_msec`\n  \
                 --> {path}:2:1\n   |\n 2 | quiet_msec = 300\n   | ^\n   \
                 = did you mean `quiet_ms`?\n\
                 error: `access` must be one of `off`, `common`, `json`, not the string \"comon\"\n  \
                 --> {path}:4:10\n   |\n 4 | access = 'comon'\n   |          ^\n"
            )
        );
    }
}

#[test]
fn a_missing_file_is_told() {
    littoral(&["serve", "--config", "/nowhere/littoral.toml"])
        .exits_with(64)
        .tells("littoral: cannot read the configuration /nowhere/littoral.toml: No such file");
}

#[test]
fn check_looks_at_every_site_of_the_file() {
    let setup = Node::files(ONE)
        .write_beside("two/content/_index.md", "+++\nzzz = 1\n+++\n")
        .write_beside("two/config.toml", "base_url = \n")
        .write_beside(
            "littoral.toml",
            "[[site]]\nroot = 'site'\n[[site]]\nroot = 'two'\nhosts = ['two.example']\n",
        );
    let config = setup.beside("littoral.toml");
    littoral(&["check", "--config", config.to_str().unwrap()])
        .exits_with(1)
        .prints(&format!("in {}:", setup.beside("two").display()))
        .prints("--> config.toml:1");
}

#[test]
fn sites_are_told_apart_by_host() {
    let node = Node::files(ONE)
        .write_beside("two/config.toml", "base_url = 'https://two.example'\n")
        .write_beside("two/templates/index.html", "<p>Two")
        .write_beside("two/content/_index.md", "+++\n+++\n")
        .write_beside(
            "littoral.toml",
            "[[site]]\nroot = 'site'\n[[site]]\nroot = 'two'\nhosts = ['two.example']\n",
        )
        .start_with_config("littoral.toml");
    for (host, text) in [
        ("two.example", "<p>Two"),
        ("TWO.example:8080", "<p>Two"),
        ("one.example", "<p>One"),
        ("127.0.0.1", "<p>One"),
    ] {
        node.request("GET", "/", &[("host", host)])
            .is(200)
            .body_has(text);
    }
}

#[test]
fn a_site_may_send_its_visitors_to_https() {
    let node = Node::files(ONE)
        .write_beside(
            "littoral.toml",
            "[[site]]\nroot = 'site'\nredirect_to_https = true\n",
        )
        .start_with_config("littoral.toml");
    let reply = node
        .request("GET", "/a/?b=c", &[("host", "one.example")])
        .is(301);
    let location = reply.header("location").unwrap();
    assert!(
        location.starts_with("https://one.example") && location.ends_with("/a/?b=c"),
        "{location}"
    );
    node.get_tls("one.example", "/").is(200).body_has("<p>One");
}

#[test]
fn a_site_beside_the_sites_of_the_file_is_misuse() {
    let setup = Node::files(ONE).write_beside("littoral.toml", "[[site]]\nroot = 'site'\n");
    setup
        .run("serve", &["--config", "{}/littoral.toml"])
        .exits_with(64)
        .tells("names its own sites");
}

#[test]
fn every_site_with_problems_is_told_before_a_node_refuses_to_start() {
    let setup = Node::files(ONE)
        .write_beside("two/content/b.md", "+++\ntitle = \n+++\n")
        .write_beside("three/content/c.md", "+++\ntitle = \n+++\n")
        .write_beside(
            "littoral.toml",
            "http = ['127.0.0.1:0']\nhttps = []\n\
             [[site]]\nroot = 'site'\n\
             [[site]]\nroot = 'two'\nhosts = ['two.example']\n\
             [[site]]\nroot = 'three'\nhosts = ['three.example']\n",
        );
    let config = setup.beside("littoral.toml");
    littoral(&["serve", "--config", config.to_str().unwrap()])
        .exits_with(1)
        .tells("/two has 1 error")
        .tells("--> content/b.md:2")
        .tells("/three has 1 error")
        .tells("--> content/c.md:2");
}
