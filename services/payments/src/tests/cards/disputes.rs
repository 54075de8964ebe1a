//! Disputes: money taken, given back and lost.

use proto::payments as contract;
use proto::payments::payments_server::Payments as Service;

use super::*;
use crate::grpc::Grpc;
use crate::providers::card::{DisputeId, DisputeStatus};
use crate::store::cards::dispute::KeptDispute;
use crate::usecases::look_at_dispute::look_at_dispute;

impl Cards {
    /// A payment of two shops' orders, paid by card.
    pub(super) async fn paid(&self, amount: i64) -> (Payment, crate::providers::card::IntentId) {
        let payment = self.bench.start(amount).await;
        let page = self.open(&payment).await;
        let intent = self.fake.pay(&page).unwrap();
        self.tell(&format!("evt_{page}"), "checkout.session", &page).await.unwrap();
        self.work().await;
        assert_eq!(self.bench.status(&payment).await, PaymentStatus::Succeeded);
        (payment, intent)
    }

    async fn hear_of(&self, event: &str, dispute: &DisputeId) {
        self.tell(event, "dispute", dispute.as_str()).await.unwrap();
        self.work().await;
    }

    /// Card money of a payment that was cancelled before, which went back, or could not.
    pub(super) async fn surplus(
        &self,
        refused: bool,
    ) -> (Payment, crate::providers::card::IntentId) {
        let payment = self.bench.start(100_000).await;
        let page = self.open(&payment).await;
        let intent = self.fake.pay(&page).unwrap();
        cancel_payment(&self.bench.payments, payment.id).await.unwrap();
        self.fake.state().refuses_refunds = refused;
        for _ in 0..2 {
            self.work().await;
        }
        (payment, intent)
    }

    /// What is contested, what the market lost, and what waits to go back (below zero).
    async fn ends(&self) -> [i64; 3] {
        let mut ends = [0; 3];
        for (end, account) in ends.iter_mut().zip(["disputes", "disputes:lost", "suspense:stripe"])
        {
            *end = self.bench.balance(account).await;
        }
        ends
    }

    async fn standing(&self, payment: &Payment) -> contract::PaymentStanding {
        let asked = contract::GetPaymentsRequest { ids: vec![payment.id.to_string()] };
        let grpc = Grpc(self.bench.payments.clone());
        let found = grpc.get_payments(tonic::Request::new(asked)).await.unwrap().into_inner();
        found.payments[0].standing()
    }

    async fn owed(&self, payment: &Payment) -> Vec<i64> {
        let mut owed = Vec::new();
        for part in &payment.allocations {
            owed.push(-self.bench.balance(&format!("shop:{}:payable", part.shop)).await);
        }
        owed
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_dispute_takes_the_money_and_a_lost_one_is_borne_by_the_shops(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 15_000);
        cards.hear_of("evt_1", &dispute).await;
        assert_eq!(cards.bench.balance("disputes").await, 100_000);
        assert_eq!(cards.bench.balance("card:fees").await, 18_900);
        assert_eq!(cards.owed(&payment).await, [99_990, 10]);
        cards.assert_sound().await;
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        for event in ["evt_2", "evt_3"] {
            cards.hear_of(event, &dispute).await;
        }
        assert_eq!(cards.bench.balance("disputes").await, 0);
        assert_eq!(cards.owed(&payment).await, [0, 0]);
        cards.assert_sound().await;
    }

