//! What orders hears of payments and catalog: repeated, out of order, all at once.

use platform::on_each_database;
use proto::events::{HoldCommitRefused, PaymentClosed, PaymentSucceeded};
use proto::orders::OrderOfShop;

use super::fakes::{Call, Fault};
use super::*;

pub fn commit_refused(checkout: &Checkout) -> Body {
    Body::HoldCommitRefused(HoldCommitRefused { reference: checkout.id.clone() })
}

pub fn payment_closed(checkout: &Checkout, expired: bool) -> Body {
    Body::PaymentClosed(PaymentClosed {
        payment_id: checkout.payment_id.clone(),
        checkout_id: checkout.id.clone(),
        expired,
    })
}

on_each_database! { migrations::orders::Migrator,
    async fn money_that_is_told_of_again_pays_nothing_twice(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let once = event(bench.outside.pay(&checkout.id));
        let consumer = PaymentsHeard(bench.orders.clone());
        for _ in 0..2 {
            deliver(&consumer, bench.clock.now(), std::slice::from_ref(&once)).await.unwrap();
        }
        let paid = bench.look(&checkout.id).await;
        assert_eq!(paid.status(), CheckoutStatus::Paid);
        // The same news as other events: alone, and twice in one batch.
        let mut later = once.body.unwrap();
        if let Body::PaymentSucceeded(said) = &mut later {
            said.succeeded_at += 1_000_000;
        }
        bench.hear(std::slice::from_ref(&later)).await;
        bench.hear(&[later.clone(), later]).await;
        assert_eq!(bench.look(&checkout.id).await, paid);
        assert_eq!(bench.told_of(&checkout.id).await, [CheckoutStatus::Paid]);
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
    }

    async fn money_that_comes_before_the_orders_are_written_pays_them_when_they_are(database) {
        for resumed_by_shopper in [false, true] {
            let bench = Bench::on(database.clone());
            let mango = bench.offer(85_000, 10);
            let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
            bench.outside.plan(1, Fault::DiesUnanswered);
            assert!(bench.outside.until_death(bench.start(&request)).await.is_none());
            let id = bench.outside.all_payments()[0].checkout_id.clone();
            let paid_at = bench.clock.now().micros();
            let news = bench.outside.pay(&id);
            bench.clock.advance(INTERRUPTED);
            bench.hear(std::slice::from_ref(&news)).await;
            // Who paid has bought, even if an end of the payment is told of before there are orders.
            bench.hear(&[payment_closed(&bench.look(&id).await, true)]).await;
            assert_eq!(bench.status(&id).await, (CheckoutStatus::Starting, vec![]));
            assert_eq!(bench.told_of(&id).await, []);
            if resumed_by_shopper {
                assert_eq!(bench.start(&request).await.unwrap().status(), CheckoutStatus::Paid);
            } else {
                bench.sweep().await;
            }
            let paid = bench.look(&id).await;
            assert_eq!((paid.status(), paid.paid_at), (CheckoutStatus::Paid, paid_at));
            let [order] = &paid.orders[..] else { panic!("not one order") };
            assert_eq!((order.status(), order.paid_at), (OrderStatus::OrderPaid, paid_at));
            bench.hear(&[news]).await;
            assert_eq!(bench.look(&id).await, paid);
            assert_eq!(bench.told_of(&id).await, [CheckoutStatus::Paid]);
            bench.assert_sound().await;
            assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
        }
    }

    async fn money_that_comes_while_a_request_waits_is_in_its_answer(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        bench.outside.plan(1, Fault::AnsweredLate);
        let (answer, ()) = tokio::join!(bench.start(&request), async {
            bench.outside.held_back().await;
            let id = bench.outside.all_payments()[0].checkout_id.clone();
            bench.hear(&[bench.outside.pay(&id)]).await;
            bench.outside.go_on();
        });
        let answer = answer.unwrap();
        assert_eq!(answer.status(), CheckoutStatus::Paid);
        assert_eq!(answer.orders[0].status(), OrderStatus::OrderPaid);
        assert_eq!(bench.told_of(&answer.id).await, [CheckoutStatus::Paid]);
        bench.assert_sound().await;
    }

    async fn a_payment_that_ends_without_money_ends_its_checkout_and_frees_the_cart(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        let checkout = bench.start(&request).await.unwrap();
        let news = bench.outside.expire(&checkout.id);
        for _ in 0..2 {
            bench.hear(std::slice::from_ref(&news)).await;
        }
        let ended = (CheckoutStatus::Expired, vec![OrderStatus::OrderCancelled]);
        assert_eq!(bench.status(&checkout.id).await, ended);
        assert_eq!(bench.told_of(&checkout.id).await, [CheckoutStatus::Expired]);
        bench.relay().await;
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
        assert_eq!(bench.start(&request).await.unwrap().status(), CheckoutStatus::Expired);
        let again = StartCheckoutRequest { idempotency_key: "khoa-so-2".to_owned(), ..request };
        assert_eq!(bench.start(&again).await.unwrap().status(), CheckoutStatus::AwaitingPayment);
        bench.assert_sound().await;
    }

    async fn a_payment_that_ends_before_the_orders_are_written_leaves_no_orders(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        bench.outside.plan(1, Fault::DiesUnanswered);
        assert!(bench.outside.until_death(bench.start(&request)).await.is_none());
        let id = bench.outside.all_payments()[0].checkout_id.clone();
        bench.hear(&[bench.outside.expire(&id)]).await;
        bench.clock.advance(INTERRUPTED);
        bench.sweep().await;
        assert_eq!(bench.start(&request).await.unwrap().status(), CheckoutStatus::Expired);
        assert_eq!(bench.status(&id).await, (CheckoutStatus::Expired, vec![]));
        assert_eq!(bench.told_of(&id).await, [CheckoutStatus::Expired]);
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
    }

    async fn an_end_that_is_told_of_after_success_is_ignored(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        for (closed_first, expired) in [(false, false), (false, true), (true, false), (true, true)] {
            let checkout = bench.awaiting(&[(&mango, 1)]).await;
            let (paid, closed) =
                (bench.outside.pay(&checkout.id), payment_closed(&checkout, expired));
            if closed_first {
                // In one batch money wins, whatever stands before it.
                bench.hear(&[closed, paid]).await;
            } else {
                bench.hear(&[paid]).await;
                bench.hear(&[closed]).await;
            }
            let paid = (CheckoutStatus::Paid, vec![OrderStatus::OrderPaid]);
            assert_eq!(bench.status(&checkout.id).await, paid);
            assert_eq!(bench.told_of(&checkout.id).await, [CheckoutStatus::Paid]);
        }
        bench.assert_sound().await;
    }

    async fn money_for_a_checkout_that_was_closed_is_to_be_given_back(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        let news = bench.outside.pay(&checkout.id);
        bench.hear(&[payment_closed(&checkout, true)]).await;
        bench.hear(&[news]).await;
        let due = (CheckoutStatus::Expired, vec![OrderStatus::OrderRefundDue]);
        assert_eq!(bench.status(&checkout.id).await, due);
        let findings = crate::doctor(&bench.database, bench.clock.now()).await.unwrap();
        let number = &checkout.orders[0].number;
        assert_eq!(findings, [format!("a paid order is waiting for a refund: {number}")]);
    }

    async fn each_checkout_of_a_batch_is_paid_at_its_own_moment(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 100);
        let (mut news, mut wanted) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let checkout = bench.awaiting(&[(&mango, 1)]).await;
            bench.clock.advance(Duration::from_secs(7));
            news.push(bench.outside.pay(&checkout.id));
            wanted.push((checkout.id, bench.clock.now().micros()));
        }
        bench.hear(&news).await;
        for (id, paid_at) in wanted {
            let paid = bench.look(&id).await;
            assert_eq!((paid.paid_at, paid.orders[0].paid_at), (paid_at, paid_at));
        }
        bench.assert_sound().await;
    }

    async fn a_batch_of_many_payments_costs_as_many_statements_as_one(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 100);
        let mut costs = Vec::new();
        // On SQLite the outbox writes rows in parts that are powers of two: eight are one part.
        for many in [1, 8] {
            let mut events = Vec::new();
            for _ in 0..many {
                let checkout = bench.awaiting(&[(&mango, 1)]).await;
                events.push(event(bench.outside.pay(&checkout.id)));
            }
            let before = bench.database.statements();
            let consumer = PaymentsHeard(bench.orders.clone());
            deliver(&consumer, bench.clock.now(), &events).await.unwrap();
            costs.push(bench.database.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        bench.assert_sound().await;
    }

    async fn what_was_paid_and_is_gone_is_to_be_given_back(database) {
        let bench = Bench::on(database);
        let (mango, plum) = (bench.offer(85_000, 10), bench.offer(30_000, 10));
        let checkout = bench.awaiting(&[(&mango, 1), (&plum, 1)]).await;
        let other = bench.awaiting(&[(&mango, 1)]).await;
        let news = bench.outside.pay(&checkout.id);
        bench.hear(&[news.clone(), bench.outside.pay(&other.id)]).await;
        bench.hear(&[commit_refused(&checkout)]).await;
        let due = (CheckoutStatus::Paid, vec![OrderStatus::OrderRefundDue; 2]);
        assert_eq!(bench.status(&checkout.id).await, due);
        bench.hear(&[news, commit_refused(&checkout)]).await;
        assert_eq!(bench.status(&checkout.id).await, due);
        let paid = (CheckoutStatus::Paid, vec![OrderStatus::OrderPaid]);
        assert_eq!(bench.status(&other.id).await, paid);
        let order = &checkout.orders[0];
        let fulfil = OrderOfShop { shop_id: order.shop_id.clone(), order_id: order.id.clone() };
        let refused = bench.client.clone().fulfil_order(fulfil).await;
        assert_eq!(codes(refused), [RefusalCode::StatusConflict]);
        assert_eq!(crate::doctor(&bench.database, bench.clock.now()).await.unwrap().len(), 2);
    }

    async fn what_was_handed_over_is_not_given_back_too(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        let order = &checkout.orders[0];
        let fulfil = OrderOfShop { shop_id: order.shop_id.clone(), order_id: order.id.clone() };
        bench.client.clone().fulfil_order(fulfil).await.unwrap();
        bench.hear(&[commit_refused(&checkout)]).await;
        assert_eq!(bench.status(&checkout.id).await.1, [OrderStatus::OrderFulfilled]);
    }

    async fn payments_refuses_to_cancel_what_is_paid_and_the_money_wins(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let news = bench.outside.pay(&checkout.id);
        // Orders has not heard of it yet.
        let awaiting = (CheckoutStatus::AwaitingPayment, vec![OrderStatus::OrderPending]);
        assert_eq!(codes(bench.cancel(&checkout).await), [RefusalCode::CheckoutAlreadyPaid]);
        assert_eq!(bench.status(&checkout.id).await, awaiting);
        bench.hear(&[news]).await;
        assert_eq!(codes(bench.cancel(&checkout).await), [RefusalCode::CheckoutAlreadyPaid]);
        assert_eq!(bench.outside.calls().iter().filter(|call| **call == Call::CancelPayment).count(), 1);
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::Paid);
        bench.assert_sound().await;
    }

    async fn money_that_comes_while_a_cancellation_is_on_its_way_wins(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        bench.outside.plan(0, Fault::DoneLate);
        let (answer, ()) = tokio::join!(bench.cancel(&checkout), async {
            bench.outside.held_back().await;
            bench.hear(&[bench.outside.pay(&checkout.id)]).await;
            bench.outside.go_on();
        });
        assert_eq!(codes(answer), [RefusalCode::CheckoutAlreadyPaid]);
        assert_eq!(bench.told_of(&checkout.id).await, [CheckoutStatus::Paid]);
        bench.assert_sound().await;
    }

    async fn a_checkout_that_is_being_made_is_not_cancelled(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 3)]).await;
        bench.outside.plan(1, Fault::Unanswered);
        bench.start(&request_for(&cart)).await.unwrap_err();
        let checkout = Checkout { token: cart.token.clone(), ..bench.checkouts_of(&cart).await.remove(0) };
        assert_eq!(codes(bench.cancel(&checkout).await), [RefusalCode::StatusConflict]);
        bench.clock.advance(INTERRUPTED);
        bench.sweep().await;
        assert_eq!(bench.cancel(&checkout).await.unwrap().status(), CheckoutStatus::Cancelled);
        bench.assert_sound().await;
    }

    async fn news_of_what_orders_never_made_change_nothing(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let unknown = Checkout { id: ids::new::<kernel::CheckoutId>().to_string(), ..checkout.clone() };
        let paid = Body::PaymentSucceeded(PaymentSucceeded {
            checkout_id: unknown.id.clone(),
            ..PaymentSucceeded::default()
        });
        bench.hear(&[paid, commit_refused(&unknown)]).await;
        assert_eq!(bench.announced().await, []);
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::AwaitingPayment);
        bench.assert_sound().await;
    }
}
