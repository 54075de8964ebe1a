//! Everybody locks in one order: shop, product, holds, variants, departures. Nobody waits in a circle.

use super::*;

/// Long enough for another task to come to its first lock.
const A_WHILE: Duration = Duration::from_millis(400);

on_each_database! { migrations::catalog::Migrator,
    async fn whoever_changes_a_variant_waits_for_its_product_first(database) {
        let bench = Arc::new(Bench::on(database).await);
        let product = bench.sell("Xoài", 1_000, 5).await;
        let variant = product.variants[0].id;
        for round in 0..2 {
            let tx = bench.database.begin().await.unwrap();
            store::product::lock(&tx, bench.scope, product.id).await.unwrap().unwrap();
            let other = Arc::clone(&bench);
            let changing = tokio::spawn(async move {
                if round == 0 {
                    return set_price(&other.catalog, other.scope, variant, Money::vnd(2_000)).await.is_ok();
                }
                let (change, idempotency_key) = (1, "khoa-so-1".to_owned());
                let change = StockChange { variant, change, reason: String::new(), idempotency_key };
                adjust_stock(&other.catalog, other.scope, change).await.is_ok()
            });
            tokio::time::sleep(A_WHILE).await;
            store::variant::lock(&tx, [variant]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(changing.await.unwrap(), "round {round}");
        }
        let after = bench.all().await.remove(0).variants.remove(0);
        assert_eq!((after.price, after.on_hand), (Money::vnd(2_000), 6));
    }

    async fn a_batch_locks_all_its_holds_before_any_stock(database) {
        let bench = Arc::new(Bench::on(database).await);
        let variant = bench.sell("Xoài", 1_000, 5).await.variants[0].id;
        bench.hold("chk_ended", &[(variant, 2)]).await.unwrap();
        bench.hold("chk_paid", &[(variant, 3)]).await.unwrap();
        let tx = bench.database.begin().await.unwrap();
        store::hold::lock(&tx, &["chk_paid".to_owned()]).await.unwrap();
        let other = Arc::clone(&bench);
        let hearing = tokio::spawn(async move {
            let changed = [("chk_ended", CheckoutStatus::Expired), ("chk_paid", CheckoutStatus::Paid)];
            let events = changed.map(|(checkout, status)| Event {
                id: ids::new::<kernel::EventId>().to_string(),
                occurred_at: 0,
                aggregate_id: checkout.to_owned(),
                body: Some(Body::CheckoutChanged(CheckoutChanged {
                    checkout_id: checkout.to_owned(),
                    status: status.into(),
                })),
            });
            deliver(&CheckoutsHeard(other.catalog.clone()), other.clock.now(), &events).await
        });
        tokio::time::sleep(A_WHILE).await;
        store::variant::lock(&tx, [variant]).await.unwrap();
        tx.commit().await.unwrap();
        hearing.await.unwrap().unwrap();
        assert_eq!(bench.stock(variant).await, (2, 0));
        bench.assert_sound().await;
    }

    async fn what_ends_in_a_batch_may_be_sold_in_it_to_who_paid_late(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1_000, 2).await.variants[0].id;
        bench.hold("chk_late", &[(variant, 2)]).await.unwrap();
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        bench.hold("chk_ended", &[(variant, 2)]).await.unwrap();
        let tx = bench.database.begin().await.unwrap();
        let (ended, paid) = (["chk_ended".to_owned()], ["chk_late".to_owned()]);
        settle_checkouts(&bench.catalog, &tx, &ended, &paid).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.stock(variant).await, (0, 0));
        bench.assert_sound().await;
    }
}
