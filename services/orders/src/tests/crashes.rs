//! Whatever fails, and wherever the process dies: a checkout comes to one end, with one payment and
//! one hold or with none.

use platform::on_each_database;

use super::fakes::{Call, Fault};
use super::*;

/// Ways in which a call fails that the caller need not wait for.
const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];

/// Calls of a checkout: the hold, the payment.
const CALLS: [usize; 2] = [0, 1];

/// What a checkout meets outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Market {
    /// All is there.
    Plenty,
    /// Less is there than the cart holds.
    Short,
    /// Payments does not take what the shopper wants to pay with.
    CardRefused,
}

/// Who takes an interrupted checkout further.
#[derive(Clone, Copy, Debug)]
enum Resumed {
    BySweeper,
    ByShopper,
}

/// One checkout in a market of its own.
struct Case {
    name: String,
    bench: Bench,
    market: Market,
    goods: [String; 2],
    request: StartCheckoutRequest,
}

impl Case {
    async fn begin(database: &Database, market: Market, name: String) -> Self {
        let bench = Bench::on(database.clone());
        let goods = [bench.offer(85_000, 10), bench.offer(30_000, 10)];
        let cart = bench.cart_of(&[(&goods[0], 3), (&goods[1], 4)]).await;
        let mut request = request_for(&cart);
        match market {
            Market::Plenty => {}
            Market::Short => bench.outside.change(&goods[1], |offer| offer.available = 3),
            Market::CardRefused => request.set_pay_with(PayWith::Card),
        }
        Self { name, bench, market, goods, request }
    }

    async fn ask(&self) -> Option<Result<Checkout, Status>> {
        self.bench.outside.until_death(self.bench.start(&self.request)).await
    }

    async fn sweep_to_the_end_or_death(&self) {
        if let Some(swept) =
            self.bench.outside.until_death(Box::pin(sweeps::sweep(&self.bench.orders))).await
        {
            swept.unwrap();
        }
        // What failed waits for its next turn.
        self.bench.clock.advance(INTERRUPTED);
    }

