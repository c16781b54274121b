//! Bodies over real sockets: the stages of their codings, and forms that are not held.

use std::{fs, thread, time::Instant};

use crate::node::{Node, PATIENCE, Reply, Setup};

fn site() -> Setup {
    let words: String = (0..3000).map(|n| format!("{} ", (n * n) % 1009)).collect();
    Node::site("hello").write_beside("site/static/words.txt", &words)
}

fn get(node: &Node, coding: &str, more: &[(&str, &str)]) -> Reply {
    let fields = [&[("accept-encoding", coding)], more].concat();
    node.request("GET", "/words.txt", &fields)
}

const BEST: &str = "compressed as well as it can be";

#[test]
fn an_identity_form_is_the_same_held_or_inflated() {
    let nodes = ["keep", "inflate"].map(|identity| {
        let config = format!(
            "[memory]\nidentity = '{identity}'\n[[site]]\nroot = 'site'\n[admin]\nlisten = '127.0.0.1:0'\n"
        );
        site()
            .write_beside("littoral.toml", &config)
            .start_with_config("littoral.toml")
    });
    nodes.iter().for_each(|node| drop(node.told(BEST)));
    for fields in [
        &[][..],
        &[("range", "bytes=100-199")],
        &[("range", "bytes=-5,0-1")],
        &[("range", "bytes=99999999-")],
        &[("if-none-match", "*")],
    ] {
        for coding in ["identity", "br", "zstd", "gzip"] {
            let [keep, inflate] = [0, 1].map(|place| get(&nodes[place], coding, fields));
            assert_eq!(keep.status, inflate.status, "{coding} {fields:?}");
            assert_eq!(keep.bytes, inflate.bytes, "{coding} {fields:?}");
            for name in ["etag", "content-length", "content-range", "vary"] {
                assert_eq!(
                    keep.header(name),
                    inflate.header(name),
                    "{coding} {fields:?}"
                );
            }
        }
    }
    let [keep, inflate] = [0, 1].map(|place| nodes[place].admin("/metrics").is(200));
    let held = "littoral_memory_bytes{kind=\"identity\"} ";
    assert!(bytes(&keep, held) > bytes(&inflate, held) + 10_000);
    let none = "littoral_memory_bytes{kind=\"inflated\"} 0";
    inflate.body_has(none);
    // What is remembered of the files of a site is told, too.
    let source = "kind=\"source\"} ";
    assert!(bytes(&keep, source) > 1_000);
}

#[test]
fn a_restart_finds_the_best_codings_in_the_cache() {
    let node = site().args(&["--cache", "{}/cache"]).start();
    node.told(BEST);
    let best = ["br", "zstd", "gzip"].map(|coding| get(&node, coding, &[]).is(200));
    let cache = node.beside("cache");
    let end = Instant::now() + PATIENCE;
    // A node that finds them has nothing left to do, and says so by silence: its answers are equal.
    let kept = |cache: &std::path::Path| {
        let folders = fs::read_dir(cache).into_iter().flatten().flatten();
        folders.filter(|one| one.file_name().len() == 2).count()
    };
    while kept(&cache) == 0 {
        assert!(Instant::now() < end, "nothing was kept");
        thread::yield_now();
    }
    let cache = cache.to_str().unwrap();
    let again = site().args(&["--cache", cache]).start();
    for (best, coding) in best.iter().zip(["br", "zstd", "gzip"]) {
        let found = get(&again, coding, &[]).is(200);
        assert_eq!(found.bytes, best.bytes, "{coding}");
        assert_eq!(found.header("etag"), best.header("etag"), "{coding}");
    }
}

#[test]
fn what_is_asked_of_an_earlier_stage_gets_all_of_the_later() {
    let node = site().start();
    let first = get(&node, "br", &[]).is(200);
    node.told(BEST);
    let best = get(&node, "br", &[]).is(200);
    let tag = first.header("etag").unwrap();
    // Whoever was too late for the first stage has nothing to compare.
    if best.header("etag") != Some(tag) {
        assert_ne!(first.bytes, best.bytes);
        get(&node, "br", &[("if-none-match", tag)]).is(200);
        get(&node, "br", &[("if-match", tag)]).is(412);
        let rest = [("range", "bytes=10-"), ("if-range", tag)];
        let whole = get(&node, "br", &rest).is(200);
        assert_eq!(whole.bytes, best.bytes);
        let date = best.header("last-modified").unwrap();
        let dated = [("range", "bytes=10-"), ("if-range", date)];
        get(&node, "br", &dated).is(200);
    }
}

fn bytes(reply: &Reply, metric: &str) -> u64 {
    let line = reply.body.lines().find_map(|line| line.split_once(metric));
    line.unwrap().1.parse().unwrap()
}
