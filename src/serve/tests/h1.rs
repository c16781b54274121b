//! HTTP/1.1, said byte by byte.

use std::{fs, io::Write, num::NonZeroUsize};

use super::node::{Answer, Node, exchange, html, large, page, settings, small_site, snapshot};
use crate::serve::{Audience, Hosts, PlainHttp, Settings, Site};

#[test]
fn answers_as_the_page_function_says() {
    let node = Node::start(small_site());
    for (method, target, fields, status) in [
        ("GET", "/", &[][..], 200),
        ("GET", "/blog/", &[], 200),
        ("GET", "/blog", &[], 301),
        ("GET", "/missing", &[], 404),
        ("GET", "/..%2fetc", &[], 400),
        ("GET", "/../etc/passwd", &[], 400),
        ("GET", "/%2e%2e/etc/passwd", &[], 400),
        ("GET", "/", &[("if-none-match", "*")], 304),
        ("GET", "/", &[("if-match", "\"x\"")], 412),
        ("GET", "/", &[("accept-encoding", "identity;q=0")], 406),
        ("GET", "/a.txt", &[("range", "bytes=2-4")], 206),
        ("GET", "/a.txt", &[("range", "bytes=0-1,4-5")], 206),
        ("GET", "/a.txt", &[("range", "bytes=20-")], 416),
        ("OPTIONS", "/", &[], 204),
        ("OPTIONS", "*", &[], 204),
        ("DELETE", "/", &[], 405),
        ("CONNECT", "a.test:443", &[], 405),
        ("BREW", "/", &[], 501),
        ("GET", "http://a.test/blog/", &[], 200),
    ] {
        let answer = node.ask(method, target, fields);
        assert_eq!(answer.status(), status, "{method} {target} {fields:?}");
        assert!(answer.field("date").is_some(), "{target}");
        assert_eq!(answer.field("server"), Some("littoral"), "{target}");
        let length = answer
            .field("content-length")
            .map(|length| length.parse().unwrap());
        if status == 304 || status == 204 {
            assert_eq!((length, answer.body.len()), (None, 0), "{method} {target}");
        } else {
            assert_eq!(length, Some(answer.body.len()), "{method} {target}");
        }
    }
    assert_eq!(
        node.ask("GET", "/a.txt", &[("range", "bytes=2-4")]).text(),
        "234"
    );
}

#[test]
fn codings_arrive_as_they_were_made() {
    let node = Node::start(small_site());
    let identity = node.get("/");
    let brotli = node.ask("GET", "/", &[("accept-encoding", "gzip, br")]);
    assert_eq!(brotli.field("content-encoding"), Some("br"));
    let mut decoded = Vec::new();
    ::brotli::BrotliDecompress(&mut &brotli.body[..], &mut decoded).unwrap();
    assert_eq!(decoded, identity.body);

    let gzip = [("accept-encoding", "br;q=0.1"), ("accept-encoding", "gzip")];
    let gzip = node.ask("GET", "/", &gzip);
    assert_eq!(
        gzip.field("content-encoding"),
        Some("gzip"),
        "several lines of a field count"
    );
}

#[test]
fn head_has_the_length_and_nothing_else() {
    let node = Node::start(small_site());
    let (get, head) = (node.get("/"), node.ask("HEAD", "/", &[]));
    assert_eq!(head.field("content-length"), get.field("content-length"));
    assert_eq!(head.field("etag"), get.field("etag"));
    assert!(head.body.is_empty());
}

#[test]
fn requests_in_one_packet_are_answered_in_order() {
    let node = Node::start(small_site());
    let mut stream = node.connect();
    let requests = ["/a.txt", "/blog/", "/missing", "/blog"]
        .map(|target| format!("GET {target} HTTP/1.1\r\nhost: a.test\r\n\r\n"));
    stream.write_all(requests.concat().as_bytes()).unwrap();
    let bodies = [0; 4].map(|_| Answer::next(&mut stream).text().to_owned());
    assert_eq!(bodies, ["0123456789", "blog", "nothing here", ""]);
}