    /// The only end that there is in this market, with all that belongs to it and nothing else.
    async fn assert_ended(&self) {
        let (name, bench) = (&self.name, &self.bench);
        let made = bench.checkouts_of(self.request.cart.as_ref().unwrap()).await;
        let [checkout] = &made[..] else { panic!("{name}: {made:?}") };
        bench.assert_sound().await;
        let payments = bench.outside.all_payments();
        let stock = self.goods.each_ref().map(|variant| bench.outside.stock(variant));
        let found = (checkout.status(), checkout.orders.len(), payments.len(), stock);
        let refused = CheckoutStatus::Refused;
        let wanted = match self.market {
            Market::Plenty => (CheckoutStatus::AwaitingPayment, 2, 1, [(7, 3, 0), (6, 4, 0)]),
            Market::Short => (refused, 0, 0, [(10, 0, 0), (3, 0, 0)]),
            Market::CardRefused => (refused, 0, 0, [(10, 0, 0), (10, 0, 0)]),
        };
        assert_eq!(found, wanted, "{name}");
        let told = bench.told_of(&checkout.id).await.len();
        assert_eq!(told, usize::from(checkout.status() == refused), "{name}");
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn one_failure_anywhere_changes_nothing_of_how_a_checkout_ends(database) {
        for market in [Market::Plenty, Market::Short, Market::CardRefused] {
            for call in CALLS {
                for fault in FAULTS {
                    for resumed in [Resumed::BySweeper, Resumed::ByShopper] {
                        let name = format!("{market:?}, call {call}: {fault:?}, resumed {resumed:?}");
                        let case = Case::begin(&database, market, name).await;
                        case.bench.outside.plan(call, fault);
                        let answer = case.ask().await;
                        case.bench.outside.heal();
                        assert!(!matches!(answer, Some(Ok(_))), "{}", case.name);
                        case.bench.clock.advance(INTERRUPTED);
                        match resumed {
                            Resumed::BySweeper => case.bench.sweep().await,
                            Resumed::ByShopper => drop(case.ask().await),
                        }
                        case.assert_ended().await;
                    }
                }
            }
        }
    }

    async fn a_second_failure_while_it_is_resumed_changes_nothing_either(database) {
        for market in [Market::Plenty, Market::CardRefused] {
            for first in CALLS.into_iter().flat_map(|call| FAULTS.map(|fault| (call, fault))) {
                for second in CALLS.into_iter().flat_map(|call| FAULTS.map(|fault| (call, fault))) {
                    let name = format!("{market:?}: {first:?}, then {second:?}");
                    let case = Case::begin(&database, market, name).await;
                    case.bench.outside.plan(first.0, first.1);
                    case.ask().await;
                    case.bench.clock.advance(INTERRUPTED);
                    case.bench.outside.plan(second.0, second.1);
                    case.sweep_to_the_end_or_death().await;
                    case.bench.outside.heal();
                    case.bench.sweep().await;
                    case.assert_ended().await;
                }
            }
        }
    }

    async fn an_end_that_cannot_be_written_is_written_when_it_can(database) {
        for (market, table) in [(Market::Plenty, "order_lines"), (Market::CardRefused, "outbox")] {
            let case = Case::begin(&database, market, format!("without {table}")).await;
            case.bench.write(&format!("ALTER TABLE {table} RENAME TO away")).await;
            assert!(case.ask().await.unwrap().is_err());
            case.bench.write(&format!("ALTER TABLE away RENAME TO {table}")).await;
            let cart = case.request.cart.as_ref().unwrap();
            let checkout = case.bench.checkouts_of(cart).await.remove(0);
            // Neither the orders nor the status: the second transaction is all or nothing.
            let begun = (CheckoutStatus::Starting, vec![]);
            assert_eq!((checkout.status(), checkout.orders), begun, "{}", case.name);
            case.bench.clock.advance(INTERRUPTED);
            case.bench.sweep().await;
            case.assert_ended().await;
        }
    }

    async fn a_checkout_that_is_still_being_made_is_left_to_who_makes_it(database) {
        let case = Case::begin(&database, Market::Plenty, "young".to_owned()).await;
        case.bench.outside.plan(0, Fault::DiesUnanswered);
        assert!(case.ask().await.is_none());
        let calls = case.bench.outside.calls().len();
        case.bench.clock.advance(Duration::from_secs(14));
        case.bench.sweep().await;
        assert_eq!(case.bench.outside.calls().len(), calls);
        case.bench.clock.advance(Duration::from_secs(2));
        case.bench.sweep().await;
        case.assert_ended().await;
    }

    async fn one_checkout_that_cannot_be_resumed_does_not_keep_others_from_it(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let mut carts = Vec::new();
        for _ in 0..2 {
            let cart = bench.cart_of(&[(&mango, 3)]).await;
            bench.outside.plan(0, Fault::DiesAsking);
            assert!(bench.outside.until_death(bench.start(&request_for(&cart))).await.is_none());
            bench.clock.advance(Duration::from_secs(1));
            carts.push(cart);
        }
        bench.clock.advance(INTERRUPTED);
        bench.outside.plan(0, Fault::Unreached);
        for wanted in [CheckoutStatus::Starting, CheckoutStatus::AwaitingPayment] {
            bench.sweep().await;
            bench.clock.advance(INTERRUPTED);
            assert_eq!(bench.checkouts_of(&carts[0]).await[0].status(), wanted);
            assert_eq!(bench.checkouts_of(&carts[1]).await[0].status(), CheckoutStatus::AwaitingPayment);
        }
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (4, 6, 0));
    }

    async fn the_price_of_the_hold_stays_though_the_checkout_is_resumed_later(database) {
        let case = Case::begin(&database, Market::Plenty, "price".to_owned()).await;
        case.bench.outside.plan(1, Fault::Unanswered);
        assert!(case.ask().await.unwrap().is_err());
        for variant in &case.goods {
            case.bench.outside.change(variant, |offer| offer.price.as_mut().unwrap().minor *= 2);
        }
        case.bench.clock.advance(INTERRUPTED);
        case.bench.sweep().await;
        case.assert_ended().await;
        assert_eq!(case.bench.outside.all_payments()[0].amount.as_ref().unwrap().minor, 375_000);
    }

    async fn a_request_that_wakes_up_after_the_sweeper_gives_what_the_sweeper_made(database) {
        for (call, fault) in [
            (0, Fault::DoneLate), (0, Fault::AnsweredLate), (1, Fault::DoneLate), (1, Fault::AnsweredLate),
        ] {
            let case = Case::begin(&database, Market::Plenty, format!("{call}: {fault:?}")).await;
            case.bench.outside.plan(call, fault);
            let (answer, ()) = tokio::join!(case.bench.start(&case.request), async {
                case.bench.outside.held_back().await;
                case.bench.clock.advance(INTERRUPTED);
                case.bench.sweep().await;
                case.bench.outside.go_on();
            });
            let answer = answer.unwrap();
            let seen = case.bench.look(&answer.id).await;
            assert_eq!((seen.status(), seen.orders), (answer.status(), answer.orders), "{}", case.name);
            case.assert_ended().await;
        }
    }

