//! Departures that do not happen: every order is moved or refunded, exactly once, and told of.

use platform::on_each_database;
use proto::bookings::{BookingStatus, ScanOutcome, TicketStatus};
use proto::events::DepartureCancelled;
use proto::orders::NoticeKind;

use super::fakes::{ADULT, Call, Fault, LUNCH, Trip};
use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];

fn cancelled(trip: &Trip, to: Option<&Trip>) -> Body {
    Body::DepartureCancelled(DepartureCancelled {
        departure_id: trip.departure.clone(),
        product_id: trip.product.clone(),
        shop_id: trip.shop.clone(),
        reason: "bão số 5".to_owned(),
        move_to: to.map(|trip| trip.departure.clone()).unwrap_or_default(),
    })
}

impl Bench {
    /// The departure does not happen, as catalog tells: twice, as happens.
    async fn call_off(&self, trip: &Trip, to: Option<&Trip>) {
        self.outside.cancel_departure(trip);
        for _ in 0..2 {
            self.hear(&[cancelled(trip, to)]).await;
        }
    }

    /// A reseller's confirmed booking of one adult.
    async fn sold_to(&self, reseller: &proto::bookings::Reseller, trip: &Trip) {
        let unit =
            proto::bookings::BookingUnit { ticket_code: "adult".to_owned(), ..Default::default() };
        let uuid = "0193a1b2-0000-7000-8000-000000000001".to_owned();
        let reserve = proto::bookings::ReserveBookingRequest {
            reseller_id: reseller.id.clone(),
            shop_id: trip.shop.clone(),
            uuid: uuid.clone(),
            product_id: trip.product.clone(),
            option_code: "join-in".to_owned(),
            departure_id: trip.departure.clone(),
            units: vec![unit],
            ..Default::default()
        };
        self.reserve(&reserve).await.unwrap();
        let confirm = proto::bookings::ConfirmBookingRequest {
            reseller_id: reseller.id.clone(),
            uuid,
            ..Default::default()
        };
        self.confirm(&confirm).await.unwrap();
    }

