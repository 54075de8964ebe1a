//! What fails alone holds up nobody else, and its money is never lost.

use kernel::Money;

use super::*;
use crate::domain::reconciliation::Rule;

/// A tariff whose taxes end at a moment: what is accepted later cannot be reckoned.
fn ending(on: &str) -> Tariff {
    let free = "[[rule]]\nid='free'\nversion=1\nwhy=''\nbasis_points=0";
    let ended = tax::DEFAULT_TABLE
        .lines()
        .map(|line| {
            if line.starts_with("valid_from") {
                format!("valid_from = '2000-01-01'\nvalid_until = '{on}'")
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    Tariff::from_toml(Some(free), Some(&ended)).unwrap()
}

on_each_database! { migrations::payments::Migrator,
    async fn a_credit_that_cannot_be_charged_holds_up_no_other_and_waits_for_a_person(database) {
        let bench = Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
            parts.tariff = ending("2027-01-01");
        });
        let payment = bench.start(100_000).await;
        bench.tell(1, 100_000, &payment.code.to_string()).await.unwrap();
        bench.tell(2, 5_000, "khong co ma").await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        // The other is in the books; this one is tried again, with pauses.
        assert_eq!(bench.balance(&format!("bank:{ACCOUNT}")).await, 5_000);
        for _ in 0..6 {
            process_feed_events(&bench.payments).await.unwrap();
            bench.clock.advance(Duration::from_secs(40));
        }
        let outcomes = store::feed_event::outcomes(bench.database.reader()).await.unwrap();
        let outcomes: Vec<_> = outcomes.into_iter().map(|(_, id, _, outcome)| (id, outcome.unwrap())).collect();
        assert_eq!(outcomes, [("1".to_owned(), "suspended".to_owned()), ("2".to_owned(), "credited".to_owned())]);
        let credits = bench.credits().await;
        let undecided = credits.iter().find(|credit| credit.provider_id == "1").unwrap();
        assert_eq!((undecided.state, undecided.rule.as_str()), (CreditState::Orphan, Rule::Undecided.name()));
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -105_000);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        bench.assert_sound().await;
    }

    async fn what_waits_keeps_only_those_payments_from_expiring_that_it_may_pay(database) {
        let bench = Bench::on(database);
        let old = bench.start(100_000).await;
        bench.clock.advance(Duration::from_secs(63));
        let young = bench.start(200_000).await;
        // Steady inflow: something always waits.
        bench.tell(1, 5_000, "khong co ma").await.unwrap();
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&old).await, PaymentStatus::Expired);
        // What came in its time may be for the young one.
        bench.tell(2, 200_000, &young.code.to_string()).await.unwrap();
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&young).await, PaymentStatus::Pending);
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&young).await, PaymentStatus::Succeeded);
        assert_eq!(bench.credits().await[0].amount, Money::vnd(200_000));
        bench.assert_sound().await;
    }

    async fn money_that_is_being_stored_when_the_time_goes_by_is_in_time(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let received_at = payment.expires_at;
        bench.clock.advance(Duration::from_secs(61));
        // The sweeper looks while the event of a second ago is on its way into the database.
        expire_payments(&bench.payments).await.unwrap();
        let body = body(1, 100_000, &payment.code.to_string()).into_bytes();
        let delivery = store::feed_event::Delivery {
            feed: "sepay", provider_id: "1".to_owned(), body, received_at,
        };
        store::feed_event::insert(&bench.database, &[delivery]).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }
}
