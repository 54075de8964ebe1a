//! Telemetry: logs to standard error, metrics for Prometheus, traces by OTLP.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, TelemetryConfig};

/// Bounds of the histograms, in seconds.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What was set up; dropping it sends the last traces.
#[derive(Debug)]
pub struct Telemetry {
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sets up logs, metrics and traces for this process. Once a process.
    pub fn start(config: &TelemetryConfig, role: &str) -> anyhow::Result<Self> {
        let filter = EnvFilter::try_new(&config.filter)?;
        // A log that cannot be written is not told of: the only place for that is the log, and who prints to
        // a standard error that is a file on a full disk panics.
        let format = match config.log {
            LogFormat::Pretty => tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .log_internal_errors(false)
                .with_target(false)
                .boxed(),
            LogFormat::Json => tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr)
                .log_internal_errors(false)
                .boxed(),
        };
        let traces = match config.otlp_endpoint.as_str() {
            "" => None,
            endpoint => Some(traces_to(endpoint, role)?),
        };
        let spans = traces
            .as_ref()
            .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("chonoi")));
        tracing_subscriber::registry().with(filter).with(format).with(spans).try_init()?;
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
            .install_recorder()?;
        Ok(Self { metrics, traces })
    }

    /// Sends what is left.
    pub fn stop(&self) {
        if let Some(traces) = &self.traces
            && let Err(error) = traces.shutdown()
        {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

fn traces_to(endpoint: &str, role: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter =
        opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    let resource = Resource::builder().with_service_name(format!("chonoi-{role}")).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// A place for metrics that nobody records into: for tests, which start many markets in a process.
pub fn unrecorded() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}
