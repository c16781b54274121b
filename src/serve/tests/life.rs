//! What changes while a node runs: its site, its certificates, and the end of it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::node::{
    Answer, Node, certificate, exchange, html, large, page, settings, small_site, snapshot, within,
};
use crate::{
    serve::{self, Audience, PlainHttp, Refusal, Settings},
    site::Problem,
};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";

#[test]
fn an_open_connection_sees_what_is_published() {
    let node = Node::start(snapshot(vec![html("/", "one")]));
    let mut stream = node.connect();
    stream.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut stream).text(), "one");
    node.live.publish(snapshot(vec![html("/", "two")]), vec![]);
    stream.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut stream).text(), "two");
}

#[test]
fn a_new_certificate_counts_from_the_next_handshake() {
    let mut node = Node::start(small_site());
    let mut open = node.connect_tls("a.test");
    open.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut open).status(), 200);

    let renewed = certificate();
    node.certs.replace(std::slice::from_ref(&renewed)).unwrap();
    open.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut open).status(), 200);
    let mut distrusting = node.connect_tls("a.test");
    assert!(
        distrusting.write_all(GET).is_err(),
        "the old certificate is still shown"
    );
    node.root = renewed.key.cert[0].clone();
    let mut trusting = node.connect_tls("a.test");
    trusting.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut trusting).status(), 200);
}

