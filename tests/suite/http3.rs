//! HTTP/3: the same answers as over TCP, and the end of whoever does not keep to it.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::node::{Connection, Node, ended};

/// A node that speaks it, with these lines in its configuration.
fn node(config: &str) -> Node {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = format!("{}{}", made.signing_key.serialize_pem(), made.cert.pem());
    let config = format!(
        "http3 = true\n{config}\n[tls]\ncert = 'cert.pem'\n[log]\naccess = 'json'\n[admin]\nlisten = '127.0.0.1:0'\n[[site]]\n\
         root = 'site'\n"
    );
    let large = "0123456789abcdef".repeat(200_000);
    let setup = Node::site("hello")
        .write_beside("cert.pem", &pem)
        .write_beside("littoral.toml", &config)
        .write_beside("site/static/large.txt", &large)
        .write_beside("site/_redirects", "/old /a/ 302\n");
    setup.start_with_config("littoral.toml")
}

fn get(path: &str) -> Value {
    asked("GET", path, &[])
}

fn asked(method: &str, path: &str, fields: &[(&str, &str)]) -> Value {
    let line = [
        (":method", method),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", path),
    ];
    let fields: Vec<_> = line.iter().chain(fields).collect();
    json!({ "fields": fields })
}

/// A method, a path, and fields.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// The same is asked twice: over HTTP/1.1 on TLS, and over HTTP/3.
#[test]
fn the_answers_are_those_of_any_protocol() {
    let node = node("[limits]\nmemory_file_bytes_max = 100000");
    let tag = node.get("/a/").header("etag").unwrap().to_owned();
    let requests: [Asked<'_>; 17] = [
        ("GET", "/a/", &[]),
        ("HEAD", "/a/", &[]),
        ("GET", "/a/", &[("accept-encoding", "gzip, br")]),
        ("GET", "/a/", &[("accept-encoding", "identity;q=0, *;q=0")]),
        ("GET", "/a/", &[("if-none-match", &tag)]),
        ("GET", "/a/", &[("if-match", "\"other\"")]),
        ("GET", "/a/", &[("range", "bytes=2-5")]),
        ("GET", "/a/", &[("range", "bytes=0-1, 4-5")]),
        ("GET", "/a/", &[("range", "bytes=900000-")]),
        ("GET", "/a", &[]),
        ("GET", "/old", &[]),
        ("GET", "/none/", &[]),
        ("POST", "/a/", &[]),
        ("PATCH!", "/a/", &[]),
        ("OPTIONS", "*", &[]),
        ("GET", "/large.txt", &[]),
        ("GET", "/a/", &[("expect", "a-miracle")]),
    ];
    let steps: Vec<_> = requests
        .iter()
        .map(|(method, path, fields)| asked(method, path, fields))
        .collect();
    let came = node.http3(&json!({ "steps": steps }));
    assert_eq!(came["alpn"], "h3");
    for (request, answer) in requests.iter().zip(came["answers"].as_array().unwrap()) {
        let (method, path, fields) = *request;
        let reply = Connection::tls(node.https, "localhost").request(method, path, fields);
        assert_eq!(answer["status"], reply.status, "{request:?}");
        let is_of_all = |name: &str| !["connection", "date"].contains(&name);
        let mut expected: Vec<_> = reply
            .headers
            .iter()
            .filter(|(name, _)| is_of_all(name))
            .collect();
        let told: Vec<(String, String)> = serde_json::from_value(answer["fields"].clone()).unwrap();
        let mut told: Vec<_> = told.iter().filter(|(name, _)| is_of_all(name)).collect();
        expected.sort();
        told.sort();
        // Several ranges lie between marks that are made up each time.
        if answer["status"] != 206 || fields[0].1 == "bytes=2-5" {
            assert_eq!(told, expected, "{request:?}");
            assert_eq!(answer["body"], hex(&reply.bytes), "{request:?}");
        }
    }
    node.printed("HTTP/3.0");
}

#[test]
fn it_is_told_of_over_tls_alone() {
    let node = node("https_port = 443");
    let over_tls = node.get_tls("localhost", "/a/");
    let told = Some("h3=\":443\"; ma=86400");
    assert_eq!(over_tls.header("alt-svc"), told);
    let over_h2 = &node.get_h2("localhost", &["/a/"])[0];
    assert_eq!(over_h2.header("alt-svc"), told);
    assert_eq!(node.get("/a/").header("alt-svc"), None);
    let came = node.http3(&json!({ "steps": [get("/a/")] }));
    assert_eq!(came["resumable"], true);
    assert_eq!(came["early_data"], false, "0-RTT can be replayed");
}

