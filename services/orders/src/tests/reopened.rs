//! Payments that a person takes back: nothing is handed over unpaid, and what is paid again is sold.

use platform::on_each_database;
use proto::bookings::TicketStatus;

use super::fakes::Call;
use super::returns::by_shop;
use super::*;
use crate::usecases::reopen_checkouts::KEPT_FOR;

impl Bench {
    /// A checkout that was paid, and whose payment was taken back.
    async fn reopened(&self, lines: &[(&str, i64)]) -> Checkout {
        let checkout = self.awaiting(lines).await;
        let paid = self.outside.pay(&checkout.id);
        self.hear(&[paid]).await;
        self.relay().await;
        let reopened = self.outside.reopen(&checkout.id);
        self.hear(&[reopened]).await;
        checkout
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn what_is_not_paid_any_more_is_not_handed_over_until_it_is_paid_again(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.reopened(&[(&mango, 3)]).await;
        let unpaid = (CheckoutStatus::AwaitingPayment, vec![OrderStatus::OrderPending]);
        assert_eq!(bench.status(&checkout.id).await, unpaid);
        let order = bench.look(&checkout.id).await.orders.remove(0);
        assert_eq!((order.paid_at, bench.look(&checkout.id).await.paid_at), (0, 0));
        assert_eq!(codes(bench.fulfil(&order).await), [RefusalCode::StatusConflict]);
        assert_eq!(codes(bench.cancel_paid(by_shop(&order)).await), [RefusalCode::StatusConflict]);
        // The goods stay sold to it, and nobody asks payments again and again.
        bench.clock.advance(KEPT_FOR);
        bench.sweep_all().await;
        assert_eq!((bench.status(&checkout.id).await, bench.outside.stock(&mango)), (unpaid, (7, 0, 3)));
        assert!(!bench.outside.calls().contains(&Call::GetPayments));
        bench.assert_sound().await;
        let again = bench.outside.pay(&checkout.id);
        bench.hear(&[again]).await;
        assert_eq!(bench.status(&checkout.id).await, (CheckoutStatus::Paid, vec![OrderStatus::OrderPaid]));
        let told = [CheckoutStatus::Paid, CheckoutStatus::AwaitingPayment, CheckoutStatus::Paid];
        assert_eq!(bench.told_of(&checkout.id).await, told);
        assert_eq!(bench.fulfil(&order).await.unwrap().status(), OrderStatus::OrderFulfilled);
        assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
        bench.assert_sound().await;
    }

    async fn paid_taken_back_and_paid_again_in_one_batch_is_paid(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let news = [
            bench.outside.pay(&checkout.id),
            bench.outside.reopen(&checkout.id),
            bench.outside.pay(&checkout.id),
        ];
        bench.hear(&news).await;
        assert_eq!(bench.status(&checkout.id).await, (CheckoutStatus::Paid, vec![OrderStatus::OrderPaid]));
        let reopened = bench.outside.reopen(&checkout.id);
        bench.hear(&[reopened.clone(), reopened]).await;
        let unpaid = (CheckoutStatus::AwaitingPayment, vec![OrderStatus::OrderPending]);
        assert_eq!(bench.status(&checkout.id).await, unpaid);
        bench.assert_sound().await;
    }

    async fn who_does_not_pay_again_loses_what_was_kept(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.reopened(&[(&mango, 3)]).await;
        bench.clock.advance(KEPT_FOR + Duration::from_secs(1));
        for _ in 0..2 {
            bench.sweep_all().await;
            bench.clock.advance(Duration::from_secs(61));
        }
        bench.sweep_all().await;
        let ended = (CheckoutStatus::Cancelled, vec![OrderStatus::OrderCancelled]);
        assert_eq!((bench.status(&checkout.id).await, bench.outside.stock(&mango)), (ended, (10, 0, 0)));
        let order = bench.look(&checkout.id).await.orders.remove(0);
        assert_eq!((order.cancelled_at, order.returns.len()), (0, 0));
        assert_eq!(bench.outside.refunds().len(), 0);
        bench.assert_sound().await;
    }

    async fn what_was_handed_over_stays_so_and_waits_for_an_operator(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let paid = bench.outside.pay(&checkout.id);
        bench.hear(&[paid]).await;
        bench.relay().await;
        bench.fulfil(&bench.look(&checkout.id).await.orders[0]).await.unwrap();
        let reopened = bench.outside.reopen(&checkout.id);
        bench.hear(&[reopened]).await;
        let waits = (CheckoutStatus::AwaitingPayment, vec![OrderStatus::OrderFulfilled]);
        assert_eq!(bench.status(&checkout.id).await, waits);
        bench.clock.advance(KEPT_FOR + Duration::from_secs(1));
        bench.sweep_all().await;
        assert_eq!(codes(bench.cancel(&checkout).await), [RefusalCode::CheckoutAlreadyPaid]);
        assert_eq!((bench.status(&checkout.id).await, bench.outside.stock(&mango)), (waits, (7, 0, 3)));
        bench.assert_sound().await;
        let again = bench.outside.pay(&checkout.id);
        bench.hear(&[again]).await;
        assert_eq!(bench.status(&checkout.id).await, (CheckoutStatus::Paid, vec![OrderStatus::OrderFulfilled]));
        bench.assert_sound().await;
    }

    async fn nobody_boards_with_a_ticket_whose_payment_was_taken_back(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(12);
        let checkout = bench.reopened(&[(&trip.adult, 2)]).await;
        let statuses = || async {
            let request = proto::bookings::GetTicketsRequest {
                checkout_id: checkout.id.clone(),
                operator: true,
                ..proto::bookings::GetTicketsRequest::default()
            };
            let found = bench.client.clone().get_tickets(request).await.unwrap().into_inner();
            found.tickets.iter().map(|ticket| (ticket.id.clone(), ticket.status())).collect::<Vec<_>>()
        };
        let suspended = statuses().await;
        assert_eq!(suspended.len(), 2);
        assert!(suspended.iter().all(|(_, status)| *status == TicketStatus::TicketCancelled));
        bench.assert_sound().await;
        let again = bench.outside.pay(&checkout.id);
        bench.hear(&[again]).await;
        // The same tickets are valid again: what was printed still opens the gate.
        let valid: Vec<_> = suspended.into_iter().map(|(id, _)| (id, TicketStatus::TicketValid)).collect();
        assert_eq!(statuses().await, valid);
        bench.assert_sound().await;
    }
}
