//! Guests give tickets back: what comes back is what they were told, once, wherever it is
//! interrupted.

use platform::on_each_database;
use proto::bookings::{
    CancelTicketsRequest, ScanOutcome, Ticket, TicketCancellation, TicketStatus,
};

use super::fakes::{ADULT, CHILD, Call, Fault, LUNCH, Trip};
use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];

/// A request to give tickets of a checkout back.
fn request(checkout: &Checkout, tickets: &[&Ticket]) -> CancelTicketsRequest {
    CancelTicketsRequest {
        checkout_id: checkout.id.clone(),
        token: checkout.token.clone(),
        ticket_ids: tickets.iter().map(|ticket| ticket.id.clone()).collect(),
        reason: "Bé bị ốm".to_owned(),
        idempotency_key: "huy-ve-1".to_owned(),
        ..CancelTicketsRequest::default()
    }
}

impl Bench {
    /// A departure of a new shop in so many hours.
    pub fn trip_in(&self, hours: u32, capacity: u32) -> Trip {
        self.outside.departure(ids::new::<ShopId>(), self.clock.now().after(hours * HOUR), capacity)
    }

    async fn give_back(
        &self,
        request: &CancelTicketsRequest,
    ) -> Result<TicketCancellation, Status> {
        Ok(self.client.clone().cancel_tickets(request.clone()).await?.into_inner())
    }

    /// Tickets of a ticket kind.
    async fn kind(&self, checkout: &Checkout, code: &str) -> Vec<Ticket> {
        let mut tickets = self.tickets(checkout).await;
        tickets.retain(|ticket| ticket.offer.as_ref().unwrap().ticket_code == code);
        tickets
    }

    fn refunded(&self) -> Vec<i64> {
        let refunds = self.outside.refunds();
        refunds.iter().map(|refund| refund.amount.as_ref().unwrap().minor).collect()
    }
}

fn minor(money: Option<&proto::common::Money>) -> i64 {
    money.unwrap().minor
}

