//! The section of the configuration that says what is logged and where traces go.

use serde::{Deserialize, Serialize};

/// Logs and traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// For people, or for machines.
    pub log: LogFormat,
    /// What is logged, as `tracing`'s filter says it.
    pub filter: String,
    /// OTLP endpoint for traces (gRPC); empty: none.
    pub otlp_endpoint: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: LogFormat::Pretty, filter: "info".to_owned(), otlp_endpoint: String::new() }
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}
