//! A panic in one request ends its connection, and costs nobody else anything.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use quinn::crypto::rustls::QuicClientConfig;

use super::node::{Answer, Node, exchange, settings, small_site};
use crate::serve::{Audience, PlainHttp, Refusal, Settings};

/// The target that the page path panics at in tests, as there is no other that it would.
pub(in crate::serve) const TRAP: &str = "/a-panic-of-the-tests";

const GET: &[u8] = b"GET /a.txt HTTP/1.1\r\nhost: a.test\r\n\r\n";

fn start() -> Node {
    let settings = Settings {
        workers: std::num::NonZeroUsize::new(1),
        http3: true,
        ..settings()
    };
    let shown = (PlainHttp::Serve, Audience::Visitors);
    Node::start_by(small_site(), shown, &settings)
}

#[test]
fn over_http_1_it_ends_that_connection() {
    let node = start();
    let mut other = node.connect();
    other.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut other).status(), 200);
    // What was answered before it is sent.
    let mut stream = node.connect();
    stream.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut stream).status(), 200);
    let trap = format!("GET {TRAP} HTTP/1.1\r\nhost: a.test\r\n\r\n");
    assert_eq!(exchange(&mut stream, trap.as_bytes()), b"");

    other.write_all(GET).unwrap();
    assert_eq!(Answer::next(&mut other).status(), 200);
    assert_eq!(node.get("/a.txt").status(), 200);
    assert_eq!(node.tally.refused(Refusal::Panic), 1);
}

#[tokio::test]
async fn over_http_2_it_ends_that_connection() {
    let node = start();
    let (mut other, mut client) = (
        super::h2::connect(&node).await,
        super::h2::connect(&node).await,
    );
    let first = super::h2::ask(&mut client, "GET", "/a.txt", &[]).await;
    assert_eq!(first.status(), 200);
    let request = http::Request::get(format!("https://a.test{TRAP}"));
    let (answer, _) = client
        .send_request(request.body(()).unwrap(), true)
        .unwrap();
    assert!(answer.await.is_err());

    let again = super::h2::ask(&mut other, "GET", "/a.txt", &[]).await;
    assert_eq!(again.status(), 200);
    assert_eq!(node.tally.refused(Refusal::Panic), 1);
}

#[tokio::test]
async fn over_http_3_it_ends_that_connection() {
    let node = start();
    let mut config = node.client_config();
    config.alpn_protocols = vec![b"h3".to_vec()];
    let config = QuicClientConfig::try_from(config).unwrap();
    let config = quinn::ClientConfig::new(Arc::new(config));
    let endpoint = quinn::Endpoint::client(([127, 0, 0, 1], 0).into()).unwrap();
    let connect = || async {
        let connecting = endpoint.connect_with(config.clone(), node.https, "a.test");
        connecting.unwrap().await.unwrap()
    };
    let (other, client) = (connect().await, connect().await);
    assert!(is_answered(&other, "/a.txt").await);
    assert!(is_answered(&client, "/a.txt").await);
    assert!(!is_answered(&client, TRAP).await);
    let quinn::ConnectionError::ApplicationClosed(close) = client.closed().await else {
        panic!("it stays open");
    };
    // H3_INTERNAL_ERROR (RFC 9114 §8.1)
    assert_eq!(close.error_code.into_inner(), 0x102);

    assert!(is_answered(&other, "/a.txt").await);
    let begun = Instant::now();
    while node.tally.refused(Refusal::Panic) == 0 && begun.elapsed() < Duration::from_secs(20) {
        tokio::task::yield_now().await;
    }
    assert_eq!(node.tally.refused(Refusal::Panic), 1);
}

/// Asks for `target` and returns whether anything came.
async fn is_answered(connection: &quinn::Connection, target: &str) -> bool {
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    // GET and https stand in the static table of QPACK (RFC 9204, Appendix A), and so do the names of the others.
    let mut block = b"\x00\x00\xd1\xd7\x50\x06a.test\x51".to_vec();
    block.push(u8::try_from(target.len()).unwrap());
    block.extend_from_slice(target.as_bytes());
    let mut frame = vec![1, u8::try_from(block.len()).unwrap()];
    frame.extend_from_slice(&block);
    send.write_all(&frame).await.unwrap();
    send.finish().unwrap();
    let answer = receive.read_to_end(1 << 16).await;
    answer.is_ok_and(|answer| !answer.is_empty())
}
