//! Cards through the API: who may begin to pay by one, and what operators see.

use proto::Refused;
use proto::common::{PageInfo, RefusalCode};
use proto::orders::{Checkout, CheckoutStatus, GetCheckoutRequest};
use proto::payments::{
    AttemptStatus, CardCheckout, CardMovement, CardMovementPage, CardPayout, CardPayoutPage,
    CardPayoutStatus, CardReturn, CardReturnPage, CardReturnStatus, CardWay, Dispute, DisputePage,
    ListCardMovementsRequest, ListCardPayoutsRequest, ListDisputesRequest,
    ListFailedCardReturnsRequest, Payment, PaymentAttempt, PaymentMethod, PaymentStanding,
    PaymentStatus, Refund, RefundStatus, ReturnCardSurplusRequest, ReturnSurplusToBankRequest,
    StartCardAttemptRequest,
};
use serde_json::json;
use tonic::Status;

use crate::support::{Market, payment_id, post, user_of, vnd};

fn checkout_opens(market: &Market) {
    market.orders.on("get_checkout", |request: GetCheckoutRequest| match request.token.as_str() {
        "t" => Ok(Checkout {
            id: "chk_1".to_owned(),
            status: CheckoutStatus::AwaitingPayment.into(),
            ..Checkout::default()
        }),
        _ => Err(Status::permission_denied("somebody else's")),
    });
}

fn payment(card: CardCheckout) -> Payment {
    Payment {
        id: payment_id(1),
        status: PaymentStatus::Pending.into(),
        method: PaymentMethod::Card.into(),
        standing: PaymentStanding::StandingProcessing.into(),
        takes_cards: true,
        card: Some(card),
        attempts: vec![PaymentAttempt {
            id: "catt_1".to_owned(),
            status: AttemptStatus::AttemptProcessing.into(),
            amount: Some(vnd(125_000)),
            created_at: 1,
            changed_at: 2,
        }],
        ..Payment::default()
    }
}

const PAY: &str = "mutation($token: String, $way: CardWay!) {
  payByCard(input: {checkoutId: \"chk_1\", token: $token, way: $way}) {
    payment { method standing takesCards card { redirectUrl clientSecret publishableKey }
      attempts { status amount { amount } } }
    userErrors { code } } }";

