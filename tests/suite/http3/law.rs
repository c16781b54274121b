//! What RFC 9114 asks of a server, byte by byte.

use serde_json::{Value, json};

use super::{get, hex, node, refused};
use crate::node::Node;

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

/// A frame (RFC 9114 §7.1).
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = 0x8000_0000 | payload.len() as u32;
    [&[kind][..], &length.to_be_bytes(), payload].concat()
}

/// A frame of fields that are all written out (RFC 9204 §4.5.6).
pub(super) fn headers(fields: &[(&str, &str)]) -> Vec<u8> {
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
