//! HTTP/2 over TLS.

use std::{
    io::{Read, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::node::{Node, small_site, within};

pub(super) type Client = SendRequest<Bytes>;

pub(super) async fn connect(node: &Node) -> Client {
    let mut config = node.client_config();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = TcpStream::connect(node.https).await.unwrap();
    let name = "a.test".try_into().unwrap();
    let tls = TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (client, connection) = h2::client::handshake(tls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(super) async fn ask(
    client: &mut Client,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
) -> Response<Vec<u8>> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("https://a.test{target}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let mut ready = client.clone().ready().await.unwrap();
    let (answer, _) = ready.send_request(request.body(()).unwrap(), true).unwrap();
    let (head, mut body) = answer.await.unwrap().into_parts();
    let mut bytes = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.unwrap();
        body.flow_control().release_capacity(chunk.len()).unwrap();
        bytes.extend_from_slice(&chunk);
    }
    Response::from_parts(head, bytes)
}

#[tokio::test]
async fn answers_as_over_http_1() {
    let node = Node::start(small_site());
    let mut client = connect(&node).await;
    for (method, target, fields, status) in [
        ("GET", "/", &[][..], 200),
        ("GET", "/blog", &[], 301),
        ("GET", "/missing", &[], 404),
        ("GET", "/..%2fetc", &[], 400),
        ("HEAD", "/", &[], 200),
        ("POST", "/", &[], 405),
        ("OPTIONS", "/", &[], 204),
        ("GET", "/", &[("if-none-match", "*")], 304),
        ("GET", "/a.txt", &[("range", "bytes=2-4")], 206),
        ("GET", "/", &[("accept-encoding", "br")], 200),
    ] {
        let h1 = node.ask(method, target, fields);
        let h2 = ask(&mut client, method, target, fields).await;
        assert_eq!(h2.status(), status, "{method} {target}");
        assert_eq!(h1.status(), status, "{method} {target}");
        for name in [
            "etag",
            "content-encoding",
            "content-length",
            "vary",
            "location",
            "allow",
        ] {
            let value = h2.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(value, h1.field(name), "{method} {target} {name}");
        }
        assert_eq!(h2.body(), &h1.body, "{method} {target}");
    }
}

/// Without `TCP_NODELAY` every answer waits for the client's delayed acknowledgement, some 40 ms.
#[tokio::test]
async fn answers_are_not_held_back() {
    let node = Node::start(small_site());
    let mut client = connect(&node).await;
    let mut took = Vec::new();
    for _ in 0..21 {
        let started = Instant::now();
        ask(&mut client, "GET", "/", &[]).await;
        took.push(started.elapsed());
    }
    took.sort();
    assert!(took[10] < Duration::from_millis(20), "{took:?}");
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let node = Node::start(small_site());
    let client = connect(&node).await;
    let expected = node.get("/").body;
    let asked: Vec<_> = (0..100)
        .map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move { ask(&mut client, "GET", "/", &[]).await.into_body() })
        })
        .collect();
    for body in asked {
        assert_eq!(body.await.unwrap(), expected);
    }
}

/// A browser keeps its connection open; a node that waited for it would be away for that long.
#[tokio::test]
async fn an_idle_connection_does_not_delay_the_end() {
    let mut node = Node::start(small_site());
    let mut client = connect(&node).await;
    ask(&mut client, "GET", "/", &[]).await;
    node.stop();
    within(Duration::from_secs(10), move || node.stopped());
}

/// A frame: its kind, its flags, its stream, and what it holds.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), payload].concat()
}

/// `GET /` of `a.test`, packed without a table.
const GET: &[u8] = b"\x82\x87\x84\x01\x06a.test";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH: u8 = 5;
const PING: u8 = 6;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;
const WHOLE: u8 = 0x5;

/// Says hello and then `frames`, over plain TCP; gives the frames that come back until the node hangs up, or until
/// `is_enough` of them.
fn converse(
    node: &Node,
    frames: &[u8],
    is_enough: impl Fn(&[(u8, u32, Vec<u8>)]) -> bool,
) -> Vec<(u8, u32, Vec<u8>)> {
    let mut stream = node.connect();
    let hello = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &frame(SETTINGS, 0, 0, &[])[..],
    ]
    .concat();
    // A node that hangs up in the middle is what some of this is about.
    stream.write_all(&hello).unwrap();
    stream.write_all(frames).unwrap_or_default();
    let mut came = Vec::new();
    while !is_enough(&came) {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            break;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).unwrap();
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        came.push((head[3], id, payload));
    }
    came
}

