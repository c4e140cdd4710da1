//! An HTTP/3 client for one origin (RFC 9114 over QUIC, RFC 9000).
//!
//! It keeps one connection and opens it again when it is gone; many requests share it at
//! once. Every answer is bounded in bytes and time. The server must show a certificate of the
//! authorities given and no others; a client certificate is shown where one is set. No early
//! data, no redirects, no cookies, no HTTP/2.

mod answer;
mod events;
mod request;
mod tls;

pub use answer::{Answer, Body};
pub use events::{EventStream, SseEvent};
pub use request::Request;
pub use tls::{Identity, Trust};

use crate::ClientError;
use bytes::Bytes;
use quinn::crypto::rustls::QuicClientConfig;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::{Host, Url};

/// Most bytes of an answer's header section.
const FIELDS_BYTES_MAX: u64 = 64 * 1_024;
/// How long one address may take to answer the first packets.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

type Sender = h3::client::SendRequest<h3_quinn::OpenStreams, Bytes>;
type Stream = h3::client::RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

/// A client of one origin. Cheap to share behind an `Arc`.
pub struct Http3 {
    origin: String,
    host: String,
    port: u16,
    config: quinn::ClientConfig,
    live: Mutex<Option<Live>>,
}

struct Live {
    endpoint: quinn::Endpoint,
    connection: quinn::Connection,
    sender: Sender,
}

impl std::fmt::Debug for Http3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http3({})", self.origin)
    }
}

impl Http3 {
    /// A client of `https://host[:port]`. Connects with the first request.
    ///
    /// # Errors
    /// When the origin is none, or key and certificate do not belong together.
    pub fn new(
        origin: &str,
        trust: &Trust,
        identity: Option<&Identity>,
    ) -> Result<Self, ClientError> {
        let not_an_origin =
            || ClientError::input(format!("{origin} is no origin such as https://localhost:4433"));
        let url = Url::parse(origin).map_err(|_| not_an_origin())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "https" || !bare {
            return Err(not_an_origin());
        }
        let host = match url.host().ok_or_else(not_an_origin)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let tls = tls::client_config(trust, identity)?;
        let quic = QuicClientConfig::try_from(tls)
            .map_err(|error| ClientError::input(format!("TLS: {error}")))?;
        let mut config = quinn::ClientConfig::new(Arc::new(quic));
        config.transport_config(Arc::new(transport()));
        let port = url.port().unwrap_or(443);
        let origin = url.origin().ascii_serialization();
        Ok(Self { origin, host, port, config, live: Mutex::new(None) })
    }

    /// The origin, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// When nothing or too much came back, or not in time.
    pub async fn send(&self, request: &Request) -> Result<Answer, ClientError> {
        let exchange = async {
            let body = self.begin(request).await?;
            body.collect(request.bytes_max).await
        };
        self.within(request.deadline, exchange).await
    }

    /// Sends a request and gives the answer as soon as its head is there, to be read piece by
    /// piece; an answer with an error status is read whole.
    ///
    /// # Errors
    /// As [`Http3::send`].
    pub async fn stream(&self, request: &Request) -> Result<Result<Body, Answer>, ClientError> {
        let begin = async {
            let body = self.begin(request).await?;
            if body.status.is_success() {
                return Ok(Ok(body));
            }
            body.collect(request.bytes_max).await.map(Err)
        };
        self.within(request.deadline, begin).await
    }

    /// Says goodbye and waits until the node has heard it.
    pub async fn close(&self) {
        if let Some(live) = self.live.lock().await.take() {
            drop(live.sender);
            live.connection.close(0x100_u32.into(), b"");
            let _deadline = tokio::time::timeout(CONNECT_DEADLINE, live.endpoint.wait_idle()).await;
        }
    }

    async fn within<T>(
        &self,
        deadline: Duration,
        work: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let late =
            |_| ClientError::Deadline { origin: self.origin.clone(), seconds: deadline.as_secs() };
        tokio::time::timeout(deadline, work).await.map_err(late)?
    }

