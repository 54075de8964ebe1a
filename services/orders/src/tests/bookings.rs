//! Resellers: keys, reservations, confirmations, and what is owed, wherever it is interrupted.

use platform::on_each_database;
use proto::bookings::{
    AddResellerRequest, AuthenticateResellerRequest, Booking, BookingContact, BookingStatus,
    BookingUnit, CancelBookingRequest, CancelTicketsRequest, ConfirmBookingRequest,
    ExtendBookingRequest, GetBookingRequest, ListBookingsRequest, ListResellersRequest, Reseller,
    ReserveBookingRequest, RevokeResellerRequest, ScanOutcome, UpdateBookingRequest,
};
use proto::events::ResellerInvoiced;

use super::fakes::{ADULT, CHILD, Call, Fault, Trip};
use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const FAULTS: [Fault; 4] =
    [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];
const UUID: &str = "0193a1b2-0000-7000-8000-000000000001";

fn unit(number: u32, kind: &str) -> BookingUnit {
    BookingUnit {
        uuid: format!("0193a1b2-0000-7000-8000-0000000001{number:02}"),
        ticket_code: kind.to_owned(),
        ..BookingUnit::default()
    }
}

/// Two adults and a child.
fn wanted(trip: &Trip, reseller: &Reseller) -> ReserveBookingRequest {
    ReserveBookingRequest {
        reseller_id: reseller.id.clone(),
        shop_id: trip.shop.clone(),
        uuid: UUID.to_owned(),
        product_id: trip.product.clone(),
        option_code: "join-in".to_owned(),
        departure_id: trip.departure.clone(),
        units: vec![unit(1, "adult"), unit(2, "child"), unit(3, "adult")],
        ..ReserveBookingRequest::default()
    }
}

fn confirmation(reseller: &Reseller) -> ConfirmBookingRequest {
    let contact =
        BookingContact { full_name: "Anna Schmidt".to_owned(), ..BookingContact::default() };
    let guest = BookingUnit {
        guest_name: "Otto Schmidt".to_owned(),
        ticket_code: String::new(),
        ..unit(3, "")
    };
    ConfirmBookingRequest {
        reseller_id: reseller.id.clone(),
        uuid: UUID.to_owned(),
        reseller_reference: "GYG-77".to_owned(),
        contact: Some(contact),
        units: vec![guest],
        email_receipt: false,
    }
}

const TOTAL: i64 = 2 * ADULT + CHILD;

impl Bench {
    pub async fn reseller(&self, trip: &Trip) -> Reseller {
        let request = AddResellerRequest {
            shop_id: trip.shop.clone(),
            name: "Mekong Travel".to_owned(),
            contact_email: "ban@example.com".to_owned(),
        };
        self.client.clone().add_reseller(request).await.unwrap().into_inner()
    }

    pub async fn reserve(&self, request: &ReserveBookingRequest) -> Result<Booking, Status> {
        Ok(self.client.clone().reserve_booking(request.clone()).await?.into_inner())
    }

    pub async fn confirm(&self, request: &ConfirmBookingRequest) -> Result<Booking, Status> {
        Ok(self.client.clone().confirm_booking(request.clone()).await?.into_inner())
    }

    pub async fn take_back(&self, reseller: &Reseller, force: bool) -> Result<Booking, Status> {
        let request = CancelBookingRequest {
            reseller_id: reseller.id.clone(),
            uuid: UUID.to_owned(),
            reason: "khách đổi ý".to_owned(),
            force,
        };
        Ok(self.client.clone().cancel_booking(request).await?.into_inner())
    }

    async fn change(&self, request: &UpdateBookingRequest) -> Result<Booking, Status> {
        Ok(self.client.clone().update_booking(request.clone()).await?.into_inner())
    }

    async fn extend(&self, reseller: &Reseller, hold_minutes: u32) -> Result<Booking, Status> {
        let (reseller_id, uuid) = (reseller.id.clone(), UUID.to_owned());
        let request = ExtendBookingRequest { reseller_id, uuid, hold_minutes };
        Ok(self.client.clone().extend_booking(request).await?.into_inner())
    }