#[test]
fn it_is_off_unless_it_is_asked_for() {
    let node = Node::site("hello").start();
    assert_eq!(node.get_tls("localhost", "/a/").header("alt-svc"), None);
    assert!(!node.stderr().contains("HTTP/3"));
    let setup = Node::site("hello").write_beside(
        "a.toml",
        "http3 = true\nhttps = []\nhttp = ['127.0.0.1:0']\n[[site]]\nroot = 'site'\n",
    );
    let config = setup.beside("a.toml");
    crate::node::littoral(&["serve", "--config", config.to_str().unwrap()])
        .exits_with(1)
        .tells("http3 needs an address to listen on");
}

/// What becomes of something that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Status(u64),
    /// The stream ends, with a code of RFC 9114 §8.1.
    Reset(u64),
    /// The connection does.
    Closed(u64),
}
use Outcome::{Closed, Reset, Status};

const STREAM_CREATION_ERROR: u64 = 0x103;
const FRAME_UNEXPECTED: u64 = 0x105;
const FRAME_ERROR: u64 = 0x106;
const EXCESSIVE_LOAD: u64 = 0x107;
const REQUEST_INCOMPLETE: u64 = 0x10d;
const DECOMPRESSION_FAILED: u64 = 0x200;

/// The fields of a request, and what becomes of it.
const FIELDS: &[(&[(&str, &str)], Outcome)] = &[
    (&[METHOD, SCHEME, HOST, PATH], Status(200)),
    (&[PATH, HOST, METHOD, SCHEME], Status(200)),
    (
        &[METHOD, SCHEME, HOST, PATH, ("x", "y"), ("te", "trailers")],
        Status(200),
    ),
    (&[METHOD, SCHEME, PATH, ("host", "localhost")], Status(200)),
    // A site without hosts answers for all.
    (
        &[METHOD, SCHEME, (":authority", "other.test"), PATH],
        Status(200),
    ),
    // RFC 9114 §4.2: what belongs to the connection of another HTTP, and what no name or value may have.
    (
        &[METHOD, SCHEME, HOST, PATH, ("connection", "close")],
        MALFORMED,
    ),
    (
        &[METHOD, SCHEME, HOST, PATH, ("transfer-encoding", "chunked")],
        MALFORMED,
    ),
    (&[METHOD, SCHEME, HOST, PATH, ("te", "gzip")], MALFORMED),
    (&[METHOD, SCHEME, HOST, PATH, ("Accept", "a")], MALFORMED),
    (&[METHOD, SCHEME, HOST, PATH, ("a", "b\r\nc: d")], MALFORMED),
    (&[METHOD, SCHEME, HOST, PATH, ("a", " b")], MALFORMED),
    // RFC 9114 §4.3: each once, all of them, before the others, and none of an answer's.
    (&[METHOD, SCHEME, HOST, PATH, PATH], MALFORMED),
    (&[METHOD, METHOD, SCHEME, HOST, PATH], MALFORMED),
    (&[("x", "y"), METHOD, SCHEME, HOST, PATH], MALFORMED),
    (&[METHOD, SCHEME, HOST, PATH, (":status", "200")], MALFORMED),
    (
        &[METHOD, SCHEME, HOST, PATH, (":protocol", "websocket")],
        MALFORMED,
    ),
    (&[SCHEME, HOST, PATH], MALFORMED),
    (&[METHOD, HOST, PATH], MALFORMED),
    (&[METHOD, SCHEME, HOST], MALFORMED),
    (&[METHOD, SCHEME, HOST, (":path", "")], MALFORMED),
    (&[METHOD, SCHEME, HOST, (":path", "a")], MALFORMED),
    (
        &[METHOD, SCHEME, HOST, PATH, ("host", "other.test")],
        MALFORMED,
    ),
    (&[METHOD, SCHEME, PATH], Status(400)),
    // RFC 9114 §4.1.2.
    (
        &[METHOD, SCHEME, HOST, PATH, ("content-length", "5")],
        MALFORMED,
    ),
];

const METHOD: (&str, &str) = (":method", "GET");
const SCHEME: (&str, &str) = (":scheme", "https");
const HOST: (&str, &str) = (":authority", "localhost");
const PATH: (&str, &str) = (":path", "/a/");
const MALFORMED: Outcome = Reset(0x10e);

