//! People take away all that is kept of what they bought, and nothing of others; and are forgotten in it.

use kernel::UserId;
use platform::on_each_database;
use proto::bookings::CancelTicketsRequest;
use proto::common::PageRequest;
use proto::events::UserForgotten;
use proto::orders::{
    BoughtCheckout, HasOpenSalesRequest, ListBuyerCheckoutsRequest, Order, OrderOfShop,
};
use proto::returns::{DeclineReturnRequest, RequestReturnRequest, ReturnedPieces};

use super::fakes::{Fault, Trip};
use super::vouchers::tet;
use super::*;
use crate::consumers::PeopleForgotten;
use crate::usecases::forget_buyers::forget_buyers;

impl Bench {
    /// All that somebody bought, in pages of so many; and how many pages that were.
    async fn all_bought(&self, buyer: &str, first: u32) -> (Vec<BoughtCheckout>, usize) {
        let (mut all, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = Some(PageRequest { first, after });
            let request = ListBuyerCheckoutsRequest { buyer_id: buyer.to_owned(), page };
            let found = self.client.clone().list_buyer_checkouts(request).await;
            let found = found.unwrap().into_inner();
            all.extend(found.checkouts);
            pages += 1;
            let page = found.page.unwrap();
            match page.cursors.last().filter(|_| page.has_next) {
                Some(cursor) => after = cursor.clone(),
                None => return (all, pages),
            }
        }
    }

    /// Somebody who is signed in checks a cart out and pays it.
    async fn buys(&self, buyer: &str, cart: &CartKey) -> Checkout {
        let request = StartCheckoutRequest { buyer_id: buyer.to_owned(), ..request_for(cart) };
        let checkout = self.start(&request).await.unwrap();
        self.hear(&[self.outside.pay(&checkout.id)]).await;
        self.relay().await;
        Checkout { token: checkout.token, ..self.look(&checkout.id).await }
    }

    /// Accounts tells that somebody deleted their account, and the sweeper looks.
    async fn forget(&self, buyer: &str) {
        let said = event(Body::UserForgotten(UserForgotten { user_id: buyer.to_owned() }));
        let consumer = PeopleForgotten(self.orders.clone());
        deliver(&consumer, self.clock.now(), &[said]).await.unwrap();
        forget_buyers(&self.orders).await.unwrap();
    }

    /// Whether anybody waits for a shop.
    async fn has_open_sales(&self, shop: &str) -> bool {
        let request = HasOpenSalesRequest { shop_id: shop.to_owned() };
        self.client.clone().has_open_sales(request).await.unwrap().into_inner().open
    }

    /// The checkouts of which it was told that their buyers are forgotten.
    async fn forgotten(&self) -> Vec<String> {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq".to_owned()).await;
        let told = rows.into_iter().filter_map(|row| {
            let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
            match Event::decode(payload.as_slice()).unwrap().body.unwrap() {
                Body::CheckoutForgotten(said) => Some(said.checkout_id),
                _ => None,
            }
        });
        told.collect()
    }

    /// Somebody asks to send a piece back, and the shop says no, and why.
    async fn asks_back_in_vain(&self, buyer: &str, order: &Order) {
        let lines = vec![ReturnedPieces { order_line_id: order.lines[0].id.clone(), quantity: 1 }];
        let request = RequestReturnRequest {
            order_id: order.id.clone(),
            buyer_id: buyer.to_owned(),
            lines,
            reason: "Chị Sáu đổi ý".to_owned(),
            idempotency_key: "khoa-tra-1".to_owned(),
            ..RequestReturnRequest::default()
        };
        let asked = self.client.clone().request_return(request).await.unwrap().into_inner();
        let request = DeclineReturnRequest {
            shop_id: order.shop_id.clone(),
            return_id: asked.returns[0].id.clone(),
            answer: "Chị Sáu đã ăn hết".to_owned(),
            decided_by: ids::new::<UserId>().to_string(),
        };
        self.client.clone().decline_return(request).await.unwrap();
    }

    /// The request to give all tickets of a trip back, that says where the money goes.
    async fn all_tickets_back(&self, checkout: &Checkout) -> CancelTicketsRequest {
        let tickets = self.tickets(checkout).await;
        CancelTicketsRequest {
            checkout_id: checkout.id.clone(),
            token: checkout.token.clone(),
            ticket_ids: tickets.into_iter().map(|ticket| ticket.id).collect(),
            reason: "Bé bị ốm".to_owned(),
            idempotency_key: "huy-ve-1".to_owned(),
            bank_bin: "970436".to_owned(),
            account_number: "0123456789".to_owned(),
            account_holder: "LE THI SAU".to_owned(),
            ..CancelTicketsRequest::default()
        }
    }

