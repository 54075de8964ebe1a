//! What came in of goods is what is free, held or sold: after whatever happens, and where it does not hold
//! the doctor says so.

use super::*;

/// What the doctor says of a variant whose numbers do not add up.
const SAID: &str = "what is there of a variant and what was sold of it is not what came in";

impl Bench {
    /// What the doctor finds.
    pub(super) async fn findings(&self) -> Vec<String> {
        doctor(&self.database, self.clock.now()).await.unwrap()
    }

    /// Changes something behind the program's back.
    pub(super) async fn tamper(&self, statement: &str) {
        use sea_orm::ConnectionTrait;
        let tx = self.database.begin().await.unwrap();
        tx.execute_unprepared(statement).await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn whatever_happens_to_goods_what_came_in_is_free_held_or_sold(database) {
        let bench = Bench::on(database).await;
        // Put in by a form and by a file, one of them with nothing there yet.
        let variant = bench.sell("Sầu riêng", 1_000, 10).await.variants[0].id;
        bench.sell("Ổi", 1_000, 0).await;
        bench.import(FILE, false).await;
        bench.assert_sound().await;
        // Counted by the shop, by a file, and back again.
        let change = StockChange { variant, change: -3, reason: "hư".to_owned(), idempotency_key: "khoa-so-1".to_owned() };
        adjust_stock(&bench.catalog, bench.scope, change).await.unwrap();
        bench.import(&FILE.replace(",40,", ",35,").replace(",5,", ",9,"), false).await;
        bench.import(&FILE.replace(",40,", ",1,"), true).await;
        bench.assert_sound().await;
        // Held; sold; run out; sold all the same; given back.
        for (reference, quantity) in [("chk_1", 2), ("chk_2", 1), ("chk_3", 2)] {
            bench.hold(reference, &[(variant, quantity)]).await.unwrap();
        }
        bench.assert_sound().await;
        bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        bench.checkout_is("chk_2", CheckoutStatus::Cancelled).await;
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        bench.assert_sound().await;
        bench.checkout_is("chk_3", CheckoutStatus::Paid).await;
        bench.assert_sound().await;
        return_stock(&bench.catalog, "ret_1", "chk_1", &[HoldLine { variant, quantity: 1 }]).await.unwrap();
        assert_eq!(bench.stock(variant).await, (4, 0));
        bench.assert_sound().await;
    }

    async fn the_doctor_finds_goods_that_came_from_nowhere_or_went_nowhere(database) {
        let bench = Bench::on(database).await;
        let product = bench.sell("Xoài", 1_000, 10).await;
        let (variant, sku) = (product.variants[0].id, product.variants[0].sku.clone());
        bench.hold("chk_1", &[(variant, 2)]).await.unwrap();
        bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        assert_eq!(bench.findings().await, Vec::<String>::new());
        for (harm, mended) in [
            ("UPDATE variants SET on_hand = on_hand + 1", "UPDATE variants SET on_hand = on_hand - 1"),
            ("UPDATE variants SET on_hand = on_hand - 1", "UPDATE variants SET on_hand = on_hand + 1"),
            ("UPDATE hold_lines SET quantity = quantity + 1", "UPDATE hold_lines SET quantity = quantity - 1"),
            ("UPDATE stock_movements SET change = change - 1", "UPDATE stock_movements SET change = change + 1"),
            ("UPDATE holds SET status = 'released'", "UPDATE holds SET status = 'committed'"),
        ] {
            bench.tamper(harm).await;
            assert_eq!(bench.findings().await, [format!("{SAID}: {sku}")], "{harm}");
            bench.tamper(mended).await;
            assert_eq!(bench.findings().await, Vec::<String>::new(), "{mended}");
        }
    }
}