    async fn begin(&self, request: &Request) -> Result<Body, ClientError> {
        match self.attempt(request).await {
            // An idle connection that the node has closed meanwhile: nobody saw the request,
            // or it may be sent again.
            Err(Broken { retry: true, .. }) => self.attempt(request).await,
            other => other,
        }
        .map_err(|broken| self.unreachable(&broken.reason))
    }

    async fn attempt(&self, request: &Request) -> Result<Body, Broken> {
        let (mut sender, reused) = self.sender().await.map_err(Broken::finally)?;
        let head = request.head(&self.origin).map_err(Broken::finally)?;
        let opened = sender.send_request(head).await;
        let mut stream =
            opened.map_err(|error| Broken { reason: error.to_string(), retry: reused })?;
        let retry = reused && request.is_idempotent();
        let broken = |error: h3::error::StreamError| Broken { reason: error.to_string(), retry };
        // A node that refuses early stops the body; its answer says why.
        let mut sent = Ok(());
        if !request.body.is_empty() {
            sent = stream.send_data(request.body.clone()).await;
        }
        if sent.is_ok() {
            sent = stream.finish().await;
        }
        match stream.recv_response().await {
            Ok(head) => Ok(Body::new(head, stream, sender)),
            Err(error) => Err(broken(sent.err().unwrap_or(error))),
        }
    }

    // A sender of the live connection, and whether the connection was there before.
    async fn sender(&self) -> Result<(Sender, bool), String> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_ref().filter(|live| live.connection.close_reason().is_none()) {
            return Ok((live.sender.clone(), true));
        }
        let fresh = self.connect().await?;
        let sender = fresh.sender.clone();
        *live = Some(fresh);
        Ok((sender, false))
    }

    async fn connect(&self) -> Result<Live, String> {
        let resolved = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<SocketAddr> =
            resolved.map_err(|error| format!("{} does not resolve: {error}", self.host))?.collect();
        let mut last = format!("{} has no address", self.host);
        // `localhost` is ::1 first: a node may listen on one of the two only.
        for address in addresses {
            match tokio::time::timeout(CONNECT_DEADLINE, self.connect_to(address)).await {
                Ok(Ok(live)) => return Ok(live),
                Ok(Err(reason)) => last = format!("{address}: {reason}"),
                Err(_) => last = format!("{address}: no answer"),
            }
        }
        Err(last)
    }

    async fn connect_to(&self, address: SocketAddr) -> Result<Live, String> {
        let local: SocketAddr = if address.is_ipv4() {
            (Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let endpoint = quinn::Endpoint::client(local).map_err(|error| error.to_string())?;
        let connecting = endpoint
            .connect_with(self.config.clone(), address, &self.host)
            .map_err(|error| error.to_string())?;
        let connection = connecting.await.map_err(|error| error.to_string())?;
        let (mut driver, sender) = h3::client::builder()
            .max_field_section_size(FIELDS_BYTES_MAX)
            .build(h3_quinn::Connection::new(connection.clone()))
            .await
            .map_err(|error| error.to_string())?;
        // Ends with the connection, which ends with its last sender.
        tokio::spawn(async move {
            let reason = std::future::poll_fn(|context| driver.poll_close(context)).await;
            tracing::debug!(%reason, "connection closed");
        });
        Ok(Live { endpoint, connection, sender })
    }

    fn unreachable(&self, reason: &str) -> ClientError {
        ClientError::Unreachable { origin: self.origin.clone(), reason: reason.to_owned() }
    }
}

// A try that failed.
struct Broken {
    reason: String,
    retry: bool,
}

impl Broken {
    fn finally(reason: String) -> Self {
        Self { reason, retry: false }
    }
}

fn transport() -> quinn::TransportConfig {
    let mut transport = quinn::TransportConfig::default();
    transport.max_idle_timeout(Some(quinn::VarInt::from_u32(30_000).into()));
    transport.keep_alive_interval(Some(Duration::from_secs(10)));
    // The node opens its control streams and nothing else.
    transport.max_concurrent_bidi_streams(0_u8.into());
    transport.max_concurrent_uni_streams(8_u8.into());
    transport.receive_window(quinn::VarInt::from_u32(16 << 20));
    transport
}