#[test]
fn bodies_under_way_are_finished_before_the_end() {
    const BYTES: usize = 32 << 20;
    let scratch = tempfile::tempdir().unwrap();
    let film = scratch.path().join("film.mp4");
    fs::write(&film, vec![b'f'; BYTES]).unwrap();
    let pages = vec![
        large("/film.mp4", film, BYTES as u64),
        page("/disk.img", "application/octet-stream", vec![b'd'; BYTES]),
    ];
    let mut node = Node::start(snapshot(pages));
    let mut idle = node.connect();
    write!(idle, "GET /none HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
    Answer::next(&mut idle);

    // Both are larger than what the sockets hold, so they cannot be done when the word comes.
    let mut slow = ["/film.mp4", "/disk.img"].map(|target| {
        let mut stream = node.connect();
        write!(stream, "GET {target} HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
        let mut first = [0; 1000];
        stream.read_exact(&mut first).unwrap();
        stream
    });
    node.stop();
    let http = node.http;
    within(Duration::from_secs(10), move || {
        while TcpStream::connect(http).is_ok_and(|mut stream| answers(&mut stream)) {}
    });
    for stream in &mut slow {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(
            rest.len() + 1000 > BYTES,
            "{} bytes are missing",
            BYTES - rest.len()
        );
    }
    let mut nothing = Vec::new();
    idle.read_to_end(&mut nothing).unwrap();
    assert!(nothing.is_empty());
    within(Duration::from_secs(10), move || node.stopped());
}

/// Whether a connection is served: until the listener is gone the system accepts some that nobody
/// will read.
fn answers(stream: &mut TcpStream) -> bool {
    stream
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n");
    asked.is_ok() && stream.read(&mut [0; 100]).is_ok_and(|bytes| bytes > 0)
}

#[test]
fn the_author_hears_what_is_published_and_what_is_wrong() {
    let site = || snapshot(vec![html("/", "<body>one</body>")]);
    let mut node = Node::start_with(site(), PlainHttp::Serve, Audience::Author);
    let page = node.ask("GET", "/", &[("accept-encoding", "br")]);
    assert!(
        page.text().contains("/__littoral/dev.js"),
        "{}",
        page.text()
    );
    assert_eq!(node.get("/__littoral/dev.js").status(), 200);

    let mut stream = node.connect();
    write!(
        stream,
        "GET /__littoral/events HTTP/1.1\r\nhost: a.test\r\n\r\n"
    )
    .unwrap();
    let head = read_until(&mut stream, ".1\",\"problems\":[]}");
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    node.live.refuse(vec![Problem::error("a template loops")]);
    read_until(&mut stream, "a template loops");
    node.live.publish(site(), vec![]);
    read_until(&mut stream, ".2\",\"problems\":[]}");

    node.stop();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    within(Duration::from_secs(10), move || node.stopped());
}

#[test]
fn who_takes_nothing_is_not_waited_for() {
    const BYTES: usize = 32 << 20;
    let whole = || page("/disk.img", "application/octet-stream", vec![b'd'; BYTES]);
    let settings = Settings {
        write_timeout: Duration::from_millis(100),
        ..settings()
    };
    for https in [false, true] {
        let node = Node::start_by(
            snapshot(vec![whole()]),
            (PlainHttp::Serve, Audience::Visitors),
            &settings,
        );
        let request = b"GET /disk.img HTTP/1.1\r\nhost: a.test\r\n\r\n";
        let (mut plain, mut tls) = (node.connect(), node.connect_tls("a.test"));
        let stream: &mut dyn ReadWrite = if https { &mut tls } else { &mut plain };
        stream.write_all(request).unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
        let tally = node.tally.clone();
        within(Duration::from_secs(20), move || {
            while tally.refused(Refusal::Write) == 0 {
                std::thread::yield_now();
            }
        });
        let mut rest = Vec::new();
        // How it ends depends on what lay in the sockets; that it does not come whole is certain.
        stream.read_to_end(&mut rest).unwrap_or_default();
        assert!(rest.len() < BYTES - 1000, "all of it came");
        assert_eq!(node.get("/nothing").status(), 404, "others are served");
    }
}

#[test]
fn who_takes_too_little_is_not_waited_for_either() {
    const BYTES: usize = 32 << 20;
    let whole = page("/disk.img", "application/octet-stream", vec![b'd'; BYTES]);
    let settings = Settings {
        write_timeout: Duration::from_millis(500),
        rate_bytes_min: 1 << 30,
        ..settings()
    };
    let audience = (PlainHttp::Serve, Audience::Visitors);
    let node = Node::start_by(snapshot(vec![whole]), audience, &settings);
    let mut stream = node.connect();
    write!(stream, "GET /disk.img HTTP/1.1\r\nhost: a.test\r\n\r\n").unwrap();
    let tally = node.tally.clone();
    // It takes some more all the time, so that it is never one that takes nothing, and not all of it for seconds.
    within(Duration::from_secs(20), move || {
        let mut room = vec![0; 256 << 10];
        while tally.refused(Refusal::Write) == 0 {
            stream.read_exact(&mut room).unwrap_or_default();
            std::thread::park_timeout(Duration::from_millis(20));
        }
    });
}

#[test]
fn who_never_ends_what_he_began_is_sent_away() {
    let short = Duration::from_millis(300);
    let settings = Settings {
        head_timeout: short,
        body_timeout: short,
        ..settings()
    };
    let audience = (PlainHttp::Serve, Audience::Visitors);
    let node = Node::start_by(small_site(), audience, &settings);
    let head = "GET / HTTP/1.1\r\nhost: a.test\r\n".to_owned();
    let body = head.clone() + "content-length: 60000\r\n\r\n";
    let chunks = head.clone() + "transfer-encoding: chunked\r\n\r\n";
    for (begun, drop, why, answer) in [
        (&head, "x-a: b\r\n", Refusal::Head, "HTTP/1.1 408 "),
        (&body, "x", Refusal::Body, "HTTP/1.1 200 "),
        (&chunks, "1\r\nx\r\n", Refusal::Body, "HTTP/1.1 200 "),
    ] {
        let (before, tally) = (node.tally.refused(why), node.tally.clone());
        let mut stream = node.connect();
        stream.write_all(begun.as_bytes()).unwrap();
        let mut reading = stream.try_clone().unwrap();
        within(Duration::from_secs(20), move || {
            while tally.refused(why) == before {
                // Something comes all the time.
                stream.write_all(drop.as_bytes()).unwrap_or_default();
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        let mut told = Vec::new();
        reading.read_to_end(&mut told).unwrap_or_default();
        assert!(
            told.starts_with(answer.as_bytes()),
            "{}",
            String::from_utf8_lossy(&told)
        );
    }
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

#[test]
fn visitors_find_no_door_of_the_author() {
    let node = Node::start(small_site());
    assert_eq!(node.get("/__littoral/dev.js").status(), 404);
    assert_eq!(node.get("/__littoral/events").status(), 404);
}

fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let mut chunk = [0; 4096];
        let bytes = stream.read(&mut chunk).unwrap();
        assert_ne!(bytes, 0, "{wanted} did not come: {text}");
        text += std::str::from_utf8(&chunk[..bytes]).unwrap();
    }
    text
}

#[test]
fn a_taken_address_is_told_with_the_way_out() {
    let node = Node::start(small_site());
    let settings = Settings {
        http: vec![serve::Place::Address(node.http)],
        ..Settings::default()
    };
    let error = serve::bind(&settings).unwrap_err().to_string();
    assert!(error.contains(&node.http.to_string()), "{error}");
    assert!(error.contains("another program listens there"), "{error}");
}

#[test]
fn tls_is_spoken_to_those_who_speak_it() {
    let node = Node::start(small_site());
    let mut plain = TcpStream::connect(node.https).unwrap();
    let answer = exchange(&mut plain, GET);
    assert!(!answer.starts_with(b"HTTP"), "plain HTTP on the TLS port");

    let versions = [&rustls::version::TLS12, &rustls::version::TLS13];
    for version in versions {
        let roots = {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(node.root.clone()).unwrap();
            roots
        };
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = "localhost".try_into().unwrap();
        let client = rustls::ClientConnection::new(config.into(), name).unwrap();
        let tcp = TcpStream::connect(node.https).unwrap();
        let mut stream = rustls::StreamOwned::new(client, tcp);
        stream.write_all(GET).unwrap();
        assert_eq!(Answer::next(&mut stream).status(), 200, "{version:?}");
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
    }
}

/// Whoever reads until the end must know that it was one (RFC 8446 §6.1), and not that somebody cut the rest off.
#[test]
fn the_last_answer_over_tls_says_that_it_is_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.mp4");
    fs::write(&film, vec![b'f'; 3_000_000]).unwrap();
    let node = Node::start(snapshot(vec![
        html("/", "tide"),
        page("/long.txt", "application/x-tide", vec![b'l'; 3_000_000]),
        large("/film.mp4", film, 3_000_000),
    ]));
    for (path, bytes) in [("/", 4), ("/long.txt", 3_000_000), ("/film.mp4", 3_000_000)] {
        let mut stream = node.connect_tls("localhost");
        let request = format!("GET {path} HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // It fails where the connection ends without that word.
        stream.read_to_end(&mut answer).unwrap();
        let body = answer.windows(4).position(|part| part == b"\r\n\r\n");
        assert_eq!(answer.len() - body.unwrap() - 4, bytes, "{path}");
    }
}
