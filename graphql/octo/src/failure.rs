//! Refusals and faults as OCTO writes them: a code, words for people, and the id that is meant.

use std::time::Duration;

use axum::http::StatusCode;
use kernel::Locale;
use proto::common::{Refusal, RefusalCode};
use proto::refusals_of;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::messages::{self, Reason};

/// Why a request is not answered with what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The reseller may not book this product, or it does not exist.
    InvalidProductId(String),
    /// The product has no such option.
    InvalidOptionId(String),
    /// The option has no such unit.
    InvalidUnitId(String),
    /// The product has no such departure.
    InvalidAvailabilityId(String),
    /// The reseller has no such booking, or it has expired before it was confirmed.
    InvalidBookingUuid(String),
    /// The request is not as the specification wants it.
    BadRequest(Reason),
    /// The request is well formed, and still cannot be done.
    Unprocessable(Reason),
    /// There is no key.
    Unauthorized,
    /// The key is nobody's, or not any more.
    Forbidden,
    /// Too many requests.
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Something is broken on our side.
    Fault,
}

impl Failure {
    /// A fault of a service, told to those who run the market.
    pub fn fault(status: &Status) -> Self {
        tracing::error!(code = ?status.code(), message = status.message(), "a service failed");
        Self::Fault
    }

    /// The status of HTTP. The specification knows 400 only, for everything that goes wrong.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The code of OCTO.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidProductId(_) => "INVALID_PRODUCT_ID",
            Self::InvalidOptionId(_) => "INVALID_OPTION_ID",
            Self::InvalidUnitId(_) => "INVALID_UNIT_ID",
            Self::InvalidAvailabilityId(_) => "INVALID_AVAILABILITY_ID",
            Self::InvalidBookingUuid(_) => "INVALID_BOOKING_UUID",
            // OCTO has no code for a bound on requests; HTTP's status tells it.
            Self::BadRequest(_) | Self::RateLimited { .. } => "BAD_REQUEST",
            Self::Unprocessable(_) => "UNPROCESSABLE_ENTITY",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::Fault => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The object of OCTO, with words in a language.
    pub fn object(&self, locale: Locale) -> Value {
        let mut object =
            json!({ "error": self.code(), "errorMessage": messages::failure(self, locale) });
        let named = match self {
            Self::InvalidProductId(id) => Some(("productId", id)),
            Self::InvalidOptionId(id) => Some(("optionId", id)),
            Self::InvalidUnitId(id) => Some(("unitId", id)),
            Self::InvalidAvailabilityId(id) => Some(("availabilityId", id)),
            Self::InvalidBookingUuid(id) => Some(("uuid", id)),
            _ => None,
        };
        if let Some((name, id)) = named {
            object[name] = Value::from(cut(id));
        }
        object
    }
}

/// What the client sent is told back, but never at any length.
fn cut(id: &str) -> String {
    id.chars().take(100).collect()
}

/// The ids that a request named: a refusal of a service is told by them.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The product.
    pub product_id: String,
    /// The option.
    pub option_id: String,
    /// The departure.
    pub availability_id: String,
    /// The booking.
    pub uuid: String,
    /// Units, in the order of the request.
    pub unit_ids: Vec<String>,
    /// The booking is being confirmed: an expired one is an unknown one then.
    pub confirming: bool,
}

impl Named {
    /// What a service's answer means to the reseller.
    pub fn failure(&self, status: &Status) -> Failure {
        if let Some(refusals) = refusals_of(status)
            && let Some(refusal) = refusals.into_iter().next()
        {
            return self.refused(refusal);
        }
        match status.code() {
            Code::NotFound if !self.uuid.is_empty() => {
                Failure::InvalidBookingUuid(self.uuid.clone())
            }
            Code::Unauthenticated | Code::PermissionDenied => Failure::Forbidden,
            _ => Failure::fault(status),
        }
    }

