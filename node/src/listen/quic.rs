//! HTTP/3 over QUIC.
//!
//! Written against h3 itself. `h3-axum` 0.3.1 was looked at: it waits for header sections
//! without a limit, ends a whole connection when one of them is malformed, asks for
//! trailers where h3 panics on a cut DATA frame, and knows no GOAWAY.

use super::activity::Activity;
use super::exchange::{Answer, Gate, Peer};
use super::transport::{Connection, Receiving, Sending};
use super::{PeerAddress, Place};
use crate::shutdown::Shutdown;
use crate::tls::{ListenerTls, PeerCertificate};
use axum::body::Body;
use bytes::{Buf, Bytes};
use h3::error::{Code, StreamError};
use h3::server::{RequestResolver, RequestStream};
use http::{HeaderMap, Request, Response, header};
use http_body::Frame;
use http_body_util::BodyExt;
use quinn::VarInt;
use rustls_pki_types::CertificateDer;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
// Control, QPACK encoder, QPACK decoder, and a few that clients open as grease.
const CONTROL_STREAMS: u32 = 8;
const HANDSHAKES_WAITING: usize = 1_024;
// Data that arrives before its handshake is accepted: one, and all together.
const EARLY_BYTES: u64 = 64 << 10;
const EARLY_BYTES_TOTAL: u64 = 16 << 20;
// Time in which the peer gets the last answers and closes by itself.
const FAREWELL: Duration = Duration::from_secs(1);

/// A QUIC server's settings: every window, count and time is bounded.
pub(crate) fn server_config(tls: &ListenerTls, gate: &Gate) -> quinn::ServerConfig {
    let limits = &gate.limits;
    let mut transport = quinn::TransportConfig::default();
    // Milliseconds in a variable-length integer: half a million millennia is enough.
    let idle = quinn::IdleTimeout::try_from(limits.idle_timeout).ok();
    transport
        .max_idle_timeout(idle)
        .max_concurrent_bidi_streams(limits.streams_per_connection.into())
        .max_concurrent_uni_streams(CONTROL_STREAMS.into())
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .receive_window(CONNECTION_WINDOW_BYTES.into())
        .send_window(CONNECTION_WINDOW_BYTES.into())
        .datagram_receive_buffer_size(None);
    let mut config = quinn::ServerConfig::with_crypto(tls.quic.clone());
    config
        .transport_config(Arc::new(transport))
        .max_incoming(HANDSHAKES_WAITING)
        .incoming_buffer_size(EARLY_BYTES)
        .incoming_buffer_size_total(EARLY_BYTES_TOTAL);
    config
}

/// Accepts until the node stops, then refuses until the last connection is gone.
pub(crate) async fn accept(
    endpoint: quinn::Endpoint,
    gate: Arc<Gate>,
    place: Place,
    shutdown: Shutdown,
) {
    let mut connections = JoinSet::new();
    loop {
        let draining = shutdown.draining().is_cancelled();
        if draining && connections.is_empty() {
            break;
        }
        let incoming = tokio::select! {
            () = shutdown.draining().cancelled(), if !draining => continue,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            incoming = endpoint.accept() => incoming,
        };
        let Some(incoming) = incoming else { break };
        let seat = if draining { None } else { place.take() };
        let Some(seat) = seat else {
            gate.counts.connections_refused.add_one();
            incoming.refuse();
            continue;
        };
        if place.is_crowded() && !incoming.remote_address_validated() && incoming.may_retry() {
            // Under pressure a peer first proves its address, without costing us state.
            if let Err(error) = incoming.retry() {
                error.into_incoming().ignore();
            }
            continue;
        }
        gate.counts.quic_connections.add_one();
        let connection = serve(incoming, gate.clone(), shutdown.clone());
        connections.spawn(async move {
            connection.await;
            drop(seat);
        });
    }
    endpoint.close(VarInt::from_u32(0x100), b"");
    // Lets the last packets leave.
    let _the_rest_is_lost = timeout(FAREWELL, endpoint.wait_idle()).await;
}

async fn serve(incoming: quinn::Incoming, gate: Arc<Gate>, shutdown: Shutdown) {
    let address = incoming.remote_address();
    let handshake = async {
        let connecting = incoming.accept()?;
        connecting.await
    };
    let connection = match timeout(gate.limits.handshake_timeout, handshake).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "a QUIC handshake failed");
            return gate.counts.handshakes_failed.add_one();
        }
        Err(_elapsed) => {
            tracing::debug!(%address, "a QUIC handshake took too long");
            return gate.counts.handshakes_failed.add_one();
        }
    };
    let peer = Arc::new(Peer {
        address: PeerAddress(address),
        certificate: certificate(&connection),
        activity: Activity::default(),
    });
    if let Err(error) = exchange(connection, &peer, &gate, &shutdown).await
        && !is_farewell(&error)
    {
        tracing::debug!(%address, %error, "a connection broke");
        gate.counts.connections_broken.add_one();
    }
}

