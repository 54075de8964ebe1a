//! What a sweeper tried in vain waits, longer each time: fifty that always fail keep no other from its
//! turn.

use platform::on_each_database;
use proto::events::DepartureCancelled;

use super::fakes::{Call, Fault};
use super::*;

impl Bench {
    /// Sweeps while the next call does not arrive; gives what was asked for.
    async fn sweep_in_vain(&self) -> Vec<Call> {
        let before = self.outside.calls().len();
        self.outside.plan(0, Fault::Unreached);
        // Whether it fails as a whole is not the question.
        let _ = sweeps::sweep(&self.orders).await;
        self.outside.plan(0, Fault::Unreached);
        let _ = sweeps::sweep_departures(&self.orders).await;
        self.outside.heal();
        self.outside.calls().split_off(before)
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn an_interrupted_checkout_that_fails_again_waits_longer_each_time(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        bench.outside.plan(0, Fault::Unreached);
        bench.start(&request).await.unwrap_err();
        bench.clock.advance(INTERRUPTED);
        for pause in [15, 30, 60, 120, 240, 480, 600, 600] {
            assert_eq!(bench.sweep_in_vain().await, [Call::HoldStock]);
            bench.clock.advance(Duration::from_secs(pause - 1));
            assert_eq!(bench.sweep_in_vain().await, [], "after {pause} seconds less one");
            bench.clock.advance(Duration::from_secs(2));
        }
        bench.sweep().await;
        assert_eq!(bench.start(&request).await.unwrap().status(), CheckoutStatus::AwaitingPayment);
    }

    async fn a_checkout_of_which_nothing_is_heard_is_not_asked_about_each_time(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        bench.clock.advance(TO_PAY + Duration::from_secs(61));
        assert_eq!(bench.sweep_in_vain().await, [Call::GetPayments]);
        assert_eq!(bench.sweep_in_vain().await, []);
        bench.outside.pay(&checkout.id);
        bench.clock.advance(INTERRUPTED);
        bench.sweep().await;
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::Paid);
    }

    async fn an_order_that_cannot_be_moved_now_lets_the_others_move(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        bench.bought(&[(&trip.adult, 2)]).await;
        bench.relay().await;
        bench.outside.cancel_departure(&trip);
        bench.hear(&[Body::DepartureCancelled(DepartureCancelled {
            departure_id: trip.departure.clone(),
            product_id: trip.product.clone(),
            shop_id: trip.shop.clone(),
            reason: "bão số 5".to_owned(),
            move_to: trip.departure.clone(),
        })]).await;
        assert_eq!(bench.sweep_in_vain().await, [Call::GetDepartures]);
        assert_eq!(bench.sweep_in_vain().await, []);
        bench.clock.advance(INTERRUPTED);
        assert_eq!(bench.sweep_in_vain().await, [Call::GetDepartures]);
    }
}
