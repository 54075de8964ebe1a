//! Who says that the transfer is on its way gets more time, once, whatever fails in between.

use platform::on_each_database;

use super::fakes::{Call, Fault};
use super::*;
use crate::service::{EXTENSION, HOLD_GRACE};

/// Ways in which a call fails that the caller need not wait for.
const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];

impl Bench {
    /// The only state that there is after an extension: checkout, payment and hold agree.
    async fn assert_extended_once(&self, first: &Checkout) {
        let until = Timestamp::from_micros(first.expires_at).after(EXTENSION);
        let now = self.look(&first.id).await;
        assert_eq!((now.status(), now.may_extend), (CheckoutStatus::AwaitingPayment, false));
        let payments = self.outside.all_payments();
        let payment = payments.iter().find(|payment| payment.checkout_id == first.id).unwrap();
        assert_eq!((now.expires_at, payment.expires_at), (until.micros(), until.micros()));
        assert_eq!(self.outside.held_until(&first.id), until.after(HOLD_GRACE).micros());
        assert_eq!(self.told_of(&first.id).await, [CheckoutStatus::AwaitingPayment]);
        self.assert_sound().await;
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn a_checkout_is_extended_once_and_asked_again_it_stays_as_it_is(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        assert!(checkout.may_extend);
        let extended = bench.extend_checkout(&checkout).await.unwrap();
        assert_eq!((extended.status(), extended.may_extend), (CheckoutStatus::AwaitingPayment, false));
        let calls = bench.outside.calls().len();
        bench.clock.advance(TO_PAY + Duration::from_secs(60));
        for _ in 0..2 {
            assert_eq!(bench.extend_checkout(&checkout).await.unwrap(), extended);
        }
        // Nobody is asked again.
        assert_eq!(bench.outside.calls().len(), calls);
        bench.assert_extended_once(&checkout).await;
        // Money of after the first end pays it.
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        assert_eq!(bench.status(&checkout.id).await, (CheckoutStatus::Paid, vec![OrderStatus::OrderPaid]));
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
    }

    async fn an_extension_that_fails_anywhere_is_finished_by_who_asks_again(database) {
        for call in [0, 1] {
            for fault in FAULTS {
                let bench = Bench::on(database.clone());
                let mango = bench.offer(85_000, 10);
                let checkout = bench.awaiting(&[(&mango, 3)]).await;
                bench.outside.plan(call, fault);
                let first = bench.outside.until_death(bench.extend_checkout(&checkout)).await;
                assert!(!matches!(first, Some(Ok(_))), "{call}: {fault:?}");
                assert!(bench.look(&checkout.id).await.may_extend, "{call}: {fault:?}");
                bench.outside.heal();
                bench.extend_checkout(&checkout).await.unwrap();
                bench.assert_extended_once(&checkout).await;
            }
        }
    }

    async fn an_extension_that_could_not_be_written_is_written_after_the_first_end_too(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        bench.write("ALTER TABLE outbox RENAME TO away").await;
        assert!(bench.extend_checkout(&checkout).await.is_err());
        bench.write("ALTER TABLE away RENAME TO outbox").await;
        // Neither the end nor the event.
        let now = bench.look(&checkout.id).await;
        assert_eq!((now.expires_at, now.may_extend), (checkout.expires_at, true));
        bench.clock.advance(TO_PAY + Duration::from_secs(61));
        // The sweeper asks payments, which still waits.
        bench.sweep().await;
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::AwaitingPayment);
        bench.extend_checkout(&checkout).await.unwrap();
        bench.assert_extended_once(&checkout).await;
    }

    async fn who_presses_twice_at_once_extends_once(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let answers = futures_util::future::join_all((0..4).map(|_| bench.extend_checkout(&checkout))).await;
        let ends: Vec<i64> = answers.into_iter().map(|answer| answer.unwrap().expires_at).collect();
        let until = Timestamp::from_micros(checkout.expires_at).after(EXTENSION).micros();
        assert_eq!(ends, [until; 4]);
        bench.assert_extended_once(&checkout).await;
    }

