//! Several requests over one HTTP/2 connection.

use std::{net::SocketAddr, sync::Arc};

use h2::client::SendRequest;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Reply, http::trusting};

/// Gets `paths`, all under way before the first answer is read.
pub(super) fn get(address: SocketAddr, host: &str, paths: &[&str]) -> Vec<Reply> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(trusting(&[b"h2"])));
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut answers = Vec::new();
        for path in paths {
            answers.push(send(&mut client, host, path).await);
        }
        let mut replies = Vec::new();
        for answer in answers {
            replies.push(receive(answer).await);
        }
        drop(client);
        connection.abort();
        replies
    })
}

async fn send(
    client: &mut SendRequest<bytes::Bytes>,
    host: &str,
    path: &str,
) -> h2::client::ResponseFuture {
    let request = http::Request::get(format!("https://{host}{path}"));
    let mut ready = client.clone().ready().await.unwrap();
    let (answer, _) = ready.send_request(request.body(()).unwrap(), true).unwrap();
    answer
}

async fn receive(answer: h2::client::ResponseFuture) -> Reply {
    let answer = answer.await.unwrap();
    let fields = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        (name.as_str().to_owned(), value.to_owned())
    });
    let (status, headers) = (answer.status().as_u16(), fields.collect());
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(part) = body.data().await {
        let part = part.unwrap();
        body.flow_control().release_capacity(part.len()).unwrap();
        bytes.extend_from_slice(&part);
    }
    Reply {
        status,
        headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}