#[test]
fn fields_that_no_client_may_send_end_their_stream() {
    let node = node("");
    for (fields, outcome) in FIELDS {
        assert_eq!(outcome_of(&node, &headers(fields)), *outcome, "{fields:?}");
    }
    let large = "x".repeat(20_000);
    let large = headers(&[METHOD, SCHEME, HOST, PATH, ("x", &large)]);
    assert_eq!(outcome_of(&node, &large), Status(431));
    let malformed = FIELDS.iter().filter(|(_, outcome)| *outcome == MALFORMED);
    assert_eq!(refused(&node, "malformed"), malformed.count() as u64);
}

#[test]
fn frames_that_no_client_may_send_end_the_connection() {
    let node = node("");
    let good = headers(&[METHOD, SCHEME, HOST, PATH]);
    let all_but = &good[..good.len() - 1];
    let unknown = frame(0x21, b"abc");
    let body = frame(0, b"abc");
    for (name, frames, outcome) in [
        ("one that nobody knows", &[&unknown, &good][..], Status(200)),
        ("a body", &[&good, &body], Status(200)),
        (
            "trailers",
            &[&good, &body, &headers(&[("x", "y")])],
            Status(200),
        ),
        ("none", &[], Reset(REQUEST_INCOMPLETE)),
        (
            "a body before the fields",
            &[&body, &good],
            Closed(FRAME_UNEXPECTED),
        ),
        ("settings", &[&frame(4, b"")], Closed(FRAME_UNEXPECTED)),
        (
            "a ping of HTTP/2",
            &[&frame(6, b"12345678")],
            Closed(FRAME_UNEXPECTED),
        ),
        (
            "a tunnel of the web's",
            &[&vec![0x40, 0x41, 0]],
            Closed(FRAME_UNEXPECTED),
        ),
        ("half of one", &[&all_but.to_vec()], Closed(FRAME_ERROR)),
        (
            "an entry of a table",
            &[&frame(1, &[0, 0, 0x80])],
            Closed(DECOMPRESSION_FAILED),
        ),
        (
            "a wait for a table",
            &[&frame(1, &[2, 0, 0x80])],
            Closed(DECOMPRESSION_FAILED),
        ),
    ] {
        let sent: Vec<u8> = frames.iter().copied().flatten().copied().collect();
        assert_eq!(outcome_of(&node, &sent), outcome, "{name}");
    }
}

/// What becomes of a request of these bytes, on a connection of its own, which is good for one more if it stays open.
fn outcome_of(node: &Node, sent: &[u8]) -> Outcome {
    let steps = json!([{ "raw": hex(sent) }, get("/a/")]);
    let came = node.http3(&json!({ "steps": steps }));
    let code = |value: &Value| value.as_u64();
    if let Some(code) = code(&came["closed"]) {
        return Closed(code);
    }
    assert_eq!(came["answers"][1]["status"], 200, "{came}");
    let answer = &came["answers"][0];
    let reset = code(&answer["reset"]).map(Reset);
    let outcome = reset.or_else(|| code(&answer["status"]).map(Status));
    outcome.unwrap_or_else(|| panic!("{came}"))
}

#[test]
fn streams_that_no_client_may_open_end_the_connection() {
    let node = node("");
    for (name, sent, closed) in [
        ("one more for control", "00", Some(STREAM_CREATION_ERROR)),
        ("a push", "0100", Some(STREAM_CREATION_ERROR)),
        ("one more for a table", "02", Some(STREAM_CREATION_ERROR)),
        ("one that nobody knows", "21616263", None),
    ] {
        let steps = json!([{ "uni": sent, "open": true }, get("/a/")]);
        let stays = closed.is_some();
        let came = node.http3(&json!({ "steps": steps, "stays": stays }));
        assert_eq!(came["closed"].as_u64(), closed, "{name}: {came}");
    }
}