    async fn the_hold_is_extended_before_the_payment(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let calls = bench.outside.calls().len();
        bench.extend_checkout(&checkout).await.unwrap();
        assert_eq!(bench.outside.calls()[calls..], [Call::ExtendHold, Call::ExtendPayment]);
    }

    async fn what_has_ended_is_not_extended(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let mut checkouts = Vec::new();
        for _ in 0..3 {
            checkouts.push(bench.awaiting(&[(&mango, 1)]).await);
        }
        let [paid, expired, cancelled] = &checkouts[..] else { unreachable!() };
        // Payments knows, and orders has not heard of it yet; then it has.
        let told = [bench.outside.pay(&paid.id), bench.outside.expire(&expired.id)];
        for heard in [false, true] {
            if heard {
                bench.hear(&told).await;
                bench.cancel(cancelled).await.unwrap();
                assert_eq!(codes(bench.extend_checkout(cancelled).await), [RefusalCode::CheckoutClosed]);
            }
            assert_eq!(codes(bench.extend_checkout(paid).await), [RefusalCode::CheckoutAlreadyPaid], "{heard}");
            assert_eq!(codes(bench.extend_checkout(expired).await), [RefusalCode::CheckoutClosed], "{heard}");
        }
        for checkout in &checkouts {
            let now = bench.look(&checkout.id).await;
            assert_eq!((now.expires_at, now.may_extend), (checkout.expires_at, false));
        }
        bench.assert_sound().await;
    }

    async fn after_its_time_a_checkout_is_not_extended_though_nobody_closed_it_yet(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        bench.clock.advance(TO_PAY + Duration::from_micros(1));
        assert_eq!(codes(bench.extend_checkout(&checkout).await), [RefusalCode::CheckoutClosed]);
        assert_eq!(bench.look(&checkout.id).await.expires_at, checkout.expires_at);
        // What is held for longer than it had to be is free when payments closes the payment.
        bench.hear(&[bench.outside.expire(&checkout.id)]).await;
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
    }

    async fn nobody_pays_for_seats_on_a_boat_that_has_left(database) {
        let bench = Bench::on(database);
        let end = bench.clock.now().after(TO_PAY + EXTENSION);
        for (starts, extended) in [(end.after(Duration::from_secs(1)), true), (end, false)] {
            let trip = bench.outside.departure(ids::new::<ShopId>(), starts, 20);
            let checkout = bench.awaiting(&[(&trip.adult, 1)]).await;
            let calls = bench.outside.calls().len();
            let answer = bench.extend_checkout(&checkout).await;
            if extended {
                assert!(!answer.unwrap().may_extend);
            } else {
                assert_eq!(codes(answer), [RefusalCode::DepartureClosed]);
                assert_eq!(bench.outside.calls().len(), calls);
            }
        }
        bench.assert_sound().await;
    }

    async fn nobody_is_asked_for_money_for_longer_when_the_goods_are_not_held(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        bench.outside.lose_hold(&checkout.id);
        assert_eq!(codes(bench.extend_checkout(&checkout).await), [RefusalCode::HoldGone]);
        assert_eq!(bench.look(&checkout.id).await.expires_at, checkout.expires_at);
        assert_eq!(bench.outside.all_payments()[0].expires_at, checkout.expires_at);
    }

    async fn what_is_to_be_paid_again_and_what_a_stranger_asks_for_is_not_extended(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let stranger = Checkout { token: "0".repeat(64), ..checkout.clone() };
        assert_eq!(bench.extend_checkout(&stranger).await.unwrap_err().code(), Code::NotFound);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.hear(&[bench.outside.reopen(&checkout.id)]).await;
        let reopened = bench.look(&checkout.id).await;
        assert_eq!((reopened.status(), reopened.may_extend), (CheckoutStatus::AwaitingPayment, false));
        let calls = bench.outside.calls().len();
        assert_eq!(bench.extend_checkout(&checkout).await.unwrap().expires_at, reopened.expires_at);
        assert_eq!(bench.outside.calls().len(), calls);
        bench.assert_sound().await;
    }
}
