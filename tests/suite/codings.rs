//! Bodies over real sockets: the stages of their codings, and forms that are not held.

use std::{collections::HashMap, fs, io::Read, thread, time::Instant};

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
    // What is remembered of the files of a site and of its pages is told, too.
    for kind in ["source", "known"] {
        assert!(
            bytes(&keep, &format!("kind=\"{kind}\"}} ")) > 1_000,
            "{kind}"
        );
    }
}

#[test]
fn where_memory_is_short_each_form_is_there_for_who_asks() {
    let config = "[memory]\nbodies_bytes_max = 0\n[[site]]\nroot = 'site'\n[admin]\nlisten = '127.0.0.1:0'\n";
    let node = site()
        .write_beside("littoral.toml", config)
        .args(&["--cache", "{}/cache"])
        .start_with_config("littoral.toml");
    let text = fs::read(node.beside("site/static/words.txt")).unwrap();
    // One tag never stands for two byte strings, whatever the stage.
    let mut tagged = HashMap::new();
    let mut all_are_whole = || {
        for coding in ["identity", "br", "zstd", "gzip", "gzip, deflate, br, zstd"] {
            let reply = get(&node, coding, &[]).is(200);
            let reply = reply.header_is("vary", "Accept-Encoding");
            let tag = reply.header("etag").unwrap().to_owned();
            assert_eq!(decoded(&reply), text, "{coding}");
            let sent = tagged.entry(tag).or_insert_with(|| reply.bytes.clone());
            assert_eq!(*sent, reply.bytes, "{coding}");
        }
    };
    all_are_whole();
    node.told(BEST);
    all_are_whole();
    for coding in ["zstd", "gzip"] {
        let whole = get(&node, coding, &[]).header_is("content-encoding", coding);
        let tag = whole.header("etag").unwrap();
        get(&node, coding, &[("if-none-match", tag)]).is(304);
        let length = whole.bytes.len();
        node.request("HEAD", "/words.txt", &[("accept-encoding", coding)])
            .is(200)
            .header_is("content-length", &length.to_string())
            .header_is("etag", tag);
        let part = get(
            &node,
            coding,
            &[("range", "bytes=10-99"), ("if-range", tag)],
        );
        let part = part.is(206).header_is("content-encoding", coding);
        assert_eq!(Some(&part.bytes[..]), whole.bytes.get(10..100), "{coding}");
    }
    get(&node, "gzip, deflate, br, zstd", &[]).header_is("content-encoding", "br");
    let metrics = node.admin("/metrics").is(200);
    for (metric, some) in [
        ("littoral_memory_bytes{kind=\"br\"} ", true),
        ("littoral_memory_bytes{kind=\"zstd\"} ", false),
        ("littoral_memory_bytes{kind=\"gzip\"} ", false),
        ("littoral_memory_bytes{kind=\"inflated\"} ", false),
        ("littoral_bodies{stage=\"lean\"} ", true),
        ("littoral_bodies{stage=\"best\"} ", false),
    ] {
        assert_eq!(bytes(&metrics, metric) > 0, some, "{metric}");
    }
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let (mut bytes, mut text) = (&reply.bytes[..], Vec::new());
    match reply.header("content-encoding") {
        None => text.extend_from_slice(bytes),
        Some("br") => {
            let mut reader = brotli::Decompressor::new(bytes, 4096);
            reader.read_to_end(&mut text).unwrap();
        }
        Some("zstd") => text = zstd::decode_all(bytes).unwrap(),
        Some("gzip") => {
            // The length of what was compressed stands at the end (RFC 1952 §2.3.1).
            let end = bytes.split_off(bytes.len() - 4..).unwrap();
            let length = u32::from_le_bytes(end.try_into().unwrap());
            text.resize(length as usize, 0);
            let mut reader = libdeflater::Decompressor::new();
            reader.gzip_decompress(&reply.bytes, &mut text).unwrap();
        }
        Some(other) => panic!("nobody asked for {other}"),
    }
    text
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
