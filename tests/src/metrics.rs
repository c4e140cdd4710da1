//! The metrics of a running node: exactly the names that are promised, each explained.

use crate::site::Site;
use std::collections::BTreeMap;
use symbolon_client::http3::{Http3, Identity, Request};

/// What dashboards rely on.
const NAMES: [(&str, &str); 31] = [
    ("symbolon_actors_crashed_total", "counter"),
    ("symbolon_actors_live", "gauge"),
    ("symbolon_actors_passivated_total", "counter"),
    ("symbolon_actors_spawned_total", "counter"),
    ("symbolon_bodies_refused_total", "counter"),
    ("symbolon_calls_in_flight", "gauge"),
    ("symbolon_calls_refused_total", "counter"),
    ("symbolon_commit_operations", "summary"),
    ("symbolon_commit_seconds", "histogram"),
    ("symbolon_commits_refused_total", "counter"),
    ("symbolon_commits_unknown_total", "counter"),
    ("symbolon_connections_broken_total", "counter"),
    ("symbolon_connections_open", "gauge"),
    ("symbolon_connections_refused_total", "counter"),
    ("symbolon_connections_total", "counter"),
    ("symbolon_effects_done_total", "counter"),
    ("symbolon_effects_failed_total", "counter"),
    ("symbolon_handlers_panicked_total", "counter"),
    ("symbolon_handlers_timed_out_total", "counter"),
    ("symbolon_handshakes_failed_total", "counter"),
    ("symbolon_outbox_depth", "gauge"),
    ("symbolon_request_seconds", "histogram"),
    ("symbolon_requests_cut_total", "counter"),
    ("symbolon_requests_total", "counter"),
    ("symbolon_store_batches_total", "counter"),
    ("symbolon_store_commit_seconds", "histogram"),
    ("symbolon_store_group_batches", "summary"),
    ("symbolon_store_groups_total", "counter"),
    ("symbolon_sweep_erased_total", "counter"),
    ("symbolon_sweep_stale_total", "counter"),
    ("symbolon_sweep_woken_total", "counter"),
];

#[test]
fn exactly_what_is_documented() {
    let site = Site::start();
    site.wallet("alice");
    let tls = site.path().join("node/tls");
    let identity =
        Identity::from_files(&tls.join("operator.pem"), &tls.join("operator.key")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = runtime.block_on(async {
        let http = Http3::new(&site.at.operators, &site.trust(), Some(&identity)).unwrap();
        let text = http.send(&Request::get("/metrics")).await.unwrap().text().unwrap();
        http.close().await;
        text
    });
    let described = |kind: &str| -> BTreeMap<&str, &str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(kind));
        lines.filter_map(|line| line.trim().split_once(' ')).collect()
    };
    let (mut types, mut help) = (described("# TYPE"), described("# HELP"));
    // The watchdog's, which is there from its first look on.
    types.remove("symbolon_store_stalled");
    help.remove("symbolon_store_stalled");
    assert_eq!(types, BTreeMap::from(NAMES), "{text}");
    assert_eq!(help.keys().collect::<Vec<_>>(), types.keys().collect::<Vec<_>>());
    assert!(help.values().all(|help| help.len() >= 10), "{help:?}");
    let count = |name: &str| -> u64 {
        let line = text.lines().find(|line| {
            line.starts_with(name)
                && line.contains("listener=\"web\"")
                && line.contains("version=\"h3\"")
        });
        line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
    };
    let requests = count("symbolon_requests_total");
    assert!(requests > 5, "{text}");
    assert_eq!(count("symbolon_request_seconds_count"), requests, "each is measured");
    assert!(!text.contains("vlt_") && !text.contains("ses_"), "no ids in labels");
}