/// The reason why the node ends the connection.
fn goodbye(node: &Node, frames: &[u8]) -> Option<u32> {
    let came = converse(node, frames, |_| false);
    let (_, _, payload) = came.iter().find(|(kind, ..)| *kind == 7)?;
    Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()))
}

/// The reason why the node ends stream 1.
fn reset(node: &Node, frames: &[u8]) -> Option<u32> {
    let is_reset = |(kind, id, _): &(u8, u32, Vec<u8>)| (*kind, *id) == (RESET, 1);
    let came = converse(node, frames, |came| came.iter().any(is_reset));
    let (_, _, payload) = came.iter().find(|frame| is_reset(frame))?;
    Some(u32::from_be_bytes(payload[..4].try_into().unwrap()))
}

#[test]
fn who_breaks_the_protocol_is_told_why_and_sent_away() {
    let node = Node::start(small_site());
    let get = |stream: u32| frame(HEADERS, WHOLE, stream, GET);
    let number = |kind, stream, number: u32| frame(kind, 0, stream, &number.to_be_bytes());
    let setting = |name: u16, value: u32| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat();
    for (what, frames, code) in [
        ("an even stream", get(2), 1),
        ("stream 0", get(0), 1),
        ("data of no stream", frame(DATA, 0, 0, b"x"), 1),
        (
            "data of a stream that is none yet",
            frame(DATA, 0, 1, b"x"),
            1,
        ),
        ("a reset of one", number(RESET, 1, 8), 1),
        ("a wider window of one", number(WINDOW, 1, 8), 1),
        ("a window of nothing", number(WINDOW, 0, 0), 1),
        ("a window without end", number(WINDOW, 0, u32::MAX >> 1), 3),
        ("half a window", frame(WINDOW, 0, 0, &[0; 3]), 6),
        ("half a ping", frame(PING, 0, 0, &[0; 7]), 6),
        ("a ping of a stream", frame(PING, 0, 1, &[0; 8]), 1),
        ("settings of a stream", frame(SETTINGS, 0, 1, &[]), 1),
        ("half a setting", frame(SETTINGS, 0, 0, &[0; 5]), 6),
        ("settings in a yes", frame(SETTINGS, 1, 0, &[0; 6]), 6),
        (
            "windows that are too wide",
            frame(SETTINGS, 0, 0, &setting(4, 1 << 31)),
            3,
        ),
        (
            "frames that are too short",
            frame(SETTINGS, 0, 0, &setting(5, 1)),
            1,
        ),
        (
            "pushes, more or less",
            frame(SETTINGS, 0, 0, &setting(2, 2)),
            1,
        ),
        ("a push", frame(PUSH, 4, 1, &[0; 4]), 1),
        (
            "a frame that is too long",
            frame(DATA, 0, 1, &vec![0; 17 << 10]),
            6,
        ),
        (
            "more padding than frame",
            frame(HEADERS, WHOLE | 8, 1, &[9, 0x82]),
            1,
        ),
        (
            "an end without a beginning",
            frame(CONTINUATION, 4, 1, GET),
            1,
        ),
        (
            "something between the parts of a block",
            [frame(HEADERS, 1, 1, GET), frame(PING, 0, 0, &[0; 8])].concat(),
            1,
        ),
        ("no block", frame(HEADERS, WHOLE, 1, &[0xff; 20]), 9),
    ] {
        assert_eq!(goodbye(&node, &frames), Some(code), "{what}");
    }
    let mut stream = node.connect();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\nXX").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn who_breaks_a_stream_loses_that_alone() {
    let node = Node::start(small_site());
    let line = |more: &[u8]| frame(HEADERS, WHOLE, 1, &[GET, more].concat());
    for (what, frames, code) in [
        ("an upper-case name", line(b"\x00\x01A\x01b"), 1),
        (
            "a field of connections",
            line(b"\x00\x0aconnection\x05close"),
            1,
        ),
        ("a second method", line(b"\x82"), 1),
        ("a line feed", line(b"\x00\x01a\x03b\nc"), 1),
        ("a length without a body", line(b"\x0f\x0d\x015"), 1),
        (
            "half a priority",
            [line(b""), frame(PRIORITY, 0, 1, &[0; 4])].concat(),
            6,
        ),
        (
            "nothing that is asked for",
            frame(HEADERS, WHOLE, 1, b"\x82\x87"),
            1,
        ),
    ] {
        let frames = [frames, frame(HEADERS, WHOLE, 3, GET)].concat();
        assert_eq!(reset(&node, &frames), Some(code), "{what}");
        let answered = |came: &[(u8, u32, Vec<u8>)]| {
            came.iter()
                .any(|(kind, id, _)| (*kind, *id) == (HEADERS, 3))
        };
        let came = converse(&node, &frames, answered);
        assert!(answered(&came), "{what}");
    }
}