#[test]
fn who_says_the_same_again_and_again_gets_what_is_on_the_air() {
    let settings = Settings {
        workers: NonZeroUsize::new(1),
        requests_max: 10,
        ..settings()
    };
    let node = Node::start_by(
        small_site(),
        (PlainHttp::Serve, Audience::Visitors),
        &settings,
    );
    let mut stream = node.connect();
    let mut say = |text: &str| {
        write!(stream, "GET /a.txt HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
        let answer = Answer::next(&mut stream);
        assert_eq!((answer.status(), answer.text()), (200, text));
        answer.field("connection").map(str::to_owned)
    };
    for _ in 0..6 {
        assert_eq!(say("0123456789"), None);
    }
    node.live
        .publish(snapshot(vec![page("/a.txt", "text/plain", "new")]), vec![]);
    for _ in 0..3 {
        assert_eq!(say("new"), None);
    }
    assert_eq!(say("new").as_deref(), Some("close"), "it was the tenth");
}

#[test]
fn a_body_is_never_taken_for_a_request() {
    let node = Node::start(small_site());
    let smuggled = "GET /a.txt HTTP/1.1\r\nhost: a.test\r\n\r\n";
    let next = "GET /blog/ HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n";
    for framing in [
        format!("content-length: {}\r\n\r\n{smuggled}", smuggled.len()),
        format!(
            "transfer-encoding: chunked\r\n\r\n{:x}\r\n{smuggled}\r\n0\r\n\r\n",
            smuggled.len()
        ),
    ] {
        for (method, status) in [("POST", "405"), ("GET", "200")] {
            let request = format!("{method} /blog/ HTTP/1.1\r\nhost: a.test\r\n{framing}{next}");
            let answers = exchange(&mut node.connect(), request.as_bytes());
            let answers = String::from_utf8(answers).unwrap();
            assert!(
                answers.starts_with(&format!("HTTP/1.1 {status} ")),
                "{answers}"
            );
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
            assert!(answers.ends_with("\r\n\r\nblog"), "{answers}");
            assert!(!answers.contains("0123456789"), "{answers}");
        }
    }
}

#[test]
fn a_body_that_nobody_can_or_wants_to_read_ends_the_connection() {
    let node = Node::start(small_site());
    let much = "x".repeat(100 << 10);
    for (fields, body, status) in [
        (
            "content-length: 5\r\ntransfer-encoding: chunked",
            "0\r\n\r\n",
            400,
        ),
        ("transfer-encoding: chunked", "5\nabcde\r\n0\r\n\r\n", 200),
        ("content-length: 102400", &much, 200),
        ("content-length: 3\r\nexpect: 100-continue", "", 200),
        ("content-length: 3\r\nexpect: a miracle", "abc", 417),
    ] {
        let request = format!("GET /blog/ HTTP/1.1\r\nhost: a.test\r\n{fields}\r\n\r\n{body}");
        let answer = exchange(&mut node.connect(), request.as_bytes());
        assert_eq!(Answer::whole(&answer).status(), status, "{fields}");
    }
}

#[test]
fn the_host_decides() {
    let node = Node::start(small_site());
    let other = Site {
        live: crate::publish::Live::new(snapshot(vec![html("/", "other")]), vec![]).into(),
        plain_http: PlainHttp::Serve,
        audience: Audience::Visitors,
        controls: std::sync::Arc::default(),
    };
    let mut hosts = Hosts::default();
    hosts.add("*.other.test", other.into());
    node.hosts.store(hosts.into());
    for (request, status, body) in [
        (
            "GET / HTTP/1.1\r\nhost: www.Other.test:80\r\n",
            200,
            "other",
        ),
        (
            "GET http://www.other.test/ HTTP/1.1\r\nhost: a.test\r\n",
            200,
            "other",
        ),
        ("GET / HTTP/1.1\r\nhost: a.test\r\n", 421, "No site"),
        ("GET / HTTP/1.1\r\n", 400, "malformed"),
        (
            "GET / HTTP/1.1\r\nhost: a\r\nhost: www.other.test\r\n",
            400,
            "malformed",
        ),
        ("GET / HTTP/1.1\r\nhost: a b\r\n", 400, "malformed"),
        ("GET / HTTP/1.0\r\n", 421, "No site"),
        ("GET / HTTP/1.0\r\nhost: x.other.test\r\n", 200, "other"),
    ] {
        let text = format!("{request}connection: close\r\n\r\n");
        let answer = Answer::whole(&exchange(&mut node.connect(), text.as_bytes()));
        assert_eq!(answer.status(), status, "{request}");
        assert!(answer.text().contains(body), "{request}: {}", answer.text());
    }
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let node = Node::start(small_site());
    let cookie = "x".repeat(17 << 10);
    assert_eq!(node.ask("GET", "/", &[("cookie", &cookie)]).status(), 431);
    assert_eq!(
        node.ask("GET", "/", &[("cookie", &cookie[..8 << 10])])
            .status(),
        200
    );
}

#[test]
fn plain_http_is_sent_to_tls() {
    let redirect = PlainHttp::Redirect { https_port: 443 };
    let node = Node::start_with(small_site(), redirect, Audience::Visitors);
    let answer = node.get("/blog?x=1");
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.field("location"), Some("https://a.test/blog?x=1"));

    let mut stream = node.connect_tls("a.test");
    let request = b"GET /a.txt HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    assert_eq!(Answer::next(&mut stream).text(), "0123456789");
}

