//! Payments at a shop's counter.

use kernel::{ShopScope, UserId};

use super::*;
use crate::domain::counter_sale::{CounterSale, WAITS};
use crate::domain::payment::{Purpose, StartRefused};
use crate::usecases::create_counter_payment::{CreateCounterPaymentError, create_counter_payment};
use crate::usecases::report::{self, Days};

impl Bench {
    fn sale(&self, shop: ShopId, key: &str) -> CounterSale {
        let asked_by: UserId = ids::new();
        let (note, idempotency_key) = ("hai cà phê".to_owned(), key.to_owned());
        CounterSale { shop, note, asked_by, idempotency_key }
    }

    async fn ask(&self, shop: ShopId, key: &str, amount: i64) -> Payment {
        let asked =
            create_counter_payment(&self.payments, self.sale(shop, key), Money::vnd(amount));
        asked.await.unwrap().1
    }

    async fn aggregates_told(&self) -> Vec<String> {
        let select = sea_orm::Statement::from_string(
            self.database.backend(),
            "SELECT aggregate FROM outbox ORDER BY seq",
        );
        let rows = self.database.reader().query_all_raw(select).await.unwrap();
        rows.into_iter().map(|row| row.try_get("", "aggregate").unwrap()).collect()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn money_at_the_counter_pays_the_shop_by_the_rule_of_the_till(database) {
        let bench = Bench::charging(database);
        let shop = ids::new::<ShopId>();
        let payment = bench.ask(shop, "a", 100_000).await;
        assert!(matches!(payment.purpose, Purpose::Counter(_)));
        let state = bench.credit(1, 100_000, &payment.code.to_string()).await;
        assert_eq!(state, CreditState::Matched);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        // Of a household: 0.5 % for the market at a till, 1 % and 0.5 % of tax.
        assert_eq!(bench.balance("platform:fees").await, -500);
        assert_eq!(bench.balance("tax:vat").await, -1_000);
        assert_eq!(bench.balance("tax:pit").await, -500);
        assert_eq!(bench.balance(&format!("shop:{shop}:payable")).await, -98_000);
        let today = crate::domain::vietnam_calendar::VietnamDay::of(bench.clock.now());
        let scope = ShopScope::granted(shop);
        let statement = report::shop_statement(&bench.payments, scope, Days { from: today, to: today });
        assert_eq!(statement.await.unwrap().closing, Money::vnd(98_000));
        // Its counter is told, and orders are not.
        assert_eq!(bench.aggregates_told().await, [payment.id.to_string()]);
        bench.assert_sound().await;
    }

    async fn one_key_is_one_payment_and_another_amount_is_refused(database) {
        let bench = Arc::new(Bench::on(database));
        let shop = ids::new::<ShopId>();
        let calls = (0..20).map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.ask(shop, "same", 45_000).await.id })
        });
        let ids: std::collections::BTreeSet<_> =
            futures_util::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(ids.len(), 1);
        let other = create_counter_payment(&bench.payments, bench.sale(shop, "same"), Money::vnd(45_001)).await;
        assert!(matches!(other, Err(CreateCounterPaymentError::KeyReused)), "{other:?}");
        // Another shop's key is its own.
        assert!(!ids.contains(&bench.ask(ids::new(), "same", 45_001).await.id));
        let page = kernel::PageRequest::new(10, None);
        let of_shop = store::counter_sale::page(bench.database.reader(), ShopScope::granted(shop), &page).await;
        assert_eq!(of_shop.unwrap().len(), 1);
    }

    async fn what_cannot_be_asked_for_is_refused_and_nothing_is_kept(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        for amount in [0, -5, 500_000_000] {
            let refused = create_counter_payment(&bench.payments, bench.sale(shop, "a"), Money::vnd(amount)).await;
            let Err(CreateCounterPaymentError::Refused(refused)) = refused else { panic!("{refused:?}") };
            assert!(matches!(refused, StartRefused::TooSmall { .. } | StartRefused::TooLarge { .. }));
        }
        let mut sale = bench.sale(shop, "a");
        sale.note = "x".repeat(121);
        let refused = create_counter_payment(&bench.payments, sale, Money::vnd(1)).await;
        assert!(matches!(refused, Err(CreateCounterPaymentError::NoteTooLong)));
        let refused = create_counter_payment(&bench.payments, bench.sale(shop, ""), Money::vnd(1)).await;
        assert!(matches!(refused, Err(CreateCounterPaymentError::Key)));
        let page = kernel::PageRequest::new(10, None);
        assert!(store::payment::page(bench.database.reader(), None, false, &page).await.unwrap().is_empty());
    }

    async fn a_payment_of_another_shop_is_not_found(database) {
        let bench = Bench::on(database);
        let payment = bench.ask(ids::new(), "a", 1_000).await;
        let db = bench.database.reader();
        let other = Some(ShopScope::granted(ids::new()));
        assert!(store::counter_sale::by_payment(db, other, payment.id).await.unwrap().is_none());
        assert!(store::counter_sale::by_payment(db, None, payment.id).await.unwrap().is_some());
    }

    async fn it_is_cancelled_or_expires_and_money_that_comes_then_is_late(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        let (cancelled, expired) = (bench.ask(shop, "a", 100).await, bench.ask(shop, "b", 200).await);
        cancel_payment(&bench.payments, cancelled.id).await.unwrap();
        bench.clock.advance(WAITS + Duration::from_secs(3));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&expired).await, PaymentStatus::Expired);
        assert_eq!(bench.credit(1, 100, &cancelled.code.to_string()).await, CreditState::Late);
        assert_eq!(bench.credit(2, 200, &expired.code.to_string()).await, CreditState::Late);
        assert_eq!(bench.aggregates_told().await, [cancelled.id.to_string(), expired.id.to_string()]);
        bench.assert_sound().await;
    }
}
