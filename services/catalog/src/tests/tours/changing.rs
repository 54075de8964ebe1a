//! Departures that are changed, blacked out, cancelled; seats that come back.

use super::*;

impl Pier {
    pub(super) async fn update(
        &self,
        departure: &tours::Departure,
        change: fn(&mut tours::UpdateDepartureRequest),
    ) -> Result<tours::Departure, Status> {
        let mut request = tours::UpdateDepartureRequest {
            shop_id: self.bench.scope.shop().to_string(),
            departure_id: departure.id.clone(),
            ..tours::UpdateDepartureRequest::default()
        };
        change(&mut request);
        self.grpc().update_departure(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub(super) async fn cancel(
        &self,
        departure: &tours::Departure,
        move_to: &str,
    ) -> Result<tours::Departure, Status> {
        let request = tours::CancelDepartureRequest {
            shop_id: self.bench.scope.shop().to_string(),
            departure_id: departure.id.clone(),
            reason: "Nước lớn".to_owned(),
            move_to: move_to.to_owned(),
        };
        self.grpc().cancel_departure(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub(super) async fn give_back(
        &self,
        reference: &str,
        hold: &str,
        lines: &[(VariantId, i64)],
    ) -> Result<(), Status> {
        let seats = lines.iter().map(|(variant, quantity)| tours::ReturnedSeats {
            variant_id: variant.to_string(),
            quantity: *quantity,
        });
        let request = tours::ReturnSeatsRequest {
            reference: reference.to_owned(),
            seats: seats.collect(),
            hold: hold.to_owned(),
        };
        self.grpc().return_seats(Request::new(request)).await.map(|_| ())
    }

    pub(super) async fn sell(&self, reference: &str, lines: &[(VariantId, i64)]) {
        self.hold(reference, lines).await.unwrap();
        self.bench.checkout_is(reference, CheckoutStatus::Paid).await;
    }
}

fn own_price(option: &str, ticket: &str, price: i64) -> tours::DeparturePrice {
    tours::DeparturePrice {
        option_code: option.to_owned(),
        ticket_code: ticket.to_owned(),
        price: Some(Money::vnd(price).into()),
    }
}

/// What something costs on a departure.
fn cost(departure: &tours::Departure, code: &str) -> i64 {
    let of = |ticket: &&tours::DepartureTicket| ticket.ticket.as_ref().unwrap().ticket_code == code;
    departure.tickets.iter().find(of).unwrap().price.as_ref().unwrap().minor
}

on_each_database! { migrations::catalog::Migrator,
    async fn seats_never_become_fewer_than_are_taken(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.sell("chk_1", &[(adult, 5)]).await;
        pier.hold("chk_2", &[(adult, 2)]).await.unwrap();
        let said = refused(pier.update(&departure, |change| change.capacity = Some(6)).await);
        assert_eq!(said, ["OUT_OF_RANGE capacity"]);
        assert_eq!(pier.again(&departure).await.capacity, 12);
        pier.told().await;
        assert_eq!(pier.update(&departure, |change| change.capacity = Some(7)).await.unwrap().capacity, 7);
        assert_eq!(refused(pier.hold("chk_3", &[(adult, 2)]).await), ["INSUFFICIENT_STOCK lines.0"]);
        pier.update(&departure, |change| change.capacity = Some(9)).await.unwrap();
        // Full, then free again: search heard both.
        assert_eq!(pier.told().await.len(), 2);
        pier.hold("chk_3", &[(adult, 2)]).await.unwrap();
        let said = refused(pier.update(&departure, |change| change.cutoff_minutes = Some(100_000)).await);
        assert_eq!(said, ["OUT_OF_RANGE cutoffMinutes"]);
        pier.bench.assert_sound().await;
    }

    async fn a_cut_off_can_be_moved_and_sales_be_stopped_and_begun_again(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.update(&departure, |change| change.cutoff_minutes = Some(30 * 60)).await.unwrap();
        assert_eq!(refused(pier.hold("chk_1", &[(adult, 2)]).await), ["DEPARTURE_CLOSED lines.0"]);
        pier.update(&departure, |change| change.cutoff_minutes = Some(29 * 60)).await.unwrap();
        pier.hold("chk_1", &[(adult, 2)]).await.unwrap();
        let closed = pier.update(&departure, |change| change.open = Some(false)).await.unwrap();
        assert_eq!((closed.status(), closed.for_sale), (tours::DepartureStatus::DepartureClosed, false));
        assert_eq!(refused(pier.hold("chk_2", &[(adult, 2)]).await), ["DEPARTURE_CLOSED lines.0"]);
        // What was held before is still sold.
        pier.bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        pier.update(&departure, |change| change.open = Some(true)).await.unwrap();
        pier.hold("chk_2", &[(adult, 2)]).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (2, 2));
        let stranger = tours::UpdateDepartureRequest {
            shop_id: ids::new::<ShopId>().to_string(),
            departure_id: departure.id.clone(),
            open: Some(false),
            ..Default::default()
        };
        let said = refused(pier.grpc().update_departure(Request::new(stranger)).await);
        assert_eq!(said, ["NOT_FOUND departureId"]);
        assert!(pier.again(&departure).await.for_sale);
    }

    async fn the_seats_of_a_boat_that_is_taken_as_a_whole_stay(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let boat = variant(&departure, "boat");
        pier.sell("chk_1", &[(boat, 1), (variant(&departure, "lunch"), 3)]).await;
        let said = refused(pier.update(&departure, |change| change.capacity = Some(20)).await);
        assert_eq!(said, ["BOAT_TAKEN capacity"]);
        assert_eq!(pier.seats(&departure).await, (0, 12));
        pier.give_back("tcan_1", "", &[(boat, 1)]).await.unwrap();
        assert_eq!(pier.update(&departure, |change| change.capacity = Some(20)).await.unwrap().capacity, 20);
        assert_eq!(pier.seats(&departure).await, (0, 0));
        pier.bench.assert_sound().await;
    }

    async fn some_days_are_blacked_out_and_no_others(database) {
        let pier = Pier::on(database).await;
        let (one, two) = (pier.departure(20).await, pier.departure(44).await);
        let request = tours::BlackOutRequest {
            shop_id: pier.bench.scope.shop().to_string(),
            product_id: pier.product.id.to_string(),
            from_day: one.local_start[..10].to_owned(),
            to_day: one.local_start[..10].to_owned(),
        };
        let closed = pier.grpc().black_out_departures(Request::new(request.clone())).await.unwrap();
        let closed: Vec<String> = closed.into_inner().departures.into_iter().map(|one| one.id).collect();
        assert_eq!(closed, std::slice::from_ref(&one.id));
        assert!(!pier.again(&one).await.for_sale && pier.again(&two).await.for_sale);
        let again = pier.grpc().black_out_departures(Request::new(request.clone())).await.unwrap();
        assert!(again.into_inner().departures.is_empty());
        let stranger = tours::BlackOutRequest { shop_id: ids::new::<ShopId>().to_string(), to_day: two.local_start[..10].to_owned(), ..request };
        assert_eq!(refused(pier.grpc().black_out_departures(Request::new(stranger)).await), ["NOT_FOUND productId"]);
        assert!(pier.again(&two).await.for_sale);
    }

    async fn a_cancelled_departure_is_told_once_and_sells_nothing_any_more(database) {
        let pier = Pier::on(database).await;
        let (one, two) = (pier.departure(30).await, pier.departure(54).await);
        let adult = variant(&one, "adult");
        pier.sell("chk_1", &[(adult, 2)]).await;
        pier.hold("chk_2", &[(adult, 3)]).await.unwrap();
        pier.told().await;
        for wrong in [one.id.as_str(), "dep_x", &ids::new::<DepartureId>().to_string()] {
            assert_eq!(refused(pier.cancel(&one, wrong).await), ["INVALID moveTo"]);
        }
        let cancelled = pier.cancel(&one, &two.id).await.unwrap();
        assert_eq!(cancelled.status(), tours::DepartureStatus::DepartureCancelled);
        assert_eq!(cancelled.cancelled_because, "Nước lớn");
        assert_eq!(pier.cancel(&one, "").await.unwrap(), cancelled);
        let told = pier.told().await;
        let [Body::DepartureCancelled(said), Body::ProductChanged(_)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((said.departure_id.as_str(), said.move_to.as_str()), (one.id.as_str(), two.id.as_str()));
        assert_eq!(refused(pier.hold("chk_3", &[(adult, 2)]).await), ["DEPARTURE_CLOSED lines.0"]);
        assert_eq!(refused(pier.update(&one, |change| change.open = Some(true)).await), ["STATUS_CONFLICT departureId"]);
        // Who pays now is told that the seats are gone; what was sold stays sold until orders gives it back.
        pier.bench.checkout_is("chk_2", CheckoutStatus::Paid).await;
        assert!(matches!(pier.told().await.as_slice(), [Body::HoldCommitRefused(said)] if said.reference == "chk_2"));
        assert_eq!(pier.seats(&one).await, (0, 2));
        pier.give_back("move_1", "chk_1", &[(adult, 2)]).await.unwrap();
        pier.sell("move_1", &[(variant(&two, "adult"), 2)]).await;
        assert_eq!((pier.seats(&one).await, pier.seats(&two).await), ((0, 0), (0, 2)));
        pier.bench.assert_sound().await;
    }

    async fn seats_come_back_once_a_reference_and_never_more_than_were_sold(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let (adult, lunch) = (variant(&departure, "adult"), variant(&departure, "lunch"));
        pier.sell("chk_1", &[(adult, 4), (lunch, 1)]).await;
        pier.hold("chk_2", &[(adult, 2)]).await.unwrap();
        for _ in 0..2 {
            pier.give_back("tcan_1", "", &[(adult, 1), (lunch, 1)]).await.unwrap();
        }
        assert_eq!(pier.seats(&departure).await, (2, 3));
        let cases = [
            (pier.give_back("tcan_1", "", &[(adult, 2)]).await, "IDEMPOTENCY_KEY_REUSED reference"),
            (pier.give_back("tcan_2", "", &[(adult, 4)]).await, "OUT_OF_RANGE seats.0.quantity"),
            (pier.give_back("tcan_2", "", &[(lunch, 1)]).await, "OUT_OF_RANGE seats.0.quantity"),
            // Only held, not sold; and of another hold than the one that is named.
            (pier.give_back("tcan_2", "chk_2", &[(adult, 1)]).await, "OUT_OF_RANGE seats.0.quantity"),
            (pier.give_back("tcan_2", "", &[(adult, 0)]).await, "INVALID seats"),
            (pier.give_back("tcan_2", "", &[]).await, "INVALID seats"),
            (pier.give_back("", "", &[(adult, 1)]).await, "OUT_OF_RANGE reference"),
        ];
        for (answer, said) in cases {
            assert_eq!(refused(answer), [said]);
        }
        assert_eq!(pier.seats(&departure).await, (2, 3));
        pier.give_back("tcan_2", "chk_1", &[(adult, 3)]).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (2, 0));
        pier.bench.assert_sound().await;
    }

    async fn seats_that_come_back_at_once_from_everywhere_come_back_once(database) {
        let pier = Arc::new(Pier::on(database).await);
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.sell("chk_1", &[(adult, 8)]).await;
        let tries = (0..16).map(|number| {
            let pier = Arc::clone(&pier);
            let reference = format!("tcan_{}", number % 10);
            tokio::spawn(async move { pier.give_back(&reference, "", &[(adult, 1)]).await.is_ok() })
        });
        let done = futures_util::future::join_all(tries).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert!((8..=14).contains(&done), "{done}");
        assert_eq!(pier.seats(&departure).await, (0, 0));
        pier.bench.assert_sound().await;
    }

    async fn a_departure_may_cost_something_else_and_what_is_held_keeps_its_price(database) {
        let pier = Pier::on(database).await;
        let request = tours::ScheduleDeparturesRequest {
            prices: vec![own_price("join-in", "adult", 600_000), own_price("", "lunch", 50_000)],
            ..pier.schedule_request(vec![pier.hours(30)], "gia-rieng-1")
        };
        let departure = pier.schedule(request.clone()).await.unwrap().departures.pop().unwrap();
        let costs = |departure: &tours::Departure| ["adult", "child", "lunch"].map(|code| cost(departure, code));
        assert_eq!(costs(&departure), [600_000, 250_000, 50_000]);
        assert_eq!(departure.prices, request.prices);
        assert_eq!(costs(&pier.departure(54).await), [450_000, 250_000, 90_000]);
        let adult = variant(&departure, "adult");
        let price_of_hold = || async {
            let hold = pier.hold("chk_1", &[(adult, 2)]).await.unwrap();
            hold.offers[0].price.as_ref().unwrap().minor
        };
        assert_eq!(price_of_hold().await, 600_000);
        let changed = pier.update(&departure, |request| {
            request.prices = Some(tours::DeparturePrices { prices: vec![own_price("", "adult", 500_000)] });
        });
        let changed = changed.await.unwrap();
        assert_eq!(costs(&changed), [500_000, 250_000, 90_000]);
        assert_eq!(pier.offers(&[adult]).await[0].price.as_ref().unwrap().minor, 500_000);
        assert_eq!(price_of_hold().await, 600_000);
        let wrong = pier.update(&departure, |request| {
            request.prices = Some(tours::DeparturePrices { prices: vec![own_price("join-in", "boat", 1)] });
        });
        assert_eq!(refused(wrong.await), ["INVALID prices.0.ticketKind"]);
        let unsaid = tours::DeparturePrice { price: None, ..own_price("", "adult", 1) };
        let request = tours::ScheduleDeparturesRequest {
            prices: vec![unsaid],
            ..pier.schedule_request(vec![pier.hours(78)], "gia-rieng-2")
        };
        assert_eq!(refused(pier.schedule(request).await), ["REQUIRED prices.0.price"]);
        assert_eq!(pier.again(&departure).await.prices, changed.prices);
        // Other changes leave its prices; none of its own are those of the tour.
        let smaller = pier.update(&departure, |request| request.capacity = Some(6)).await.unwrap();
        assert_eq!(costs(&smaller), [500_000, 250_000, 90_000]);
        let usual = pier.update(&departure, |request| request.prices = Some(tours::DeparturePrices::default()));
        assert_eq!(costs(&usual.await.unwrap()), [450_000, 250_000, 90_000]);
        pier.bench.assert_sound().await;
    }
}
