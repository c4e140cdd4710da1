//! What a listener has seen: counted for the node that owns it and, where a recorder is
//! installed, for `/metrics`.

use crate::telemetry::names;
use metrics::{Counter, Gauge, Histogram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A number that only grows.
#[derive(Debug)]
pub struct Count {
    value: AtomicU64,
    metric: Counter,
}

impl Count {
    fn new(metric: Counter) -> Self {
        Self { value: AtomicU64::new(0), metric }
    }

    pub(crate) fn add_one(&self) {
        self.value.fetch_add(1, Ordering::Relaxed);
        self.metric.increment(1);
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

/// One listener's counts.
#[derive(Debug)]
pub struct Counts {
    /// Connections accepted over TCP.
    pub tcp_connections: Count,
    /// Connections accepted over QUIC.
    pub quic_connections: Count,
    /// Connections refused over the cap or while stopping.
    pub connections_refused: Count,
    /// Handshakes that failed or took too long.
    pub handshakes_failed: Count,
    /// Connections ended by a protocol error.
    pub connections_broken: Count,
    /// HTTP/3 requests that ended before their header section was whole.
    pub requests_cut: Count,
    /// Bodies that were too large, too slow or cut short.
    pub bodies_refused: Count,
    /// Handlers that did not answer in time.
    pub handlers_timed_out: Count,
    /// Handlers that panicked.
    pub handlers_panicked: Count,
    pub(crate) connections_open: Gauge,
    requests: [(Count, Histogram); 3],
}

impl Counts {
    pub(crate) fn new(listener: &'static str) -> Self {
        let count =
            |name: &'static str| Count::new(metrics::counter!(name, "listener" => listener));
        let connections = |transport: &'static str| {
            Count::new(metrics::counter!(
                names::CONNECTIONS, "listener" => listener, "transport" => transport
            ))
        };
        let requests = |version: &'static str| {
            (
                Count::new(metrics::counter!(
                    names::REQUESTS, "listener" => listener, "version" => version
                )),
                metrics::histogram!(
                    names::REQUEST_SECONDS, "listener" => listener, "version" => version
                ),
            )
        };
        Self {
            tcp_connections: connections("tcp"),
            quic_connections: connections("quic"),
            connections_refused: count(names::CONNECTIONS_REFUSED),
            handshakes_failed: count(names::HANDSHAKES_FAILED),
            connections_broken: count(names::CONNECTIONS_BROKEN),
            requests_cut: count(names::REQUESTS_CUT),
            bodies_refused: count(names::BODIES_REFUSED),
            handlers_timed_out: count(names::HANDLERS_TIMED_OUT),
            handlers_panicked: count(names::HANDLERS_PANICKED),
            connections_open: metrics::gauge!(names::CONNECTIONS_OPEN, "listener" => listener),
            requests: [requests("h1"), requests("h2"), requests("h3")],
        }
    }

    fn of(&self, version: http::Version) -> &(Count, Histogram) {
        let [h1, h2, h3] = &self.requests;
        match version {
            http::Version::HTTP_3 => h3,
            http::Version::HTTP_2 => h2,
            _ => h1,
        }
    }

    pub(crate) fn answered(&self, version: http::Version, after: Duration) {
        let (count, seconds) = self.of(version);
        count.add_one();
        seconds.record(after);
    }

    /// Requests answered over this version of HTTP.
    #[must_use]
    pub fn requests(&self, version: http::Version) -> u64 {
        self.of(version).0.get()
    }
}
