//! Runs of payouts: who cannot be paid keeps nobody else from being paid.

use std::collections::HashMap;

use super::direct_accounts::OWN;
use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::PayoutMaker;
use crate::usecases::run_payouts::run_payouts;

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// More lines than one run once looked at.
const MANY: u32 = 100_001;

impl Bench {
    /// Writes so many open lines more, older than all others, like one that a shop has.
    async fn write_lines(&self, shop: ShopId) {
        let (numbers, id, shop) = match self.database.backend() {
            sea_orm::DbBackend::Sqlite => (
                format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
                ),
                "unhex(printf('%032x', i))",
                format!("x'{}'", shop.uuid().simple()),
            ),
            _ => (
                format!("WITH n(i) AS (SELECT * FROM generate_series(1, {MANY}))"),
                "lpad(to_hex(i), 32, '0')::uuid",
                format!("'{}'", shop.uuid()),
            ),
        };
        let change = format!(
            "{numbers} INSERT INTO shop_lines (id, shop_id, kind, amount_minor, currency, posting_id, posted_at)
             SELECT {id}, l.shop_id, 'sale', 1, l.currency, l.posting_id, l.posted_at
             FROM n, (SELECT * FROM shop_lines WHERE shop_id = {shop} AND kind = 'sale') l"
        );
        self.database.writer().execute_unprepared(&change).await.unwrap();
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_shop_without_an_account_keeps_no_other_from_being_paid_however_much_it_is_owed(database) {
        let bench = Bench::on(database);
        let (nowhere, payment) = (bench.paid(1, 100_010).await, bench.paid(2, 200_010).await);
        let (without, shop) = (nowhere.allocations[0].shop, payment.allocations[0].shop);
        bench.write_lines(without).await;
        bench.clock.advance(WEEK);
        // A refund is the newest line of the shop: a run that left it out would pay too much.
        bench.refund(&payment, 50_000, "a").await;
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, payee)]);
        for dry_run in [true, false] {
            let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, dry_run, None).await.unwrap();
            let [planned] = run.payouts.as_slice() else { panic!("{run:?}") };
            assert_eq!((planned.payout.plan.shop, planned.payout.plan.amount), (shop, Money::vnd(150_000)));
            assert!(run.without_account.contains(&without));
        }
        let again = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        assert!(again.payouts.is_empty(), "{again:?}");
    }

    async fn a_run_of_a_day_leaves_alone_what_was_held_then_and_takes_what_was_given_back(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 100_010).await;
        let shop = payment.allocations[0].shop;
        bench.clock.advance(WEEK);
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, payee)]);
        let now = bench.clock.now();
        let yesterday = now.before(Duration::from_secs(86_400));
        for dry_run in [true, false] {
            let run =
                run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, dry_run, Some(yesterday));
            assert!(run.await.unwrap().payouts.is_empty());
        }
        // What was given back since is off, whatever the day of the run.
        bench.refund(&payment, 30_000, "a").await;
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, Some(now)).await.unwrap();
        let [planned] = run.payouts.as_slice() else { panic!("{run:?}") };
        assert_eq!(planned.payout.plan.amount, Money::vnd(70_000));
        bench.assert_sound().await;
    }

    async fn what_was_planned_keeps_its_payee_whatever_account_the_shop_names_later(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 100_010).await;
        let shop = payment.allocations[0].shop;
        bench.clock.advance(WEEK);
        let before = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, before.clone())]);
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        let [planned] = run.payouts.as_slice() else { panic!("{run:?}") };
        let after = PayeeAccount::new("970436", "987654321", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, after)]);
        let later = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        assert!(later.payouts.is_empty(), "{later:?}");
        let kept = store::payout::by_id(bench.database.reader(), planned.id).await.unwrap().unwrap();
        assert_eq!(kept.payee, before);
    }

    async fn a_shop_that_only_owes_is_carried_without_a_lock_and_paid_once_it_is_owed(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        for id in 1..=3 {
            bench.sold(&own, id, 200_000).await;
        }
        bench.clock.advance(WEEK);
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(own.shop, payee)]);
        // Somebody posts, and goes on to for as long as the run takes.
        let tx = bench.database.begin().await.unwrap();
        let _end = store::ledger::lock(&tx).await.unwrap();
        store::shop_line::lock_open(&tx, kernel::ShopScope::granted(own.shop)).await.unwrap();
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None);
        let run = tokio::time::timeout(Duration::from_secs(5), run).await.unwrap().unwrap();
        assert_eq!(run.carried, [(own.shop, Money::vnd(-3_000))]);
        assert!(run.payouts.is_empty() && run.without_account.is_empty(), "{run:?}");
        tx.rollback().await.unwrap();
        // A sale through the market: of 100,000 the till's 0.5 %, and the taxes.
        bench.allow(own.shop, false).await;
        let market = bench.ask_at(own.shop, "m", 100_000).await;
        assert_eq!(bench.credit(50, 100_000, &market.code.to_string()).await, CreditState::Matched);
        bench.clock.advance(WEEK);
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        assert_eq!(run.payouts[0].payout.plan.amount, Money::vnd(98_000 - 3_000));
        let again = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        assert!(again.payouts.is_empty() && again.carried.is_empty(), "{again:?}");
        bench.assert_sound().await;
    }
}
