//! A small HTTPS client that posts and nothing else. It connects to the very address that
//! was judged, follows no redirect, and reads no more of the answer than its status.

use super::address::is_public;
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Time for one post, from the name's look-up to the answer's status.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why something was not posted.
#[derive(Debug, thiserror::Error)]
pub enum PostFault {
    /// The address is none that may be posted to.
    #[error("{0} is not an address that this node posts to")]
    Refused(String),
    /// The name cannot be resolved, or nobody answers there.
    #[error("{host} cannot be reached: {text}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        text: String,
    },
    /// It answered something other than a success.
    #[error("{host} answered {status}")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// It took too long.
    #[error("{0} did not answer in 15 seconds")]
    TimedOut(String),
}

/// Posts.
pub struct Poster {
    connector: TlsConnector,
    private_addresses: bool,
}

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Poster")
    }
}

impl Poster {
    /// Trusts servers whose certificates one of these CAs signed.
    ///
    /// # Errors
    /// When no CA can be used.
    pub fn new(
        authorities: &[CertificateDer<'static>],
        private_addresses: bool,
    ) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        // A system's bundle may hold one that the library does not take; the rest are good.
        let (_taken, _left) = roots.add_parsable_certificates(authorities.iter().cloned());
        let config = ClientConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), private_addresses })
    }

    /// Posts the body; a success is any 2xx.
    ///
    /// # Errors
    /// Why it did not succeed.
    pub async fn post(
        &self,
        url: &str,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Result<(), PostFault> {
        let refused = || PostFault::Refused(url.to_owned());
        let url = Url::parse(url).map_err(|_| refused())?;
        let host = url.host().ok_or_else(refused)?.to_owned();
        let name = host.to_string();
        tokio::time::timeout(TIMEOUT, self.post_to(&url, &host, media_type, body))
            .await
            .unwrap_or(Err(PostFault::TimedOut(name)))
    }

    async fn post_to(
        &self,
        url: &Url,
        host: &Host<String>,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Result<(), PostFault> {
        let name = host.to_string();
        let unreachable = |text: String| PostFault::Unreachable { host: name.clone(), text };
        let stream = self.connect(url, host).await?;
        // Plain text only to this machine itself, and only where that is allowed.
        if url.scheme() != "https" {
            return exchange(stream, url, &name, media_type, body).await;
        }
        let server = match host {
            Host::Domain(domain) => ServerName::try_from(domain.clone())
                .map_err(|error| unreachable(error.to_string()))?,
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
        };
        let secured = self.connector.connect(server, stream).await;
        let secured = secured.map_err(|error| unreachable(error.to_string()))?;
        exchange(secured, url, &name, media_type, body).await
    }

    async fn connect(&self, url: &Url, host: &Host<String>) -> Result<TcpStream, PostFault> {
        let name = host.to_string();
        let unreachable = |text: String| PostFault::Unreachable { host: name.clone(), text };
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses: Vec<SocketAddr> = match host {
            Host::Ipv4(address) => vec![(*address, port).into()],
            Host::Ipv6(address) => vec![(*address, port).into()],
            Host::Domain(domain) => tokio::net::lookup_host((domain.as_str(), port))
                .await
                .map_err(|error| unreachable(error.to_string()))?
                .collect(),
        };
        let mut last = PostFault::Refused(name.clone());
        for address in addresses {
            let loopback = address.ip().to_canonical().is_loopback();
            let allowed = self.private_addresses || is_public(address.ip());
            if !allowed || (url.scheme() != "https" && !loopback) {
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = unreachable(error.to_string()),
            }
        }
        Err(last)
    }
}

async fn exchange<S>(
    stream: S,
    url: &Url,
    name: &str,
    media_type: &'static str,
    body: Vec<u8>,
) -> Result<(), PostFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let unreachable = |text: String| PostFault::Unreachable { host: name.to_owned(), text };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    let connection = tokio::spawn(connection);
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let authority = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let request = Request::post(target)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, HeaderValue::from_static(media_type))
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("symbolon/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| unreachable(error.to_string()))?;
    let answered = sender.send_request(request).await;
    connection.abort();
    let status = answered.map_err(|error| unreachable(error.to_string()))?.status();
    if status.is_success() {
        return Ok(());
    }
    Err(PostFault::Status { host: name.to_owned(), status: status.as_u16() })
}
