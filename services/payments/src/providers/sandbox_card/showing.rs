//! The sandbox's things in the shapes that Stripe shows (docs.stripe.com/api).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::cards::{Decline, TestCard};
use super::objects::{
    BalanceTransaction, Charge, Dispute, Event, Intent, IntentStatus, Payout, Refund, RefundStatus,
    Session, SessionStatus, Thing,
};
use super::refusals::Refusal;
use crate::providers::card::stripe::API_VERSION;

/// What a payout is called on the bank's statement.
pub const STATEMENT_DESCRIPTOR: &str = "STRIPE CHO NOI";

/// A thing of any kind, as it is stored, as Stripe shows it.
pub fn stored(kind: &str, body: &str) -> Result<Value, serde_json::Error> {
    fn of<T: Thing>(body: &str) -> Result<Value, serde_json::Error> {
        Ok(serde_json::from_str::<T>(body)?.shown())
    }
    match kind {
        Session::KIND => of::<Session>(body),
        Intent::KIND => of::<Intent>(body),
        Charge::KIND => of::<Charge>(body),
        Refund::KIND => of::<Refund>(body),
        BalanceTransaction::KIND => of::<BalanceTransaction>(body),
        Dispute::KIND => of::<Dispute>(body),
        Payout::KIND => of::<Payout>(body),
        _ => of::<Event>(body),
    }
}

pub fn session(session: &Session) -> Value {
    let paid = session.status == SessionStatus::Complete;
    let open = session.status == SessionStatus::Open;
    json!({
        "id": session.id, "object": "checkout.session", "livemode": false, "mode": "payment",
        "status": word(&session.status), "payment_status": if paid { "paid" } else { "unpaid" },
        "amount_subtotal": session.amount, "amount_total": session.amount,
        "currency": session.currency, "payment_intent": session.intent,
        "client_reference_id": session.client_reference_id, "metadata": session.metadata,
        "success_url": session.success_url, "cancel_url": session.cancel_url,
        "url": open.then_some(&session.url), "locale": session.locale,
        "created": session.created, "expires_at": session.expires_at,
        "payment_method_types": ["card"], "payment_method_options": {},
        "adaptive_pricing": { "enabled": false }, "automatic_tax": { "enabled": false, "status": null },
        "customer": null, "customer_details": null, "customer_email": null, "invoice": null,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "custom_fields": [], "shipping_options": [], "setup_intent": null, "subscription": null,
        "ui_mode": "hosted",
    })
}

pub fn intent(intent: &Intent) -> Value {
    let received = if intent.status == IntentStatus::Succeeded { intent.amount } else { 0 };
    let error = intent.last_error.as_ref().map(|decline| {
        let mut error = Refusal::declined(decline).body()["error"].take();
        error["charge"] = json!(intent.latest_charge);
        error
    });
    let action = (intent.status == IntentStatus::RequiresAction)
        .then(|| json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }));
    json!({
        "id": intent.id, "object": "payment_intent", "livemode": false,
        "amount": intent.amount, "amount_capturable": 0, "amount_received": received,
        "amount_details": { "tip": {} }, "currency": intent.currency, "status": word(&intent.status),
        "client_secret": intent.client_secret, "description": intent.description,
        "metadata": intent.metadata, "latest_charge": intent.latest_charge,
        "last_payment_error": error, "next_action": action,
        "canceled_at": intent.canceled_at, "cancellation_reason": intent.cancellation_reason,
        "capture_method": "automatic", "confirmation_method": "automatic", "created": intent.created,
        "customer": null, "payment_method": null, "payment_method_options": {},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null,
        "shipping": null, "transfer_data": null, "transfer_group": null,
    })
}

