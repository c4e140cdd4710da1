//! Sides of the row about HTTP/3: the same GET at a node over HTTP/3 and over HTTP/2.
//! `scripts/bench` runs them; by hand, beside `symbolon serve`:
//!
//! `cargo run --release -p symbolon-node --example bench_http -- SIDE --seconds 3
//! --origin https://localhost:PORT --ca FOLDER/tls/ca.pem --path /healthz --server PID`

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use side::{CLIENT_CORE, Failure, Window, Words};
use std::sync::Arc;
use symbolon_client::http3::{Http3, Request, Trust};
use tokio::net::TcpStream;
use url::Url;

const CONNECTIONS: usize = 4;
/// Requests that wait for their answer at once on a connection.
const REQUESTS: usize = 16;

fn main() -> Result<(), Failure> {
    let words = Words::read();
    let (origin, path): (Url, String) = (words.get("--origin")?, words.get("--path")?);
    let ca: std::path::PathBuf = words.get("--ca")?;
    let (seconds, server) = (words.get("--seconds")?, words.get("--server")?);
    side::runtime(CLIENT_CORE)?.block_on(async {
        match words.side()? {
            "http3" => {
                let trust = Trust::from_file(&ca)?;
                let address = origin.origin().ascii_serialization();
                let mut connections = Vec::new();
                for _ in 0..CONNECTIONS {
                    connections.push(Arc::new(Http3::new(&address, &trust, None)?));
                }
                let request = Arc::new(Request::get(path));
                measure(connections, seconds, server, move |http| {
                    let request = request.clone();
                    async move {
                        let answer = http.send(&request).await?;
                        Ok(usize::from(answer.status.is_success()) * answer.body.len())
                    }
                })
                .await
            }
            "http2" => {
                let mut connections = Vec::new();
                for _ in 0..CONNECTIONS {
                    connections.push(http2(&origin, &ca).await?);
                }
                let uri: http::Uri = origin.join(&path)?.as_str().parse()?;
                measure(connections, seconds, server, move |mut http| {
                    let uri = uri.clone();
                    async move {
                        let request = http::Request::get(uri).body(Empty::<Bytes>::new())?;
                        let answer = http.send_request(request).await?;
                        let good = answer.status().is_success();
                        let body = answer.into_body().collect().await?.to_bytes();
                        Ok(usize::from(good) * body.len())
                    }
                })
                .await
            }
            other => Err(format!("no side is called {other}").into()),
        }
    })
}

/// Several requests at once on each connection; `ask` gives the bytes of a good answer.
async fn measure<C, F, A>(
    connections: Vec<C>,
    seconds: f64,
    server: u32,
    ask: F,
) -> Result<(), Failure>
where
    C: Clone + Send + 'static,
    F: Fn(C) -> A + Clone + Send + 'static,
    A: Future<Output = Result<usize, Failure>> + Send,
{
    for connection in &connections {
        ask(connection.clone()).await?;
    }
    let window = Arc::new(Window::open_with(seconds, Some(server)));
    let mut tasks = tokio::task::JoinSet::new();
    for connection in connections.iter().cycle().take(CONNECTIONS * REQUESTS) {
        let (connection, window, ask) = (connection.clone(), window.clone(), ask.clone());
        tasks.spawn(async move {
            let mut count = 0;
            while window.is_open() {
                if ask(connection.clone()).await? == 0 {
                    return Err("an answer was no success".into());
                }
                count += 1;
            }
            Ok::<u64, Failure>(count)
        });
    }
    let mut total = 0;
    while let Some(count) = tasks.join_next().await {
        total += count??;
    }
    window.close(total);
    Ok(())
}

async fn http2(origin: &Url, ca: &std::path::Path) -> Result<SendRequest<Empty<Bytes>>, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let host = origin.host_str().ok_or("no host")?.to_owned();
    let tcp = TcpStream::connect((&*host, origin.port().unwrap_or(443))).await?;
    tcp.set_nodelay(true)?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
    let stream = connector.connect(ServerName::try_from(host)?, tcp).await?;
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
