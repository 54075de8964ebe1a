//! Against `localstripe`, a stateful stand-in for Stripe that others wrote. It has no Checkout
//! Sessions, no fees and no idempotency, so those are tested elsewhere.
//!
//! `CHONOI_TEST_LOCALSTRIPE` is the path of its program; `infra/scripts/install-localstripe.sh`
//! installs it and prints the path. Without it these tests fail rather than pass untested.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kernel::Money;
use serde_json::Value;

use super::{client, key, payment_id};
use crate::providers::card::stripe::{Limits, SecretKey, Stripe, StripeParts};
use crate::providers::card::{
    BalanceTransactionKind, CardError, CardPayment, CardPaymentReference, CardPaymentStatus,
    CardProvider, CardRefusal, IntentId, PaymentIntent, PaymentIntentRequest, RefundRequest,
    RefundStatus,
};

/// A running stand-in, ended with the test.
struct Localstripe {
    process: Child,
    address: String,
    /// Acts as the shopper's browser.
    browser: reqwest::Client,
}

impl Drop for Localstripe {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Localstripe {
    async fn start() -> (Self, Stripe) {
        let program = std::env::var_os("CHONOI_TEST_LOCALSTRIPE").expect(
            "CHONOI_TEST_LOCALSTRIPE must be the path that infra/scripts/install-localstripe.sh prints",
        );
        let port = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(&program)
            .args(["--from-scratch", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let address = format!("http://127.0.0.1:{port}");
        let stripe = client(&address, Duration::from_secs(20));
        let browser = reqwest::Client::new();
        let started = Self { process, address, browser };
        started.wait_until_it_answers().await;
        (started, stripe)
    }

    async fn wait_until_it_answers(&self) {
        let answers = async {
            while self.browser.get(&self.address).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), answers).await.expect("localstripe starts");
    }

    async fn post(&self, path: &str, form: &str) -> Value {
        let request = self.browser.post(format!("{}/v1/{path}", self.address));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.bearer_auth("sk_test_made_up").body(form.to_owned());
        request.send().await.unwrap().json().await.unwrap()
    }

    /// What Stripe's form in the browser does with a card: its number never comes to us.
    async fn shopper_pays(&self, intent: &IntentId, test_card: &str) {
        let card = format!(
            "type=card&card[number]={test_card}&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123"
        );
        let method = self.post("payment_methods", &card).await;
        let method = format!("payment_method={}", method["id"].as_str().unwrap());
        self.post(&format!("payment_intents/{intent}"), &method).await;
        self.post(&format!("payment_intents/{intent}/confirm"), "").await;
    }
}

async fn intent(stripe: &Stripe) -> PaymentIntent {
    let amount = Money::vnd(250_000);
    // localstripe knows no descriptions of intents.
    let request = PaymentIntentRequest { payment: payment_id(), amount, description: None };
    stripe.create_payment_intent(&request, &key("pay_1:intent")).await.unwrap()
}

async fn read(stripe: &Stripe, intent: &IntentId) -> CardPayment {
    stripe.get_payment(&CardPaymentReference::Intent(intent.clone())).await.unwrap()
}

#[tokio::test]
async fn a_payment_is_made_paid_refunded_and_booked() {
    let (localstripe, stripe) = Localstripe::start().await;
    let intent = intent(&stripe).await;
    let open = read(&stripe, &intent.id).await;
    assert_eq!((open.status, open.payment), (CardPaymentStatus::Open, Some(payment_id())));
    assert_eq!((open.amount, open.captured), (Money::vnd(250_000), Money::vnd(0)));

    localstripe.shopper_pays(&intent.id, "4242424242424242").await;
    let paid = read(&stripe, &intent.id).await;
    assert_eq!((paid.status, paid.failure.clone()), (CardPaymentStatus::Succeeded, None));
    assert_eq!((paid.captured, paid.refunded), (Money::vnd(250_000), Money::vnd(0)));
    let booked = stripe.balance_transaction(&paid.balance_transaction.unwrap()).await.unwrap();
    assert_eq!(booked.kind, BalanceTransactionKind::Charge);
    assert_eq!((booked.amount, booked.net), (Money::vnd(250_000), Money::vnd(250_000)));
    assert_eq!(booked.source.as_deref(), paid.charge.as_ref().map(|charge| charge.as_str()));

    let request = RefundRequest {
        intent: intent.id.clone(),
        amount: Money::vnd(100_000),
        reference: "refund_1".to_owned(),
    };
    let refund = stripe.refund(&request, &key("refund:1")).await.unwrap();
    assert_eq!((refund.status, refund.amount), (RefundStatus::Succeeded, Money::vnd(100_000)));
    assert_eq!(refund, stripe.get_refund(&refund.id).await.unwrap());
    let booked = stripe.balance_transaction(&refund.balance_transaction.unwrap()).await.unwrap();
    assert_eq!(
        (booked.kind, booked.amount),
        (BalanceTransactionKind::Refund, Money::vnd(-100_000))
    );
    let after = read(&stripe, &intent.id).await;
    assert_eq!((after.captured, after.refunded), (Money::vnd(250_000), Money::vnd(100_000)));
}

#[tokio::test]
async fn a_declined_card_leaves_the_payment_open_and_takes_nothing() {
    let (localstripe, stripe) = Localstripe::start().await;
    let intent = intent(&stripe).await;
    localstripe.shopper_pays(&intent.id, "4000000000000341").await;
    let declined = read(&stripe, &intent.id).await;
    assert_eq!(declined.status, CardPaymentStatus::Open);
    assert_eq!(declined.captured, Money::vnd(0));
    assert_eq!(declined.failure.unwrap().code.as_deref(), Some("card_declined"));
    assert_eq!(declined.balance_transaction, None);
}

#[tokio::test]
async fn a_payout_is_read_and_what_is_not_there_is_not_found() {
    let (localstripe, stripe) = Localstripe::start().await;
    let made = localstripe.post("payouts", "amount=1100&currency=eur").await;
    let payout = stripe.payout(&made["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert_eq!(payout.amount, Money::new(1_100, kernel::Currency::Eur));
    assert_eq!(Some(payout.id.as_str()), made["id"].as_str());
    let missing = stripe.payout(&"po_none".parse().unwrap()).await;
    assert!(matches!(missing, Err(CardError::Refused(CardRefusal::NotFound))));
    // It knows keys by their beginning only.
    let stranger = Stripe::new(&StripeParts {
        secret_key: SecretKey::new("pk_test_made_up"),
        base_url: localstripe.address.clone(),
        limits: Limits::default(),
    });
    let refused = stranger.unwrap().payout(&payout.id).await;
    assert!(matches!(refused, Err(CardError::Refused(CardRefusal::Unauthorized))));
}