pub fn charge(charge: &Charge) -> Value {
    let paid = charge.failure.is_none();
    let captured = if paid { charge.amount } else { 0 };
    json!({
        "id": charge.id, "object": "charge", "livemode": false, "amount": charge.amount,
        "amount_captured": captured, "amount_refunded": charge.amount_refunded,
        "currency": charge.currency, "status": if paid { "succeeded" } else { "failed" },
        "paid": paid, "captured": paid, "disputed": charge.disputed,
        "refunded": paid && charge.amount_refunded == charge.amount,
        "balance_transaction": charge.balance_transaction,
        "failure_balance_transaction": null,
        "failure_code": charge.failure.as_ref().map(|decline| &decline.code),
        "failure_message": charge.failure.as_ref().map(|decline| &decline.message),
        "outcome": outcome(charge.failure.as_ref()), "payment_intent": charge.intent,
        "description": charge.description, "metadata": charge.metadata, "created": charge.created,
        "payment_method": null, "payment_method_details": card_details(charge.card),
        "billing_details": {
            "address": null, "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "customer": null, "fraud_details": {}, "receipt_url": null, "shipping": null,
    })
}

fn outcome(failure: Option<&Decline>) -> Value {
    let (status, kind) = match failure {
        None => ("approved_by_network", "authorized"),
        Some(_) => ("declined_by_network", "issuer_declined"),
    };
    json!({ "network_status": status, "type": kind, "reason": failure.map(Decline::reason) })
}

fn card_details(card: TestCard) -> Value {
    json!({
        "type": "card",
        "card": { "brand": "visa", "last4": card.last4(), "country": "US", "funding": "credit",
            "exp_month": 12, "exp_year": 2034, "network": "visa" },
    })
}

pub fn refund(refund: &Refund) -> Value {
    let failed = refund.status == RefundStatus::Failed;
    json!({
        "id": refund.id, "object": "refund", "amount": refund.amount, "currency": refund.currency,
        "status": word(&refund.status), "charge": refund.charge, "payment_intent": refund.intent,
        "balance_transaction": refund.balance_transaction,
        "failure_balance_transaction": refund.failure_balance_transaction,
        "failure_reason": failed.then_some("expired_or_canceled_card"),
        "reason": refund.reason, "metadata": refund.metadata, "created": refund.created,
        "destination_details": { "type": "card", "card": { "type": "refund" } },
        "receipt_number": null, "source_transfer_reversal": null, "transfer_reversal": null,
    })
}

pub fn balance_transaction(transaction: &BalanceTransaction) -> Value {
    let fees = match transaction.fee {
        0 => json!([]),
        fee => json!([{ "amount": fee, "currency": transaction.currency, "type": "stripe_fee",
            "description": "Stripe processing fees", "application": null }]),
    };
    json!({
        "id": transaction.id, "object": "balance_transaction", "type": transaction.kind,
        "reporting_category": reporting_category(&transaction.kind), "balance_type": "payments",
        "amount": transaction.amount, "fee": transaction.fee, "net": transaction.net(),
        "fee_details": fees, "currency": transaction.currency, "exchange_rate": null,
        "available_on": transaction.available_on, "created": transaction.created,
        "description": transaction.description, "source": transaction.source,
        // What a payout netted was available; of the rest only the clock knows.
        "status": if transaction.payout.is_some() { "available" } else { "pending" },
    })
}

fn reporting_category(kind: &str) -> &str {
    match kind {
        "adjustment" => "dispute",
        other => other,
    }
}

pub fn dispute(dispute: &Dispute) -> Value {
    let transactions: Vec<Value> =
        dispute.balance_transactions.iter().map(balance_transaction).collect();
    json!({
        "id": dispute.id, "object": "dispute", "livemode": false, "amount": dispute.amount,
        "currency": dispute.currency, "status": word(&dispute.status), "reason": dispute.reason,
        "charge": dispute.charge, "payment_intent": dispute.intent,
        "balance_transactions": transactions, "evidence": dispute.evidence,
        "evidence_details": {
            "due_by": dispute.due_by, "has_evidence": !dispute.evidence.is_empty(),
            "past_due": false, "submission_count": dispute.submissions, "enhanced_eligibility": {},
        },
        "is_charge_refundable": false, "metadata": dispute.metadata, "created": dispute.created,
        "payment_method_details": { "type": "card",
            "card": { "brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4" } },
    })
}

pub fn payout(payout: &Payout) -> Value {
    json!({
        "id": payout.id, "object": "payout", "livemode": false, "amount": payout.amount,
        "currency": payout.currency, "status": word(&payout.status), "automatic": true,
        // Stripe names the day: midnight UTC.
        "arrival_date": payout.arrives_at - payout.arrives_at.rem_euclid(86_400),
        "balance_transaction": payout.balance_transaction, "created": payout.created,
        "description": "STRIPE PAYOUT", "destination": "ba_sandbox",
        "failure_balance_transaction": null, "failure_code": null, "failure_message": null,
        "metadata": {}, "method": "standard", "original_payout": null, "reversed_by": null,
        "reconciliation_status": "completed", "source_type": "card", "type": "bank_account",
        "statement_descriptor": STATEMENT_DESCRIPTOR,
        "trace_id": { "status": "supported", "value": payout.trace },
    })
}

/// An event about a thing as it is shown now.
pub fn event(id: &str, kind: &str, created: i64, object: Value, key: Option<&str>) -> Value {
    json!({
        "id": id, "object": "event", "api_version": API_VERSION, "created": created,
        "livemode": false, "type": kind, "pending_webhooks": 1, "data": { "object": object },
        "request": { "id": null, "idempotency_key": key },
    })
}

/// A page of a list.
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "url": url, "data": data, "has_more": has_more })
}

/// A balance: what can be paid out, and what cannot yet, by currency.
pub fn balance(available: &BTreeMap<String, i64>, pending: &BTreeMap<String, i64>) -> Value {
    let side = |side: &BTreeMap<String, i64>| -> Vec<Value> {
        side.iter()
            .map(|(currency, amount)| json!({ "amount": amount, "currency": currency }))
            .collect()
    };
    json!({
        "object": "balance", "livemode": false,
        "available": side(available), "pending": side(pending),
    })
}

/// A status as Stripe writes it.
fn word(status: &impl Serialize) -> Value {
    serde_json::to_value(status).unwrap_or_default()
}
