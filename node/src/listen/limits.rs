//! A listener's bounds as durations and counts, and what one route may change of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use symbolon_cluster_config as config;

/// Bounds on what one listener accepts.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: u64,
    /// Bytes of a request's header section.
    pub header_bytes: u32,
    /// Open connections.
    pub connections: usize,
    /// Requests at once on one connection.
    pub streams_per_connection: u32,
    /// Time for a handshake.
    pub handshake_timeout: Duration,
    /// Time for a header section.
    pub header_timeout: Duration,
    /// Time between two pieces of a body, either way.
    pub body_idle_timeout: Duration,
    /// Time until a handler answers.
    pub handler_timeout: Duration,
    /// Time that a connection without requests stays open.
    pub idle_timeout: Duration,
}

impl Limits {
    /// What the protocols themselves take of a header section: more than the limit, so that one
    /// somewhat over it gets an answer that says so. Far over it, the connection may end.
    pub(crate) fn header_bytes_read(&self) -> u32 {
        self.header_bytes.saturating_mul(4)
    }
}

impl From<&config::Limits> for Limits {
    fn from(limits: &config::Limits) -> Self {
        let seconds = |count: u32| Duration::from_secs(count.into());
        Self {
            body_bytes: limits.body_bytes,
            header_bytes: limits.header_bytes,
            connections: usize::try_from(limits.connections).unwrap_or(usize::MAX),
            streams_per_connection: limits.streams_per_connection,
            handshake_timeout: seconds(limits.handshake_timeout_seconds),
            header_timeout: seconds(limits.header_timeout_seconds),
            body_idle_timeout: seconds(limits.body_idle_timeout_seconds),
            handler_timeout: seconds(limits.handler_timeout_seconds),
            idle_timeout: seconds(limits.idle_timeout_seconds),
        }
    }
}

/// One request's own bounds: a request extension. A route that takes more than others
/// raises them before it reads, for instance in a layer:
///
/// ```ignore
/// put(upload).layer(map_request(|request: Request| async move {
///     raise(&request, 64 << 30, Duration::from_secs(3_600));
///     request
/// }))
/// ```
#[derive(Clone, Debug)]
pub struct RequestLimits(Arc<Bounds>);

#[derive(Debug)]
struct Bounds {
    body_bytes: AtomicU64,
    handler_millis: AtomicU64,
}

impl RequestLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Bounds {
            body_bytes: limits.body_bytes.into(),
            handler_millis: millis(limits.handler_timeout).into(),
        }))
    }

    /// Sets how large the body may be and how long the handler may take to answer.
    pub fn set(&self, body_bytes: u64, handler_timeout: Duration) {
        self.0.body_bytes.store(body_bytes, Ordering::Relaxed);
        self.0.handler_millis.store(millis(handler_timeout), Ordering::Relaxed);
    }

    /// Bytes that the body may have.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.0.body_bytes.load(Ordering::Relaxed)
    }

    /// Time until the handler must have answered, from the request's beginning.
    #[must_use]
    pub fn handler_timeout(&self) -> Duration {
        Duration::from_millis(self.0.handler_millis.load(Ordering::Relaxed))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Sets a request's bounds; does nothing to a request that came through no listener.
pub fn raise<B>(request: &http::Request<B>, body_bytes: u64, handler_timeout: Duration) {
    if let Some(limits) = request.extensions().get::<RequestLimits>() {
        limits.set(body_bytes, handler_timeout);
    }
}
