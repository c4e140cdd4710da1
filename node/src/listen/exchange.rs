//! One request and its answer, the same for every version of HTTP.

use super::activity::{Activity, UnderWay};
use super::body::{BodyFate, BodyFault, WatchedBody};
use super::counts::Counts;
use super::limits::{Limits, RequestLimits};
use super::problem::{Named, Problem, is_oauth};
use super::{Draining, PeerAddress};
use crate::tls::PeerCertificate;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response, header};
use http_body::{Frame, SizeHint};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tower::ServiceExt;

/// What all connections of one listener share.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) counts: Arc<Counts>,
    /// `h3=":8443"; ma=86400` (RFC 7838).
    pub(crate) alt_svc: HeaderValue,
    pub(crate) draining: Draining,
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) address: PeerAddress,
    pub(crate) certificate: Option<PeerCertificate>,
    pub(crate) activity: Activity,
}

impl Gate {
    /// Lets the router answer, within the bounds. Whatever happens there, this returns.
    pub(crate) async fn answer(&self, peer: &Peer, request: Request<Body>) -> Response<Answer> {
        let under_way = peer.activity.begin();
        let begun = Instant::now();
        let (version, is_oauth) = (request.version(), is_oauth(request.uri().path()));
        let is_large = header_section_bytes(&request) > u64::from(self.limits.header_bytes);
        let (request, limits, fate) = self.prepare(peer, request);
        let router = self.router.clone();
        let handling = AssertUnwindSafe(async move {
            if is_large {
                return Ok(Problem::HeadersTooLarge.response(Named::anew(is_oauth)));
            }
            router.oneshot(request).await
        })
        .catch_unwind();
        let mut response = tokio::select! {
            biased;
            handled = handling => match handled {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_panic) => {
                    let named = Named::anew(is_oauth);
                    tracing::error!(named.trace_id, "a handler panicked");
                    self.counts.handlers_panicked.add_one();
                    Problem::HandlerBroken.response(named)
                }
            },
            () = elapsed(begun, &limits) => {
                let named = Named::anew(is_oauth);
                tracing::warn!(named.trace_id, "a handler did not answer in time");
                self.counts.handlers_timed_out.add_one();
                Problem::HandlerTooSlow.response(named)
            }
        };
        if let Some(fault) = fate.fault() {
            self.counts.bodies_refused.add_one();
            // A handler only knows that reading failed; this knows why.
            if !response.status().is_success() {
                let named = response.extensions_mut().remove();
                let named = named.unwrap_or_else(|| Named::anew(is_oauth));
                response = problem(fault).response(named);
            }
        }
        if version != http::Version::HTTP_3 {
            response.headers_mut().insert(header::ALT_SVC, self.alt_svc.clone());
        }
        self.counts.answered(version, begun.elapsed());
        response.map(|body| Answer { body, _under_way: under_way })
    }

    fn prepare(
        &self,
        peer: &Peer,
        request: Request<Body>,
    ) -> (Request<Body>, RequestLimits, BodyFate) {
        let (mut parts, body) = request.into_parts();
        let announced = parts
            .headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let limits = RequestLimits::new(&self.limits);
        parts.extensions.insert(limits.clone());
        parts.extensions.insert(peer.address);
        parts.extensions.insert(self.draining.clone());
        if let Some(certificate) = &peer.certificate {
            parts.extensions.insert(certificate.clone());
        }
        let (body, fate) =
            WatchedBody::new(body, announced, limits.clone(), self.limits.body_idle_timeout);
        // Who waits for "100 Continue" has not sent anything yet.
        let sends =
            parts.version < http::Version::HTTP_2 && !parts.headers.contains_key(header::EXPECT);
        let body = Body::new(body.lingering(sends));
        (Request::from_parts(parts, body), limits, fate)
    }
}

/// The size of a header section as HTTP/2 and 3 count it (RFC 9113 section 6.5.2), its address
/// included.
fn header_section_bytes<B>(request: &Request<B>) -> u64 {
    const OVERHEAD: u64 = 32;
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| (name.as_str().len() + value.len()) as u64 + OVERHEAD);
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len() as u64);
    path + fields.sum::<u64>()
}

/// Resolves when the handler's time is over, also if a route raises it meanwhile.
async fn elapsed(begun: Instant, limits: &RequestLimits) {
    loop {
        let timeout = limits.handler_timeout();
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

fn problem(fault: BodyFault) -> Problem {
    match fault {
        BodyFault::TooLarge => Problem::BodyTooLarge,
        BodyFault::TooSlow => Problem::BodyTooSlow,
        BodyFault::Cut => Problem::BodyCut,
    }
}

/// An answer's body; the request is under way until it is gone.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
