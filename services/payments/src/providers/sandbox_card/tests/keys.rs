//! Idempotency keys, as Stripe keeps them.

use super::*;
use crate::providers::card::{CardError, CardRefusal};

on_each_database! { migrations::payments::Migrator,
    async fn the_same_key_gets_the_same_answer_and_other_parameters_are_refused(database) {
        let stand = Stand::on(database).await;
        let (key, request) = (new_key(), stand.request(100_000));
        let first = stand.stripe.create_checkout_session(&request, &key).await.unwrap();
        assert_eq!(stand.stripe.create_checkout_session(&request, &key).await.unwrap(), first);
        let other = stand.stripe.create_checkout_session(&stand.request(100_001), &key).await;
        assert!(matches!(other, Err(CardError::Refused(CardRefusal::KeyOfAnotherRequest))));
        // Nor may it be used for another door.
        let (status, body) = stand.api("refunds", Some(key.as_str()), "payment_intent=pi_1").await;
        assert_eq!((status, body["error"]["type"].as_str()), (400, Some("idempotency_error")));
        assert_eq!(stand.look("checkout/sessions").await.1["data"].as_array().unwrap().len(), 1);
    }

    async fn fifty_requests_with_one_key_at_once_are_one_refund(database) {
        let stand = Arc::new(Stand::on(database).await);
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        let key = new_key();
        let calls = (0..50).map(|_| {
            let (stand, intent, key) = (Arc::clone(&stand), intent.clone(), key.clone());
            tokio::spawn(async move {
                stand.stripe.refund(&refund_of(&intent, 10_000), &key).await.unwrap().id.to_string()
            })
        });
        let mut ids = std::collections::BTreeSet::new();
        for call in futures_util::future::join_all(calls).await {
            ids.insert(call.unwrap());
        }
        assert_eq!(ids.len(), 1);
        let reference = CardPaymentReference::Intent(intent);
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().refunded, Money::vnd(10_000));
    }

    async fn a_key_is_known_after_a_restart_and_forgotten_after_a_day(database) {
        let stand = Stand::on(database.clone()).await;
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        let key = new_key();
        let first = stand.stripe.refund(&refund_of(&intent, 10_000), &key).await.unwrap();
        let stand = Stand::at(database, stand.clock.clone(), Ears::default()).await;
        assert_eq!(stand.stripe.refund(&refund_of(&intent, 10_000), &key).await.unwrap(), first);
        stand.clock.advance(Duration::from_secs(86_399));
        assert_eq!(stand.stripe.refund(&refund_of(&intent, 10_000), &key).await.unwrap(), first);
        stand.clock.advance(Duration::from_secs(1));
        let anew = stand.stripe.refund(&refund_of(&intent, 10_000), &key).await.unwrap();
        assert_ne!(anew.id, first.id);
    }

    async fn a_refusal_is_kept_under_its_key_too_and_leaves_nothing_behind(database) {
        let stand = Stand::on(database).await;
        let paid = stand.paid(100_000, TestCard::RefundFails).await.intent.unwrap();
        stand.refund(&paid, 100_000).await;
        let form = format!("payment_intent={paid}&amount=5");
        let refused = stand.api("refunds", Some("k1"), &form).await;
        assert_eq!(refused.1["error"]["code"], "charge_already_refunded");
        // The refund fails, so it could be done now; the key's answer stays what it was.
        stand.clock.advance(Duration::from_secs(10));
        assert_eq!(stand.api("refunds", Some("k1"), &form).await, refused);
        assert_eq!(stand.api("refunds", Some("k2"), &form).await.0, 200);
        assert_eq!(stand.api("refunds", Some(&"k".repeat(256)), &form).await.0, 400);
    }
}