#[tokio::test]
async fn who_may_see_a_checkout_may_pay_it_by_card_and_nobody_else() {
    let market = Market::new();
    checkout_opens(&market);
    market.payments.on("start_card_attempt", |request: StartCardAttemptRequest| {
        assert_eq!((request.checkout_id.as_str(), request.locale.as_str()), ("chk_1", "en"));
        Ok(payment(match request.way() {
            CardWay::Embedded => CardCheckout {
                client_secret: "pi_1_secret".to_owned(),
                publishable_key: "pk_1".to_owned(),
                redirect_url: String::new(),
            },
            _ => CardCheckout {
                redirect_url: "https://cards.example/cs_1".to_owned(),
                ..CardCheckout::default()
            },
        }))
    });
    let routes = market.routes();
    for (way, card) in [
        (
            "HOSTED",
            json!({ "redirectUrl": "https://cards.example/cs_1", "clientSecret": null, "publishableKey": null }),
        ),
        (
            "EMBEDDED",
            json!({ "redirectUrl": null, "clientSecret": "pi_1_secret", "publishableKey": "pk_1" }),
        ),
    ] {
        let answer = post(&routes, "", PAY, json!({ "token": "t", "way": way })).await;
        assert_eq!(
            answer["data"]["payByCard"],
            json!({ "payment": {
                "method": "CARD", "standing": "PROCESSING", "takesCards": true, "card": card,
                "attempts": [{ "status": "PROCESSING", "amount": { "amount": "125000" } }],
            }, "userErrors": [] }),
            "{answer}"
        );
    }
    let answer = post(&routes, "", PAY, json!({ "token": "guessed", "way": "HOSTED" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
}

#[tokio::test]
async fn a_market_without_cards_says_so_as_data() {
    let market = Market::new();
    checkout_opens(&market);
    market.payments.on("start_card_attempt", |_: StartCardAttemptRequest| {
        Err::<Payment, _>(Refused::new(RefusalCode::PaymentMethodUnavailable).into())
    });
    let answer = post(&market.routes(), "", PAY, json!({ "token": "t", "way": "HOSTED" })).await;
    assert_eq!(
        answer["data"]["payByCard"],
        json!({ "payment": null, "userErrors": [{ "code": "PAYMENT_METHOD_UNAVAILABLE" }] })
    );
}

#[tokio::test]
async fn operators_open_payouts_and_disputes_to_their_movements_and_others_see_neither() {
    let market = Market::new();
    let page = || Some(PageInfo { has_next: false, cursors: vec!["c".to_owned()], total: -1 });
    market.payments.on("list_card_payouts", move |_: ListCardPayoutsRequest| {
        let payout = CardPayout {
            id: "cpout_1".to_owned(),
            provider_id: "po_1".to_owned(),
            amount: Some(vnd(90_000)),
            status: CardPayoutStatus::CardPayoutPaid.into(),
            rule: "card_payout_reference/1".to_owned(),
            credit_id: "cred_1".to_owned(),
            ..CardPayout::default()
        };
        Ok(CardPayoutPage { payouts: vec![payout], page: page() })
    });
    market.payments.on("list_disputes", move |_: ListDisputesRequest| {
        let dispute = Dispute {
            id: "cdsp_1".to_owned(),
            provider_id: "du_1".to_owned(),
            amount: Some(vnd(50_000)),
            borne: Some(vnd(0)),
            status: "needs_response".to_owned(),
            ..Dispute::default()
        };
        Ok(DisputePage { disputes: vec![dispute], page: page() })
    });
    market.payments.on("list_card_movements", move |request: ListCardMovementsRequest| {
        let kind = if request.payout_id == "cpout_1" { "charge" } else { "adjustment" };
        assert!(kind == "charge" || request.source == "du_1");
        let movement = CardMovement {
            id: "cmov_1".to_owned(),
            kind: kind.to_owned(),
            net: Some(vnd(-1)),
            ..CardMovement::default()
        };
        Ok(CardMovementPage { movements: vec![movement], page: page() })
    });
    let query = "{ operations {
      cardPayouts { nodes { providerId status rule amount { amount } movements { nodes { kind } } } }
      disputes { nodes { providerId status evidenceDueBy movements { nodes { kind net { amount } } } } } } }";
    let routes = market.routes();
    let answer = post(&routes, "operator", query, json!({})).await;
    assert_eq!(
        answer["data"]["operations"],
        json!({
            "cardPayouts": { "nodes": [{ "providerId": "po_1", "status": "PAID", "rule": "card_payout_reference/1",
                "amount": { "amount": "90000" }, "movements": { "nodes": [{ "kind": "charge" }] } }] },
            "disputes": { "nodes": [{ "providerId": "du_1", "status": "needs_response", "evidenceDueBy": null,
                "movements": { "nodes": [{ "kind": "adjustment", "net": { "amount": "-1" } }] } }] },
        }),
        "{answer}"
    );
    for who in ["", "buyer", "a"] {
        let answer = post(&routes, who, query, json!({})).await;
        assert!(answer["data"].is_null() || answer["data"]["operations"].is_null(), "{answer}");
    }
}

#[tokio::test]
async fn card_money_that_could_not_go_back_is_seen_and_sent_again_by_operators_only() {
    const SEEN: &str =
        "{ operations { failedCardReturns { nodes { id status problem amount { amount } } } } }";
    const AGAIN: &str = "mutation { returnCardSurplus(input: {cardReturnId: \"cret_1\"}) {
      cardReturn { id status } userErrors { code path } } }";
    const TO_BANK: &str =
        "mutation { returnSurplusToBank(input: {cardReturnId: \"cret_1\", reason: \"thẻ đóng\"}) {
      refund { status } userErrors { code path } } }";
    let market = Market::new();
    let returned = |id: &str, status: CardReturnStatus| CardReturn {
        id: id.to_owned(),
        status: status.into(),
        amount: Some(vnd(100_000)),
        problem: "expired_or_canceled_card".to_owned(),
        ..CardReturn::default()
    };
    market.payments.on("list_failed_card_returns", move |_: ListFailedCardReturnsRequest| {
        let page = PageInfo { has_next: false, cursors: vec!["c".to_owned()], total: -1 };
        let returns = vec![returned("cret_1", CardReturnStatus::CardReturnFailed)];
        Ok(CardReturnPage { returns, page: Some(page) })
    });
    market.payments.on("return_card_surplus", move |request: ReturnCardSurplusRequest| {
        assert_eq!(request.card_return_id, "cret_1");
        assert!(!request.asked_by.is_empty());
        Ok(returned("cret_2", CardReturnStatus::CardReturnWaiting))
    });
    let routes = market.routes();
    let answer = post(&routes, "operator", SEEN, json!({})).await;
    assert_eq!(
        answer["data"]["operations"]["failedCardReturns"]["nodes"],
        json!([{ "id": "cret_1", "status": "FAILED", "problem": "expired_or_canceled_card",
            "amount": { "amount": "100000" } }]),
        "{answer}"
    );
    let answer = post(&routes, "operator", AGAIN, json!({})).await;
    let payload = &answer["data"]["returnCardSurplus"];
    assert_eq!(payload["cardReturn"], json!({ "id": "cret_2", "status": "WAITING" }), "{answer}");
    market.payments.on("return_surplus_to_bank", |request: ReturnSurplusToBankRequest| {
        assert_eq!(
            (request.card_return_id.as_str(), request.reason.as_str()),
            ("cret_1", "thẻ đóng")
        );
        assert_eq!(request.asked_by, user_of("operator").unwrap().user.unwrap().id);
        Ok(Refund { status: RefundStatus::RefundRequested.into(), ..Refund::default() })
    });
    let answer = post(&routes, "operator", TO_BANK, json!({})).await;
    assert_eq!(answer["data"]["returnSurplusToBank"]["refund"]["status"], "REQUESTED", "{answer}");
    market.payments.take_calls();
    for who in ["", "buyer", "a"] {
        for asked in [SEEN, AGAIN, TO_BANK] {
            let answer = post(&routes, who, asked, json!({})).await;
            assert!(answer["data"].is_null() || answer["data"]["operations"].is_null(), "{answer}");
        }
    }
    assert!(market.payments.take_calls().is_empty());
}