#[test]
fn nobody_has_a_node_hold_what_it_will_not_read() {
    let node = node("");
    let kept = |kind: u8| [&[kind, 0x84, 0, 0, 0][..], &[0; 400_000]].concat();
    let steps = json!([
        { "raw": hex(&kept(1)), "open": true },
        { "raw": hex(&kept(0x21)), "open": true },
        get("/a/"),
    ]);
    let came = node.http3(&json!({ "steps": steps, "together": true, "patience": 30 }));
    let resets: Vec<_> = came["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["reset"].is_u64())
        .collect();
    assert_eq!(resets, [true, true, false], "{came}");
    assert_eq!(came["answers"][2]["status"], 200);
    assert_eq!(refused(&node, "too_large"), 2);
}

#[test]
fn who_keeps_a_node_busy_for_nothing_is_stopped() {
    let node = node("");
    let steps = vec![json!({ "raw": hex(&headers(&[])) }); 600];
    let came = node.http3(&json!({ "steps": steps, "together": true }));
    assert_eq!(came["closed"], EXCESSIVE_LOAD);
    assert_eq!(refused(&node, "restless"), 1);
}

#[test]
fn what_takes_too_long_is_ended() {
    let node = node("[limits]\nhead_timeout_ms = 500\nidle_timeout_s = 1\nwrite_timeout_s = 1");
    let half = json!({ "raw": "01", "open": true });
    let came = node.http3(&json!({ "steps": [half] }));
    assert!(came["answers"][0]["reset"].is_u64(), "{came}");
    assert_eq!(refused(&node, "head"), 1);

    let came = node.http3(&json!({ "steps": [get("/a/")], "stays": true }));
    assert_eq!(
        (&came["answers"][0]["status"], &came["closed"]),
        (&200.into(), &0x100.into())
    );

    // It takes what a new stream may have, and nothing more.
    let came = node.http3(&json!({ "steps": [get("/large.txt")], "stalls": true }));
    assert_eq!(came["closed"], EXCESSIVE_LOAD, "{}", came["closed"]);
    assert_eq!(refused(&node, "write"), 1);
}

#[test]
fn connections_and_requests_are_counted() {
    let node = node("[limits]\nnetwork_connections_max = 1\nrequests_max = 3");
    let steps = [get("/a/"), get("/a/"), get("/a/"), get("/a/")];
    let came = node.http3(&json!({ "steps": steps, "stays": true }));
    assert_eq!(came["closed"], 0x100, "{came}");
    let statuses: Vec<_> = came["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_u64())
        .collect();
    assert_eq!(statuses, [Some(200), Some(200), Some(200), None]);

    let staying = node.http3_begun(&json!({ "steps": [get("/a/")], "stays": true }));
    node.wait_for("the first to be in", |node| {
        node.admin("/metrics")
            .body
            .contains("littoral_connections 1\n")
    });
    let refusal = node.http3(&json!({ "steps": [get("/a/")] }));
    assert_eq!(refusal["refused"], true, "{refusal}");
    assert_eq!(refused(&node, "network"), 1);
    node.signal(Signal::TERM);
    assert_eq!(ended(staying)["closed"], 0x100, "it is told to go");
}

#[test]
fn a_node_that_stops_sends_what_it_has_begun() {
    let mut node = node("");
    let client = node.http3_begun(&json!({ "steps": [get("/large.txt")], "stays": true }));
    node.wait_for("the request", |node| {
        node.admin("/metrics")
            .body
            .contains("littoral_connections 1\n")
    });
    node.signal(Signal::TERM);
    let came = ended(client);
    assert!(node.ended().success());
    // It stopped before the request was there, or sent all of it.
    let answer = &came["answers"][0];
    match answer["status"].as_u64() {
        Some(200) => assert_eq!(answer["body"].as_str().unwrap().len(), 6_400_000),
        _ => assert_eq!(answer["body"], ""),
    }
}

/// How many were refused for this reason, as the metrics say.
fn refused(node: &Node, why: &str) -> u64 {
    let metrics = node.admin("/metrics").body;
    let name = format!("littoral_refused_total{{why=\"{why}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

/// A frame (RFC 9114 §7.1).
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = 0x8000_0000 | payload.len() as u32;
    [&[kind][..], &length.to_be_bytes(), payload].concat()
}

/// A frame of fields that are all written out (RFC 9204 §4.5.6).
fn headers(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut packed = vec![0, 0];
    for (name, value) in fields {
        push(&mut packed, 0x20, 3, name);
        push(&mut packed, 0, 7, value);
    }
    frame(1, &packed)
}

/// Appends a text and its length (RFC 7541 §5.1 and §5.2).
fn push(packed: &mut Vec<u8>, flags: u8, prefix_bits: u32, text: &str) {
    let largest = (1 << prefix_bits) - 1;
    match text.len().checked_sub(largest) {
        None => packed.push(flags | text.len() as u8),
        Some(mut left) => {
            packed.push(flags | largest as u8);
            while left > 0x7f {
                packed.push(left as u8 | 0x80);
                left >>= 7;
            }
            packed.push(left as u8);
        }
    }
    packed.extend(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
