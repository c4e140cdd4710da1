//! HTTP/1.1 and HTTP/2 over TLS over TCP.

use super::activity::Activity;
use super::exchange::{Gate, Peer};
use super::{PeerAddress, Place};
use crate::shutdown::Shutdown;
use crate::tls::PeerCertificate;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

// What one connection may have in flight towards us.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Accepts until the node stops.
pub(crate) async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    gate: Arc<Gate>,
    place: Place,
    shutdown: Shutdown,
) {
    let builder = Arc::new(builder(&gate));
    loop {
        let accepted = tokio::select! {
            () = shutdown.draining().cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: at once again would spin.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(seat) = place.take() else {
            gate.counts.connections_refused.add_one();
            continue;
        };
        gate.counts.tcp_connections.add_one();
        let connection = serve(
            stream,
            address,
            acceptor.clone(),
            gate.clone(),
            builder.clone(),
            shutdown.clone(),
        );
        shutdown.spawn(async move {
            connection.await;
            drop(seat);
        });
    }
}

fn builder(gate: &Gate) -> Builder<TokioExecutor> {
    let limits = &gate.limits;
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(usize::try_from(limits.header_bytes_read()).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_per_connection)
        .max_header_list_size(limits.header_bytes_read())
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE);
    builder
}

async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    acceptor: TlsAcceptor,
    gate: Arc<Gate>,
    builder: Arc<Builder<TokioExecutor>>,
    shutdown: Shutdown,
) {
    // Answers are small and someone waits for each.
    let _without_it_is_slower_only = stream.set_nodelay(true);
    let handshake = timeout(gate.limits.handshake_timeout, acceptor.accept(stream));
    let stream = tokio::select! {
        () = shutdown.draining().cancelled() => return,
        shaken = handshake => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%address, %error, "a TLS handshake failed");
                return gate.counts.handshakes_failed.add_one();
            }
            Err(_elapsed) => {
                tracing::debug!(%address, "a TLS handshake took too long");
                return gate.counts.handshakes_failed.add_one();
            }
        },
    };
    let peer = Peer {
        address: PeerAddress(address),
        certificate: certificate(&stream),
        activity: Activity::default(),
    };
    exchange(stream, peer, gate, &builder, &shutdown).await;
}

fn certificate(stream: &TlsStream<TcpStream>) -> Option<PeerCertificate> {
    stream.get_ref().1.peer_certificates()?.first().map(PeerCertificate::of)
}

async fn exchange(
    stream: TlsStream<TcpStream>,
    peer: Peer,
    gate: Arc<Gate>,
    builder: &Builder<TokioExecutor>,
    shutdown: &Shutdown,
) {
    let (address, activity) = (peer.address.0, peer.activity.clone());
    let (first, later) = (gate.limits.header_timeout, gate.limits.idle_timeout);
    let service = {
        let (gate, peer) = (gate.clone(), Arc::new(peer));
        service_fn(move |request: Request<Incoming>| {
            let (gate, peer) = (gate.clone(), peer.clone());
            async move { Ok::<_, Infallible>(gate.answer(&peer, request.map(Body::new)).await) }
        })
    };
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut closing = false;
    loop {
        tokio::select! {
            outcome = connection.as_mut() => {
                if let Err(error) = outcome {
                    tracing::debug!(%address, %error, "a connection broke");
                    gate.counts.connections_broken.add_one();
                }
                return;
            }
            () = shutdown.ending().cancelled() => return,
            () = shutdown.draining().cancelled(), if !closing => {}
            // Asked to go and still idle: then without its consent.
            () = activity.idle(first, later) => if closing { return },
        }
        closing = true;
        connection.as_mut().graceful_shutdown();
    }
}
