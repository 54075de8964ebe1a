//! Tickets that are offered, held and sold.

use super::*;

on_each_database! { migrations::catalog::Migrator,
    async fn a_ticket_is_offered_with_all_that_an_order_must_remember(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let lines = ["adult", "infant", "boat", "lunch"].map(|code| variant(&departure, code));
        let offers = pier.offers(&lines).await;
        let titles: Vec<&str> =
            offers.iter().map(|offer| offer.title.as_ref().unwrap().vi.as_str()).collect();
        assert_eq!(titles, [
            "Chợ nổi Cái Răng – Ghép khách – Người lớn",
            "Chợ nổi Cái Răng – Ghép khách – Em bé",
            "Chợ nổi Cái Răng – Thuyền riêng – Nguyên thuyền",
            "Chợ nổi Cái Răng – Bữa trưa",
        ]);
        assert_eq!(offers[0].title.as_ref().unwrap().en, "Cái Răng floating market – Join-in – Adult");
        let prices: Vec<i64> = offers.iter().map(|offer| offer.price.as_ref().unwrap().minor).collect();
        assert_eq!(prices, [450_000, 0, 3_000_000, 90_000]);
        let known: Vec<(u32, u32, i64)> = offers
            .iter()
            .map(|offer| (offer.ticket.as_ref().unwrap().seats, offer.ticket.as_ref().unwrap().admits, offer.available))
            .collect();
        assert_eq!(known, [(1, 1, 12), (0, 1, 12), (12, 10, 1), (0, 0, 999)]);
        let ticket = offers[0].ticket.as_ref().unwrap();
        assert_eq!((ticket.departure_id.as_str(), ticket.starts_at), (departure.id.as_str(), departure.starts_at));
        assert_eq!(ticket.cancellation.len(), 2);
        assert!(offers.iter().all(|offer| offer.for_sale));
        // What was bought is remembered as it was, whatever the tour becomes.
        let hold = pier.hold("chk_1", &[(lines[0], 2)]).await.unwrap();
        let mut dearer = pier.tour();
        dearer.options[0].tickets[0].price = Money::vnd(500_000);
        pier.put(dearer).await.unwrap();
        assert_eq!(pier.hold("chk_1", &[(lines[0], 2)]).await.unwrap(), hold);
        assert_eq!(hold.offers[0].price.as_ref().unwrap().minor, 450_000);
        assert_eq!(hold.lines[0].quantity, 2);
        assert_eq!(pier.offers(&lines[..1]).await[0].price.as_ref().unwrap().minor, 500_000);
    }

    async fn a_hold_of_goods_and_seats_is_all_or_nothing(database) {
        let pier = Pier::on(database).await;
        let (one, two) = (pier.departure(30).await, pier.departure(54).await);
        let mango = pier.bench.sell("Xoài", 1_000, 3).await.variants[0].id;
        let lines = [(variant(&one, "adult"), 2), (variant(&two, "adult"), 2), (mango, 4)];
        assert_eq!(refused(pier.hold("chk_1", &lines).await).len(), 1);
        assert_eq!((pier.seats(&one).await, pier.bench.stock(mango).await), ((0, 0), (3, 0)));
        let lines = [lines[0], lines[1], (mango, 3)];
        let hold = pier.hold("chk_1", &lines).await.unwrap();
        assert_eq!((hold.lines.len(), hold.offers.len()), (3, 3));
        assert_eq!((pier.seats(&one).await, pier.bench.stock(mango).await), ((2, 0), (3, 3)));
        pier.bench.assert_sound().await;
        pier.bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        pier.bench.checkout_is("chk_1", CheckoutStatus::Cancelled).await;
        assert_eq!((pier.seats(&two).await, pier.bench.stock(mango).await), ((0, 2), (0, 0)));
        assert_eq!(pier.again(&one).await.sold, 2);
        pier.bench.assert_sound().await;
    }

    async fn a_refused_line_says_why_by_its_place(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let of = |code: &str, quantity: i64| (variant(&departure, code), quantity);
        let cases: [(&[(VariantId, i64)], &str); 6] = [
            (&[of("adult", 1)], "PARTY_TOO_SMALL lines.0"),
            (&[of("adult", 9)], "PARTY_TOO_LARGE lines.0"),
            (&[of("child", 2)], "ADULT_REQUIRED lines.0"),
            (&[of("lunch", 2)], "PARTY_TOO_SMALL lines.0"),
            (&[of("boat", 2)], "INSUFFICIENT_STOCK lines.0"),
            (&[(ids::new(), 1)], "NOT_FOR_SALE lines.0"),
        ];
        for (lines, said) in cases {
            assert_eq!(refused(pier.hold("chk_1", lines).await), [said]);
        }
        pier.hold("chk_1", &[of("adult", 8)]).await.unwrap();
        assert_eq!(refused(pier.hold("chk_2", &[of("boat", 1)]).await), ["BOAT_TAKEN lines.0"]);
        let status = pier.hold("chk_2", &[of("adult", 5)]).await.unwrap_err();
        assert_eq!(proto::refusals_of(&status).unwrap()[0].facts["available"], "4");
        assert_eq!(pier.seats(&departure).await, (8, 0));
        // Nobody holds seats of a tour that is not shown.
        publish_product(&pier.bench.catalog, pier.bench.scope, pier.product.id, false).await.unwrap();
        assert_eq!(refused(pier.hold("chk_2", &[of("adult", 2)]).await), ["NOT_FOR_SALE lines.0"]);
        pier.bench.assert_sound().await;
    }

    async fn seats_are_sold_until_the_cut_off(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.hold("chk_1", &[(adult, 2)]).await.unwrap();
        pier.bench.clock.advance(Duration::from_secs(29 * 3_600));
        assert_eq!(refused(pier.hold("chk_2", &[(adult, 2)]).await), ["DEPARTURE_CLOSED lines.0"]);
        assert!(!pier.again(&departure).await.for_sale);
        assert!(!pier.offers(&[adult]).await[0].for_sale);
        // Who paid in time and was told late still comes along; who pays after the start does not.
        expire_holds(&pier.bench.catalog).await.unwrap();
        pier.bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        assert_eq!(pier.seats(&departure).await, (0, 2));
        pier.bench.assert_sound().await;
    }

    async fn an_expired_hold_that_is_paid_gets_its_seats_if_they_are_still_there(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let (adult, boat) = (variant(&departure, "adult"), variant(&departure, "boat"));
        pier.hold("chk_boat", &[(boat, 1)]).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (12, 0));
        pier.bench.clock.advance(Duration::from_secs(61));
        expire_holds(&pier.bench.catalog).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (0, 0));
        pier.hold("chk_two", &[(adult, 2)]).await.unwrap();
        pier.told().await;
        pier.bench.checkout_is("chk_boat", CheckoutStatus::Paid).await;
        assert!(matches!(pier.told().await.as_slice(), [Body::HoldCommitRefused(said)] if said.reference == "chk_boat"));
        assert_eq!(pier.seats(&departure).await, (2, 0));
        pier.bench.checkout_is("chk_two", CheckoutStatus::Cancelled).await;
        pier.bench.checkout_is("chk_boat", CheckoutStatus::Paid).await;
        assert_eq!(pier.seats(&departure).await, (0, 12));
        pier.bench.assert_sound().await;
    }

    async fn search_hears_when_the_last_seat_goes_and_when_one_comes_back(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        pier.told().await;
        pier.hold("chk_1", &[(adult, 6)]).await.unwrap();
        assert!(pier.told().await.is_empty());
        pier.hold("chk_2", &[(adult, 6)]).await.unwrap();
        let about = |told: Vec<Body>| told.iter().filter(|body| matches!(body, Body::ProductChanged(_))).count();
        assert_eq!(about(pier.told().await), 1);
        pier.bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        assert_eq!(about(pier.told().await), 0);
        pier.bench.checkout_is("chk_2", CheckoutStatus::Expired).await;
        assert_eq!(about(pier.told().await), 1);
        assert_eq!(pier.seats(&departure).await, (0, 6));
    }

    async fn of_sixty_at_once_exactly_those_that_fit_get_the_last_seats(database) {
        let pier = Arc::new(Pier::on(database).await);
        let (one, two) = (pier.departure(30).await, pier.departure(54).await);
        let mango = pier.bench.sell("Xoài", 1_000, 1_000).await.variants[0].id;
        let tries = (0..60).map(|number| {
            let pier = Arc::clone(&pier);
            // Everybody wants both days, in whatever order, and a mango: nobody waits in a circle.
            let mut lines = vec![(variant(&one, "adult"), 2), (variant(&two, "adult"), 2), (mango, 1)];
            lines.rotate_left(number % 3);
            tokio::spawn(async move { pier.hold(&format!("chk_{number}"), &lines).await.map(|_| ()) })
        });
        let mut held = 0;
        for outcome in futures_util::future::join_all(tries).await {
            match outcome.unwrap() {
                Ok(()) => held += 1,
                Err(status) => {
                    let said = refused(Err::<(), _>(status));
                    assert!(said.iter().all(|said| said.starts_with("INSUFFICIENT_STOCK")), "{said:?}");
                }
            }
        }
        assert_eq!(held, 6);
        assert_eq!((pier.seats(&one).await, pier.seats(&two).await), ((12, 0), (12, 0)));
        assert_eq!(pier.bench.stock(mango).await, (1_000, 6));
        pier.bench.assert_sound().await;
    }

    async fn the_doctor_finds_seats_that_no_hold_accounts_for(database) {
        use sea_orm::ConnectionTrait;
        let pier = Pier::on(database).await;
        let departure = pier.departure(30).await;
        pier.hold("chk_1", &[(variant(&departure, "adult"), 2)]).await.unwrap();
        pier.bench.assert_sound().await;
        for (change, what) in [("held = held + 1", "held"), ("held = held - 1, sold = sold + 1", "sold")] {
            let tx = pier.bench.database.begin().await.unwrap();
            tx.execute_unprepared(&format!("UPDATE departures SET {change}")).await.unwrap();
            tx.commit().await.unwrap();
            let found = doctor(&pier.bench.database, pier.bench.clock.now()).await.unwrap();
            assert!(found.iter().any(|found| found.contains(what) && found.contains(&departure.id)), "{found:?}");
        }
        // More than there are the database itself refuses.
        let tx = pier.bench.database.begin().await.unwrap();
        tx.execute_unprepared("UPDATE departures SET sold = capacity + 1").await.unwrap_err();
    }
}
