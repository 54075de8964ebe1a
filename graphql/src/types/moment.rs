//! Moments: RFC 3339 in UTC.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use kernel::Timestamp;

/// A moment, RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Timestamp);

impl Moment {
    /// A moment from microseconds since the epoch.
    pub const fn of(micros: i64) -> Self {
        Self(Timestamp::from_micros(micros))
    }

    /// A moment that may be missing: zero means "not yet".
    pub fn maybe(micros: i64) -> Option<Self> {
        (micros != 0).then(|| Self::of(micros))
    }
}

/// A moment, RFC 3339 in UTC.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        // No input of this schema takes a moment yet.
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}