    async fn notices(&self, checkout: &Checkout) -> Vec<NoticeKind> {
        let orders = self.look(&checkout.id).await.orders;
        orders.iter().flat_map(|order| &order.notices).map(|notice| notice.kind()).collect()
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn orders_move_as_far_as_there_are_seats_and_the_others_are_refunded_in_full(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        let later = bench.outside.another(&trip, trip.starts_at.after(2 * HOUR), 4);
        let first = bench.bought(&[(&trip.adult, 3), (&trip.lunch, 2)]).await;
        let second = bench.bought(&[(&trip.adult, 2), (&trip.lunch, 1)]).await;
        let third = bench.bought(&[(&trip.adult, 1), (&trip.infant, 1)]).await;
        bench.relay().await;
        let old_code = bench.tickets(&first).await.remove(0).code;
        bench.call_off(&trip, Some(&later)).await;
        for _ in 0..3 {
            bench.sweep_all().await;
        }
        assert_eq!(bench.notices(&first).await, [NoticeKind::DepartureMoved]);
        assert_eq!(bench.notices(&second).await, [NoticeKind::DepartureRefunded]);
        assert_eq!(bench.notices(&third).await, [NoticeKind::DepartureMoved]);
        // The party of two does not fit and stays together.
        let refunds = bench.outside.refunds();
        let [refund] = &refunds[..] else { panic!("{refunds:?}") };
        assert_eq!(refund.amount.as_ref().unwrap().minor, 2 * ADULT + LUNCH);
        assert_eq!((bench.outside.seats(&trip), bench.outside.seats(&later)), ((20, 0, 0), (0, 0, 4)));
        let moved = bench.tickets(&first).await;
        assert!(moved.iter().all(|ticket| {
            let offer = ticket.offer.as_ref().unwrap();
            offer.departure_id == later.departure && offer.starts_at == later.starts_at.micros()
        }));
        assert!(bench.tickets(&second).await.iter().all(|ticket| ticket.status() == TicketStatus::TicketCancelled));
        let order = &bench.look(&first.id).await.orders[0];
        assert_eq!(order.notices[0].facts["reason"], "bão số 5");
        assert_eq!(order.notices[0].facts["to"], later.starts_at.to_rfc3339());
        let manifest = bench.manifest(&later).await;
        assert_eq!((manifest.people, manifest.add_ons[0].quantity), (5, 2));
        assert_eq!(bench.manifest(&trip).await.people, 0);
        // The old code is for a departure that the ticket is no longer for; the new one boards.
        bench.clock.advance(5 * HOUR);
        let scans = [bench.scan("old", &old_code, Duration::ZERO), bench.scan("new", &moved[0].code, Duration::ZERO)];
        assert_eq!(bench.outcomes(&later, &scans).await, [ScanOutcome::WrongDeparture, ScanOutcome::Admitted]);
        bench.assert_sound().await;
    }

    async fn whoever_boarded_before_it_was_called_off_boards_again(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(1, 20);
        let later = bench.outside.another(&trip, trip.starts_at.after(HOUR), 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        let ticket = bench.tickets(&bought).await.remove(0);
        let early = bench.scan("early", &ticket.code, Duration::ZERO);
        assert_eq!(bench.outcomes(&trip, std::slice::from_ref(&early)).await, [ScanOutcome::Admitted]);
        bench.call_off(&trip, Some(&later)).await;
        bench.sweep_all().await;
        let ticket = bench.tickets(&bought).await.remove(0);
        assert_eq!(ticket.status(), TicketStatus::TicketValid);
        let again = bench.scan("again", &ticket.code, Duration::ZERO);
        assert_eq!(bench.outcomes(&later, &[again, early]).await, [ScanOutcome::Admitted, ScanOutcome::WrongDeparture]);
        assert_eq!(bench.manifest(&later).await.redeemed, 1);
        bench.assert_sound().await;
    }

    async fn without_another_departure_everybody_is_refunded_and_nobody_pays_any_more(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        let paid = bench.bought(&[(&trip.adult, 2)]).await;
        let awaiting = bench.awaiting(&[(&trip.adult, 1)]).await;
        let quick = bench.awaiting(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        // Of one, money comes at the same moment.
        let news = bench.outside.pay(&quick.id);
        bench.call_off(&trip, None).await;
        bench.sweep_all().await;
        bench.hear(&[news]).await;
        bench.hear(&bench.outside.told()).await;
        bench.relay().await;
        bench.sweep_all().await;
        assert_eq!(bench.notices(&paid).await, [NoticeKind::DepartureRefunded]);
        assert_eq!(bench.notices(&quick).await, [NoticeKind::DepartureRefunded]);
        assert_eq!(bench.look(&awaiting.id).await.status(), CheckoutStatus::Cancelled);
        let mut back: Vec<_> =
            bench.outside.refunds().iter().map(|refund| refund.amount.as_ref().unwrap().minor).collect();
        back.sort_unstable();
        assert_eq!((back, bench.outside.seats(&trip)), (vec![ADULT, 2 * ADULT], (20, 0, 0)));
        bench.assert_sound().await;
    }

    async fn a_departure_that_is_called_off_is_not_given_back_by_its_guests(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        bench.call_off(&trip, None).await;
        let request = proto::bookings::CancelTicketsRequest {
            checkout_id: bought.id.clone(),
            token: bought.token.clone(),
            ticket_ids: vec![bench.tickets(&bought).await.remove(0).id],
            idempotency_key: "huy-ve-1".to_owned(),
            ..proto::bookings::CancelTicketsRequest::default()
        };
        let refused = bench.client.clone().cancel_tickets(request).await.unwrap_err();
        assert_eq!(refusals_of(&refused).unwrap()[0].facts["status"], "DEPARTURE_CANCELLED");
        bench.sweep_all().await;
        assert_eq!(bench.notices(&bought).await, [NoticeKind::DepartureRefunded]);
    }

    async fn a_departure_that_is_called_off_is_not_given_back_by_its_resellers_for_less(database) {
        let bench = Bench::on(database);
        // Less than 24 hours before, nothing would come back.
        let trip = bench.trip_in(1, 20);
        let reseller = bench.reseller(&trip).await;
        bench.sold_to(&reseller, &trip).await;
        bench.call_off(&trip, None).await;
        let refused = bench.take_back(&reseller, true).await.unwrap_err();
        assert_eq!(refusals_of(&refused).unwrap()[0].facts["status"], "DEPARTURE_CANCELLED");
        assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Confirmed);
        bench.sweep_all().await;
        let booking = bench.booking(&reseller).await.unwrap();
        assert_eq!((booking.status(), &*booking.cancellation_refund), (BookingStatus::Cancelled, "FULL"));
        assert_eq!(bench.owed(&trip).await, 0);
        bench.assert_sound().await;
    }

    async fn a_refund_that_payments_refuses_at_first_is_made_when_it_can(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        bench.outside.accounts_unknown(true);
        bench.call_off(&trip, None).await;
        bench.sweep_all().await;
        assert_eq!(bench.notices(&bought).await, []);
        // Nobody boards meanwhile.
        let code = bench.tickets(&bought).await.remove(0).code;
        let scan = bench.scan("early", &code, Duration::ZERO);
        assert_eq!(bench.outcomes(&trip, &[scan]).await, [ScanOutcome::TicketWasCancelled]);
        bench.outside.accounts_unknown(false);
        bench.clock.advance(Duration::from_secs(61));
        bench.sweep_all().await;
        assert_eq!(bench.notices(&bought).await, [NoticeKind::DepartureRefunded]);
        bench.assert_sound().await;
    }

    async fn wherever_a_move_or_a_refund_is_interrupted_it_is_done_once(database) {
        let moving = [Call::GetDepartures, Call::HoldStock, Call::CommitHold, Call::ReturnSeats];
        let refunding = [Call::RefundPayment, Call::ReturnSeats];
        let cases = moving.iter().zip(0..).map(|(call, at)| (true, *call, at));
        let cases = cases.chain(refunding.iter().zip(0..).map(|(call, at)| (false, *call, at)));
        for (moves, call, at) in cases {
            for fault in FAULTS {
                let name = format!("moves: {moves}, {call:?}: {fault:?}");
                let bench = Bench::on(database.clone());
                let trip = bench.trip_in(30, 20);
                let later = bench.outside.another(&trip, trip.starts_at.after(HOUR), 20);
                let bought = bench.bought(&[(&trip.adult, 2), (&trip.lunch, 1)]).await;
                bench.relay().await;
                bench.call_off(&trip, moves.then_some(&later)).await;
                bench.outside.plan(at, fault);
                let swept = Box::pin(sweeps::sweep_departures(&bench.orders));
                bench.outside.until_death(swept).await;
                bench.outside.heal();
                assert_eq!(bench.notices(&bought).await, [], "{name}");
                bench.clock.advance(INTERRUPTED);
                for _ in 0..2 {
                    bench.sweep_all().await;
                }
                let (wanted, seats) = if moves {
                    (NoticeKind::DepartureMoved, (18, 0, 2))
                } else {
                    (NoticeKind::DepartureRefunded, (20, 0, 0))
                };
                assert_eq!(bench.notices(&bought).await, [wanted], "{name}");
                assert_eq!((bench.outside.seats(&trip), bench.outside.seats(&later)), ((20, 0, 0), seats), "{name}");
                assert_eq!(bench.outside.refunds().len(), usize::from(!moves), "{name}");
                bench.assert_sound().await;
            }
        }
    }

    async fn seats_of_a_move_that_came_too_late_are_free_again(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(3, 20);
        let later = bench.outside.another(&trip, trip.starts_at.after(HOUR), 20);
        bench.bought(&[(&trip.adult, 2)]).await;
        bench.relay().await;
        bench.call_off(&trip, Some(&later)).await;
        // The last call before the move is written; meanwhile one of the two is given back.
        bench.outside.plan(3, Fault::AnsweredLate);
        let (swept, ()) = tokio::join!(sweeps::sweep_departures(&bench.orders), async {
            bench.outside.held_back().await;
            bench.write("UPDATE order_lines SET cancelled_quantity = 1").await;
            bench.outside.go_on();
        });
        swept.unwrap();
        assert_eq!(bench.outside.calls().last(), Some(&Call::ReturnSeats));
        assert_eq!(bench.outside.seats(&later), (20, 0, 0));
        // What is left moves with a hold of its own.
        bench.sweep_all().await;
        assert_eq!(bench.outside.seats(&later), (19, 0, 1));
    }

    async fn resellers_bookings_move_or_are_owed_no_more(database) {
        for moves in [true, false] {
            let bench = Bench::on(database.clone());
            let trip = bench.trip_in(3, 20);
            let later = bench.outside.another(&trip, trip.starts_at.after(HOUR), 20);
            let reseller = bench.reseller(&trip).await;
            let unit = proto::bookings::BookingUnit { ticket_code: "adult".to_owned(), ..Default::default() };
            let uuid = "0193a1b2-0000-7000-8000-000000000001".to_owned();
            let reserve = |uuid: String| proto::bookings::ReserveBookingRequest {
                reseller_id: reseller.id.clone(),
                shop_id: trip.shop.clone(),
                uuid,
                product_id: trip.product.clone(),
                option_code: "join-in".to_owned(),
                departure_id: trip.departure.clone(),
                units: vec![unit.clone()],
                ..Default::default()
            };
            bench.reserve(&reserve(uuid.clone())).await.unwrap();
            let confirm = proto::bookings::ConfirmBookingRequest {
                reseller_id: reseller.id.clone(), uuid, ..Default::default()
            };
            bench.confirm(&confirm).await.unwrap();
            let held = bench.reserve(&reserve("0193a1b2-0000-7000-8000-000000000009".to_owned())).await.unwrap();
            assert_eq!(held.status(), BookingStatus::OnHold);
            bench.call_off(&trip, moves.then_some(&later)).await;
            bench.sweep_all().await;
            let booking = bench.booking(&reseller).await.unwrap();
            if moves {
                assert_eq!((booking.status(), &booking.departure_id), (BookingStatus::Confirmed, &later.departure));
                assert_eq!((booking.starts_at, bench.owed(&trip).await), (later.starts_at.micros(), ADULT));
            } else {
                assert_eq!((booking.status(), &*booking.cancellation_refund), (BookingStatus::Cancelled, "FULL"));
                assert_eq!((&*booking.cancellation_reason, bench.owed(&trip).await), ("bão số 5", 0));
            }
            assert_eq!(bench.outside.seats(&trip), (20, 0, 0));
            bench.assert_sound().await;
        }
    }
}