    pub async fn booking(&self, reseller: &Reseller) -> Result<Booking, Status> {
        let request = GetBookingRequest { reseller_id: reseller.id.clone(), uuid: UUID.to_owned() };
        Ok(self.client.clone().get_booking(request).await?.into_inner())
    }

    pub async fn owed(&self, trip: &Trip) -> i64 {
        let request = ListResellersRequest { shop_id: trip.shop.clone() };
        let found = self.client.clone().list_resellers(request).await.unwrap().into_inner();
        found.resellers.iter().map(|reseller| reseller.invoiced.as_ref().unwrap().minor).sum()
    }

    /// What payments is told to write down for a shop.
    pub async fn invoiced(&self, trip: &Trip) -> Vec<ResellerInvoiced> {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq".to_owned()).await;
        let told = rows.into_iter().filter_map(|row| {
            let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
            match Event::decode(payload.as_slice()).unwrap().body.unwrap() {
                Body::ResellerInvoiced(said) if said.shop_id == trip.shop => Some(said),
                _ => None,
            }
        });
        told.collect()
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn a_key_is_shown_once_and_opens_the_door_until_it_is_taken_back(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let added = bench.reseller(&trip).await;
        assert!(added.key.len() >= 32 && added.active);
        let opens = async |key: &str| {
            let request = AuthenticateResellerRequest { key: key.to_owned() };
            bench.client.clone().authenticate_reseller(request).await.map(|found| found.into_inner().id)
        };
        assert_eq!(opens(&added.key).await.unwrap(), added.id);
        assert_eq!(codes(opens("cnr_0").await), [RefusalCode::WrongCredentials]);
        for row in bench.rows("SELECT name, contact_email FROM resellers".to_owned()).await {
            let (name, email): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            assert!(!name.contains(&added.key) && !email.contains(&added.key));
        }
        let list = ListResellersRequest { shop_id: trip.shop.clone() };
        let listed = bench.client.clone().list_resellers(list).await.unwrap().into_inner().resellers;
        assert_eq!((listed.len(), listed[0].key.as_str(), &listed[0].id), (1, "", &added.id));
        let revoke = |shop: &str| RevokeResellerRequest { shop_id: shop.to_owned(), reseller_id: added.id.clone() };
        let foreign = bench.client.clone().revoke_reseller(revoke(&ids::new::<ShopId>().to_string())).await;
        assert_eq!(codes(foreign), [RefusalCode::NotFound]);
        assert_eq!(opens(&added.key).await.unwrap(), added.id);
        for _ in 0..2 {
            let revoked = bench.client.clone().revoke_reseller(revoke(&trip.shop)).await.unwrap().into_inner();
            assert!(!revoked.active);
        }
        assert_eq!(codes(opens(&added.key).await), [RefusalCode::WrongCredentials]);
        for (name, contact_email, refused) in [
            ("", "a@b.vn", RefusalCode::Required),
            ("Mekong", "không phải thư", RefusalCode::Invalid),
            (&*"x".repeat(201), "", RefusalCode::TooLong),
        ] {
            let request = AddResellerRequest {
                shop_id: trip.shop.clone(), name: name.to_owned(), contact_email: contact_email.to_owned(),
            };
            assert_eq!(codes(bench.client.clone().add_reseller(request).await), [refused]);
        }
    }

    async fn who_has_the_link_of_a_letter_gives_nothing_of_a_resellers_booking_back(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        bench.confirm(&confirmation(&reseller)).await.unwrap();
        let id_in = async |table: &str| -> uuid::Uuid {
            let rows = bench.rows(format!("SELECT id FROM {table}")).await;
            rows[0].try_get_by_index(0).unwrap()
        };
        let checkout = kernel::CheckoutId::from_uuid(id_in("checkouts").await);
        let ticket = kernel::TicketId::from_uuid(id_in("tickets").await);
        for dry_run in [true, false] {
            let request = CancelTicketsRequest {
                checkout_id: checkout.to_string(),
                token: bench.orders.0.tokens.of_checkout(checkout),
                ticket_ids: vec![ticket.to_string()],
                idempotency_key: "tra-lai-1".to_owned(),
                dry_run,
                ..CancelTicketsRequest::default()
            };
            let refused = bench.client.clone().cancel_tickets(request).await;
            assert_eq!(codes(refused), [RefusalCode::TicketNotCancellable]);
        }
        assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Confirmed);
        assert_eq!(bench.owed(&trip).await, TOTAL);
    }

