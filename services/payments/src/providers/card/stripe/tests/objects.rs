//! Stripe's own example objects, as our answers.

use kernel::{Currency, Money};
use serde_json::{Value, json};

use super::super::objects;
use crate::providers::card::{
    BalanceTransaction, BalanceTransactionKind, CardPaymentStatus, Dispute, DisputeStatus, Payout,
    PayoutStatus, Refund, RefundStatus,
};

fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::Usd)
}

fn example(name: &str) -> Value {
    let text = include_str!("../../../../../samples/stripe/objects.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[name].clone()
}

fn read<T: serde::de::DeserializeOwned>(object: Value) -> T {
    serde_json::from_value(object).unwrap()
}

#[test]
fn the_example_of_an_intent_is_read_alone_and_with_its_charge() {
    let intent: objects::Intent = read(example("payment_intent"));
    let payment = intent.into_payment().unwrap();
    assert_eq!(payment.status, CardPaymentStatus::Open);
    assert_eq!((payment.amount, payment.captured, payment.refunded), (usd(1_099), usd(0), usd(0)));
    assert_eq!(payment.intent.unwrap().as_str(), "pi_1PgafyB7WZ01zgkWSjxsAJo3");
    assert_eq!((payment.payment, payment.charge), (None, None));
    assert!(payment.failure.is_some());

    let mut intent = example("payment_intent");
    intent["latest_charge"] = example("charge");
    intent["latest_charge"]["amount_captured"] = json!(100);
    intent["latest_charge"]["amount_refunded"] = json!(40);
    intent["status"] = json!("succeeded");
    intent["metadata"] = json!({ "payment_id": super::payment_id().to_string() });
    let payment = read::<objects::Intent>(intent).into_payment().unwrap();
    assert_eq!(payment.status, CardPaymentStatus::Succeeded);
    assert_eq!((payment.captured, payment.refunded), (usd(100), usd(40)));
    assert_eq!(payment.charge.unwrap().as_str(), "ch_1PgafuB7WZ01zgkWXYmPNZs8");
    assert_eq!(payment.balance_transaction.unwrap().as_str(), "txn_1PgaxNB7WZ01zgkWEV3TLf40");
    assert_eq!((payment.payment, payment.failure), (Some(super::payment_id()), None));

    let created = read::<objects::Intent>(example("payment_intent")).into_created().unwrap();
    assert!(created.client_secret.0.starts_with("pi_1PgafyB7WZ01zgkWSjxsAJo3_secret_"));
    assert!(!format!("{created:?}").contains("_secret_"));
}

#[test]
fn the_example_of_a_session_is_read_with_and_without_an_intent() {
    let created = read::<objects::Session>(example("checkout.session")).into_created().unwrap();
    assert!(created.url.starts_with("https://checkout.stripe.com/"));
    assert_eq!(created.expires_at.micros(), 1_234_567_890_000_000);

    // The example names its intent only; we ask for it whole, so a mere id is not enough.
    assert!(read::<objects::Session>(example("checkout.session")).into_payment().is_err());
    let with = |status: &str, intent: Value| {
        let mut session = example("checkout.session");
        session["status"] = json!(status);
        session["amount_total"] = json!(250_000);
        session["currency"] = json!("vnd");
        session["client_reference_id"] = json!(super::payment_id().to_string());
        session["payment_intent"] = intent;
        read::<objects::Session>(session).into_payment()
    };
    let open = with("open", Value::Null).unwrap();
    assert_eq!((open.status, open.amount), (CardPaymentStatus::Open, Money::vnd(250_000)));
    assert_eq!((open.payment, open.intent.clone()), (Some(super::payment_id()), None));
    assert!(open.session.is_some());
    assert_eq!(with("expired", Value::Null).unwrap().status, CardPaymentStatus::Expired);
    assert!(with("another", Value::Null).is_err());

    // A page that closed while the banks were at it is not lost: the intent has the last word.
    let mut intent = example("payment_intent");
    assert_eq!(with("expired", intent.clone()).unwrap().status, CardPaymentStatus::Expired);
    intent["status"] = json!("processing");
    assert_eq!(with("expired", intent.clone()).unwrap().status, CardPaymentStatus::Processing);
    intent["status"] = json!("succeeded");
    assert_eq!(with("expired", intent).unwrap().status, CardPaymentStatus::Succeeded);
}

#[test]
fn the_examples_of_refund_and_dispute_are_read() {
    let refund: Refund = read::<objects::Refund>(example("refund")).try_into().unwrap();
    assert_eq!((refund.amount, refund.status), (usd(100), RefundStatus::Succeeded));
    assert_eq!(refund.charge.unwrap().as_str(), "ch_1PgafuB7WZ01zgkWXYmPNZs8");

    let dispute: Dispute = read::<objects::Dispute>(example("dispute")).try_into().unwrap();
    assert_eq!((dispute.amount, dispute.reason.as_str()), (usd(1_000), "general"));
    assert_eq!(dispute.status, DisputeStatus::WarningNeedsResponse);
    assert_eq!(dispute.evidence_due_by.unwrap().micros(), 1_723_679_999_000_000);

    let mut taken = example("dispute");
    taken["status"] = json!("appeal_under_review");
    taken["balance_transactions"] = json!([example("balance_transaction")]);
    let dispute: Dispute = read::<objects::Dispute>(taken).try_into().unwrap();
    assert_eq!(dispute.status, DisputeStatus::Other("appeal_under_review".to_owned()));
    assert_eq!(dispute.balance_transactions.len(), 1);
}

#[test]
fn the_examples_of_balance_transaction_and_payout_are_read() {
    let transaction: BalanceTransaction =
        read::<objects::BalanceTransaction>(example("balance_transaction")).try_into().unwrap();
    assert_eq!(transaction.kind, BalanceTransactionKind::Charge);
    assert_eq!(
        (transaction.amount, transaction.fee, transaction.net),
        (usd(100), usd(0), usd(100))
    );
    assert_eq!(transaction.available_on.micros(), 1_234_567_890_000_000);
    assert_eq!(transaction.source.unwrap(), "ch_1PgafuB7WZ01zgkWXYmPNZs8");

    let payout: Payout = read::<objects::Payout>(example("payout")).try_into().unwrap();
    assert_eq!((payout.amount, payout.status), (usd(1_100), PayoutStatus::InTransit));
    assert!(payout.automatic);
    assert_eq!(payout.balance_transaction.unwrap().as_str(), "txn_1PgaxNB7WZ01zgkWEV3TLf40");
    assert_eq!(payout.bank_reference, None);
}

#[test]
fn a_charge_that_failed_took_nothing_though_it_was_to_be_captured() {
    let mut intent = example("payment_intent");
    intent["latest_charge"] = example("charge");
    intent["latest_charge"]["status"] = json!("failed");
    intent["latest_charge"]["captured"] = json!(true);
    intent["latest_charge"].as_object_mut().unwrap().remove("amount_captured");
    assert_eq!(read::<objects::Intent>(intent.clone()).into_payment().unwrap().captured, usd(0));
    intent["latest_charge"]["status"] = json!("succeeded");
    assert_eq!(read::<objects::Intent>(intent).into_payment().unwrap().captured, usd(100));
}

#[test]
fn a_status_or_a_currency_that_nobody_knows_is_not_taken_for_another() {
    let mut intent = example("payment_intent");
    intent["status"] = json!("settled_somehow");
    assert!(read::<objects::Intent>(intent.clone()).into_payment().is_err());
    intent["status"] = json!("succeeded");
    intent["currency"] = json!("xyz");
    assert!(read::<objects::Intent>(intent).into_payment().is_err());
    let mut refund = example("refund");
    refund["status"] = Value::Null;
    assert!(Refund::try_from(read::<objects::Refund>(refund)).is_err());
}
