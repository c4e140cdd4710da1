//! Plain clients: hyper over rustls, h3 over quinn. One connection each.

use crate::site::{ClientIdentity, Place};
use bytes::{Buf, Bytes};
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use std::sync::Arc;
use symbolon_node::tls::provider;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::client::TlsStream;

pub(crate) const VERSIONS: [Version; 3] = [Version::HTTP_11, Version::HTTP_2, Version::HTTP_3];

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A body that the test feeds; dropping the sender ends it.
pub(crate) type Pieces = mpsc::Receiver<Result<Frame<Bytes>, Failure>>;
type Sent = StreamBody<tokio_stream::wrappers::ReceiverStream<Result<Frame<Bytes>, Failure>>>;
type H3Sender = h3::client::SendRequest<h3_quinn::OpenStreams, Bytes>;
type H3Receiver = h3::client::RequestStream<h3_quinn::RecvStream, Bytes>;
type H3Feeder = h3::client::RequestStream<h3_quinn::SendStream<Bytes>, Bytes>;

pub(crate) enum Client {
    H1(hyper::client::conn::http1::SendRequest<Sent>),
    H2(hyper::client::conn::http2::SendRequest<Sent>),
    H3(H3Sender, quinn::Connection),
}

pub(crate) enum Answer {
    Hyper(Response<hyper::body::Incoming>),
    H3(Response<()>, H3Receiver),
}

pub(crate) fn tls(
    place: &Place,
    alpn: &[u8],
    identity: Option<&ClientIdentity>,
) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(place.authority.clone()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(vec![identity.certificate.clone()], identity.key.clone_key())
            .unwrap(),
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    config
}

pub(crate) async fn tcp(
    place: &Place,
    alpn: &[u8],
    identity: Option<&ClientIdentity>,
) -> Result<TlsStream<TcpStream>, Failure> {
    let stream = TcpStream::connect(("127.0.0.1", place.port)).await?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls(place, alpn, identity)));
    Ok(connector.connect("localhost".try_into()?, stream).await?)
}

pub(crate) async fn quic(
    place: &Place,
    identity: Option<&ClientIdentity>,
) -> Result<quinn::Connection, Failure> {
    let tls = quinn::crypto::rustls::QuicClientConfig::try_from(tls(place, b"h3", identity))?;
    let endpoint = quinn::Endpoint::client("[::1]:0".parse()?)?;
    let server: SocketAddr = format!("[::1]:{}", place.port).parse()?;
    let config = quinn::ClientConfig::new(Arc::new(tls));
    Ok(endpoint.connect_with(config, server, "localhost")?.await?)
}

impl Client {
    pub(crate) async fn connect(place: &Place, version: Version) -> Result<Self, Failure> {
        Self::connect_as(place, version, None).await
    }

    pub(crate) async fn connect_as(
        place: &Place,
        version: Version,
        identity: Option<&ClientIdentity>,
    ) -> Result<Self, Failure> {
        Ok(match version {
            Version::HTTP_3 => {
                let connection = quic(place, identity).await?;
                let (mut driver, sender) =
                    h3::client::new(h3_quinn::Connection::new(connection.clone())).await?;
                tokio::spawn(async move { driver.wait_idle().await });
                Self::H3(sender, connection)
            }
            Version::HTTP_2 => {
                let io = TokioIo::new(tcp(place, b"h2", identity).await?);
                let (sender, connection) =
                    hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                Self::H2(sender)
            }
            _ => {
                let io = TokioIo::new(tcp(place, b"http/1.1", identity).await?);
                let (sender, connection) = hyper::client::conn::http1::handshake(io).await?;
                tokio::spawn(connection);
                Self::H1(sender)
            }
        })
    }

