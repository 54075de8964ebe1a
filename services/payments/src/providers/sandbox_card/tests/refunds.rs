//! Refunds: parts, bounds, and those that change their mind.

use super::*;
use crate::providers::card::{CardError, CardRefusal, RefundStatus};

on_each_database! { migrations::payments::Migrator,
    async fn parts_go_back_until_nothing_is_left(database) {
        let stand = Stand::on(database).await;
        let paid = stand.paid(100_000, TestCard::Pays).await;
        let intent = paid.intent.unwrap();
        let refund = stand.refund(&intent, 30_000).await;
        assert_eq!((refund.status, refund.amount), (RefundStatus::Succeeded, Money::vnd(30_000)));
        let booked = stand.stripe.balance_transaction(&refund.balance_transaction.clone().unwrap()).await.unwrap();
        assert_eq!((booked.amount, booked.fee, booked.net), (Money::vnd(-30_000), Money::vnd(0), Money::vnd(-30_000)));
        assert_eq!(stand.stripe.get_refund(&refund.id).await.unwrap(), refund);

        let too_much = stand.stripe.refund(&refund_of(&intent, 70_001), &new_key()).await;
        assert!(matches!(too_much, Err(CardError::Refused(CardRefusal::Amount { .. }))), "{too_much:?}");
        stand.refund(&intent, 70_000).await;
        let nothing_left = stand.stripe.refund(&refund_of(&intent, 1), &new_key()).await;
        assert!(matches!(nothing_left, Err(CardError::Refused(CardRefusal::AlreadyRefunded))));
        let reference = CardPaymentReference::Intent(intent);
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().refunded, Money::vnd(100_000));
        assert_eq!(stand.look("refunds").await.1["data"].as_array().unwrap().len(), 2);
    }

    async fn the_refunds_of_a_payment_are_found_by_our_ids(database) {
        let stand = Stand::on(database).await;
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        let other = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        stand.refund(&other, 5_000).await;
        let asked = RefundRequest { reference: "cret_77".to_owned(), ..refund_of(&intent, 30_000) };
        let made = stand.stripe.refund(&asked, &new_key()).await.unwrap();
        let found = stand.stripe.refunds_of(&intent).await.unwrap();
        assert_eq!(found, [made]);
        assert_eq!(found[0].reference.as_deref(), Some("cret_77"));
    }

    async fn a_hundred_refunds_at_once_never_exceed_what_was_taken(database) {
        let stand = Arc::new(Stand::on(database).await);
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        let calls = (0..100).map(|_| {
            let (stand, intent) = (Arc::clone(&stand), intent.clone());
            tokio::spawn(async move {
                stand.stripe.refund(&refund_of(&intent, 15_000), &new_key()).await.is_ok()
            })
        });
        let mut made = 0;
        for call in futures_util::future::join_all(calls).await {
            made += i64::from(call.unwrap());
        }
        assert_eq!(made, 6);
        let reference = CardPaymentReference::Intent(intent);
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().refunded, Money::vnd(90_000));
    }

    async fn a_refund_waits_and_succeeds_or_succeeds_and_fails_as_its_card_says(database) {
        let stand = Stand::on(database).await;
        let waits = stand.paid(100_000, TestCard::RefundPending).await.intent.unwrap();
        let fails = stand.paid(100_000, TestCard::RefundFails).await.intent.unwrap();
        let (waiting, failing) = (stand.refund(&waits, 40_000).await, stand.refund(&fails, 40_000).await);
        assert_eq!((waiting.status, failing.status), (RefundStatus::Pending, RefundStatus::Succeeded));
        stand.clock.advance(Duration::from_secs(9));
        assert_eq!(stand.stripe.get_refund(&waiting.id).await.unwrap(), waiting);
        stand.clock.advance(Duration::from_secs(1));
        assert_eq!(stand.stripe.get_refund(&waiting.id).await.unwrap().status, RefundStatus::Succeeded);
        let failed = stand.stripe.get_refund(&failing.id).await.unwrap();
        assert_eq!(failed.status, RefundStatus::Failed);
        assert_eq!(failed.failure_reason.as_deref(), Some("expired_or_canceled_card"));
        let back = stand.stripe.balance_transaction(&failed.failure_balance_transaction.unwrap()).await.unwrap();
        assert_eq!(back.net, Money::vnd(40_000));
        // What failed may be tried again.
        let reference = CardPaymentReference::Intent(fails.clone());
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().refunded, Money::vnd(0));
        stand.refund(&fails, 100_000).await;
    }

    async fn what_was_not_paid_cannot_go_back(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        stand.submit(&session, TestCard::Declined).await;
        let intent = stand.payment(&session).await.intent.unwrap();
        for (form, status) in [
            (format!("payment_intent={intent}"), 400),
            ("payment_intent=pi_none".to_owned(), 404),
            (String::new(), 400),
            (format!("payment_intent={intent}&colour=red"), 400),
        ] {
            assert_eq!(stand.api("refunds", None, &form).await.0, status, "{form}");
        }
        let paid = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        for wrong in ["amount=0", "amount=-5", "amount=1.5", "amount=5&colour=red", "amount=5&reason=x"] {
            let form = format!("payment_intent={paid}&{wrong}");
            assert_eq!(stand.api("refunds", None, &form).await.0, 400, "{wrong}");
        }
        assert_eq!(stand.look("refunds").await.1["data"], serde_json::json!([]));
        let reference = CardPaymentReference::Intent(paid);
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().refunded, Money::vnd(0));
    }
}
