//! A node that starts onto a broken site.

use std::fs;

use crate::node::{Node, Ran, Setup, littoral};

const BROKEN: &str = "+++\ntitle = \n+++\n";
const MENDED: &str = "+++\ntitle = 'A'\n+++\nMended\n";

/// A site that a node has served and kept, and that is broken now.
fn kept_and_broken(cache: &str) -> Setup {
    let config = format!(
        "[limits]\nmemory_file_bytes_max = 1_000_000\n[log]\nlevel = 'debug'\n[admin]\n\
         listen = '127.0.0.1:0'\n[[site]]\nroot = 'site'\n[cache]\nfolder = 'cache'\n{cache}"
    );
    let node = Node::site("hello")
        .write_beside("site/static/film.bin", &"film".repeat(300_000))
        .write_beside("site/static/a.png", &"no png".repeat(100_000))
        .write_beside("littoral.toml", &config)
        .start_with_config("littoral.toml");
    node.get("/a/").is(200).body_has("First");
    node.admin("/healthz").is(200).body_lacks("errors");
    node.told(match cache {
        "" => "kept as the last good snapshot",
        _ => "raise bytes_max in [cache] to",
    });
    node.stopped().write_beside("site/content/a.md", BROKEN)
}

/// What becomes of a start.
fn started(setup: &Setup) -> Ran {
    let config = setup.beside("littoral.toml");
    let listeners = ["--http", "127.0.0.1:0", "--https", "off"];
    littoral(
        &[
            &["serve", "--config", config.to_str().unwrap()],
            &listeners[..],
        ]
        .concat(),
    )
}

#[test]
fn a_broken_site_is_served_as_it_last_was_good() {
    let node = kept_and_broken("").start_with_config("littoral.toml");
    node.told("its last good snapshot is served");
    node.told("--> content/a.md:2");
    assert!(node.told("listening on").contains("last good snapshot"));
    node.get("/a/").is(200).body_has("First");
    node.get("/film.bin").is(200);
    node.admin("/healthz").is(200).body_has("errors: 1");
    node.admin("/metrics")
        .is(200)
        .body_has("} 1\n# HELP littoral_publish_outcome");
    node.write("content/a.md", MENDED);
    node.wait_for("the mended page", |node| {
        node.get("/a/").body.contains("Mended")
    });
    node.wait_for("health", |node| node.admin("/healthz").body == "ok\n");
}

#[test]
fn a_cache_that_is_gone_or_damaged_helps_nobody() {
    let setup = kept_and_broken("");
    let bodies = setup.beside("cache/areas/bodies");
    let a_body = fs::read_dir(&bodies).unwrap().next().unwrap().unwrap();
    let a_body = fs::read_dir(a_body.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    fs::write(a_body.path(), "damaged").unwrap();
    started(&setup).exits_with(1).tells("/site has 1 error");
    fs::remove_dir_all(setup.beside("cache")).unwrap();
    started(&setup).exits_with(1).tells("/site has 1 error");
}

#[test]
fn a_cache_that_is_too_small_is_told_of() {
    let setup = kept_and_broken("bytes_max = 1_048_576\n");
    started(&setup).exits_with(1);
}
