//! Events: every change has one, signed, in order, until it is taken; none is lost by a restart.

use serde_json::json;

use super::*;
use crate::providers::card::stripe::webhook::{Changed, read};

on_each_database! { migrations::payments::Migrator,
    async fn what_happens_is_told_in_order_signed_and_read_by_our_webhook(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        stand.submit(&session, TestCard::Declined).await;
        stand.submit(&session, TestCard::Disputed).await;
        let timed = stand.session(100_000).await;
        stand.clock.advance(Duration::from_secs(3_600));
        stand.sandbox.tick().await.unwrap();
        stand.sandbox.deliver().await.unwrap();
        assert_eq!(stand.heard(), [
            "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
            "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
            "charge.dispute.created", "charge.dispute.funds_withdrawn", "checkout.session.expired",
        ]);
        let events: Vec<_> = stand.ears.lock().unwrap().events.iter().map(|(body, _)| read(body).unwrap()).collect();
        assert_eq!(events[5].about, Changed::CheckoutSession(session.id));
        assert_eq!(events[8].about, Changed::CheckoutSession(timed.id));
        assert!(matches!(events[6].about, Changed::Dispute(_)));
        // They can be asked for again, too.
        let (_, list) = stand.look("events?limit=100").await;
        assert_eq!(list["data"].as_array().unwrap().len(), events.len());
        assert_eq!(stand.look(&format!("events/{}", events[3].id)).await.1["type"], "charge.succeeded");
    }

    async fn an_event_that_nobody_takes_comes_again_and_holds_up_those_behind_it(database) {
        let stand = Stand::on(database.clone()).await;
        stand.paid(100_000, TestCard::Pays).await;
        stand.ears.lock().unwrap().deaf = 2;
        stand.sandbox.deliver().await.unwrap();
        stand.sandbox.deliver().await.unwrap();
        // One try, then a pause of half a second, then of one.
        assert_eq!((stand.heard().len(), stand.ears.lock().unwrap().deaf), (0, 1));
        stand.clock.advance(Duration::from_millis(500));
        stand.sandbox.deliver().await.unwrap();
        assert_eq!((stand.heard().len(), stand.ears.lock().unwrap().deaf), (0, 0));
        stand.clock.advance(Duration::from_millis(999));
        stand.sandbox.deliver().await.unwrap();
        assert_eq!(stand.heard().len(), 0);
        // The process ends; the next one remembers.
        let stand = Stand::at(database, stand.clock.clone(), Arc::clone(&stand.ears)).await;
        stand.clock.advance(Duration::from_millis(1));
        stand.sandbox.deliver().await.unwrap();
        assert_eq!(stand.heard(), [
            "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
            "checkout.session.completed",
        ]);
        stand.sandbox.deliver().await.unwrap();
        assert_eq!(stand.heard().len(), 4);
    }

    async fn a_change_wakes_the_worker_and_a_refusal_tells_nothing(database) {
        let stand = Stand::on(database).await;
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        stand.sandbox.work().await.unwrap();
        assert_eq!(stand.heard().len(), 4);
        assert!(stand.stripe.refund(&refund_of(&intent, 100_001), &new_key()).await.is_err());
        stand.sandbox.deliver().await.unwrap();
        assert_eq!(stand.heard().len(), 4);
        stand.refund(&intent, 5).await;
        let begun = std::time::Instant::now();
        stand.sandbox.work().await.unwrap();
        assert!(begun.elapsed() < Duration::from_millis(900), "it slept");
        assert_eq!(stand.heard()[4..], ["refund.created", "charge.refunded"]);
        // The event says by which key it was asked for.
        let (_, list) = stand.look("events?limit=1").await;
        assert!(list["data"][0]["request"]["idempotency_key"].is_string());
        assert_ne!(list["data"][0]["data"]["object"]["amount_refunded"], json!(0));
    }
}