    async fn a_booking_is_held_confirmed_boarded_and_owed(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        let held = bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        assert_eq!((held.status(), held.total.as_ref().unwrap().minor), (BookingStatus::OnHold, TOTAL));
        assert_eq!(held.expires_at, bench.clock.now().after(30 * MINUTE).micros());
        assert_eq!((bench.outside.seats(&trip), bench.owed(&trip).await), ((17, 3, 0), 0));
        // The same id is the same booking; with another body it is refused.
        assert_eq!(bench.reserve(&wanted(&trip, &reseller)).await.unwrap(), held);
        let other = ReserveBookingRequest { notes: "khác".to_owned(), ..wanted(&trip, &reseller) };
        assert_eq!(codes(bench.reserve(&other).await), [RefusalCode::IdempotencyKeyReused]);
        assert_eq!(bench.outside.seats(&trip), (17, 3, 0));
        let confirmed = bench.confirm(&confirmation(&reseller)).await.unwrap();
        assert_eq!((confirmed.status(), confirmed.expires_at), (BookingStatus::Confirmed, 0));
        assert!(confirmed.supplier_reference.starts_with("CN-"));
        assert_eq!(confirmed.reseller_reference, "GYG-77");
        let kinds: Vec<_> = confirmed.units.iter().map(|unit| {
            let ticket = unit.ticket.as_ref().unwrap();
            (unit.ticket_code.as_str(), ticket.offer.as_ref().unwrap().ticket_code.as_str(), ticket.guest_name.as_str())
        }).collect();
        assert_eq!(kinds, [("adult", "adult", ""), ("child", "child", ""), ("adult", "adult", "Otto Schmidt")]);
        assert_eq!(bench.confirm(&confirmation(&reseller)).await.unwrap(), confirmed);
        assert_eq!((bench.outside.seats(&trip), bench.owed(&trip).await), ((17, 0, 3), TOTAL));
        let [invoiced] = &bench.invoiced(&trip).await[..] else { panic!("not one invoice") };
        assert_eq!((invoiced.amount.as_ref().unwrap().minor, invoiced.reversal), (TOTAL, false));
        assert_eq!((&invoiced.order_id, &invoiced.shop_id), (&confirmed.order_id, &trip.shop));
        let manifest = bench.manifest(&trip).await;
        assert_eq!((manifest.people, manifest.tickets[0].contact_name.as_str()), (3, "Anna Schmidt"));
        bench.clock.advance(trip.starts_at.since(bench.clock.now()));
        let scans: Vec<_> = confirmed.units.iter().enumerate()
            .map(|(at, unit)| bench.scan(&format!("khach-{at}"), &unit.ticket.as_ref().unwrap().code, Duration::ZERO))
            .collect();
        assert_eq!(bench.outcomes(&trip, &scans).await, [ScanOutcome::Admitted; 3]);
        assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Redeemed);
        bench.assert_sound().await;
    }

    async fn what_is_wrong_or_short_leaves_no_booking(database) {
        let bench = Bench::on(database);
        let (trip, other) = (bench.trip(3), bench.trip(3));
        let reseller = bench.reseller(&trip).await;
        let right = wanted(&trip, &reseller);
        let mut twice = right.clone();
        twice.units[1].uuid = twice.units[0].uuid.clone();
        let mut lunch = right.clone();
        lunch.units[0].ticket_code = "lunch".to_owned();
        let with = |change: &dyn Fn(&mut ReserveBookingRequest)| { let mut asked = right.clone(); change(&mut asked); asked };
        for (asked, refused) in [
            (with(&|asked| asked.departure_id = other.departure.clone()), RefusalCode::NotFound),
            (with(&|asked| asked.product_id = other.product.clone()), RefusalCode::NotFound),
            (with(&|asked| asked.option_code = "x".to_owned()), RefusalCode::NotFound),
            (with(&|asked| asked.uuid = "x".to_owned()), RefusalCode::Invalid),
            (with(&|asked| asked.units.clear()), RefusalCode::OutOfRange),
            (with(&|asked| asked.hold_minutes = 121), RefusalCode::OutOfRange),
            (with(&|asked| asked.notes = "x".repeat(2_001)), RefusalCode::OutOfRange),
            (with(&|asked| asked.units.push(unit(4, "adult"))), RefusalCode::InsufficientStock),
            (twice, RefusalCode::Invalid),
            (lunch, RefusalCode::NotFound),
        ] {
            assert_eq!(codes(bench.reserve(&asked).await), [refused]);
            assert!(bench.rows("SELECT id FROM bookings".to_owned()).await.is_empty());
        }
        assert_eq!(bench.outside.seats(&trip), (3, 0, 0));
        // What was refused for want of seats may be tried again with the same id.
        bench.reserve(&right).await.unwrap();
        let stranger = bench.reseller(&other).await;
        assert_eq!(codes(bench.booking(&stranger).await), [RefusalCode::NotFound]);
        assert_eq!(codes(bench.confirm(&confirmation(&stranger)).await), [RefusalCode::NotFound]);
    }

    async fn what_is_said_of_guests_when_seats_are_held_or_added_is_kept(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(10);
        let reseller = bench.reseller(&trip).await;
        let said = |number: u32, name: &str| BookingUnit {
            reseller_reference: format!("G-{number}"),
            contact: Some(BookingContact { full_name: name.to_owned(), ..BookingContact::default() }),
            ..unit(number, "adult")
        };
        let mut asked = wanted(&trip, &reseller);
        asked.units = vec![said(1, "Anna Schmidt"), unit(2, "child")];
        let names = |booking: &Booking| {
            let one = |unit: &BookingUnit| (unit.reseller_reference.clone(), unit.guest_name.clone());
            booking.units.iter().map(one).collect::<Vec<_>>()
        };
        let told = |reference: &str, name: &str| (reference.to_owned(), name.to_owned());
        let held = bench.reserve(&asked).await.unwrap();
        assert_eq!(names(&held), [told("G-1", "Anna Schmidt"), told("", "")]);
        assert_eq!(held.units[0].contact.as_ref().unwrap().full_name, "Anna Schmidt");
        // The same words are the same booking, others are another one.
        assert_eq!(bench.reserve(&asked).await.unwrap().id, held.id);
        let mut other = asked.clone();
        other.units[0] = said(1, "Berta Schmidt");
        assert_eq!(codes(bench.reserve(&other).await), [RefusalCode::IdempotencyKeyReused]);
        let new = BookingUnit { uuid: String::new(), ..said(3, "Otto Schmidt") };
        let more = UpdateBookingRequest {
            reseller_id: reseller.id.clone(),
            uuid: UUID.to_owned(),
            units: vec![unit(1, "adult"), unit(2, "child"), new],
            ..UpdateBookingRequest::default()
        };
        let more = bench.change(&more).await.unwrap();
        let three = [told("G-1", "Anna Schmidt"), told("", ""), told("G-3", "Otto Schmidt")];
        assert_eq!(names(&more), three);
        let mut confirm = confirmation(&reseller);
        confirm.units.clear();
        assert_eq!(names(&bench.confirm(&confirm).await.unwrap())[2], three[2]);
        let manifest = bench.manifest(&trip).await;
        assert!(manifest.tickets.iter().any(|ticket| ticket.guest_name == "Otto Schmidt"));
        bench.assert_sound().await;
    }

    async fn a_reservation_lasts_as_long_as_it_says_and_can_be_made_longer(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        bench.clock.advance(20 * MINUTE);
        let longer = bench.extend(&reseller, 60).await.unwrap();
        assert_eq!(longer.expires_at, bench.clock.now().after(60 * MINUTE).micros());
        assert_eq!(bench.extend(&reseller, 5).await.unwrap().expires_at, longer.expires_at);
        assert_eq!(codes(bench.extend(&reseller, 121).await), [RefusalCode::OutOfRange]);
        bench.clock.advance(59 * MINUTE);
        bench.sweep_all().await;
        assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::OnHold);
        bench.clock.advance(MINUTE + Duration::from_secs(1));
        // Too late, though nobody has swept yet.
        assert_eq!(codes(bench.confirm(&confirmation(&reseller)).await), [RefusalCode::StatusConflict]);
        assert_eq!(codes(bench.extend(&reseller, 30).await), [RefusalCode::StatusConflict]);
        bench.sweep_all().await;
        assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Expired);
        assert_eq!((bench.outside.seats(&trip), bench.owed(&trip).await), ((20, 0, 0), 0));
        bench.assert_sound().await;
    }

    async fn seats_that_changed_meanwhile_are_not_made_to_last_longer(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let later = bench.outside.another(&trip, trip.starts_at.after(120 * MINUTE), 5);
        let reseller = bench.reseller(&trip).await;
        let held = bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        let to_later = UpdateBookingRequest {
            reseller_id: reseller.id.clone(),
            uuid: UUID.to_owned(),
            departure_id: later.departure.clone(),
            ..UpdateBookingRequest::default()
        };
        bench.outside.plan(0, Fault::AnsweredLate);
        let (extended, ()) = tokio::join!(bench.extend(&reseller, 90), async {
            bench.outside.held_back().await;
            bench.change(&to_later).await.unwrap();
            bench.outside.go_on();
        });
        assert_eq!(codes(extended), [RefusalCode::StatusConflict]);
        let now = bench.booking(&reseller).await.unwrap();
        assert_eq!((&now.departure_id, now.expires_at), (&later.departure, held.expires_at));
    }

    async fn a_held_booking_can_have_other_seats_and_a_sold_one_only_other_words(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let later = bench.outside.another(&trip, trip.starts_at.after(120 * MINUTE), 2);
        let reseller = bench.reseller(&trip).await;
        bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        let to_later = UpdateBookingRequest {
            reseller_id: reseller.id.clone(),
            uuid: UUID.to_owned(),
            departure_id: later.departure.clone(),
            ..UpdateBookingRequest::default()
        };
        // Three do not fit; what was held stays.
        assert_eq!(codes(bench.change(&to_later).await), [RefusalCode::InsufficientStock]);
        assert_eq!(bench.booking(&reseller).await.unwrap().departure_id, trip.departure);
        assert_eq!(bench.outside.seats(&trip), (17, 3, 0));
        let two = UpdateBookingRequest { units: vec![unit(1, "adult"), unit(2, "adult")], ..to_later.clone() };
        let moved = bench.change(&two).await.unwrap();
        assert_eq!((moved.departure_id.as_str(), moved.total.as_ref().unwrap().minor), (&*later.departure, 2 * ADULT));
        assert_eq!((bench.outside.seats(&trip), bench.outside.seats(&later)), ((20, 0, 0), (0, 2, 0)));
        let mut confirm = confirmation(&reseller);
        confirm.units.clear();
        let confirmed = bench.confirm(&confirm).await.unwrap();
        assert_eq!(bench.owed(&trip).await, 2 * ADULT);
        let back = UpdateBookingRequest { departure_id: trip.departure.clone(), ..to_later.clone() };
        assert_eq!(codes(bench.change(&back).await), [RefusalCode::StatusConflict]);
        let named = BookingUnit { guest_name: "Anna".to_owned(), ..unit(1, "adult") };
        let words = UpdateBookingRequest {
            notes: Some("ăn chay".to_owned()), departure_id: String::new(), units: vec![named, unit(2, "adult")], ..to_later
        };
        let changed = bench.change(&words).await.unwrap();
        assert_eq!((changed.notes.as_str(), changed.order_id), ("ăn chay", confirmed.order_id));
        assert_eq!(bench.manifest(&later).await.tickets.iter().filter(|ticket| ticket.guest_name == "Anna").count(), 1);
        bench.assert_sound().await;
    }

    async fn what_a_cancelled_booking_is_owed_for_follows_the_policy(database) {
        for (hours, owed, refund) in [(72, 0, "FULL"), (30, ADULT + 62_500, "PARTIAL"), (3, TOTAL, "NONE")] {
            let bench = Bench::on(database.clone());
            let trip = bench.trip_in(hours, 20);
            let reseller = bench.reseller(&trip).await;
            bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
            bench.confirm(&confirmation(&reseller)).await.unwrap();
            if hours == 3 {
                assert_eq!(codes(bench.take_back(&reseller, false).await), [RefusalCode::TicketNotCancellable]);
                assert_eq!(bench.outside.seats(&trip), (17, 0, 3));
            }
            for _ in 0..2 {
                let cancelled = bench.take_back(&reseller, true).await.unwrap();
                assert_eq!((cancelled.status(), &*cancelled.cancellation_refund), (BookingStatus::Cancelled, refund));
            }
            assert_eq!((bench.owed(&trip).await, bench.outside.seats(&trip)), (owed, (20, 0, 0)), "{hours}");
            let reversed: Vec<_> = bench.invoiced(&trip).await.into_iter().filter(|invoice| invoice.reversal).collect();
            let reversed: i64 = reversed.iter().map(|invoice| invoice.amount.as_ref().unwrap().minor).sum();
            assert_eq!(reversed, TOTAL - owed);
            assert!(bench.outside.refunds().is_empty());
            assert_eq!(bench.manifest(&trip).await.people, 0);
            bench.assert_sound().await;
        }
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        for _ in 0..2 {
            assert_eq!(bench.take_back(&reseller, false).await.unwrap().status(), BookingStatus::Cancelled);
        }
        assert_eq!((bench.owed(&trip).await, bench.outside.seats(&trip)), (0, (20, 0, 0)));
        assert_eq!(codes(bench.confirm(&confirmation(&reseller)).await), [RefusalCode::StatusConflict]);
        bench.assert_sound().await;
    }

    async fn wherever_a_booking_is_interrupted_it_comes_to_one_end(database) {
        // Which call of reserving, confirming and cancelling fails.
        for call in [Call::GetDepartures, Call::HoldStock, Call::CommitHold, Call::ReturnSeats] {
            for fault in FAULTS {
                let name = format!("{call:?}: {fault:?}");
                let bench = Bench::on(database.clone());
                let trip = bench.trip_in(72, 20);
                let reseller = bench.reseller(&trip).await;
                let asked = wanted(&trip, &reseller);
                let planned = |wanted: Call, later: usize| if call == wanted { bench.outside.plan(later, fault) };
                planned(Call::GetDepartures, 0);
                planned(Call::HoldStock, 1);
                let reserved = bench.outside.until_death(bench.reserve(&asked)).await;
                let broken = matches!(call, Call::GetDepartures | Call::HoldStock);
                assert_eq!(broken, !matches!(reserved, Some(Ok(_))), "{name}");
                bench.outside.heal();
                assert_eq!(bench.reserve(&asked).await.unwrap().status(), BookingStatus::OnHold, "{name}");
                planned(Call::CommitHold, 0);
                let confirmed = bench.outside.until_death(bench.confirm(&confirmation(&reseller))).await;
                assert_eq!(call == Call::CommitHold, !matches!(confirmed, Some(Ok(_))), "{name}");
                bench.outside.heal();
                bench.clock.advance(INTERRUPTED);
                bench.sweep_all().await;
                assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Confirmed, "{name}");
                assert_eq!((bench.owed(&trip).await, bench.invoiced(&trip).await.len()), (TOTAL, 1), "{name}");
                bench.assert_sound().await;
                planned(Call::ReturnSeats, 0);
                let cancelled = bench.outside.until_death(bench.take_back(&reseller, false)).await;
                assert_eq!(call == Call::ReturnSeats, !matches!(cancelled, Some(Ok(_))), "{name}");
                bench.outside.heal();
                bench.clock.advance(INTERRUPTED);
                bench.sweep_all().await;
                assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Cancelled, "{name}");
                assert_eq!((bench.owed(&trip).await, bench.invoiced(&trip).await.len()), (0, 2), "{name}");
                assert_eq!(bench.outside.seats(&trip), (20, 0, 0), "{name}");
                bench.assert_sound().await;
            }
        }
    }

    async fn a_reservation_that_dies_is_over_when_its_time_is(database) {
        for fault in FAULTS {
            let bench = Bench::on(database.clone());
            let trip = bench.trip(20);
            let reseller = bench.reseller(&trip).await;
            bench.outside.plan(1, fault);
            bench.outside.until_death(bench.reserve(&wanted(&trip, &reseller))).await;
            bench.outside.heal();
            bench.clock.advance(31 * MINUTE);
            bench.sweep_all().await;
            assert_eq!(bench.booking(&reseller).await.unwrap().status(), BookingStatus::Expired);
            assert_eq!(bench.outside.seats(&trip), (20, 0, 0));
            bench.assert_sound().await;
        }
    }

    async fn many_confirmations_at_once_make_one_order(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        let tries = (0..6).map(|_| {
            let (bench, asked) = (bench.clone(), wanted(&trip, &reseller));
            tokio::spawn(async move { bench.reserve(&asked).await.unwrap().id })
        });
        let mut ids: Vec<_> = futures_util::future::join_all(tries).await.into_iter().map(|id| id.unwrap()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
        let tries = (0..6).map(|_| {
            let (bench, asked) = (bench.clone(), confirmation(&reseller));
            tokio::spawn(async move { bench.confirm(&asked).await.unwrap().order_id })
        });
        let mut orders: Vec<_> = futures_util::future::join_all(tries).await.into_iter().map(|id| id.unwrap()).collect();
        orders.dedup();
        assert_eq!((orders.len(), bench.owed(&trip).await, bench.outside.seats(&trip)), (1, TOTAL, (17, 0, 3)));
        bench.assert_sound().await;
    }

    async fn bookings_are_found_by_their_references_and_days(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let reseller = bench.reseller(&trip).await;
        bench.reserve(&wanted(&trip, &reseller)).await.unwrap();
        let confirmed = bench.confirm(&confirmation(&reseller)).await.unwrap();
        let all = ListBookingsRequest { reseller_id: reseller.id.clone(), ..ListBookingsRequest::default() };
        let count = async |request: ListBookingsRequest| {
            bench.client.clone().list_bookings(request).await.map(|found| found.into_inner().bookings.len())
        };
        // Tomorrow at 5:30 in Vietnam is today in UTC.
        let day = |day: &str| day.to_owned();
        for (request, found) in [
            (all.clone(), 1),
            (ListBookingsRequest { reseller_reference: "GYG-77".to_owned(), ..all.clone() }, 1),
            (ListBookingsRequest { reseller_reference: "GYG-78".to_owned(), ..all.clone() }, 0),
            (ListBookingsRequest { supplier_reference: confirmed.supplier_reference.clone(), ..all.clone() }, 1),
            (ListBookingsRequest { supplier_reference: "CN-0000-0000".to_owned(), ..all.clone() }, 0),
            (ListBookingsRequest { local_day: day("2027-01-16"), ..all.clone() }, 1),
            (ListBookingsRequest { local_day: day("2027-01-15"), ..all.clone() }, 0),
            (ListBookingsRequest { local_day_from: day("2027-01-15"), local_day_to: day("2027-01-16"), ..all.clone() }, 1),
            (ListBookingsRequest { local_day_from: day("2027-01-17"), ..all.clone() }, 0),
            (ListBookingsRequest { local_day_to: day("2027-01-15"), ..all.clone() }, 0),
            (ListBookingsRequest { product_id: trip.product.clone(), option_code: day("join-in"), ..all.clone() }, 1),
            (ListBookingsRequest { option_code: day("private"), ..all.clone() }, 0),
        ] {
            let name = format!("{request:?}");
            assert_eq!(count(request).await.unwrap(), found, "{name}");
        }
        let wrong = ListBookingsRequest { local_day: day("16/01/2027"), ..all };
        assert_eq!(codes(count(wrong).await), [RefusalCode::Invalid]);
    }
}
