//! Tickets: from the moment of payment, each guest once on board, whatever phones tell and when.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use kernel::{DepartureId, UserId};
use platform::on_each_database;
use proto::bookings::{
    GetManifestRequest, GetTicketsRequest, Manifest, RedeemTicketsRequest, Scan, ScanOutcome,
    ScanResult, Ticket, TicketStatus,
};
use proto::events::HoldCommitRefused;

use super::fakes::{ADULT, BOAT, CHILD, LUNCH, Trip};
use super::*;

const HOUR: Duration = Duration::from_secs(3600);
/// The bench's clock stands at 2027-01-15T08:00:00Z, 15:00 in Vietnam.
const TO_DEPARTURE: Duration = Duration::from_secs(14 * 3600 + 1_800);

impl Bench {
    /// A departure of a new shop, tomorrow at 5:30.
    pub fn trip(&self, capacity: u32) -> Trip {
        self.outside.departure(ids::new::<ShopId>(), self.clock.now().after(TO_DEPARTURE), capacity)
    }

    /// A paid checkout of lines.
    pub async fn bought(&self, lines: &[(&str, i64)]) -> Checkout {
        let checkout = self.awaiting(lines).await;
        self.hear(&[self.outside.pay(&checkout.id)]).await;
        let token = checkout.token;
        Checkout { token, ..self.look(&checkout.id).await }
    }

    pub async fn tickets(&self, checkout: &Checkout) -> Vec<Ticket> {
        let request = GetTicketsRequest {
            checkout_id: checkout.id.clone(),
            token: checkout.token.clone(),
            ..GetTicketsRequest::default()
        };
        self.client.clone().get_tickets(request).await.unwrap().into_inner().tickets
    }

    pub async fn redeem(&self, trip: &Trip, scans: &[Scan]) -> Result<Vec<ScanResult>, Status> {
        let request = RedeemTicketsRequest {
            shop_id: trip.shop.clone(),
            departure_id: trip.departure.clone(),
            scans: scans.to_vec(),
            scanned_by: String::new(),
        };
        Ok(self.client.clone().redeem_tickets(request).await?.into_inner().results)
    }

    pub async fn outcomes(&self, trip: &Trip, scans: &[Scan]) -> Vec<ScanOutcome> {
        let results = self.redeem(trip, scans).await.unwrap();
        results.iter().map(|result| result.outcome()).collect()
    }

    pub async fn manifest(&self, trip: &Trip) -> Manifest {
        let request =
            GetManifestRequest { shop_id: trip.shop.clone(), departure_id: trip.departure.clone() };
        self.client.clone().get_manifest(request).await.unwrap().into_inner()
    }

