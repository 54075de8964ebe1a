//! What Stripe's refusals and faults mean, and whether asking again may help.
//!
//! Source: docs.stripe.com/api/errors, docs.stripe.com/error-low-level, docs.stripe.com/error-codes.

use http::StatusCode;
use serde::Deserialize;

use super::objects::Failure;
use crate::providers::card::{CardError, CardRefusal};

/// Why an answer is no success.
pub(super) struct Judgement {
    /// What the caller is told when it is the last word.
    pub(super) error: CardError,
    /// Whether the same request, sent again, may do better.
    pub(super) again: bool,
}

/// Stripe answers with a fault, or with something that is not Stripe's at all.
#[derive(Debug, thiserror::Error)]
#[error("HTTP {status}: {message}")]
struct Fault {
    status: StatusCode,
    message: String,
}

#[derive(Deserialize)]
struct Body {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "type")]
    kind: String,
    param: Option<String>,
    #[serde(flatten)]
    failure: Failure,
}

/// Judges an answer that is no success. `should_retry` is Stripe's own word on it, where it has one.
pub(super) fn judge(status: StatusCode, should_retry: Option<bool>, body: &[u8]) -> Judgement {
    // 409: another request with the same key is still at work. 424: somebody behind Stripe failed.
    let transient = status.is_server_error() || matches!(status.as_u16(), 409 | 424 | 429);
    let again = should_retry.unwrap_or(transient);
    let read: Result<Body, _> = serde_json::from_slice(body);
    let error = match (status, read) {
        (StatusCode::TOO_MANY_REQUESTS, _) => CardError::RateLimited,
        (status, read) if transient => {
            let message = read.ok().and_then(|body| body.error.failure.message);
            let message = message.unwrap_or_default();
            CardError::Unavailable(Box::new(Fault { status, message }))
        }
        (status, Ok(body)) => refusal(status, body.error),
        (_, Err(error)) => CardError::Unreadable(Box::new(error)),
    };
    Judgement { error, again }
}

fn refusal(status: StatusCode, body: ErrorBody) -> CardError {
    if body.kind == "card_error" || status == StatusCode::PAYMENT_REQUIRED {
        return CardError::Declined(body.failure.into());
    }
    let Failure { code, message, .. } = body.failure;
    let message = message.unwrap_or_default();
    let of_the_amount = || {
        body.param.as_deref().is_some_and(|name| name == "amount" || name.contains("unit_amount"))
    };
    let refusal = match (status, code.as_deref()) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => CardRefusal::Unauthorized,
        _ if body.kind == "idempotency_error" => CardRefusal::KeyOfAnotherRequest,
        (_, Some("charge_already_refunded")) => CardRefusal::AlreadyRefunded,
        (_, Some("charge_disputed")) => CardRefusal::Disputed,
        (_, Some("balance_insufficient" | "insufficient_funds")) => CardRefusal::BalanceTooLow,
        (_, Some("amount_too_small" | "amount_too_large")) => CardRefusal::Amount { message },
        (StatusCode::NOT_FOUND, _) | (_, Some("resource_missing")) => CardRefusal::NotFound,
        _ if of_the_amount() => CardRefusal::Amount { message },
        _ => CardRefusal::Other { code, parameter: body.param, message },
    };
    CardError::Refused(refusal)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(status: u16, error: serde_json::Value) -> Judgement {
        let body = json!({ "error": error }).to_string();
        judge(StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
    }

    fn refused(status: u16, error: serde_json::Value) -> CardRefusal {
        let judgement = judged(status, error);
        assert!(!judgement.again);
        match judgement.error {
            CardError::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_refusal_has_a_name_and_is_not_asked_again() {
        let invalid = |code: &str| json!({ "type": "invalid_request_error", "code": code });
        assert_eq!(
            refused(401, json!({"type": "invalid_request_error"})),
            CardRefusal::Unauthorized
        );
        assert_eq!(
            refused(403, json!({"type": "invalid_request_error"})),
            CardRefusal::Unauthorized
        );
        assert_eq!(refused(404, invalid("resource_missing")), CardRefusal::NotFound);
        assert_eq!(refused(400, invalid("resource_missing")), CardRefusal::NotFound);
        assert_eq!(refused(400, invalid("charge_already_refunded")), CardRefusal::AlreadyRefunded);
        assert_eq!(refused(400, invalid("charge_disputed")), CardRefusal::Disputed);
        assert_eq!(refused(400, invalid("balance_insufficient")), CardRefusal::BalanceTooLow);
        let key =
            json!({ "type": "idempotency_error", "message": "Keys for idempotent requests …" });
        assert_eq!(refused(400, key), CardRefusal::KeyOfAnotherRequest);
        let other = CardRefusal::Other {
            code: Some("parameter_unknown".to_owned()),
            parameter: Some("colour".to_owned()),
            message: "Received unknown parameter: colour".to_owned(),
        };
        let error = json!({ "type": "invalid_request_error", "code": "parameter_unknown",
            "param": "colour", "message": "Received unknown parameter: colour" });
        assert_eq!(refused(400, error), other);
    }

    #[test]
    fn a_refund_of_more_than_is_left_is_refused_for_its_amount_though_it_has_no_code() {
        let message = "Refund amount (₫2) is greater than unrefunded amount on charge (₫1)";
        let error =
            json!({ "type": "invalid_request_error", "param": "amount", "message": message });
        assert_eq!(refused(400, error), CardRefusal::Amount { message: message.to_owned() });
    }

    #[test]
    fn a_declined_card_keeps_the_banks_reason() {
        let judgement = judged(
            402,
            json!({ "type": "card_error", "code": "card_declined",
                "decline_code": "insufficient_funds", "message": "Your card has insufficient funds." }),
        );
        assert!(!judgement.again);
        let CardError::Declined(failure) = judgement.error else { panic!("{:?}", judgement.error) };
        assert_eq!(failure.code.as_deref(), Some("card_declined"));
        assert_eq!(failure.decline_code.as_deref(), Some("insufficient_funds"));
        assert_eq!(failure.message, "Your card has insufficient funds.");
    }

    #[test]
    fn locks_limits_and_faults_are_asked_again_unless_stripe_says_otherwise() {
        for status in [409, 424, 500, 502, 503, 504] {
            let judgement = judged(status, json!({ "type": "api_error" }));
            assert!(judgement.again && matches!(judgement.error, CardError::Unavailable(_)));
        }
        let limited =
            judged(429, json!({ "type": "invalid_request_error", "code": "lock_timeout" }));
        assert!(limited.again && matches!(limited.error, CardError::RateLimited));
        let body = br#"{"error":{"type":"api_error"}}"#;
        assert!(!judge(StatusCode::INTERNAL_SERVER_ERROR, Some(false), body).again);
        assert!(judge(StatusCode::BAD_REQUEST, Some(true), body).again);
    }

    #[test]
    fn a_page_of_a_proxy_is_a_fault_or_unreadable_but_never_a_refusal() {
        let page = b"<html>Bad Gateway</html>";
        let fault = judge(StatusCode::BAD_GATEWAY, None, page);
        assert!(fault.again && matches!(fault.error, CardError::Unavailable(_)));
        let odd = judge(StatusCode::NOT_FOUND, None, page);
        assert!(!odd.again && matches!(odd.error, CardError::Unreadable(_)));
        let moved = judge(StatusCode::FOUND, None, b"");
        assert!(!moved.again && matches!(moved.error, CardError::Unreadable(_)));
    }
}