#[test]
fn the_time_is_told_to_those_who_ask() {
    let node = Node::start(small_site());
    assert_eq!(node.get("/").field("server-timing"), None);
    let asked = node.ask("GET", "/", &[("server-timing", "1")]);
    let value = asked.field("server-timing").unwrap();
    let millis: f64 = value.strip_prefix("total;dur=").unwrap().parse().unwrap();
    assert!((0.0..1000.0).contains(&millis), "{value}");
}

#[test]
fn large_files_come_from_disk() {
    let scratch = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let film = scratch.path().join("film.mp4");
    fs::write(&film, &content).unwrap();
    let pages = vec![
        large("/film.mp4", film.clone(), 3_000_000),
        page("/a", "text/plain", "a"),
    ];
    let node = Node::start(snapshot(pages));

    let whole = node.get("/film.mp4");
    assert_eq!(whole.status(), 200);
    assert!(whole.body == content);
    let part = node.ask("GET", "/film.mp4", &[("range", "bytes=1000-2000999")]);
    assert_eq!(
        part.field("content-range"),
        Some("bytes 1000-2000999/3000000")
    );
    assert!(part.body == content[1000..2_001_000]);
    let several = node.ask("GET", "/film.mp4", &[("range", "bytes=0-9,-5")]);
    assert_eq!(several.status(), 206);
    assert!(
        several
            .body
            .windows(10)
            .any(|window| window == &content[..10])
    );
    let head = node.ask("HEAD", "/film.mp4", &[]);
    assert_eq!(head.field("content-length"), Some("3000000"));

    // What is not what was published is an error, and no reason to hang up.
    let mut stream = node.connect();
    for break_it in [
        |film| fs::write(film, "short"),
        |film| fs::remove_file(film),
    ] {
        break_it(&film).unwrap();
        for (target, status) in [("/film.mp4", 500), ("/a", 200)] {
            write!(stream, "GET {target} HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
            assert_eq!(Answer::next(&mut stream).status(), status, "{target}");
        }
    }
}

#[test]
fn a_panic_costs_one_connection() {
    let mut broken = html("/broken/", "x");
    // No such status exists, and whoever writes heads trusts that none is published.
    broken.status = 9999;
    let node = Node::start(snapshot(vec![broken, html("/", "good")]));
    let mut other = node.connect();
    for _ in 0..3 {
        let answer = exchange(
            &mut node.connect(),
            b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /broken/ HTTP/1.1\r\nhost: a\r\n\r\n",
        );
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
        write!(other, "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
        assert_eq!(Answer::next(&mut other).text(), "good");
    }
}