    async fn a_dispute_that_is_won_costs_the_shops_nothing(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 15_000);
        cards.hear_of("evt_1", &dispute).await;
        cards.fake.end_dispute(&dispute, DisputeStatus::Won);
        cards.hear_of("evt_2", &dispute).await;
        assert_eq!(cards.bench.balance("disputes").await, 0);
        assert_eq!(cards.owed(&payment).await, [99_990, 10]);
        cards.assert_sound().await;
    }

    async fn news_of_a_dispute_before_its_payment_and_only_at_its_end_come_to_the_same(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        let intent = cards.fake.pay(&page).unwrap();
        let dispute = cards.fake.dispute(&intent, 15_000);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        // Nobody told of the payment, nor of the dispute while it went on.
        cards.hear_of("evt_1", &dispute).await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(cards.bench.balance("disputes").await, 0);
        assert_eq!(cards.owed(&payment).await, [0, 0]);
        cards.assert_sound().await;
    }

    async fn a_dispute_that_was_lost_and_won_after_all_is_given_back_to_the_shops(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 0);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        cards.hear_of("evt_1", &dispute).await;
        cards.fake.end_dispute(&dispute, DisputeStatus::Won);
        cards.hear_of("evt_2", &dispute).await;
        assert_eq!(cards.owed(&payment).await, [99_990, 10]);
        assert_eq!(cards.bench.balance("disputes").await, 0);
        cards.assert_sound().await;
    }

    async fn what_an_old_copy_of_a_dispute_bears_again_is_refused_by_the_books(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 0);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        cards.hear_of("evt_1", &dispute).await;
        let db = cards.bench.database.writer();
        let kept = store::cards::dispute::by_provider_id(db, "stripe", &dispute).await.unwrap().unwrap();
        let postings = cards.bench.postings().await;
        let old = KeptDispute { borne: Money::vnd(0), borne_changes: 0, ..kept };
        store::cards::dispute::update(db, &old).await.unwrap();
        assert!(look_at_dispute(&cards.bench.payments, &dispute).await.is_err());
        assert_eq!(cards.bench.postings().await, postings);
        assert_eq!(cards.owed(&payment).await, [0, 0]);
        assert_eq!(cards.bench.balance("disputes").await, 0);
    }

    async fn a_dispute_whose_end_changes_again_and_again_is_borne_as_often(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 0);
        for (number, (status, owed)) in [
            (DisputeStatus::Lost, [0, 0]),
            (DisputeStatus::UnderReview, [99_990, 10]),
            (DisputeStatus::Lost, [0, 0]),
        ].into_iter().enumerate() {
            cards.fake.end_dispute(&dispute, status);
            cards.hear_of(&format!("evt_{number}"), &dispute).await;
            assert_eq!(cards.owed(&payment).await, owed);
        }
        cards.assert_sound().await;
    }

    async fn a_lost_dispute_of_money_that_came_second_is_paid_with_it_where_it_did_not_go_back(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.surplus(true).await;
        assert_eq!(cards.bench.balance("suspense:stripe").await, -100_000);
        let dispute = cards.fake.dispute(&intent, 0);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        for event in ["evt_1", "evt_2"] {
            cards.hear_of(event, &dispute).await;
            assert_eq!(cards.ends().await, [0, 0, 0]);
        }
        cards.assert_sound().await;
        // Nobody sends again what the cardholder's bank took.
        let failed = cards.returns(&payment).await.remove(0);
        let refused = return_card_surplus(&cards.bench.payments, failed.returned.id, ids::new()).await;
        assert!(matches!(refused, Err(ReturnCardSurplusError::Disputed)), "{refused:?}");
        // Won after all: it is owed to the cardholder again.
        cards.fake.end_dispute(&dispute, DisputeStatus::Won);
        cards.hear_of("evt_3", &dispute).await;
        assert_eq!(cards.ends().await, [0, 0, -100_000]);
        cards.assert_sound().await;
    }

    async fn a_lost_dispute_of_money_that_went_back_is_the_market_s_loss_until_it_comes_back(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.surplus(false).await;
        assert_eq!(cards.bench.balance("suspense:stripe").await, 0);
        let dispute = cards.fake.dispute(&intent, 0);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        cards.hear_of("evt_1", &dispute).await;
        assert_eq!(cards.ends().await, [0, 100_000, 0]);
        cards.assert_sound().await;
        let id = cards.returns(&payment).await[0].provider_id.clone().unwrap();
        cards.fake.fail_refund(&id);
        cards.tell("evt_2", "refund", id.as_str()).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.balance("suspense:stripe").await, -100_000);
        // The next look at the dispute finds the money.
        cards.after(25 * 3_600).await;
        assert_eq!(cards.ends().await, [0, 0, 0]);
        cards.assert_sound().await;
    }

    async fn a_payment_whose_surplus_is_contested_stands_as_it_was_paid(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        let intent = cards.fake.pay(&page).unwrap();
        cards.bench.credit(1, 100_000, &payment.code.to_string()).await;
        for _ in 0..2 {
            cards.work().await;
        }
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Surplus]);
        let dispute = cards.fake.dispute(&intent, 0);
        cards.hear_of("evt_1", &dispute).await;
        assert_eq!(cards.standing(&payment).await, contract::PaymentStanding::StandingSucceeded);
        // Contested money that paid says more.
        let (paid, intent) = cards.paid(50_000).await;
        let dispute = cards.fake.dispute(&intent, 0);
        cards.hear_of("evt_2", &dispute).await;
        assert_eq!(cards.standing(&paid).await, contract::PaymentStanding::StandingDisputed);
    }

    async fn the_market_bears_what_is_lost_where_the_rule_says_so(database) {
        let cards = Cards::with(database, DisputeBearer::Market);
        let (payment, intent) = cards.paid(100_000).await;
        let dispute = cards.fake.dispute(&intent, 0);
        cards.fake.end_dispute(&dispute, DisputeStatus::Lost);
        cards.hear_of("evt_1", &dispute).await;
        assert_eq!(cards.owed(&payment).await, [99_990, 10]);
        assert_eq!(cards.bench.balance("disputes:lost").await, 100_000);
        cards.assert_sound().await;
    }
}
