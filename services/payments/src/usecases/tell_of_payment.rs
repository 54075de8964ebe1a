//! The events that tell of a payment: to orders of a checkout's, to the counter of a till's. Nobody waits to
//! hear of a reseller's bill.

use kernel::Timestamp;
use proto::events::event::Body;
use proto::events::{
    CounterPaymentChanged, PaymentCameInPart, PaymentClosed, PaymentReopened, PaymentSucceeded,
};

use crate::domain::payment::{Payment, PaymentStatus, Purpose};

/// The money came: the aggregate and its event.
pub fn succeeded(payment: &Payment, at: Timestamp) -> Option<(String, Body)> {
    Some(match payment.purpose {
        Purpose::Checkout(checkout) => (
            checkout.to_string(),
            Body::PaymentSucceeded(PaymentSucceeded {
                payment_id: payment.id.to_string(),
                checkout_id: checkout.to_string(),
                amount: Some(payment.amount.into()),
                succeeded_at: at.micros(),
            }),
        ),
        Purpose::Counter(_) => counter_changed(payment),
        Purpose::ResellerBill(_) => return None,
    })
}

/// Something came of it that does not pay it: the aggregate and its event.
pub fn came_in_part(payment: &Payment) -> Option<(String, Body)> {
    Some(match payment.purpose {
        Purpose::Checkout(checkout) => (
            checkout.to_string(),
            Body::PaymentCameInPart(PaymentCameInPart {
                payment_id: payment.id.to_string(),
                checkout_id: checkout.to_string(),
            }),
        ),
        Purpose::Counter(_) => counter_changed(payment),
        Purpose::ResellerBill(_) => return None,
    })
}

/// What had paid it was taken back: the aggregate and its event.
pub fn reopened(payment: &Payment, at: Timestamp) -> Option<(String, Body)> {
    Some(match payment.purpose {
        Purpose::Checkout(checkout) => (
            checkout.to_string(),
            Body::PaymentReopened(PaymentReopened {
                payment_id: payment.id.to_string(),
                checkout_id: checkout.to_string(),
                reopened_at: at.micros(),
            }),
        ),
        Purpose::Counter(_) => counter_changed(payment),
        Purpose::ResellerBill(_) => return None,
    })
}

/// The payment ended without money: the aggregate and its event.
pub fn closed(payment: &Payment) -> Option<(String, Body)> {
    Some(match payment.purpose {
        Purpose::Checkout(checkout) => (
            checkout.to_string(),
            Body::PaymentClosed(PaymentClosed {
                payment_id: payment.id.to_string(),
                checkout_id: checkout.to_string(),
                expired: payment.status == PaymentStatus::Expired,
            }),
        ),
        Purpose::Counter(_) => counter_changed(payment),
        Purpose::ResellerBill(_) => return None,
    })
}

fn counter_changed(payment: &Payment) -> (String, Body) {
    let payment_id = payment.id.to_string();
    let changed = CounterPaymentChanged { payment_id: payment_id.clone() };
    (payment_id, Body::CounterPaymentChanged(changed))
}
