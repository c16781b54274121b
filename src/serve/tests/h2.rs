//! HTTP/2 over TLS.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::node::{Node, small_site, within};

type Client = SendRequest<Bytes>;

async fn connect(node: &Node) -> Client {
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

async fn ask(
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