fn certificate(connection: &quinn::Connection) -> Option<PeerCertificate> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    chain.first().map(PeerCertificate::of)
}

/// Whether the peer just went: closed, or fell silent.
fn is_farewell(error: &h3::error::ConnectionError) -> bool {
    // Seen by h3 itself, or by quinn, whose errors h3 0.0.8 hands on as undefined.
    let violation = matches!(error, h3::error::ConnectionError::Local { .. })
        || format!("{error:?}").contains("TransportError");
    error.is_h3_no_error() || !violation
}

async fn exchange(
    connection: quinn::Connection,
    peer: &Arc<Peer>,
    gate: &Arc<Gate>,
    shutdown: &Shutdown,
) -> Result<(), h3::error::ConnectionError> {
    let limits = &gate.limits;
    let header_bytes = limits.header_bytes_read().into();
    let mut h3 = h3::server::builder()
        .max_field_section_size(header_bytes)
        .build(Connection::new(connection.clone(), header_bytes))
        .await?;
    let mut requests = JoinSet::new();
    let mut closing = false;
    while !(closing && requests.is_empty()) {
        tokio::select! {
            accepted = h3.accept() => match accepted? {
                Some(resolver) => {
                    requests.spawn(request(resolver, peer.clone(), gate.clone()));
                    continue;
                }
                None => break,
            },
            Some(_) = requests.join_next(), if !requests.is_empty() => continue,
            () = shutdown.ending().cancelled() => return Ok(()),
            () = shutdown.draining().cancelled(), if !closing => {}
            () = peer.activity.idle(limits.header_timeout, limits.idle_timeout), if !closing => {}
        }
        closing = true;
        h3.shutdown(0).await?;
    }
    tokio::select! {
        () = shutdown.ending().cancelled() => {}
        _ = timeout(FAREWELL, connection.closed()) => {}
    }
    Ok(())
}

async fn request(resolver: RequestResolver<Connection, Bytes>, peer: Arc<Peer>, gate: Arc<Gate>) {
    let resolved = timeout(gate.limits.header_timeout, resolver.resolve_request()).await;
    let (head, stream) = match resolved {
        Ok(Ok(resolved)) => resolved,
        Ok(Err(error)) => {
            tracing::debug!(%error, "an HTTP/3 request broke off");
            return gate.counts.requests_cut.add_one();
        }
        Err(_elapsed) => return gate.counts.requests_cut.add_one(),
    };
    let (mut send, stream) = stream.split();
    let body = Body::new(RequestBody { stream, ended: false });
    let (parts, ()) = head.into_parts();
    let answer = gate.answer(&peer, Request::from_parts(parts, body)).await;
    if let Err(error) = reply(&mut send, answer, gate.limits.body_idle_timeout).await {
        tracing::debug!(%error, "an HTTP/3 answer broke off");
        send.stop_stream(Code::H3_INTERNAL_ERROR);
    }
}

/// Why an answer did not arrive whole.
#[derive(Debug, thiserror::Error)]
enum ReplyFault {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("its source failed: {0}")]
    Source(#[from] axum::Error),
    #[error("the peer does not read it")]
    NotRead(#[from] tokio::time::error::Elapsed),
}

async fn reply(
    send: &mut RequestStream<Sending, Bytes>,
    answer: Response<Answer>,
    pace: Duration,
) -> Result<(), ReplyFault> {
    let (mut parts, mut body) = answer.into_parts();
    remove_connection_fields(&mut parts.headers);
    timeout(pace, send.send_response(Response::from_parts(parts, ()))).await??;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) if data.is_empty() => {}
            Ok(data) => timeout(pace, send.send_data(data)).await??,
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    timeout(pace, send.send_trailers(trailers)).await??;
                }
            }
        }
    }
    Ok(send.finish().await?)
}

/// What belongs to HTTP/1.1 connections (RFC 9114 section 4.2).
fn remove_connection_fields(headers: &mut HeaderMap) {
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE] {
        headers.remove(name);
    }
}

/// A request's body as it comes in; dropped early, it tells the peer to stop sending.
struct RequestBody {
    stream: RequestStream<Receiving, Bytes>,
    ended: bool,
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let read = ready!(self.stream.poll_recv_data(cx));
        // Trailers are left unread: no route has a use for them.
        Poll::Ready(match read {
            Ok(Some(mut data)) => Some(Ok(Frame::data(data.copy_to_bytes(data.remaining())))),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        })
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.ended {
            self.stream.stop_sending(Code::H3_NO_ERROR);
        }
    }
}
