//! Who waits for seats, and gets them.

use platform::secrets::digest;

use super::*;
use crate::usecases::forget_old::forget_old;

impl Pier {
    async fn join(
        &self,
        departure: &tours::Departure,
        seats: u32,
        phone: &str,
    ) -> Result<tours::WaitingListEntry, Status> {
        let request = tours::JoinWaitingListRequest {
            departure_id: departure.id.clone(),
            seats,
            name: "Cô Ba".to_owned(),
            phone: phone.to_owned(),
            email: String::new(),
            locale: "vi".to_owned(),
        };
        self.grpc().join_waiting_list(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    /// Who waits: telephone number and position.
    async fn waiting(&self, departure: &tours::Departure) -> Vec<(String, u32)> {
        let request = tours::ListWaitingRequest {
            shop_id: self.bench.scope.shop().to_string(),
            departure_id: departure.id.clone(),
        };
        let list = self.grpc().list_waiting(Request::new(request)).await.unwrap().into_inner();
        list.entries.into_iter().map(|entry| (entry.phone, entry.position)).collect()
    }

    async fn hold_with(
        &self,
        reference: &str,
        line: (VariantId, i64),
        claim_token: &str,
    ) -> Result<contract::Hold, Status> {
        let line = contract::HoldLine { variant_id: line.0.to_string(), quantity: line.1 };
        let request = contract::HoldStockRequest {
            reference: reference.to_owned(),
            lines: vec![line],
            expires_at: self.bench.clock.now().after(Duration::from_secs(60)).micros(),
            claim_token: String::new(),
            claim_digest: digest_of(claim_token),
        };
        self.grpc().hold_stock(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    /// To whom offers were told of since the last look: telephone numbers. No event has a token.
    async fn offered(&self) -> Vec<String> {
        let told = self.told().await.into_iter();
        let offered = told.filter_map(|body| match body {
            Body::SeatsOffered(offered) => offered.entry,
            _ => None,
        });
        let phone = |entry: tours::WaitingListEntry| {
            assert_eq!(entry.claim_token, "");
            entry.phone
        };
        offered.map(phone).collect()
    }
}

/// What is told of a token: its digest; nothing of none.
fn digest_of(token: &str) -> Vec<u8> {
    if token.is_empty() { Vec::new() } else { digest(token).to_vec() }
}

on_each_database! { migrations::catalog::Migrator,
    async fn who_waited_is_forgotten_a_month_after_the_departure(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let later = pier.departure(24 * 60).await;
        for number in 1..=3 {
            pier.hold(&format!("chk_{number}"), &[(variant(&departure, "adult"), 4)]).await.unwrap();
            pier.hold(&format!("chk_later_{number}"), &[(variant(&later, "adult"), 4)]).await.unwrap();
        }
        pier.join(&departure, 2, "0901").await.unwrap();
        pier.join(&later, 2, "0902").await.unwrap();
        pier.bench.clock.advance(Duration::from_secs(33 * 24 * 3_600));
        forget_old(&pier.bench.catalog).await.unwrap();
        assert!(pier.waiting(&departure).await.is_empty());
        assert_eq!(pier.waiting(&later).await.len(), 1);
    }

    async fn freed_seats_are_kept_for_the_first_who_fit(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        for number in 1..=3 {
            pier.hold(&format!("chk_{number}"), &[(adult, 4)]).await.unwrap();
        }
        let first = pier.join(&departure, 6, "0901").await.unwrap();
        assert_eq!((first.position, first.offered_at), (1, 0));
        assert_eq!(first.claim_token.len(), 64);
        assert_eq!(pier.join(&departure, 2, "0902").await.unwrap().position, 2);
        assert_eq!(pier.join(&departure, 2, "0903").await.unwrap().position, 3);
        pier.join(&departure, 1, "0904").await.unwrap();
        pier.told().await;
        pier.bench.checkout_is("chk_1", CheckoutStatus::Cancelled).await;
        // Six do not fit into four; the next two do. Nobody else can have those seats meanwhile.
        assert_eq!(pier.offered().await, ["0902", "0903"]);
        assert_eq!(pier.seats(&departure).await, (12, 0));
        assert_eq!(refused(pier.hold("chk_4", &[(adult, 2)]).await), ["INSUFFICIENT_STOCK lines.0"]);
        let waiting = [("0901", 1), ("0902", 0), ("0903", 0), ("0904", 2)];
        assert_eq!(pier.waiting(&departure).await, waiting.map(|(phone, place)| (phone.to_owned(), place)));
        pier.bench.assert_sound().await;
    }

    async fn an_offer_is_claimed_by_its_token_and_what_is_left_goes_on(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.hold("chk_1", &[(adult, 8)]).await.unwrap();
        pier.hold("chk_2", &[(adult, 4)]).await.unwrap();
        let joined = pier.join(&departure, 4, "0901").await.unwrap();
        pier.join(&departure, 2, "0902").await.unwrap();
        pier.told().await;
        pier.bench.checkout_is("chk_2", CheckoutStatus::Expired).await;
        assert_eq!(pier.offered().await, ["0901"]);
        let token = joined.claim_token;
        let offers = |claim_token: &str, claim_digest: Vec<u8>| {
            let request = contract::GetOffersRequest {
                variant_ids: vec![adult.to_string()],
                claim_token: claim_token.to_owned(),
                claim_digest,
            };
            let grpc = pier.grpc();
            async move { grpc.get_offers(Request::new(request)).await.unwrap().into_inner().offers[0].available }
        };
        let seen = (offers("", Vec::new()).await, offers("", digest_of("wrong")).await, offers("", digest_of(&token)).await);
        assert_eq!(seen, (0, 0, 4));
        // Who has the token itself, as callers of before, sees the same.
        assert_eq!((offers("wrong", Vec::new()).await, offers(&token, Vec::new()).await), (0, 4));
        // A wrong token is no token, and a refused claim leaves the offer as it was.
        assert!(pier.hold_with("chk_3", (adult, 2), "wrong").await.is_err());
        assert!(pier.hold_with("chk_3", (adult, 5), &token).await.is_err());
        assert_eq!(pier.seats(&departure).await, (12, 0));
        pier.hold_with("chk_3", (adult, 2), &token).await.unwrap();
        assert_eq!(pier.offered().await[0], "0902");
        assert_eq!(pier.seats(&departure).await, (12, 0));
        // It claims once.
        assert!(pier.hold_with("chk_4", (adult, 2), &token).await.is_err());
        pier.bench.checkout_is("chk_3", CheckoutStatus::Paid).await;
        assert_eq!(pier.seats(&departure).await, (10, 2));
        pier.bench.assert_sound().await;
    }

    async fn the_token_of_a_letter_claims_as_the_guests_own_does(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.sell_all(&departure).await;
        let joined = pier.join(&departure, 2, "0901").await.unwrap();
        let add = |entry_id: String, claim_digest: Vec<u8>| {
            let grpc = pier.grpc();
            async move { grpc.add_claim(Request::new(tours::AddClaimRequest { entry_id, claim_digest })).await }
        };
        // A letter may be written twice.
        for _ in 0..2 {
            add(joined.id.clone(), digest_of("of the letter")).await.unwrap();
        }
        let nobody = ids::new::<kernel::WaitingListEntryId>().to_string();
        assert_eq!(add(nobody, digest_of("of the letter")).await.unwrap_err().code(), tonic::Code::NotFound);
        assert_eq!(add(joined.id.clone(), vec![1; 31]).await.unwrap_err().code(), tonic::Code::InvalidArgument);
        for token in ["of the letter", &joined.claim_token] {
            let request = tours::GetWaitingListEntryRequest { claim_token: token.to_owned() };
            let found = pier.grpc().get_waiting_list_entry(Request::new(request)).await.unwrap();
            assert_eq!(found.into_inner().id, joined.id);
        }
        pier.told().await;
        pier.give_back("tcan_1", "", &[(adult, 2)]).await.unwrap();
        assert_eq!(pier.offered().await, ["0901"]);
        pier.hold_with("chk_9", (adult, 2), "of the letter").await.unwrap();
        pier.bench.assert_sound().await;
    }

    async fn an_offer_that_runs_out_goes_to_the_next(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.sell_all(&departure).await;
        let first = pier.join(&departure, 2, "0901").await.unwrap();
        pier.join(&departure, 1, "0902").await.unwrap();
        pier.told().await;
        pier.give_back("tcan_1", "", &[(adult, 2)]).await.unwrap();
        assert_eq!(pier.offered().await[0], "0901");
        pier.bench.clock.advance(Duration::from_secs(15 * 60 + 1));
        expire_holds(&pier.bench.catalog).await.unwrap();
        assert_eq!(pier.offered().await[0], "0902");
        assert_eq!(pier.seats(&departure).await, (1, 10));
        // Who came too late has the same right as everybody: to what is free.
        assert!(pier.hold_with("chk_9", (adult, 2), &first.claim_token).await.is_err());
        assert_eq!(pier.waiting(&departure).await, [("0902".to_owned(), 0)]);
        pier.bench.assert_sound().await;
    }

    async fn a_larger_boat_brings_who_waits_along_and_a_free_seat_is_offered_at_once(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        pier.sell_all(&departure).await;
        pier.join(&departure, 3, "0901").await.unwrap();
        pier.told().await;
        pier.update(&departure, |change| change.capacity = Some(14)).await.unwrap();
        assert!(pier.offered().await.is_empty());
        pier.update(&departure, |change| change.capacity = Some(16)).await.unwrap();
        assert_eq!(pier.offered().await.len(), 1);
        let joined = pier.join(&departure, 1, "0902").await.unwrap();
        assert_eq!((joined.position, joined.offered_at), (0, pier.bench.clock.now().micros()));
        assert_eq!(pier.seats(&departure).await, (4, 12));
        pier.bench.assert_sound().await;
    }

    async fn who_may_not_wait_is_told_why_and_is_not_on_the_list(database) {
        let pier = Pier::on(database).await;
        let (departure, other) = (pier.departure(30).await, pier.departure(54).await);
        pier.sell_all(&departure).await;
        pier.join(&departure, 2, "0901").await.unwrap();
        assert_eq!(refused(pier.join(&departure, 2, " 0901 ").await), ["ALREADY_TAKEN phone"]);
        assert_eq!(refused(pier.join(&departure, 0, "0902").await), ["OUT_OF_RANGE seats"]);
        assert_eq!(refused(pier.join(&departure, 13, "0902").await), ["OUT_OF_RANGE seats"]);
        assert_eq!(refused(pier.join(&departure, 2, "").await), ["PHONE_OR_EMAIL_REQUIRED phone"]);
        assert_eq!(refused(pier.join(&departure, 2, &"0".repeat(201)).await), ["TOO_LONG phone"]);
        pier.cancel(&other, "").await.unwrap();
        assert_eq!(refused(pier.join(&other, 2, "0902").await), ["DEPARTURE_CLOSED departureId"]);
        assert_eq!(pier.waiting(&departure).await.len(), 1);
        let request = tours::ListWaitingRequest {
            shop_id: ids::new::<ShopId>().to_string(),
            departure_id: departure.id.clone(),
        };
        let stranger = pier.grpc().list_waiting(Request::new(request)).await.unwrap_err();
        assert_eq!(stranger.code(), tonic::Code::NotFound);
        // Nobody waits for what does not happen.
        pier.cancel(&departure, "").await.unwrap();
        assert!(pier.waiting(&departure).await.is_empty());
        pier.bench.assert_sound().await;
    }

    async fn seats_for_who_waits_are_never_sold_twice_however_many_come(database) {
        let pier = Arc::new(Pier::on(database).await);
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.sell_all(&departure).await;
        let tokens = futures_util::future::join_all((0..6).map(|number| {
            let (pier, departure) = (Arc::clone(&pier), departure.clone());
            async move { pier.join(&departure, 2, &format!("09{number}")).await.unwrap().claim_token }
        }))
        .await;
        // Seats come back one cancellation after another, while all try to claim and others to buy.
        let mut tries = Vec::new();
        for (number, token) in tokens.into_iter().enumerate() {
            let (one, two, three) = (Arc::clone(&pier), Arc::clone(&pier), Arc::clone(&pier));
            tries.push(tokio::spawn(async move {
                one.give_back(&format!("tcan_{number}"), "", &[(adult, 2)]).await.unwrap();
                false
            }));
            tries.push(tokio::spawn(async move {
                let mut got = false;
                for _ in 0..20 {
                    got = got || two.hold_with(&format!("chk_w{number}"), (adult, 2), &token).await.is_ok();
                }
                got
            }));
            tries.push(tokio::spawn(async move {
                three.hold(&format!("chk_o{number}"), &[(adult, 2)]).await.is_ok()
            }));
        }
        let got = futures_util::future::join_all(tries).await.into_iter().filter(|got| *got.as_ref().unwrap()).count();
        assert!(got <= 6, "{got}");
        assert_eq!(pier.seats(&departure).await, (12, 0));
        pier.bench.assert_sound().await;
    }
}

impl Pier {
    /// Sells all seats of a departure.
    async fn sell_all(&self, departure: &tours::Departure) {
        let adult = variant(departure, "adult");
        self.sell("chk_all_1", &[(adult, 8)]).await;
        self.sell("chk_all_2", &[(adult, 4)]).await;
    }
}
