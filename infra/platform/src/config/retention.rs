//! The section of the configuration that says how long what names people is kept.

use serde::{Deserialize, Serialize};

/// How long what names people is kept (Law 91/2025/QH15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Days that webhooks of banks and card providers are kept as they came, after they were worked on.
    /// Then the body is emptied; that the event came stays known.
    pub raw_events_days: u16,
    /// Days for which it is kept that a webhook was refused.
    pub rejections_days: u16,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        // A year and a month: disputes and audits of the year before may still ask.
        Self { raw_events_days: 400, rejections_days: 90 }
    }
}
