//! HTTP/3: the same answers as over TCP, and the end of whoever does not keep to it.

mod law;

use rustix::process::Signal;
use serde_json::{Value, json};

use self::law::headers;
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
fn who_is_new_has_to_show_an_address_where_many_are() {
    let node = node("[limits]\nhead_timeout_ms = 3000");
    let came = node.http3(&json!({ "steps": [get("/a/")] }));
    assert_eq!(
        (&came["retried"], &came["answers"][0]["status"]),
        (&false.into(), &200.into())
    );
    let came = node.http3(&json!({ "steps": [get("/a/")], "half": 80 }));
    assert_eq!(
        (&came["retried"], &came["answers"][0]["status"]),
        (&true.into(), &200.into())
    );
    // Only so many are held, and for so long; the others were told to come again, and nothing is kept of them.
    node.wait_for("their end", |node| refused(node, "head") == 64);
    node.wait_for("no more of them", |node| {
        node.admin("/metrics")
            .body
            .contains("littoral_connections 0\n")
    });
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 9114 §8.1.
const EXCESSIVE_LOAD: u64 = 0x107;
