//! Moments: RFC 3339 in UTC.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use kernel::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment is never written longer.
const MAX_LENGTH: usize = 40;

/// A moment, RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Timestamp);

impl Moment {
    /// A moment from microseconds since the epoch.
    pub const fn of(micros: i64) -> Self {
        Self(Timestamp::from_micros(micros))
    }

    /// The moment in microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0.micros()
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
        match &value {
            Value::String(text) if text.len() <= MAX_LENGTH => {
                match OffsetDateTime::parse(text, &Rfc3339) {
                    Ok(moment) => Ok(Self(moment.into())),
                    Err(_) => Err(InputValueError::expected_type(value)),
                }
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}
