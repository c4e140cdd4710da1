//! The metrics of this crate: their names, and handles that are looked up once.
//!
//! The recorder must be installed before [`crate::Actors::start`]: handles made earlier
//! count into nothing.

use metrics::{Counter, Gauge, Histogram, Unit};

/// Gauge: entities with a live actor.
pub const ACTORS_LIVE: &str = "symbolon_actors_live";
/// Counter: actors started.
pub const ACTORS_SPAWNED_TOTAL: &str = "symbolon_actors_spawned_total";
/// Counter: actors that failed (a panic, or stored data that cannot be used).
pub const ACTORS_CRASHED_TOTAL: &str = "symbolon_actors_crashed_total";
/// Counter: actors that left memory because nobody asked anything.
pub const ACTORS_PASSIVATED_TOTAL: &str = "symbolon_actors_passivated_total";
/// Gauge: calls being handled.
pub const CALLS_IN_FLIGHT: &str = "symbolon_calls_in_flight";
/// Counter, label `bound` (`node`, `entity`, `live`, `gate`): calls turned away.
pub const CALLS_REFUSED_TOTAL: &str = "symbolon_calls_refused_total";
/// Counter: commits that a precondition refused.
pub const COMMITS_REFUSED_TOTAL: &str = "symbolon_commits_refused_total";
/// Counter: commits whose result had to be asked for.
pub const COMMITS_UNKNOWN_TOTAL: &str = "symbolon_commits_unknown_total";
/// Histogram, seconds: from sending a batch to its result.
pub const COMMIT_SECONDS: &str = "symbolon_commit_seconds";
/// Histogram: operations of one batch.
pub const COMMIT_OPERATIONS: &str = "symbolon_commit_operations";
/// Gauge: effects read from the outbox and not carried out yet.
pub const OUTBOX_DEPTH: &str = "symbolon_outbox_depth";
/// Counter: effects carried out.
pub const EFFECTS_DONE_TOTAL: &str = "symbolon_effects_done_total";
/// Counter: attempts at an effect that failed; it is tried again.
pub const EFFECTS_FAILED_TOTAL: &str = "symbolon_effects_failed_total";
/// Counter: entities woken because something was due.
pub const SWEEP_WOKEN_TOTAL: &str = "symbolon_sweep_woken_total";
/// Counter: kept answers erased because their time was over.
pub const SWEEP_ERASED_TOTAL: &str = "symbolon_sweep_erased_total";
/// Counter: due rows removed whose entity has moved on.
pub const SWEEP_STALE_TOTAL: &str = "symbolon_sweep_stale_total";

/// The handles.
pub(crate) struct Meters {
    pub(crate) live: Gauge,
    pub(crate) spawned: Counter,
    pub(crate) crashed: Counter,
    pub(crate) passivated: Counter,
    pub(crate) in_flight: Gauge,
    pub(crate) refused_node: Counter,
    pub(crate) refused_entity: Counter,
    pub(crate) refused_live: Counter,
    pub(crate) refused_gate: Counter,
    pub(crate) commits_refused: Counter,
    pub(crate) commits_unknown: Counter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) commit_operations: Histogram,
    pub(crate) outbox_depth: Gauge,
    pub(crate) effects_done: Counter,
    pub(crate) effects_failed: Counter,
    pub(crate) woken: Counter,
    pub(crate) erased: Counter,
    pub(crate) stale: Counter,
}

impl Meters {
    /// Describes the metrics and looks the handles up.
    pub(crate) fn new() -> Self {
        metrics::describe_gauge!(ACTORS_LIVE, "Entities with a live actor");
        metrics::describe_counter!(ACTORS_SPAWNED_TOTAL, "Actors started");
        metrics::describe_counter!(ACTORS_CRASHED_TOTAL, "Actors that failed");
        metrics::describe_counter!(ACTORS_PASSIVATED_TOTAL, "Actors that left memory when idle");
        metrics::describe_gauge!(CALLS_IN_FLIGHT, "Calls being handled");
        metrics::describe_counter!(CALLS_REFUSED_TOTAL, "Calls turned away, by the bound met");
        metrics::describe_counter!(COMMITS_REFUSED_TOTAL, "Commits that a precondition refused");
        metrics::describe_counter!(COMMITS_UNKNOWN_TOTAL, "Commits whose result was not known");
        metrics::describe_histogram!(COMMIT_SECONDS, Unit::Seconds, "From batch to result");
        metrics::describe_histogram!(COMMIT_OPERATIONS, "Operations of one batch");
        metrics::describe_gauge!(OUTBOX_DEPTH, "Effects read and not carried out yet");
        metrics::describe_counter!(EFFECTS_DONE_TOTAL, "Effects carried out");
        metrics::describe_counter!(EFFECTS_FAILED_TOTAL, "Attempts at an effect that failed");
        metrics::describe_counter!(SWEEP_WOKEN_TOTAL, "Entities woken because something was due");
        metrics::describe_counter!(SWEEP_ERASED_TOTAL, "Kept answers erased");
        metrics::describe_counter!(SWEEP_STALE_TOTAL, "Due rows removed as out of date");
        let refused =
            |bound: &'static str| metrics::counter!(CALLS_REFUSED_TOTAL, "bound" => bound);
        Self {
            live: metrics::gauge!(ACTORS_LIVE),
            spawned: metrics::counter!(ACTORS_SPAWNED_TOTAL),
            crashed: metrics::counter!(ACTORS_CRASHED_TOTAL),
            passivated: metrics::counter!(ACTORS_PASSIVATED_TOTAL),
            in_flight: metrics::gauge!(CALLS_IN_FLIGHT),
            refused_node: refused("node"),
            refused_entity: refused("entity"),
            refused_live: refused("live"),
            refused_gate: refused("gate"),
            commits_refused: metrics::counter!(COMMITS_REFUSED_TOTAL),
            commits_unknown: metrics::counter!(COMMITS_UNKNOWN_TOTAL),
            commit_seconds: metrics::histogram!(COMMIT_SECONDS),
            commit_operations: metrics::histogram!(COMMIT_OPERATIONS),
            outbox_depth: metrics::gauge!(OUTBOX_DEPTH),
            effects_done: metrics::counter!(EFFECTS_DONE_TOTAL),
            effects_failed: metrics::counter!(EFFECTS_FAILED_TOTAL),
            woken: metrics::counter!(SWEEP_WOKEN_TOTAL),
            erased: metrics::counter!(SWEEP_ERASED_TOTAL),
            stale: metrics::counter!(SWEEP_STALE_TOTAL),
        }
    }
}