    fn refused(&self, refusal: Refusal) -> Failure {
        let code = refusal.code();
        let about = |word: &str| refusal.path.iter().any(|part| part.contains(word));
        let unknown =
            matches!(code, RefusalCode::NotFound | RefusalCode::Invalid | RefusalCode::Required);
        if unknown && (about("unit") || about("ticketCode")) {
            let place = refusal.path.iter().find_map(|part| part.parse::<usize>().ok());
            let unit = place.and_then(|place| self.unit_ids.get(place));
            return Failure::InvalidUnitId(unit.cloned().unwrap_or_default());
        }
        if unknown && about("product") {
            return Failure::InvalidProductId(self.product_id.clone());
        }
        if unknown && about("option") {
            return Failure::InvalidOptionId(self.option_id.clone());
        }
        if unknown && (about("departure") || about("availability")) {
            return Failure::InvalidAvailabilityId(self.availability_id.clone());
        }
        if code == RefusalCode::NotFound && !self.uuid.is_empty() {
            return Failure::InvalidBookingUuid(self.uuid.clone());
        }
        let expired = refusal
            .facts
            .get("status")
            .is_some_and(|status| status.eq_ignore_ascii_case("expired"));
        if self.confirming && (expired || code == RefusalCode::HoldGone) {
            return Failure::InvalidBookingUuid(self.uuid.clone());
        }
        Failure::Unprocessable(Reason::Refused(code, refusal.facts))
    }
}

#[cfg(test)]
mod tests {
    use proto::Refused;

    use super::*;

    fn named() -> Named {
        Named {
            product_id: "p".to_owned(),
            option_id: "o".to_owned(),
            availability_id: "a".to_owned(),
            uuid: "u".to_owned(),
            unit_ids: vec!["adult".to_owned(), "child".to_owned()],
            confirming: false,
        }
    }

    #[test]
    fn a_refusal_is_told_by_the_id_that_the_request_named() {
        let unknown = Refused::new(RefusalCode::NotFound);
        for (refusal, code, field, id) in [
            (unknown.clone().at(&["productId"]), "INVALID_PRODUCT_ID", "productId", "p"),
            (unknown.clone().at(&["optionCode"]), "INVALID_OPTION_ID", "optionId", "o"),
            (
                unknown.clone().at(&["units", "1", "ticketCode"]),
                "INVALID_UNIT_ID",
                "unitId",
                "child",
            ),
            (
                unknown.clone().at(&["departureId"]),
                "INVALID_AVAILABILITY_ID",
                "availabilityId",
                "a",
            ),
            (unknown.at(&["uuid"]), "INVALID_BOOKING_UUID", "uuid", "u"),
        ] {
            let object = named().failure(&refusal.into()).object(Locale::En);
            assert_eq!(object["error"], code);
            assert_eq!(object[field], id, "{code}");
        }
    }

    #[test]
    fn what_cannot_be_done_says_why_and_an_expired_booking_cannot_be_confirmed() {
        let short = Refused::new(RefusalCode::InsufficientStock).fact("available", 2);
        let object = named().failure(&short.into()).object(Locale::En);
        assert_eq!(object["error"], "UNPROCESSABLE_ENTITY");
        assert!(object["errorMessage"].as_str().unwrap().contains('2'), "{object}");
        let expired = Refused::new(RefusalCode::StatusConflict).fact("status", "EXPIRED");
        let status: Status = expired.into();
        assert_eq!(named().failure(&status).code(), "UNPROCESSABLE_ENTITY");
        let confirming = Named { confirming: true, ..named() };
        assert_eq!(confirming.failure(&status).code(), "INVALID_BOOKING_UUID");
        assert_eq!(named().failure(&Status::unavailable("x")).code(), "INTERNAL_SERVER_ERROR");
    }

    #[test]
    fn what_the_client_sent_is_not_told_back_at_any_length() {
        let object = Failure::InvalidProductId("đ".repeat(1_000)).object(Locale::Vi);
        assert_eq!(object["productId"].as_str().unwrap().chars().count(), 100);
    }
}
