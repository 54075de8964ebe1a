//! Pages and intents: paid, declined, authenticated, closed.

use super::*;
use crate::providers::card::{
    BalanceTransactionKind, CardError, CardPaymentStatus, CardRefusal, PaymentIntentRequest,
};

fn refused<T: std::fmt::Debug>(outcome: Result<T, CardError>) -> CardRefusal {
    match outcome {
        Err(CardError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_page_is_paid_once_and_booked_net_of_the_fee(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(250_000).await;
        assert_eq!(session.expires_at, stand.clock.now().after(Duration::from_secs(3_600)));
        let open = stand.payment(&session).await;
        assert_eq!((open.status, open.payment), (CardPaymentStatus::Open, Some(payment_id())));
        assert_eq!((open.amount, open.intent, open.captured), (Money::vnd(250_000), None, Money::vnd(0)));

        let answer = stand.submit(&session, TestCard::Pays).await;
        assert_eq!(answer.status(), 303);
        let onward = format!("https://chonoi.example/xong?trang={}", session.id);
        assert_eq!(answer.headers()["location"], onward.as_str());
        let paid = stand.payment(&session).await;
        assert_eq!((paid.status, paid.failure.clone()), (CardPaymentStatus::Succeeded, None));
        assert_eq!((paid.captured, paid.refunded), (Money::vnd(250_000), Money::vnd(0)));
        let booked = stand.stripe.balance_transaction(&paid.balance_transaction.clone().unwrap()).await.unwrap();
        assert_eq!(booked.kind, BalanceTransactionKind::Charge);
        // 2.9 % and 7,500.
        assert_eq!((booked.fee, booked.net), (Money::vnd(14_750), Money::vnd(235_250)));
        assert_eq!(booked.available_on, stand.clock.now().after(Duration::from_secs(2 * 86_400)));
        assert_eq!(booked.source.as_deref(), paid.charge.as_ref().map(|charge| charge.as_str()));

        // Sent twice, the form takes nothing twice.
        assert_eq!(stand.submit(&session, TestCard::Pays).await.status(), 200);
        assert_eq!(stand.payment(&session).await, paid);
        let (_, charges) = stand.look("charges").await;
        assert_eq!(charges["data"].as_array().unwrap().len(), 1);
    }

    async fn fifty_clicks_at_once_are_one_charge(database) {
        let stand = Arc::new(Stand::on(database).await);
        let session = stand.session(50_000).await;
        let clicks = (0..50).map(|_| {
            let (stand, session) = (Arc::clone(&stand), session.clone());
            tokio::spawn(async move { stand.submit(&session, TestCard::Pays).await.status().as_u16() })
        });
        for click in futures_util::future::join_all(clicks).await {
            assert!([200, 303].contains(&click.unwrap()));
        }
        assert_eq!(stand.look("charges").await.1["data"].as_array().unwrap().len(), 1);
        assert_eq!(stand.payment(&session).await.captured, Money::vnd(50_000));
    }

    async fn a_declined_card_leaves_the_page_open_for_another(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        let page = stand.submit(&session, TestCard::InsufficientFunds).await;
        assert_eq!(page.status(), 402);
        assert!(page.text().await.unwrap().contains("Thẻ không đủ tiền"));
        let declined = stand.payment(&session).await;
        assert_eq!((declined.status, declined.captured), (CardPaymentStatus::Open, Money::vnd(0)));
        assert_eq!(declined.failure.unwrap().decline_code.as_deref(), Some("insufficient_funds"));
        assert_eq!(declined.balance_transaction, None);
        assert_eq!(stand.submit(&session, TestCard::Pays).await.status(), 303);
        let paid = stand.payment(&session).await;
        assert_eq!((paid.status, paid.intent), (CardPaymentStatus::Succeeded, declined.intent));
    }

    async fn a_bank_that_asks_is_answered_yes_or_no(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        for (answer, status, after) in [
            ("no", 402, CardPaymentStatus::Open),
            ("yes", 303, CardPaymentStatus::Succeeded),
        ] {
            let asked = stand.submit(&session, TestCard::Authenticates).await;
            let bank = asked.headers()["location"].to_str().unwrap().to_owned();
            assert_eq!(bank, format!("{}/bank", session.url));
            assert_eq!(stand.payment(&session).await.status, CardPaymentStatus::Open);
            assert_eq!(stand.browser.get(&bank).send().await.unwrap().status(), 200);
            assert_eq!(stand.post(&bank, &format!("answer={answer}")).await.status(), status);
            assert_eq!(stand.payment(&session).await.status, after);
        }
    }

    async fn a_page_closes_when_it_is_told_to_or_its_time_has_come(database) {
        let stand = Stand::on(database).await;
        let (told, timed, paid) =
            (stand.session(100_000).await, stand.session(100_000).await, stand.session(100_000).await);
        stand.submit(&paid, TestCard::Pays).await;
        stand.stripe.expire_checkout_session(&told.id, &new_key()).await.unwrap();
        assert_eq!(stand.payment(&told).await.status, CardPaymentStatus::Expired);
        for closed in [&told, &paid] {
            let again = stand.stripe.expire_checkout_session(&closed.id, &new_key()).await;
            assert!(matches!(refused(again), CardRefusal::Other { .. }));
        }
        stand.clock.advance(Duration::from_secs(3_599));
        assert_eq!(stand.payment(&timed).await.status, CardPaymentStatus::Open);
        stand.clock.advance(Duration::from_secs(1));
        assert_eq!(stand.submit(&timed, TestCard::Pays).await.status(), 410);
        assert_eq!(stand.payment(&timed).await.status, CardPaymentStatus::Expired);
        assert_eq!(stand.payment(&paid).await.status, CardPaymentStatus::Succeeded);
    }

    async fn a_page_that_cannot_be_is_refused_and_nothing_is_kept(database) {
        let stand = Stand::on(database).await;
        let create = async |change: &dyn Fn(&mut CheckoutSessionRequest)| {
            let mut request = stand.request(100_000);
            change(&mut request);
            refused(stand.stripe.create_checkout_session(&request, &new_key()).await)
        };
        let in_seconds = |seconds| stand.clock.now().after(Duration::from_secs(seconds));
        for expires_at in [in_seconds(1_799), in_seconds(86_401)] {
            let refusal = create(&|request| request.expires_at = expires_at).await;
            let CardRefusal::Other { parameter, .. } = refusal else { panic!("{refusal:?}") };
            assert_eq!(parameter.as_deref(), Some("expires_at"));
        }
        let refusal = create(&|request| request.success_url = "javascript:alert(1)".to_owned()).await;
        assert!(matches!(refusal, CardRefusal::Other { .. }));
        for amount in [9_999, 100_000_000] {
            let refusal = create(&|request| request.amount = Money::vnd(amount)).await;
            assert!(matches!(refusal, CardRefusal::Amount { .. }));
        }
        assert_eq!(stand.look("checkout/sessions").await.1["data"], serde_json::json!([]));
    }

    async fn an_intent_is_confirmed_declined_or_cancelled(database) {
        let stand = Stand::on(database).await;
        let intent = async || {
            let request = PaymentIntentRequest {
                payment: payment_id(), amount: Money::vnd(70_000), description: None,
            };
            stand.stripe.create_payment_intent(&request, &new_key()).await.unwrap().id
        };
        let read = async |id: &IntentId| {
            stand.stripe.get_payment(&CardPaymentReference::Intent(id.clone())).await.unwrap()
        };
        let (paid, given_up) = (intent().await, intent().await);
        let confirm = async |id: &IntentId, method: &str| {
            stand.api(&format!("payment_intents/{id}/confirm"), None, &format!("payment_method={method}")).await
        };
        let (status, body) = confirm(&paid, TestCard::Declined.payment_method()).await;
        assert_eq!((status, body["error"]["type"].as_str()), (402, Some("card_error")));
        assert_eq!(body["error"]["decline_code"], "generic_decline");
        assert_eq!(read(&paid).await.failure.unwrap().code.as_deref(), Some("card_declined"));
        assert_eq!(confirm(&paid, "pm_card_visa").await.0, 200);
        assert_eq!(read(&paid).await.captured, Money::vnd(70_000));
        assert_eq!(confirm(&paid, "pm_card_visa").await.0, 400);

        let cancel = async |id: &IntentId| stand.api(&format!("payment_intents/{id}/cancel"), None, "").await.0;
        assert_eq!(cancel(&given_up).await, 200);
        assert_eq!(read(&given_up).await.status, CardPaymentStatus::Cancelled);
        assert_eq!((cancel(&given_up).await, cancel(&paid).await), (400, 400));
        assert_eq!(confirm(&given_up, "pm_card_visa").await.0, 400);
        // A page's intent lives and dies with its page.
        let session = stand.session(70_000).await;
        stand.submit(&session, TestCard::Declined).await;
        let of_page = stand.payment(&session).await.intent.unwrap();
        assert_eq!((cancel(&of_page).await, confirm(&of_page, "pm_card_visa").await.0), (400, 400));
        stand.stripe.expire_checkout_session(&session.id, &new_key()).await.unwrap();
        assert_eq!(read(&of_page).await.status, CardPaymentStatus::Cancelled);
    }

    async fn who_has_no_key_sees_and_changes_nothing(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        let base = format!("{}/sandbox/stripe", stand.url);
        let stranger = client(&base, "sk_test_another");
        let reference = CardPaymentReference::CheckoutSession(session.id.clone());
        assert_eq!(refused(stranger.get_payment(&reference).await), CardRefusal::Unauthorized);
        let made = stranger.create_checkout_session(&stand.request(100_000), &new_key()).await;
        assert_eq!(refused(made), CardRefusal::Unauthorized);
        assert_eq!(stand.browser.get(format!("{base}/v1/events")).send().await.unwrap().status(), 401);
        assert_eq!(stand.look("checkout/sessions").await.1["data"].as_array().unwrap().len(), 1);
        let missing = CardPaymentReference::CheckoutSession("cs_test_none".parse().unwrap());
        assert_eq!(refused(stand.stripe.get_payment(&missing).await), CardRefusal::NotFound);
        // An id of another kind is no id of this one.
        let wrong = stand.stripe.payout(&session.id.as_str().parse().unwrap()).await;
        assert_eq!(refused(wrong), CardRefusal::NotFound);
    }
}
