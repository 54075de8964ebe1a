//! What was paid and could not be sold: its money is given back, once, whatever comes between.

use kernel::Money;
use platform::on_each_database;
use proto::payments::RefundPaymentRequest;
use proto::payments::payments_server::Payments;

use super::events::{commit_refused, payment_closed};
use super::fakes::Fault;
use super::*;

const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];

impl Bench {
    /// A paid checkout of two shops whose goods are gone.
    async fn unsold(&self) -> Checkout {
        let (mango, plum) = (self.offer(85_000, 10), self.offer(30_000, 10));
        let checkout = self.awaiting(&[(&mango, 1), (&plum, 2)]).await;
        self.hear(&[self.outside.pay(&checkout.id)]).await;
        self.hear(&[commit_refused(&checkout)]).await;
        let due = (CheckoutStatus::Paid, vec![OrderStatus::OrderRefundDue; 2]);
        assert_eq!(self.status(&checkout.id).await, due);
        checkout
    }

    /// What was given back of a checkout's orders, the least first.
    fn given_back(&self) -> Vec<i64> {
        let mut amounts = self.outside.given_back();
        amounts.sort_unstable();
        amounts
    }

    /// An operator gives some of an order's money back by hand.
    async fn give_back_by_hand(&self, checkout: &Checkout, order: usize, minor: i64) {
        let request = RefundPaymentRequest {
            payment_id: checkout.payment_id.clone(),
            order_id: checkout.orders[order].id.clone(),
            amount: Some(Money::vnd(minor).into()),
            reason: "hết hàng".to_owned(),
            requested_by: ids::new::<kernel::UserId>().to_string(),
            idempotency_key: "tay-1".to_owned(),
            ..RefundPaymentRequest::default()
        };
        self.outside.refund_payment(tonic::Request::new(request)).await.unwrap();
    }

    async fn findings(&self) -> Vec<String> {
        crate::doctor(&self.database, self.clock.now()).await.unwrap()
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn what_was_paid_and_is_gone_is_given_back_and_the_order_is_over(database) {
        let bench = Bench::on(database);
        let checkout = bench.unsold().await;
        for _ in 0..3 {
            bench.sweep_all().await;
        }
        assert_eq!(bench.given_back(), [60_000, 85_000]);
        let over = (CheckoutStatus::Paid, vec![OrderStatus::OrderCancelled; 2]);
        assert_eq!(bench.status(&checkout.id).await, over);
        // Its guests are told, once an order, and how much comes back.
        let mut told = Vec::new();
        for order in &bench.look(&checkout.id).await.orders {
            let [notice] = order.notices.as_slice() else { panic!("{:?}", order.notices) };
            assert_eq!(notice.kind(), proto::orders::NoticeKind::Refunded);
            told.push(notice.facts["refund"].clone());
        }
        told.sort_unstable();
        assert_eq!(told, ["60000", "85000"]);
        assert_eq!(bench.findings().await, Vec::<String>::new());
    }

    async fn money_for_a_checkout_that_was_closed_is_given_back(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        let news = bench.outside.pay(&checkout.id);
        bench.hear(&[payment_closed(&checkout, true)]).await;
        bench.hear(&[news]).await;
        bench.sweep_all().await;
        let over = (CheckoutStatus::Expired, vec![OrderStatus::OrderCancelled]);
        assert_eq!((bench.status(&checkout.id).await, bench.given_back()), (over, vec![85_000]));
        assert_eq!(bench.findings().await, Vec::<String>::new());
    }

    async fn wherever_giving_back_is_interrupted_it_is_done_once(database) {
        for fault in FAULTS {
            let bench = Bench::on(database.clone());
            let checkout = bench.unsold().await;
            bench.outside.plan(0, fault);
            bench.outside.until_death(Box::pin(sweeps::sweep_unsold(&bench.orders))).await;
            bench.outside.heal();
            bench.clock.advance(INTERRUPTED);
            bench.sweep_all().await;
            assert_eq!(bench.given_back(), [60_000, 85_000], "{fault:?}");
            let over = (CheckoutStatus::Paid, vec![OrderStatus::OrderCancelled; 2]);
            assert_eq!(bench.status(&checkout.id).await, over, "{fault:?}");
        }
    }

    async fn what_an_operator_gave_back_is_not_given_back_again(database) {
        let bench = Bench::on(database);
        let checkout = bench.unsold().await;
        let totals: Vec<i64> =
            checkout.orders.iter().map(|order| order.total.as_ref().unwrap().minor).collect();
        // All of the first order, and some of the second.
        bench.give_back_by_hand(&checkout, 0, totals[0]).await;
        bench.give_back_by_hand(&checkout, 1, 10_000).await;
        bench.sweep_all().await;
        assert_eq!(bench.given_back().iter().sum::<i64>(), totals[0] + totals[1]);
        let over = (CheckoutStatus::Paid, vec![OrderStatus::OrderCancelled; 2]);
        assert_eq!(bench.status(&checkout.id).await, over);
    }
}
