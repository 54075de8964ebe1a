//! Stripe's client against what Stripe itself publishes, against faults, and against `localstripe`.

mod faults;
mod localstripe;
mod objects;
mod requests;
mod webhooks;

use std::time::Duration;

use kernel::{Locale, Money, PaymentId, Timestamp};
use serde_json::{Value, json};

use super::{Limits, SecretKey, Stripe, StripeParts};
use crate::providers::card::{CheckoutSessionRequest, IdempotencyKey, RefundRequest};

/// A client of somebody who stands in for Stripe; it does not pause between tries.
fn client(base_url: &str, whole_try: Duration) -> Stripe {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let secret_key = SecretKey::new("sk_test_made_up");
    let limits = Limits {
        whole_try,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
        ..Limits::default()
    };
    Stripe::new(&StripeParts { secret_key, base_url: base_url.to_owned(), limits }).unwrap()
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(uuid::Uuid::from_u128(7))
}

fn checkout(amount: Money) -> CheckoutSessionRequest {
    CheckoutSessionRequest {
        payment: payment_id(),
        amount,
        description: "Chợ Nổi: 2 kg xoài & dừa".to_owned(),
        locale: Locale::Vi,
        success_url: "https://chonoi.example/thanh-toan?kq=1".to_owned(),
        cancel_url: "https://chonoi.example/gio-hang".to_owned(),
        expires_at: Timestamp::from_micros(1_760_001_800_999_999),
    }
}

fn refund(amount: Money) -> RefundRequest {
    RefundRequest { intent: "pi_1".parse().unwrap(), amount, reference: "refund_1".to_owned() }
}

/// A balance transaction of a charge, net of a fee.
fn balance_transaction(id: &str) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "type": "charge", "amount": 250_000, "fee": 9_000,
        "net": 241_000, "currency": "vnd", "available_on": 1_760_000_000, "created": 1_759_900_000,
        "source": "ch_1",
    })
}

fn refund_object() -> Value {
    json!({
        "id": "re_1", "object": "refund", "amount": 1_000, "currency": "vnd", "status": "succeeded",
        "charge": "ch_1", "payment_intent": "pi_1", "balance_transaction": "txn_2",
    })
}