    async fn a_request_that_wakes_up_after_a_refusal_leaves_no_hold_and_no_payment(database) {
        for pay_with in [PayWith::Vietqr, PayWith::Card] {
            let mut case = Case::begin(&database, Market::Short, format!("{pay_with:?}")).await;
            case.request.set_pay_with(pay_with);
            let (bench, plum) = (&case.bench, &case.goods[1]);
            bench.outside.plan(0, Fault::DoneLate);
            let (answer, ()) = tokio::join!(bench.start(&case.request), async {
                bench.outside.held_back().await;
                bench.clock.advance(INTERRUPTED);
                bench.sweep().await;
                bench.relay().await;
                bench.outside.change(plum, |offer| offer.available = 10);
                bench.outside.go_on();
            });
            match pay_with {
                PayWith::Card => assert_eq!(codes(answer), [RefusalCode::PaymentMethodUnavailable]),
                _ => assert_eq!(answer.unwrap().status(), CheckoutStatus::Refused),
            }
            // The late hold was made, or this would prove nothing.
            assert_eq!(bench.outside.stock(plum), (6, 4, 0));
            bench.hear(&bench.outside.told()).await;
            bench.assert_sound().await;
            let stock = case.goods.each_ref().map(|variant| bench.outside.stock(variant));
            assert_eq!(stock, [(10, 0, 0), (10, 0, 0)], "{}", case.name);
        }
    }

    async fn a_cancellation_that_fails_can_be_repeated_and_cancels_once(database) {
        for fault in FAULTS {
            let bench = Bench::on(database.clone());
            let mango = bench.offer(85_000, 10);
            let checkout = bench.awaiting(&[(&mango, 3)]).await;
            bench.outside.plan(0, fault);
            let first = bench.outside.until_death(bench.cancel(&checkout)).await;
            assert!(!matches!(first, Some(Ok(_))), "{fault:?}");
            let awaiting = CheckoutStatus::AwaitingPayment;
            assert_eq!(bench.look(&checkout.id).await.status(), awaiting);
            for _ in 0..2 {
                assert_eq!(bench.cancel(&checkout).await.unwrap().status(), CheckoutStatus::Cancelled, "{fault:?}");
            }
            bench.hear(&bench.outside.told()).await;
            assert_eq!(bench.status(&checkout.id).await.1, [OrderStatus::OrderCancelled]);
            assert_eq!(bench.told_of(&checkout.id).await, [CheckoutStatus::Cancelled]);
            bench.assert_sound().await;
            assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
        }
    }

    async fn a_cancellation_of_which_only_payments_knows_reaches_the_checkout_by_its_event(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        bench.outside.plan(0, Fault::DiesUnanswered);
        assert!(bench.outside.until_death(bench.cancel(&checkout)).await.is_none());
        bench.hear(&bench.outside.told()).await;
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::Cancelled);
        bench.assert_sound().await;
    }

    async fn what_no_event_told_is_asked_for_after_the_time_to_pay(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let mut checkouts = Vec::new();
        for _ in 0..4 {
            checkouts.push(bench.awaiting(&[(&mango, 1)]).await);
        }
        let [paid, expired, cancelled, pending] = &checkouts[..] else { unreachable!() };
        // Their events are lost.
        bench.outside.pay(&paid.id);
        bench.outside.expire(&expired.id);
        bench.outside.plan(0, Fault::DiesUnanswered);
        bench.outside.until_death(bench.cancel(cancelled)).await;
        let paid_at = bench.clock.now().micros();
        bench.clock.advance(TO_PAY + Duration::from_secs(59));
        let calls = bench.outside.calls().len();
        bench.sweep().await;
        assert_eq!(bench.outside.calls().len(), calls);
        bench.clock.advance(Duration::from_secs(2));
        bench.outside.plan(0, Fault::Unreached);
        assert!(sweeps::sweep(&bench.orders).await.is_err());
        assert_eq!(bench.announced().await, []);
        bench.clock.advance(INTERRUPTED);
        bench.sweep().await;
        assert_eq!(bench.outside.calls()[calls..], [Call::GetPayments; 2]);
        let now = [paid, expired, cancelled, pending].map(|checkout| &checkout.id);
        let mut found = Vec::new();
        for id in now {
            found.push(bench.look(id).await.status());
        }
        use CheckoutStatus as S;
        assert_eq!(found, [S::Paid, S::Expired, S::Cancelled, S::AwaitingPayment]);
        assert_eq!(bench.look(&paid.id).await.paid_at, paid_at);
        bench.assert_sound().await;
        assert_eq!(bench.outside.stock(&mango), (8, 1, 1));
    }
}
