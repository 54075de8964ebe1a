//! How the sandbox says no: Stripe's errors, in Stripe's shape.
//!
//! Source: docs.stripe.com/api/errors and docs.stripe.com/error-codes.

use axum::http::StatusCode;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::cards::Decline;

/// A refusal, as the caller reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP's word for it.
    pub status: StatusCode,
    /// Stripe's kind of error.
    pub kind: &'static str,
    /// Stripe's code, where it has one.
    pub code: Option<String>,
    /// Why a bank said no.
    pub decline_code: Option<String>,
    /// Which parameter is at fault.
    pub parameter: Option<String>,
    /// In English, as Stripe says it.
    pub message: String,
}

/// Why nothing came of a request.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The request was refused.
    #[error("refused: {}", .0.message)]
    Refused(Box<Refusal>),
    /// The database did not do its part.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// What is stored is nothing that the sandbox wrote.
    #[error("the sandbox cannot read what it stored")]
    Stored(#[from] serde_json::Error),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Refusal {
    /// A request that cannot be done as it is.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            decline_code: None,
            parameter: None,
            message: message.into(),
        }
    }

    /// A parameter that cannot be taken as it is.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self { parameter: Some(name.to_owned()), ..Self::invalid(message) }
    }

    /// A thing that is not there.
    pub fn missing(object: &str, id: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            parameter: Some("id".to_owned()),
            ..Self::invalid(format!("No such {object}: '{id}'"))
        }
        .coded("resource_missing")
    }

    /// No key, or a wrong one.
    pub fn unauthorized() -> Self {
        let message = "Invalid API Key provided.";
        Self { status: StatusCode::UNAUTHORIZED, ..Self::invalid(message) }
    }

    /// The key of a request that was another one.
    pub fn key_of_another_request(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self { kind: "idempotency_error", ..Self::invalid(message) }
    }

    /// A bank said no.
    pub fn declined(decline: &Decline) -> Self {
        Self {
            status: StatusCode::PAYMENT_REQUIRED,
            kind: "card_error",
            code: Some(decline.code.clone()),
            decline_code: decline.decline_code.clone(),
            parameter: None,
            message: decline.message.clone(),
        }
    }

    /// The same with Stripe's code.
    pub fn coded(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        let told = [
            ("code", &self.code),
            ("decline_code", &self.decline_code),
            ("param", &self.parameter),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                error[name] = json!(value);
            }
        }
        json!({ "error": error })
    }
}