    /// Sends a request with the pieces as its body; returns when the answer begins.
    pub(crate) async fn send(
        &mut self,
        request: Request<()>,
        pieces: Pieces,
    ) -> Result<Answer, Failure> {
        let (mut parts, ()) = request.into_parts();
        let stream = tokio_stream::wrappers::ReceiverStream::new(pieces);
        match self {
            Self::H1(sender) => {
                let path = parts.uri.path().to_owned();
                parts.headers.insert("host", "localhost".parse()?);
                parts.uri = path.parse()?;
                let request = Request::from_parts(parts, StreamBody::new(stream));
                Ok(Answer::Hyper(sender.send_request(request).await?))
            }
            Self::H2(sender) => {
                let request = Request::from_parts(parts, StreamBody::new(stream));
                Ok(Answer::Hyper(sender.send_request(request).await?))
            }
            Self::H3(sender, _) => {
                let stream_of_pieces = stream.into_inner();
                let stream = sender.send_request(Request::from_parts(parts, ())).await?;
                let (send, mut recv) = stream.split();
                tokio::spawn(feed(send, stream_of_pieces));
                let response = recv.recv_response().await?;
                Ok(Answer::H3(response, recv))
            }
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let (_, pieces) = mpsc::channel(1);
        self.send(request("GET", path), pieces).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Bytes) -> Result<Answer, Failure> {
        let (sender, pieces) = mpsc::channel(1);
        let mut request = request("POST", path);
        request.headers_mut().insert("content-length", body.len().into());
        tokio::spawn(async move {
            let mut body = body;
            while !body.is_empty() {
                let piece = body.split_to(body.len().min(50_000));
                if sender.send(Ok(Frame::data(piece))).await.is_err() {
                    return;
                }
            }
        });
        self.send(request, pieces).await
    }
}

/// Sends the pieces until they end or the server wants no more.
async fn feed(mut send: H3Feeder, mut pieces: Pieces) {
    while let Some(piece) = pieces.recv().await {
        let data = piece.unwrap().into_data().unwrap();
        if send.send_data(data).await.is_err() {
            return;
        }
    }
    let _the_server_may_have_stopped_it = send.finish().await;
}

pub(crate) fn request(method: &str, path: &str) -> Request<()> {
    Request::builder().method(method).uri(format!("https://localhost{path}")).body(()).unwrap()
}

/// A body to feed.
pub(crate) fn pieces() -> (mpsc::Sender<Result<Frame<Bytes>, Failure>>, Pieces) {
    mpsc::channel(1)
}

pub(crate) fn piece(bytes: impl Into<Bytes>) -> Result<Frame<Bytes>, Failure> {
    Ok(Frame::data(bytes.into()))
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Hyper(response) => response.status(),
            Self::H3(response, _) => response.status(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let headers = match self {
            Self::Hyper(response) => response.headers(),
            Self::H3(response, _) => response.headers(),
        };
        headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    /// The next piece of the body that is not empty.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let piece = match self {
                Self::Hyper(response) => match response.frame().await {
                    Some(frame) => Some(frame?.into_data().unwrap()),
                    None => None,
                },
                Self::H3(_, stream) => {
                    stream.recv_data().await?.map(|mut data| data.copy_to_bytes(data.remaining()))
                }
            };
            if piece.as_ref().is_none_or(|piece| !piece.is_empty()) {
                return Ok(piece);
            }
        }
    }

    pub(crate) async fn bytes(mut self) -> Result<Bytes, Failure> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }

    pub(crate) async fn text(self) -> Result<String, Failure> {
        Ok(String::from_utf8(self.bytes().await?.to_vec())?)
    }

    /// The `code` of a problem document.
    pub(crate) async fn problem(self) -> String {
        assert_eq!(self.header("content-type").as_deref(), Some("application/problem+json"));
        let status = self.status().as_u16();
        let problem: serde_json::Value =
            serde_json::from_slice(&self.bytes().await.unwrap()).unwrap();
        assert_eq!(problem["status"], status);
        problem["code"].as_str().unwrap().to_owned()
    }
}
