//! Why a request or a field has no answer: top-level errors, each with `extensions.code`.
//!
//! Refusals of the business are no failures: they are data (`types::user_error`).

use std::time::Duration;

use async_graphql::{Error, ErrorExtensions, ServerError};
use kernel::Locale;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::messages;

/// A bound that a request went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Bytes of the body.
    BodyBytes,
    /// Operations in one batch.
    Batch,
    /// Words and signs of the query's text.
    Tokens,
    /// How deep brackets are nested in the query's text.
    Nesting,
    /// How deep fields are nested.
    Depth,
    /// The sum of all fields, those of lists as often as the list may be long.
    Complexity,
    /// Fields with another name than their own.
    Aliases,
    /// Directives in the query.
    Directives,
    /// Open subscriptions.
    Subscriptions,
}

impl Limit {
    /// The name in `extensions.limit`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BodyBytes => "bodyBytes",
            Self::Batch => "batch",
            Self::Tokens => "tokens",
            Self::Nesting => "nesting",
            Self::Depth => "depth",
            Self::Complexity => "complexity",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::Subscriptions => "subscriptions",
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in, or the session has ended.
    Unauthenticated,
    /// Somebody is signed in who may not do this.
    Forbidden,
    /// What was asked for is not there, or not for the caller to see.
    NotFound,
    /// The request is not what the schema or the protocol asks for; the text says why.
    BadInput(String),
    /// The query cannot be read; the text says where.
    Unreadable(String),
    /// The request does not fit the schema.
    Invalid,
    /// A persisted query that is not known: to be sent again with its text.
    PersistedQueryNotFound,
    /// The operation cannot be run this way.
    WrongTransport(&'static str),
    /// Larger than allowed.
    LimitExceeded {
        /// Which bound.
        limit: Limit,
        /// How much is allowed.
        allowed: usize,
        /// How much it was.
        found: usize,
    },
    /// Too often.
    RateLimited {
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// A service cannot be reached now; trying again may help.
    Unavailable,
    /// It took longer than allowed.
    TimedOut,
    /// A fault of the machine; the id finds it in the log.
    Internal {
        /// Id in the log.
        request_id: Uuid,
    },
}

impl Failure {
    /// The value of `extensions.code`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadInput(_) => "BAD_USER_INPUT",
            Self::Unreadable(_) => "GRAPHQL_PARSE_FAILED",
            Self::Invalid => "GRAPHQL_VALIDATION_FAILED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::WrongTransport(_) => "WRONG_TRANSPORT",
            Self::LimitExceeded { .. } => "LIMIT_EXCEEDED",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::TimedOut => "TIMED_OUT",
            Self::Internal { .. } => "INTERNAL",
        }
    }

    /// A fault of the machine: logged here, once.
    pub fn fault(what: &str, detail: &dyn std::fmt::Debug) -> Self {
        let request_id = Uuid::now_v7();
        tracing::error!(%request_id, what, ?detail, "fault");
        Self::Internal { request_id }
    }

    /// What the answer of a service means, where it carries no refusal of the business. The service
    /// has logged the cause of a fault; here its id is logged beside it.
    pub fn of_status(status: &Status) -> Self {
        match status.code() {
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::NotFound,
            Code::InvalidArgument => Self::BadInput(status.message().to_owned()),
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::ResourceExhausted => Self::Unavailable,
            _ => Self::fault("a service failed", status),
        }
    }

    /// The error of a field, in a language.
    pub fn into_error(self, locale: Locale) -> Error {
        let error = Error::new(messages::failure(&self, locale));
        error.extend_with(|_, extensions| {
            extensions.set("code", self.code());
            match &self {
                Self::LimitExceeded { limit, allowed, found } => {
                    extensions.set("limit", limit.name());
                    extensions.set("allowed", *allowed);
                    extensions.set("found", *found);
                }
                Self::RateLimited { retry_after } => {
                    extensions.set("retryAfterSeconds", seconds(*retry_after));
                }
                Self::Internal { request_id } => {
                    extensions.set("requestId", request_id.to_string())
                }
                _ => {}
            }
        })
    }

    /// The error of a whole request, in a language.
    pub fn into_server_error(self, locale: Locale) -> ServerError {
        let error = self.into_error(locale);
        let mut server_error = ServerError::new(error.message, None);
        server_error.extensions = error.extensions;
        server_error
    }
}

/// Whole seconds, rounded up: trying again after them is never too early.
pub fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