    /// A scan of a code, so long after the bench's present.
    pub fn scan(&self, nonce: &str, code: &str, later: Duration) -> Scan {
        Scan {
            nonce: format!("{nonce:-<16}"),
            code: code.to_owned(),
            scanned_at: self.clock.now().after(later).micros(),
            device: "điện thoại 1".to_owned(),
            undo: false,
        }
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn each_guest_has_a_ticket_from_the_moment_that_the_order_is_paid(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let mango = bench.offer(85_000, 10);
        let lines = [(&*trip.adult, 2), (&*trip.infant, 1), (&*trip.lunch, 3), (&*mango, 2)];
        let checkout = bench.awaiting(&lines).await;
        assert_eq!(bench.tickets(&checkout).await, []);
        assert_eq!(bench.outside.seats(&trip), (18, 2, 0));
        let paid = bench.outside.pay(&checkout.id);
        for _ in 0..2 {
            bench.hear(std::slice::from_ref(&paid)).await;
        }
        let tickets = bench.tickets(&checkout).await;
        let mut told: Vec<_> = tickets
            .iter()
            .map(|ticket| {
                let offer = ticket.offer.clone().unwrap();
                (offer.ticket_code, ticket.price.as_ref().unwrap().minor, ticket.status())
            })
            .collect();
        told.sort();
        let valid = TicketStatus::TicketValid;
        assert_eq!(told, [
            ("adult".to_owned(), ADULT, valid), ("adult".to_owned(), ADULT, valid), ("infant".to_owned(), 0, valid),
        ]);
        assert!(tickets.iter().all(|ticket| ticket.contact_name == "Lê Thị Sáu"));
        assert_eq!(tickets.iter().map(|ticket| ticket.number).collect::<Vec<_>>(), [1, 2, 3]);
        let order = bench.look(&checkout.id).await.orders.into_iter().find(|order| order.shop_id == trip.shop).unwrap();
        assert_eq!(order.total.unwrap().minor, 2 * ADULT + 3 * LUNCH);
        assert!(order.lines.iter().all(|line| line.ticket.as_ref().unwrap().cancellation.len() == 2));
        let manifest = bench.manifest(&trip).await;
        assert_eq!((manifest.people, manifest.redeemed, manifest.tickets.len()), (3, 0, 3));
        assert_eq!((manifest.add_ons[0].code.as_str(), manifest.add_ons[0].quantity), ("lunch", 3));
        bench.assert_sound().await;
        assert_eq!(bench.outside.seats(&trip), (18, 0, 2));
    }

    async fn money_that_comes_before_the_orders_are_written_gives_tickets_once(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(12);
        let request = request_for(&bench.cart_of(&[(&trip.boat, 1)]).await);
        bench.outside.plan(1, fakes::Fault::DiesUnanswered);
        assert!(bench.outside.until_death(bench.start(&request)).await.is_none());
        let id = bench.outside.all_payments()[0].checkout_id.clone();
        let news = bench.outside.pay(&id);
        bench.hear(std::slice::from_ref(&news)).await;
        bench.clock.advance(INTERRUPTED);
        bench.sweep().await;
        bench.hear(&[news]).await;
        let manifest = bench.manifest(&trip).await;
        let [boat] = &manifest.tickets[..] else { panic!("{manifest:?}") };
        assert_eq!((boat.price.as_ref().unwrap().minor, manifest.people), (BOAT, 12));
        bench.assert_sound().await;
    }

    async fn tickets_are_seen_by_whom_they_concern_and_by_nobody_else(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let checkout = bench.bought(&[(&trip.adult, 1)]).await;
        let order = checkout.orders[0].id.clone();
        let sees = async |request: GetTicketsRequest| {
            let answer = bench.client.clone().get_tickets(request).await;
            answer.map(|tickets| tickets.into_inner().tickets.len()).unwrap_or_default()
        };
        let other = ids::new::<ShopId>().to_string();
        let of_order = |shop: &str| GetTicketsRequest {
            order_id: order.clone(),
            shop_ids: vec![shop.to_owned()],
            ..GetTicketsRequest::default()
        };
        assert_eq!(sees(of_order(&trip.shop)).await, 1);
        assert_eq!(sees(of_order(&other)).await, 0);
        let by_token = |token: &str| GetTicketsRequest {
            checkout_id: checkout.id.clone(),
            token: token.to_owned(),
            buyer_id: ids::new::<UserId>().to_string(),
            ..GetTicketsRequest::default()
        };
        assert_eq!(sees(by_token(&checkout.token)).await, 1);
        assert_eq!(sees(by_token("x")).await, 0);
        // Of many orders those are told that the caller may see; the others are left out.
        let second = bench.bought(&[(&trip.adult, 2)]).await.orders[0].id.clone();
        let of_orders = |shop: &str| GetTicketsRequest {
            order_ids: vec![order.clone(), second.clone(), "no order".to_owned()],
            shop_ids: vec![shop.to_owned()],
            ..GetTicketsRequest::default()
        };
        assert_eq!(sees(of_orders(&trip.shop)).await, 3);
        assert_eq!(sees(of_orders(&other)).await, 0);
        let many = GetTicketsRequest { order_ids: vec![order.clone(); 101], operator: true, ..GetTicketsRequest::default() };
        let refused = bench.client.clone().get_tickets(many).await.unwrap_err();
        assert_eq!(refusals_of(&refused).unwrap()[0].code(), RefusalCode::TooLong);
        assert_eq!(sees(GetTicketsRequest { order_id: order, operator: true, ..GetTicketsRequest::default() }).await, 1);
        let foreign = GetManifestRequest { shop_id: other, departure_id: trip.departure.clone() };
        assert_eq!(bench.client.clone().get_manifest(foreign).await.unwrap().into_inner().tickets, []);
    }

    async fn a_phone_tells_genuine_codes_with_the_public_key_alone(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let checkout = bench.bought(&[(&trip.adult, 1)]).await;
        let ticket = bench.tickets(&checkout).await.remove(0);
        let keys = bench.client.clone().get_ticket_keys(Empty {}).await.unwrap().into_inner().keys;
        // What docs/security.md says, done by hand.
        let mut bits = String::new();
        for letter in ticket.code.chars() {
            let digit = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".find(letter).unwrap();
            bits.push_str(&format!("{digit:05b}"));
        }
        let bytes: Vec<u8> =
            bits.as_bytes().chunks(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
        let (signed, signature) = bytes.split_at(36);
        assert_eq!((signed[0], format!("{:02x}", signed[1])), (1, keys[0].key_id.clone()));
        let key = VerifyingKey::from_bytes(keys[0].public_key.as_slice().try_into().unwrap()).unwrap();
        let message = [b"chonoi ticket\0".as_slice(), signed].concat();
        key.verify(&message, &Signature::from_slice(signature).unwrap()).unwrap();
        let departure = DepartureId::from_uuid(uuid::Uuid::from_slice(&signed[18..34]).unwrap());
        assert_eq!(departure.to_string(), trip.departure);
        // 2027-01-16.
        assert_eq!(u16::from_be_bytes([signed[34], signed[35]]), 20_834);
    }

    async fn a_guest_comes_on_board_once_and_an_entry_can_be_taken_back(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let checkout = bench.bought(&[(&trip.adult, 1), (&trip.child, 1)]).await;
        let tickets = bench.tickets(&checkout).await;
        assert_eq!(tickets.iter().map(|ticket| ticket.price.as_ref().unwrap().minor).sum::<i64>(), ADULT + CHILD);
        bench.clock.advance(TO_DEPARTURE);
        use ScanOutcome as S;
        let minute = |minutes: u64| Duration::from_secs(60 * minutes);
        bench.clock.advance(minute(10));
        let back = |minutes: u64| bench.clock.now().before(minute(minutes)).micros();
        let scan = |nonce: &str, code: &str, minutes: u64| Scan { scanned_at: back(minutes), ..bench.scan(nonce, code, minute(0)) };
        let first = scan("a", &tickets[0].code, 9);
        assert_eq!(bench.outcomes(&trip, std::slice::from_ref(&first)).await, [S::Admitted]);
        assert_eq!(bench.outcomes(&trip, std::slice::from_ref(&first)).await, [S::Admitted]);
        // By its id, as people type it, on another phone.
        let again = scan("b", &tickets[0].id.to_uppercase(), 8);
        let result = bench.redeem(&trip, &[again]).await.unwrap().remove(0);
        assert_eq!((result.outcome(), result.admitted_at), (S::AlreadyAdmitted, back(9)));
        assert_eq!(result.ticket.unwrap().status(), TicketStatus::TicketRedeemed);
        assert_eq!(bench.manifest(&trip).await.redeemed, 1);
        let undo = Scan { undo: true, ..scan("c", &tickets[0].code, 7) };
        assert_eq!(bench.outcomes(&trip, std::slice::from_ref(&undo)).await, [S::Undone]);
        assert_eq!(bench.manifest(&trip).await.redeemed, 0);
        let nothing = Scan { undo: true, ..scan("d", &tickets[1].code, 7) };
        let later = scan("e", &tickets[0].code, 6);
        assert_eq!(bench.outcomes(&trip, &[nothing, later, undo, first]).await, [S::NothingToUndo, S::Admitted, S::Undone, S::Admitted]);
        assert_eq!(bench.manifest(&trip).await.redeemed, 1);
        bench.assert_sound().await;
    }

    async fn every_refusal_has_its_outcome_and_changes_nothing(database) {
        let bench = Bench::on(database);
        let (trip, other) = (bench.trip(20), bench.trip(20));
        let later = bench.outside.another(&trip, trip.starts_at.after(HOUR), 20);
        let tomorrow = bench.outside.another(&trip, trip.starts_at.after(24 * HOUR), 20);
        let code_of = async |trip: &Trip| bench.tickets(&bench.bought(&[(&trip.adult, 1)]).await).await.remove(0).code;
        let (own, foreign) = (code_of(&trip).await, code_of(&other).await);
        let (later_code, tomorrows) = (code_of(&later).await, code_of(&tomorrow).await);
        let gone = bench.bought(&[(&trip.adult, 1)]).await;
        let cancelled = bench.tickets(&gone).await.remove(0).code;
        bench.hear(&[Body::HoldCommitRefused(HoldCommitRefused { reference: gone.id.clone() })]).await;
        assert_eq!(bench.tickets(&gone).await[0].status(), TicketStatus::TicketCancelled);
        let mut forged = own.clone().into_bytes();
        forged[80] = if forged[80] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        let yesterday = bench.scan("early", &own, Duration::ZERO);
        bench.clock.advance(TO_DEPARTURE);
        let unknown = ids::new::<kernel::TicketId>().to_string();
        use ScanOutcome as S;
        let now = |nonce: &str, code: &str| bench.scan(nonce, code, Duration::ZERO);
        let scans = [
            (yesterday, S::NotToday),
            (now("1", &forged), S::Forged),
            (now("2", "không phải mã"), S::Forged),
            (now("3", &unknown), S::UnknownTicket),
            (now("4", "tkt_x"), S::UnknownTicket),
            (now("5", &foreign), S::OtherShop),
            (now("6", &later_code), S::WrongDeparture),
            (now("7", &tomorrows), S::WrongDeparture),
            (now("8", &cancelled), S::TicketWasCancelled),
        ];
        let (scans, wanted): (Vec<_>, Vec<_>) = scans.into_iter().unzip();
        for _ in 0..2 {
            let results = bench.redeem(&trip, &scans).await.unwrap();
            assert_eq!(results.iter().map(ScanResult::outcome).collect::<Vec<_>>(), wanted);
            // Nobody is told of another shop's guest.
            assert!(results[1..6].iter().all(|result| result.ticket.is_none()));
        }
        assert_eq!(bench.manifest(&trip).await.redeemed, 0);
        // Without a departure it is whichever the ticket is for, if that is today.
        let anywhere = RedeemTicketsRequest {
            shop_id: trip.shop.clone(),
            scans: vec![now("9", &later_code), now("10", &tomorrows)],
            ..RedeemTicketsRequest::default()
        };
        let results = bench.client.clone().redeem_tickets(anywhere).await.unwrap().into_inner().results;
        assert_eq!(results.iter().map(ScanResult::outcome).collect::<Vec<_>>(), [S::Admitted, S::NotToday]);
    }

    async fn an_upload_that_is_malformed_is_refused_whole(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let code = bench.tickets(&bench.bought(&[(&trip.adult, 1)]).await).await.remove(0).code;
        bench.clock.advance(TO_DEPARTURE);
        let good = bench.scan("good", &code, Duration::ZERO);
        for (wrong, refusal) in [
            (Scan { nonce: "ngắn".to_owned(), ..good.clone() }, RefusalCode::OutOfRange),
            (Scan { nonce: "x".repeat(65), ..good.clone() }, RefusalCode::OutOfRange),
            (Scan { device: "x".repeat(101), nonce: "y".repeat(16), ..good.clone() }, RefusalCode::OutOfRange),
            (Scan { scanned_at: 0, nonce: "y".repeat(16), ..good.clone() }, RefusalCode::OutOfRange),
            (Scan { undo: true, ..good.clone() }, RefusalCode::IdempotencyKeyReused),
        ] {
            assert_eq!(codes(bench.redeem(&trip, &[good.clone(), wrong]).await), [refusal]);
        }
        assert_eq!(codes(bench.redeem(&trip, &vec![good.clone(); 501]).await), [RefusalCode::TooLong]);
        assert!(bench.rows("SELECT nonce FROM ticket_scans".to_owned()).await.is_empty());
        assert_eq!(bench.manifest(&trip).await.redeemed, 0);
        assert_eq!(bench.redeem(&trip, &[]).await.unwrap(), []);
    }
}
