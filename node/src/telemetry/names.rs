//! Every metric's name, unit and meaning: those of the listeners, which are counted here, and
//! those of the store's engine. The actors describe their own.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Upper bounds of the buckets of everything measured in seconds.
pub const SECONDS: [f64; 12] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Kinds of metric.
enum Shape {
    Counter,
    Gauge,
    Histogram,
}

macro_rules! names {
    ($($name:ident = $text:literal, $shape:ident, $unit:ident, $help:literal;)*) => {
        $(#[doc = $help] pub const $name: &str = $text;)*

        const ALL: &[(&str, Shape, Unit, &str)] =
            &[$(($text, Shape::$shape, Unit::$unit, $help),)*];
    };
}

names! {
    CONNECTIONS = "symbolon_connections_total", Counter, Count,
        "Connections accepted. Labels: listener, transport (tcp, quic).";
    CONNECTIONS_OPEN = "symbolon_connections_open", Gauge, Count,
        "Connections open now. Labels: listener.";
    CONNECTIONS_REFUSED = "symbolon_connections_refused_total", Counter, Count,
        "Connections refused because limits.connections were open, or the node was stopping. Labels: listener.";
    HANDSHAKES_FAILED = "symbolon_handshakes_failed_total", Counter, Count,
        "TLS or QUIC handshakes that failed or took too long. Labels: listener.";
    CONNECTIONS_BROKEN = "symbolon_connections_broken_total", Counter, Count,
        "Connections ended by a protocol error. Labels: listener.";
    REQUESTS = "symbolon_requests_total", Counter, Count,
        "Requests answered. Labels: listener, version (h1, h2, h3).";
    REQUEST_SECONDS = "symbolon_request_seconds", Histogram, Seconds,
        "Time from a request's header section to its answer's. Labels: listener, version.";
    REQUESTS_CUT = "symbolon_requests_cut_total", Counter, Count,
        "Request streams ended before their header section was whole. Labels: listener.";
    BODIES_REFUSED = "symbolon_bodies_refused_total", Counter, Count,
        "Bodies that were too large, too slow or cut short. Labels: listener.";
    HANDLERS_TIMED_OUT = "symbolon_handlers_timed_out_total", Counter, Count,
        "Handlers that did not answer in time. Labels: listener.";
    HANDLERS_PANICKED = "symbolon_handlers_panicked_total", Counter, Count,
        "Handlers that panicked: each is a bug. Labels: listener.";
    STORE_BATCHES = "symbolon_store_batches_total", Counter, Count,
        "Batches answered by the store. Labels: result.";
    STORE_GROUPS = "symbolon_store_groups_total", Counter, Count,
        "Groups of batches made durable with one fsync.";
    STORE_GROUP_BATCHES = "symbolon_store_group_batches", Histogram, Count,
        "Batches of one group.";
    STORE_COMMIT_SECONDS = "symbolon_store_commit_seconds", Histogram, Seconds,
        "Time of one group, from its preconditions to its answers.";
    STORE_STALLED = "symbolon_store_stalled", Gauge, Count,
        "1 while a commit is older than five seconds: the disk does not answer.";
}

/// Tells the recorder every name.
pub(crate) fn describe() {
    for (name, shape, unit, help) in ALL {
        match shape {
            Shape::Counter => describe_counter!(*name, *unit, *help),
            Shape::Gauge => describe_gauge!(*name, *unit, *help),
            Shape::Histogram => describe_histogram!(*name, *unit, *help),
        }
    }
}
