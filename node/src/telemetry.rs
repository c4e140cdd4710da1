//! Logs and metrics. `main` makes one of each for the process and hands them on; a node
//! installs nothing, so that several can live in one process.

pub mod names;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use symbolon_cluster_config::{LogFormat, Telemetry};
use tracing_subscriber::EnvFilter;

/// Why there are no logs or metrics.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryFault {
    /// The filter is none.
    #[error("telemetry.log_filter \"{filter}\": {text}")]
    Filter {
        /// As configured.
        filter: String,
        /// The parser's words.
        text: String,
    },
    /// One is installed in this process already.
    #[error("the process has a logger or recorder already: {0}")]
    Installed(String),
}

/// Installs the process's logger, writing to standard error. For `main`.
///
/// # Errors
/// When the filter is none or a logger is installed already.
pub fn install_logs(config: &Telemetry) -> Result<(), TelemetryFault> {
    let filter = EnvFilter::builder().parse(&config.log_filter).map_err(|error| {
        TelemetryFault::Filter { filter: config.log_filter.clone(), text: error.to_string() }
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| TelemetryFault::Installed(error.to_string()))
}

/// The process's metrics, as `/metrics` shows them.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Installs the process's recorder and describes every name. For `main`, before any
    /// node starts: a listener binds its counters when it begins to serve.
    ///
    /// # Errors
    /// When a recorder is installed already.
    pub fn install() -> Result<Self, TelemetryFault> {
        let recorder = builder()?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)
            .map_err(|error| TelemetryFault::Installed(error.to_string()))?;
        names::describe();
        Ok(Self(handle))
    }

    /// The text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        // Samples wait in buckets until someone looks; this is the look.
        self.0.run_upkeep();
        self.0.render()
    }
}

fn builder() -> Result<PrometheusBuilder, TelemetryFault> {
    let seconds = Matcher::Suffix("_seconds".into());
    PrometheusBuilder::new()
        .set_buckets_for_metric(seconds, &names::SECONDS)
        .map_err(|error| TelemetryFault::Installed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn described_names_render() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            names::describe();
            metrics::counter!(names::REQUESTS, "version" => "h3").increment(3);
            metrics::histogram!(names::REQUEST_SECONDS).record(0.004);
        });
        let text = metrics.render();
        assert!(text.contains("symbolon_requests_total{version=\"h3\"} 3"), "{text}");
        assert!(text.contains("symbolon_request_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        assert!(text.contains("# HELP symbolon_requests_total "), "{text}");
    }

    #[test]
    fn a_wrong_filter_is_named() {
        let config = Telemetry { log_filter: "info,=".into(), ..Telemetry::default() };
        assert!(matches!(install_logs(&config), Err(TelemetryFault::Filter { .. })));
    }
}