    /// Somebody gives all tickets of a trip back.
    async fn gives_tickets_back(&self, checkout: &Checkout) {
        let request = self.all_tickets_back(checkout).await;
        self.client.clone().cancel_tickets(request).await.unwrap();
    }
}

/// What was said of the first return of what was bought, by the buyer and by the shop.
fn said_of_returns(bought: &BoughtCheckout) -> [&str; 2] {
    let one = &bought.checkout.as_ref().unwrap().orders[0].returns[0];
    [&one.reason, &one.answer]
}

on_each_database! { migrations::orders::Migrator,
    async fn people_take_away_all_that_is_kept_of_what_they_bought_and_nothing_of_others(database) {
        let bench = Bench::on(database);
        let (buyer, other) = (ids::new::<UserId>().to_string(), ids::new::<UserId>().to_string());
        let shop = ids::new::<ShopId>().to_string();
        bench.voucher(tet(&shop)).await.unwrap();
        let mango = bench.offer_of(&shop, 85_000, 50);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        bench.apply(&cart, "TET").await.unwrap();
        let goods = bench.buys(&buyer, &cart).await;
        let trip: Trip = bench.trip_in(72, 20);
        let cart = bench.cart_of(&[(&trip.adult, 2)]).await;
        let tour = bench.buys(&buyer, &cart).await;
        bench.gives_tickets_back(&tour).await;
        bench.buys(&other, &bench.cart_of(&[(&mango, 1)]).await).await;
        bench.buys("", &bench.cart_of(&[(&mango, 1)]).await).await;

        let (all, pages) = bench.all_bought(&buyer, 1).await;
        assert_eq!(pages, 2);
        let ids: Vec<_> = all.iter().map(|one| one.checkout.as_ref().unwrap().id.as_str()).collect();
        assert_eq!(ids, [&tour.id, &goods.id]);
        assert_eq!((all[0].open, all[1].open), (false, true));
        let (of_tour, of_goods) = (&all[0], &all[1]);
        assert_eq!(of_goods.contact.as_ref().unwrap().name, "Lê Thị Sáu");
        assert_eq!(of_goods.delivery.as_ref().unwrap().address, "12 Hai Bà Trưng");
        assert_eq!(of_goods.checkout.as_ref().unwrap().orders, goods.orders);
        assert_eq!(of_goods.voucher_uses.len(), 1);
        assert!(of_goods.given_back.is_empty() && of_goods.tickets.is_empty());
        assert_eq!(of_tour.tickets.len(), 2);
        // The code is the way on board.
        assert!(of_tour.tickets.iter().all(|ticket| ticket.code.is_empty() && ticket.cancelled_at != 0));
        let [back] = of_tour.given_back.as_slice() else { panic!("{:?}", of_tour.given_back) };
        assert_eq!((back.reason.as_str(), back.account_number.as_str()), ("Bé bị ốm", "0123456789"));
        assert_eq!(bench.all_bought(&other, 100).await.0.len(), 1);
        assert_eq!(bench.all_bought(&ids::new::<UserId>().to_string(), 100).await, (vec![], 1));
    }

    async fn who_deleted_their_account_is_forgotten_in_what_is_over_and_in_the_rest_once_it_is(database) {
        let bench = Bench::on(database);
        let (buyer, other) = (ids::new::<UserId>().to_string(), ids::new::<UserId>().to_string());
        let shop = ids::new::<ShopId>().to_string();
        bench.voucher(tet(&shop)).await.unwrap();
        let mango = bench.offer_of(&shop, 85_000, 50);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        bench.apply(&cart, "TET").await.unwrap();
        let goods = bench.buys(&buyer, &cart).await;
        let trip: Trip = bench.trip_in(72, 20);
        let cart = bench.cart_of(&[(&trip.adult, 2)]).await;
        let tour = bench.buys(&buyer, &cart).await;
        bench.gives_tickets_back(&tour).await;
        let others = bench.buys(&other, &bench.cart_of(&[(&mango, 1)]).await).await;
        let before = bench.look(&tour.id).await;

        // Told twice, swept twice: the trip was given back and is over; the goods are not handed over yet.
        for _ in 0..2 {
            bench.forget(&buyer).await;
        }
        let all = bench.all_bought(&buyer, 100).await.0;
        let names: Vec<_> = all.iter().map(|one| (one.contact.clone().unwrap().name, one.open)).collect();
        assert_eq!(names, [(String::new(), false), ("Lê Thị Sáu".to_owned(), true)]);
        assert_eq!(all[0].delivery.as_ref().unwrap().address, "");
        assert!(all[0].given_back.iter().all(|one| one.account_number.is_empty() && one.reason.is_empty()));
        let after = bench.look(&tour.id).await;
        assert_eq!((after.total, after.orders[0].lines.clone()), (before.total, before.orders[0].lines.clone()));
        assert_eq!(bench.forgotten().await, std::slice::from_ref(&tour.id));

        // Handed over, and past the time in which it could be sent back.
        let order = &goods.orders[0];
        let request = OrderOfShop { shop_id: order.shop_id.clone(), order_id: order.id.clone() };
        bench.client.clone().fulfil_order(request).await.unwrap();
        bench.asks_back_in_vain(&buyer, order).await;
        bench.clock.advance(Duration::from_secs(3_601));
        bench.forget(&buyer).await;
        let all = bench.all_bought(&buyer, 100).await.0;
        assert!(all[1].open);
        assert_eq!(said_of_returns(&all[1]), ["Chị Sáu đổi ý", "Chị Sáu đã ăn hết"]);
        bench.clock.advance(Duration::from_secs(8 * 86_400));
        bench.forget(&buyer).await;
        let all = bench.all_bought(&buyer, 100).await.0;
        assert!(all.iter().all(|one| one.contact.as_ref().unwrap().name.is_empty() && !one.open));
        assert_eq!(said_of_returns(&all[1]), ["", ""]);
        assert_eq!(bench.forgotten().await, [tour.id.clone(), goods.id.clone()]);
        let uses = bench.rows("SELECT buyer_id FROM voucher_uses WHERE phone_digest IS NOT NULL".to_owned()).await;
        assert!(uses.is_empty());
        // Nothing is left to look at, and nobody else is forgotten.
        let waiting = bench.rows("SELECT buyer_id FROM forgotten_buyers WHERE next_look_at IS NOT NULL".to_owned()).await;
        assert!(waiting.is_empty());
        let others = bench.look(&others.id).await;
        assert_eq!(others.orders[0].contact.as_ref().unwrap().name, "Lê Thị Sáu");
    }

    async fn a_shop_is_waited_for_until_what_it_sold_is_over(database) {
        let bench = Bench::on(database);
        let (shop, other) = (ids::new::<ShopId>().to_string(), ids::new::<ShopId>().to_string());
        assert!(!bench.has_open_sales(&shop).await);
        let mango = bench.offer_of(&shop, 85_000, 50);
        let bought = bench.buys("", &bench.cart_of(&[(&mango, 1)]).await).await;
        assert!(bench.has_open_sales(&shop).await && !bench.has_open_sales(&other).await);
        let request = OrderOfShop { shop_id: shop.clone(), order_id: bought.orders[0].id.clone() };
        bench.client.clone().fulfil_order(request).await.unwrap();
        assert!(bench.has_open_sales(&shop).await, "it may be sent back");
        bench.clock.advance(Duration::from_secs(8 * 86_400));
        assert!(!bench.has_open_sales(&shop).await);

        let trip: Trip = bench.trip_in(72, 20);
        let tour = bench.buys("", &bench.cart_of(&[(&trip.adult, 2)]).await).await;
        let operator = tour.orders[0].shop_id.clone();
        assert!(bench.has_open_sales(&operator).await);
        bench.clock.advance(Duration::from_secs(8 * 86_400));
        assert!(!bench.has_open_sales(&operator).await, "nobody hands a trip over");
    }

    async fn a_shop_is_waited_for_until_tickets_that_were_given_back_are_settled(database) {
        let bench = Bench::on(database);
        let trip: Trip = bench.trip_in(72, 20);
        let tour = bench.buys("", &bench.cart_of(&[(&trip.adult, 2)]).await).await;
        let operator = tour.orders[0].shop_id.clone();
        let request = bench.all_tickets_back(&tour).await;
        bench.outside.plan(0, Fault::Unreached);
        assert_eq!(bench.client.clone().cancel_tickets(request).await.unwrap_err().code(), Code::Unavailable);
        bench.clock.advance(Duration::from_secs(8 * 86_400));
        assert!(bench.has_open_sales(&operator).await, "the trip is over, the money is not back");
        bench.outside.heal();
        bench.sweep_all().await;
        assert!(!bench.has_open_sales(&operator).await);
    }

    async fn a_page_of_what_was_bought_is_bounded(database) {
        let bench = Bench::on(database);
        let buyer = ids::new::<UserId>().to_string();
        let mango = bench.offer(1_000, 500);
        for _ in 0..26 {
            bench.buys(&buyer, &bench.cart_of(&[(&mango, 1)]).await).await;
        }
        let (all, pages) = bench.all_bought(&buyer, 100).await;
        assert_eq!((all.len(), pages), (26, 2));
    }
}