on_each_database! { migrations::orders::Migrator,
    async fn what_comes_back_is_what_was_told_before_by_the_policy_that_was_bought(database) {
        for (hours, adult, child) in [(72, ADULT, CHILD), (30, ADULT / 2, 62_501), (3, 0, 0)] {
            let bench = Bench::on(database.clone());
            let trip = bench.trip_in(hours, 20);
            let checkout = bench.bought(&[(&trip.adult, 2), (&trip.child, 1), (&trip.lunch, 1)]).await;
            bench.relay().await;
            let (adults, children) = (bench.kind(&checkout, "adult").await, bench.kind(&checkout, "child").await);
            let asked = request(&checkout, &[&adults[0], &children[0]]);
            let told = bench.give_back(&CancelTicketsRequest { dry_run: true, ..asked.clone() }).await.unwrap();
            assert_eq!((told.id.as_str(), minor(told.refund.as_ref()), bench.refunded()), ("", adult + child, vec![]));
            let done = bench.give_back(&asked).await.unwrap();
            assert_eq!((&done.tickets, &done.refund, &done.add_ons), (&told.tickets, &told.refund, &vec![]));
            let back = if adult > 0 { vec![adult + child] } else { vec![] };
            assert_eq!(bench.refunded(), back);
            assert_eq!(done.refund_ids.len(), back.len());
            assert_eq!(bench.outside.seats(&trip), (19, 0, 1));
            // The same again changes nothing; another request with the key is refused.
            assert_eq!(bench.give_back(&asked).await.unwrap(), done);
            let other = request(&checkout, &[&adults[1]]);
            assert_eq!(codes(bench.give_back(&other).await), [RefusalCode::IdempotencyKeyReused]);
            assert_eq!(bench.refunded(), back);
            let now = bench.look(&checkout.id).await;
            assert_eq!(now.orders[0].status(), OrderStatus::OrderPaid);
            assert_eq!(now.orders[0].notices[0].facts["refund"], (adult + child).to_string());
            // With the last ticket the lunch goes, too.
            let rest = CancelTicketsRequest { idempotency_key: "huy-ve-2".to_owned(), ..other };
            let rest = bench.give_back(&rest).await.unwrap();
            let lunch = LUNCH * adult / ADULT;
            assert_eq!((minor(rest.refund.as_ref()), minor(rest.add_ons[0].refund.as_ref())), (adult + lunch, lunch));
            assert_eq!(bench.outside.seats(&trip), (20, 0, 0));
            assert!(bench.manifest(&trip).await.add_ons.is_empty());
            bench.assert_sound().await;
        }
    }

    async fn tickets_that_cannot_be_given_back_are_refused_and_nothing_changes(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let checkout = bench.bought(&[(&trip.adult, 3)]).await;
        let other = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        let (tickets, others) = (bench.tickets(&checkout).await, bench.tickets(&other).await);
        let once = request(&checkout, &[&tickets[0]]);
        bench.give_back(&once).await.unwrap();
        let again = |tickets: &[&Ticket]| CancelTicketsRequest {
            idempotency_key: "huy-ve-2".to_owned(),
            ..request(&checkout, tickets)
        };
        let cancelled = bench.give_back(&again(&[&tickets[0], &tickets[1]])).await.unwrap_err();
        let refusal = refusals_of(&cancelled).unwrap().remove(0);
        assert_eq!((refusal.code(), &*refusal.facts["status"]), (RefusalCode::TicketNotCancellable, "CANCELLED"));
        for (asked, refused) in [
            (again(&[]), RefusalCode::OutOfRange),
            (again(&[&others[0]]), RefusalCode::NotFound),
            (again(&[&tickets[1], &others[0]]), RefusalCode::NotFound),
            (CancelTicketsRequest { idempotency_key: "ngan".to_owned(), ..again(&[&tickets[1]]) }, RefusalCode::OutOfRange),
            (CancelTicketsRequest { reason: "x".repeat(501), ..again(&[&tickets[1]]) }, RefusalCode::TooLong),
        ] {
            assert_eq!(codes(bench.give_back(&asked).await), [refused]);
        }
        let stranger = CancelTicketsRequest { token: other.token.clone(), ..again(&[&tickets[1]]) };
        assert_eq!(bench.give_back(&stranger).await.unwrap_err().code(), Code::NotFound);
        bench.clock.advance(trip.starts_at.since(bench.clock.now()).saturating_sub(HOUR));
        let scan = bench.scan("on-board", &tickets[1].code, Duration::ZERO);
        assert_eq!(bench.outcomes(&trip, &[scan]).await, [ScanOutcome::Admitted]);
        let redeemed = codes(bench.give_back(&again(&[&tickets[1]])).await);
        assert_eq!(redeemed, [RefusalCode::TicketNotCancellable]);
        bench.clock.advance(HOUR);
        let departed = bench.give_back(&again(&[&tickets[2]])).await.unwrap_err();
        assert_eq!(refusals_of(&departed).unwrap()[0].facts["status"], "DEPARTED");
        let statuses: Vec<_> = bench.tickets(&checkout).await.iter().map(Ticket::status).collect();
        use TicketStatus as S;
        assert_eq!(statuses, [S::TicketCancelled, S::TicketRedeemed, S::TicketValid]);
        // A guest who gave a ticket back does not board with it.
        let late = bench.scan("late", &tickets[0].code, Duration::ZERO);
        assert_eq!(bench.outcomes(&trip, &[late]).await, [ScanOutcome::TicketWasCancelled]);
        bench.assert_sound().await;
    }

    async fn a_refund_that_payments_refuses_leaves_everything_as_it_was(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(72, 20);
        let checkout = bench.bought(&[(&trip.adult, 2)]).await;
        bench.relay().await;
        let before = bench.tickets(&checkout).await;
        bench.outside.accounts_unknown(true);
        let asked = request(&checkout, &[&before[0]]);
        assert_eq!(codes(bench.give_back(&asked).await), [RefusalCode::PayeeAccountRequired]);
        assert_eq!(bench.tickets(&checkout).await, before);
        assert_eq!((bench.refunded(), bench.outside.seats(&trip)), (vec![], (18, 0, 2)));
        assert!(bench.rows("SELECT id FROM ticket_cancellations".to_owned()).await.is_empty());
        // The same key with an account.
        let with_account = CancelTicketsRequest {
            bank_bin: "970436".to_owned(),
            account_number: "0071000123456".to_owned(),
            account_holder: "LE THI SAU".to_owned(),
            ..asked.clone()
        };
        let done = bench.give_back(&with_account).await.unwrap();
        assert_eq!((done.account_needed, bench.refunded()), (false, vec![ADULT]));
        // Where payments takes a refund without one, it waits for it.
        bench.outside.accounts_unknown(false);
        let without = CancelTicketsRequest { idempotency_key: "huy-ve-2".to_owned(), ..request(&checkout, &[&before[1]]) };
        assert!(bench.give_back(&without).await.unwrap().account_needed);
        bench.assert_sound().await;
    }

    async fn wherever_a_cancellation_is_interrupted_it_comes_to_the_same_end(database) {
        for call in [Call::RefundPayment, Call::ReturnSeats] {
            for fault in FAULTS {
                for by_sweeper in [false, true] {
                    let name = format!("{call:?}: {fault:?}, by sweeper: {by_sweeper}");
                    let bench = Bench::on(database.clone());
                    let trip = bench.trip_in(72, 20);
                    let checkout = bench.bought(&[(&trip.adult, 3)]).await;
                    bench.relay().await;
                    let tickets = bench.tickets(&checkout).await;
                    let asked = request(&checkout, &[&tickets[0], &tickets[2]]);
                    bench.outside.plan(usize::from(call == Call::ReturnSeats), fault);
                    let answer = bench.outside.until_death(bench.give_back(&asked)).await;
                    assert!(!matches!(answer, Some(Ok(_))), "{name}");
                    bench.outside.heal();
                    // Nobody boards or is paid twice meanwhile.
                    let twice = CancelTicketsRequest { idempotency_key: "huy-ve-2".to_owned(), ..asked.clone() };
                    assert_eq!(codes(bench.give_back(&twice).await), [RefusalCode::TicketNotCancellable], "{name}");
                    if by_sweeper {
                        bench.clock.advance(INTERRUPTED);
                        bench.sweep_all().await;
                    } else {
                        bench.give_back(&asked).await.unwrap();
                    }
                    bench.sweep_all().await;
                    let done = bench.give_back(&asked).await.unwrap();
                    assert_eq!(minor(done.refund.as_ref()), 2 * ADULT, "{name}");
                    assert_eq!(bench.refunded(), [2 * ADULT], "{name}");
                    assert_eq!(bench.outside.seats(&trip), (19, 0, 1), "{name}");
                    assert_eq!(bench.look(&checkout.id).await.orders[0].notices.len(), 1, "{name}");
                    bench.assert_sound().await;
                }
            }
        }
    }

    async fn seats_of_which_catalog_does_not_know_yet_that_they_are_sold_come_back_when_it_does(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(72, 20);
        let checkout = bench.bought(&[(&trip.adult, 2), (&trip.infant, 1)]).await;
        let tickets = bench.tickets(&checkout).await;
        let asked = request(&checkout, &tickets.iter().collect::<Vec<_>>());
        assert_eq!(bench.give_back(&asked).await.unwrap_err().code(), Code::Unavailable);
        bench.relay().await;
        assert_eq!((bench.refunded(), bench.outside.seats(&trip)), (vec![2 * ADULT], (18, 0, 2)));
        bench.clock.advance(INTERRUPTED);
        bench.sweep_all().await;
        assert_eq!(minor(bench.give_back(&asked).await.unwrap().refund.as_ref()), 2 * ADULT);
        assert_eq!((bench.refunded(), bench.outside.seats(&trip)), (vec![2 * ADULT], (20, 0, 0)));
        bench.assert_sound().await;
    }

    async fn an_end_that_cannot_be_written_is_written_when_it_can(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(72, 20);
        let checkout = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        let tickets = bench.tickets(&checkout).await;
        bench.write("ALTER TABLE notices RENAME TO away").await;
        assert!(bench.give_back(&request(&checkout, &[&tickets[0]])).await.is_err());
        bench.write("ALTER TABLE away RENAME TO notices").await;
        assert_eq!(bench.tickets(&checkout).await[0].status(), TicketStatus::TicketValid);
        bench.clock.advance(INTERRUPTED);
        bench.sweep_all().await;
        assert_eq!(bench.tickets(&checkout).await[0].status(), TicketStatus::TicketCancelled);
        assert_eq!(bench.refunded(), [ADULT]);
        bench.assert_sound().await;
    }

    async fn a_ticket_that_many_give_back_at_once_is_given_back_once(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(72, 20);
        let checkout = bench.bought(&[(&trip.adult, 2)]).await;
        bench.relay().await;
        let tickets = bench.tickets(&checkout).await;
        let tries = (0..8).map(|number| {
            let (bench, asked) = (bench.clone(), request(&checkout, &[&tickets[0]]));
            // Half of them repeat one key.
            let idempotency_key = format!("huy-ve-{}", if number % 2 == 0 { 0 } else { number });
            let asked = CancelTicketsRequest { idempotency_key, ..asked };
            tokio::spawn(async move { bench.give_back(&asked).await })
        });
        let answers = futures_util::future::join_all(tries).await;
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for answer in answers {
            match answer.unwrap() {
                Ok(cancellation) => done.push(cancellation.id),
                refusal => refused.extend(codes(refusal)),
            }
        }
        done.dedup();
        assert_eq!(done.len(), 1);
        assert!(refused.iter().all(|code| *code == RefusalCode::TicketNotCancellable), "{refused:?}");
        assert_eq!((bench.refunded(), bench.outside.seats(&trip)), (vec![ADULT], (19, 0, 1)));
        bench.assert_sound().await;
    }

    async fn a_cancellation_that_nobody_ends_is_found(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(72, 20);
        let checkout = bench.bought(&[(&trip.adult, 1)]).await;
        bench.relay().await;
        let tickets = bench.tickets(&checkout).await;
        bench.outside.plan(0, Fault::DiesAsking);
        let asked = request(&checkout, &[&tickets[0]]);
        assert!(bench.outside.until_death(bench.give_back(&asked)).await.is_none());
        bench.clock.advance(HOUR + Duration::from_secs(1));
        let found = crate::doctor(&bench.database, bench.clock.now()).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a cancellation is still under way: tcan_"), "{found:?}");
        bench.sweep_all().await;
        bench.assert_sound().await;
    }
}