#[test]
fn who_keeps_a_node_busy_for_nothing_is_sent_away() {
    let node = Node::start(small_site());
    let resets: Vec<u8> = (0..1_000)
        .flat_map(|n| {
            let id = 2 * n + 1;
            [
                frame(HEADERS, 4, id, GET),
                frame(RESET, 0, id, &[0, 0, 0, 8]),
            ]
            .concat()
        })
        .collect();
    let block = frame(HEADERS, 1, 1, GET);
    for (what, frames) in [
        ("resets", resets),
        ("pings", frame(PING, 0, 0, &[0; 8]).repeat(1_000)),
        ("settings", frame(SETTINGS, 0, 0, &[]).repeat(1_000)),
        ("priorities", frame(PRIORITY, 0, 1, &[0; 5]).repeat(1_000)),
        (
            "frames that nobody knows",
            frame(99, 0, 0, &[]).repeat(1_000),
        ),
        (
            "empty parts of a block",
            [block.clone(), frame(CONTINUATION, 0, 1, &[]).repeat(1_000)].concat(),
        ),
        (
            "a block without end",
            [
                block,
                frame(CONTINUATION, 0, 1, &[0x82; 16 << 10]).repeat(5),
            ]
            .concat(),
        ),
        (
            "empty data",
            [
                frame(HEADERS, 4, 1, GET),
                frame(DATA, 0, 1, &[]).repeat(1_000),
            ]
            .concat(),
        ),
    ] {
        assert_eq!(goodbye(&node, &frames), Some(0xb), "{what}");
        assert_eq!(node.get("/").status(), 200, "others do not feel it");
    }
}

#[test]
fn fields_that_are_too_much_are_told_so() {
    let node = Node::start(small_site());
    // A field of 4,000 bytes that goes into the table, and then is said again and again by one byte.
    let long = [b"\x40\x01a\x7f\xa1\x1e".to_vec(), vec![b'x'; 4_000]].concat();
    let bomb = [GET, &long, &[0xbe; 8_000]].concat();
    let is_head = |came: &[(u8, u32, Vec<u8>)]| came.iter().any(|(kind, ..)| *kind == HEADERS);
    let came = converse(&node, &frame(HEADERS, WHOLE, 1, &bomb), is_head);
    let (_, _, head) = came.iter().find(|(kind, ..)| *kind == HEADERS).unwrap();
    // `:status` is no field of the table that everybody knows with this value.
    assert!(head.starts_with(b"\x08\x03431"), "{head:?}");
}

#[test]
fn a_client_takes_as_much_as_it_wants() {
    let node = Node::start(small_site());
    let narrow = [&4_u16.to_be_bytes()[..], &5_u32.to_be_bytes()].concat();
    let frames = [
        frame(SETTINGS, 0, 0, &narrow),
        frame(HEADERS, WHOLE, 1, GET),
        frame(WINDOW, 0, 1, &7_u32.to_be_bytes()),
    ];
    let has_data = |came: &[(u8, u32, Vec<u8>)]| came.iter().any(|(kind, ..)| *kind == DATA);
    let came = converse(&node, &frames.concat(), has_data);
    let data = came.iter().filter(|(kind, ..)| *kind == DATA);
    let bytes: usize = data.map(|(_, _, payload)| payload.len()).sum();
    assert!((5..=12).contains(&bytes), "{bytes}");
}
