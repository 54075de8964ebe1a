//! The provider's payouts: many movements net to one credit.

use super::*;
use crate::providers::card::{BalanceTransactionKind, PayoutStatus, ProviderPayoutId};
use crate::store::cards::payout::KeptCardPayout;
use crate::usecases::sweep_card_movements::sweep_card_movements;

impl Cards {
    async fn hear_of_payout(&self, event: &str, payout: &ProviderPayoutId) {
        self.tell(event, "payout", payout.as_str()).await.unwrap();
        self.work().await;
    }

    fn today(&self) -> Timestamp {
        self.bench.clock.now()
    }

    /// Payouts of an amount that went, and of which no credit was seen.
    async fn lose_payouts(&self, count: usize, amount: i64, descriptor: Option<&str>) {
        let now = self.today();
        for number in 0..count {
            let id: kernel::CardPayoutId = ids::new();
            let lost = KeptCardPayout {
                id,
                provider: "stripe".to_owned(),
                provider_id: format!("po_lost_{id}").parse().unwrap(),
                amount: Money::vnd(amount),
                status: PayoutStatus::Paid,
                arrives_at: now,
                bank_reference: descriptor.is_none().then(|| format!("LOST-PAYOUT-{number:03}")),
                statement_descriptor: descriptor.map(ToOwned::to_owned),
                came_by: None,
                next_look_at: None,
                created_at: now,
                changed_at: now,
            };
            store::cards::payout::insert(self.bench.database.writer(), &lost).await.unwrap();
        }
    }

    async fn resolution_of(&self, credit: u64) -> Option<String> {
        let credits = self.bench.credits().await;
        let wanted = credit.to_string();
        credits.into_iter().find(|one| one.provider_id == wanted).unwrap().resolution
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_payout_nets_many_movements_and_one_credit_is_it(database) {
        let cards = Cards::on(database);
        cards.paid(100_000).await;
        let (_, intent) = cards.paid(50_000).await;
        let dispute = cards.fake.dispute(&intent, 15_000);
        cards.fake.state().movement(BalanceTransactionKind::Fee, Money::vnd(-2_000), Money::vnd(0), "sub_1");
        let (payout, sum) = cards.fake.pay_out(Some("TRACE0099"), cards.today());
        assert_eq!(sum, 150_000 - 5_850 - 50_000 - 15_000 - 2_000);
        // Of the dispute only the payout tells.
        cards.hear_of_payout("evt_1", &payout).await;
        assert_eq!(cards.bench.balance("stripe:clearing").await, 0);
        assert_eq!(cards.bench.balance("stripe:payouts").await, sum);
        assert_eq!(cards.bench.balance("disputes").await, 50_000);
        cards.assert_sound().await;
        assert_eq!(cards.bench.credit(1, sum, "CK DEN trace-0099 STRIPE").await, CreditState::Orphan);
        cards.work().await;
        assert_eq!(cards.resolution_of(1).await.as_deref(), Some("card_payout"));
        assert_eq!(cards.bench.balance("stripe:payouts").await, 0);
        assert_eq!(cards.bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        assert_eq!(cards.bench.balance(&format!("bank:{ACCOUNT}")).await, sum);
        cards.hear_of_payout("evt_2", &payout).await;
        cards.assert_sound().await;
        assert_ne!(dispute.as_str(), "");
    }

    async fn a_credit_that_came_before_the_payout_was_known_is_found_too(database) {
        let cards = Cards::on(database);
        cards.paid(100_000).await;
        let (payout, sum) = cards.fake.pay_out(None, cards.today());
        cards.bench.credit(1, sum, "STRIPE CHONOI thanh toan").await;
        cards.work().await;
        assert_eq!(cards.resolution_of(1).await, None);
        cards.hear_of_payout("evt_1", &payout).await;
        assert_eq!(cards.resolution_of(1).await.as_deref(), Some("card_payout"));
        cards.assert_sound().await;
    }

    async fn amount_and_time_alone_or_two_that_may_be_meant_are_left_to_a_person(database) {
        let cards = Cards::on(database);
        cards.paid(100_000).await;
        let (payout, sum) = cards.fake.pay_out(None, cards.today());
        cards.bench.credit(1, sum, "chuyen khoan").await;
        cards.hear_of_payout("evt_1", &payout).await;
        assert_eq!(cards.resolution_of(1).await, None);
        cards.bench.credit(2, sum, "STRIPE CHONOI").await;
        cards.bench.credit(3, sum, "STRIPE CHONOI").await;
        cards.work().await;
        assert_eq!(cards.resolution_of(2).await, None);
        assert_eq!(cards.resolution_of(3).await, None);
        assert_eq!(cards.bench.balance("stripe:payouts").await, sum);
        cards.assert_sound().await;
    }

    async fn payouts_that_nobody_finds_keep_no_newer_one_waiting(database) {
        let cards = Cards::on(database);
        cards.lose_payouts(200, 77_000, None).await;
        cards.paid(100_000).await;
        let (payout, sum) = cards.fake.pay_out(None, cards.today());
        cards.bench.credit(1, sum, "STRIPE CHONOI thanh toan").await;
        cards.hear_of_payout("evt_1", &payout).await;
        cards.work().await;
        assert_eq!(cards.resolution_of(1).await.as_deref(), Some("card_payout"));
        // And after the last it begins with the oldest again.
        cards.bench.credit(2, 77_000, "CK DEN LOST-PAYOUT-000").await;
        cards.work().await;
        cards.work().await;
        assert_eq!(cards.resolution_of(2).await.as_deref(), Some("card_payout"));
    }

    async fn a_credit_that_may_mean_a_payout_of_another_round_is_left_to_a_person(database) {
        let cards = Cards::on(database);
        cards.lose_payouts(1, 77_000, Some("STRIPE CHONOI")).await;
        cards.lose_payouts(200, 55_000, None).await;
        cards.lose_payouts(1, 77_000, Some("STRIPE CHONOI")).await;
        cards.bench.credit(1, 77_000, "STRIPE CHONOI thanh toan").await;
        for _ in 0..3 {
            cards.work().await;
        }
        assert_eq!(cards.resolution_of(1).await, None);
    }

    async fn a_sweep_finds_what_all_webhooks_lost(database) {
        let cards = Cards::on(database);
        let (_, intent) = cards.paid(100_000).await;
        cards.paid(50_000).await;
        cards.fake.dispute(&intent, 0);
        let (_, sum) = cards.fake.pay_out(None, cards.today());
        sweep_card_movements(&cards.bench.payments).await.unwrap();
        sweep_card_movements(&cards.bench.payments).await.unwrap();
        assert_eq!(cards.bench.balance("disputes").await, 100_000);
        assert_eq!(cards.bench.balance("stripe:payouts").await, sum);
        cards.assert_sound().await;
    }
}
