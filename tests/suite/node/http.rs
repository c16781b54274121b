//! A small HTTP/1.1 client that hides nothing: it sends what it is told to and keeps what came back.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::PATIENCE;

/// A connection that stays open between requests.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    host: String,
    /// What was read beyond the last reply.
    rest: Vec<u8>,
}

trait Stream: Read + Write + Send {
    /// The server's certificate in DER, after a handshake.
    fn certificate(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

impl Stream for TcpStream {}

impl Stream for StreamOwned<ClientConnection, TcpStream> {
    fn certificate(&mut self) -> Vec<u8> {
        self.conn.complete_io(&mut self.sock).unwrap();
        self.conn.peer_certificates().unwrap()[0].to_vec()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    /// The bytes as text, as far as they are.
    pub(crate) body: String,
}

impl Connection {
    /// Connects without TLS.
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self::new(Box::new(open(address)), "127.0.0.1")
    }

    /// Connects with TLS, naming `host`; no certificate is refused.
    pub(crate) fn tls(address: SocketAddr, host: &str) -> Self {
        Self::tls_behind(address, host, b"")
    }

    /// The same, behind a proxy that has `said` something first.
    pub(crate) fn tls_behind(address: SocketAddr, host: &str, said: &[u8]) -> Self {
        let config = Arc::new(trusting(&[b"http/1.1"]));
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let session = ClientConnection::new(config, name).unwrap();
        let mut stream = open(address);
        stream.write_all(said).unwrap();
        Self::new(Box::new(StreamOwned::new(session, stream)), host)
    }

    fn new(stream: Box<dyn Stream>, host: &str) -> Self {
        Self {
            stream,
            host: host.to_owned(),
            rest: Vec::new(),
        }
    }

    /// The certificate that the server showed, in DER; empty without TLS.
    pub(crate) fn certificate(&mut self) -> Vec<u8> {
        self.stream.certificate()
    }

    /// Sends a request and reads its answer. A `host` among the headers takes the place of the
    /// connection's.
    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.try_request(method, path, headers)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same, for a test that counts failures.
    pub(crate) fn try_request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> io::Result<Reply> {
        self.send(method, path, headers)?;
        self.receive(method)
    }

    /// Sends a request and reads nothing.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> io::Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            head.push_str(&format!("host: {}\r\n", self.host));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes())?;
        self.stream.flush()
    }

    /// Reads the answer to a request of `method`.
    pub(crate) fn receive(&mut self, method: &str) -> io::Result<Reply> {
        let (status, headers) = self.receive_head()?;
        let field = |name: &str| {
            let found = headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let bytes = if method == "HEAD" || status == 304 || status == 204 {
            Vec::new()
        } else if field("transfer-encoding") == Some("chunked") {
            self.chunks()?
        } else {
            let length = field("content-length").map_or(0, |length| length.parse().unwrap());
            self.take(length)?
        };
        Ok(Reply {
            status,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            headers,
            bytes,
        })
    }

    /// Reads the head of an answer, and leaves its body on the wire.
    pub(crate) fn receive_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let head = String::from_utf8(self.take_through(b"\r\n\r\n")?).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let fields = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Ok((status.parse().unwrap(), fields.collect()))
    }

    /// Reads up to and with `mark`.
    pub(crate) fn take_through(&mut self, mark: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            let found = self
                .rest
                .windows(mark.len())
                .position(|window| window == mark);
            if let Some(at) = found {
                return self.take(at + mark.len());
            }
            self.more()?;
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8(self.take_through(b"\r\n")?).unwrap();
            let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
            body.extend(self.take(length)?);
            self.take(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    /// Reads `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.rest.len() < length {
            self.more()?;
        }
        let rest = self.rest.split_off(length);
        Ok(std::mem::replace(&mut self.rest, rest))
    }

    fn more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 64 << 10];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.rest.extend_from_slice(&buffer[..read]);
                Ok(())
            }
        }
    }
}

impl Reply {
    /// Fails unless the status is `status`.
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "status of {self:#?}");
        self
    }

    /// Fails unless `text` is in the body.
    pub(crate) fn body_has(self, text: &str) -> Self {
        assert!(self.body.contains(text), "no {text:?} in\n{}", self.body);
        self
    }

    /// Fails if `text` is in the body.
    pub(crate) fn body_lacks(self, text: &str) -> Self {
        assert!(
            !self.body.contains(text),
            "there is {text:?} in\n{}",
            self.body
        );
        self
    }

    /// The value of a header field, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Fails unless the header field has this value.
    pub(crate) fn header_is(self, name: &str, value: &str) -> Self {
        assert_eq!(self.header(name), Some(value), "{name} of {self:#?}");
        self
    }
}

/// A client's configuration that takes any certificate.
pub(super) fn trusting(protocols: &[&[u8]]) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
    config
}

/// What a client says first over TLS to reach `host`.
pub(crate) fn hello(host: &str) -> Vec<u8> {
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(trusting(&[])), name).unwrap();
    let mut said = Vec::new();
    client.write_tls(&mut said).unwrap();
    said
}

fn open(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Trusts everyone: the certificate is self-signed, and who it names is not what is tested.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signature, &known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signature, &known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        known.supported_schemes()
    }
}
