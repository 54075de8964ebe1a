//! A checkout from the cart to its payment: what is asked for, what is refused, what is written.

use kernel::UserId;
use platform::on_each_database;
use proto::common::Money;
use proto::orders::{
    CartStatus, GetOrdersRequest, ListBuyerOrdersRequest, ListShopOrdersRequest, OrderOfShop,
};

use proto::payments::Sold;

use super::fakes::Call;
use super::*;

fn minor(money: Option<&Money>) -> i64 {
    money.unwrap().minor
}

on_each_database! { migrations::orders::Migrator,
    async fn a_checkout_holds_the_goods_and_asks_for_their_price(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 3)]).await;
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(checkout.status(), CheckoutStatus::AwaitingPayment);
        assert_eq!(minor(checkout.total.as_ref()), 255_000);
        assert_eq!(checkout.expires_at, bench.clock.now().after(TO_PAY).micros());
        assert_eq!(bench.outside.stock(&mango), (7, 3, 0));
        // News of money that came in the last moment must find the goods still held.
        let in_the_last_moment = bench.clock.now().after(TO_PAY + Duration::from_secs(60)).micros();
        assert!(bench.outside.held_until(&checkout.id) > in_the_last_moment);
        let [payment] = &bench.outside.all_payments()[..] else { panic!("not one payment") };
        assert_eq!((minor(payment.amount.as_ref()), payment.expires_at), (255_000, checkout.expires_at));
        let [order] = &checkout.orders[..] else { panic!("not one order") };
        assert_eq!(order.status(), OrderStatus::OrderPending);
        assert_eq!((order.lines[0].quantity, minor(order.lines[0].unit_price.as_ref())), (3, 85_000));
        assert_eq!(order.contact.as_ref().unwrap().phone, "+84912345678");
        assert_eq!(bench.show(&cart).await.unwrap().status(), CartStatus::CheckedOut);
        assert_eq!(codes(bench.add(&cart, &mango, 1).await), [RefusalCode::CartAlreadyCheckedOut]);
        // Nobody else has to know of it before there is money.
        assert_eq!(bench.announced().await, []);
        bench.assert_sound().await;
    }

    async fn a_checkout_that_is_paid_is_sold_and_handed_over_once(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let order = &checkout.orders[0];
        let fulfil = OrderOfShop { shop_id: order.shop_id.clone(), order_id: order.id.clone() };
        let early = bench.client.clone().fulfil_order(fulfil.clone()).await;
        assert_eq!(codes(early), [RefusalCode::StatusConflict]);
        bench.clock.advance(Duration::from_secs(30));
        let paid_at = bench.clock.now().micros();
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        let paid = bench.look(&checkout.id).await;
        assert_eq!((paid.status(), paid.paid_at), (CheckoutStatus::Paid, paid_at));
        assert_eq!((paid.orders[0].status(), paid.orders[0].paid_at), (OrderStatus::OrderPaid, paid_at));
        assert_eq!(bench.announced().await, [(checkout.id.clone(), CheckoutStatus::Paid)]);
        bench.relay().await;
        assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
        let another = OrderOfShop { shop_id: ids::new::<ShopId>().to_string(), ..fulfil.clone() };
        assert_eq!(codes(bench.client.clone().fulfil_order(another).await), [RefusalCode::NotFound]);
        let first = bench.client.clone().fulfil_order(fulfil.clone()).await.unwrap().into_inner();
        assert_eq!(first.status(), OrderStatus::OrderFulfilled);
        bench.clock.advance(Duration::from_secs(1));
        assert_eq!(bench.client.clone().fulfil_order(fulfil).await.unwrap().into_inner(), first);
        bench.assert_sound().await;
    }

    async fn the_same_request_gets_the_same_answer_and_does_nothing_twice(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        let first = bench.start(&request).await.unwrap();
        bench.clock.advance(Duration::from_secs(20));
        // Its payment is told of where it was started; later it is asked for.
        assert!(first.payment.is_some());
        assert_eq!(bench.start(&request).await.unwrap(), Checkout { payment: None, ..first });
        assert_eq!(bench.outside.stock(&mango), (7, 3, 0));
        assert_eq!(bench.outside.all_payments().len(), 1);
        bench.assert_sound().await;
    }

    async fn a_key_that_was_used_for_another_request_is_refused(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        let first = bench.start(&request).await.unwrap();
        let mut elsewhere = request.clone();
        elsewhere.delivery.as_mut().unwrap().address = "1 Trần Phú".to_owned();
        let mut by_card = request.clone();
        by_card.set_pay_with(PayWith::Card);
        let somebody = ids::new::<UserId>().to_string();
        let signed_in = StartCheckoutRequest { buyer_id: somebody, ..request.clone() };
        for other in [elsewhere, by_card, signed_in] {
            assert_eq!(codes(bench.start(&other).await), [RefusalCode::IdempotencyKeyReused]);
        }
        let other_key = StartCheckoutRequest { idempotency_key: "khoa-so-2".to_owned(), ..request };
        assert_eq!(codes(bench.start(&other_key).await), [RefusalCode::CartAlreadyCheckedOut]);
        assert_eq!(bench.checkouts_of(other_key.cart.as_ref().unwrap()).await.len(), 1);
        assert_eq!(bench.look(&first.id).await.status(), CheckoutStatus::AwaitingPayment);
        bench.assert_sound().await;
    }

    async fn the_same_request_many_times_at_once_is_one_checkout(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let request = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        let tries = (0..8).map(|_| {
            let (bench, request) = (bench.clone(), request.clone());
            tokio::spawn(async move { bench.start(&request).await })
        });
        let mut answers = Vec::new();
        for answer in futures_util::future::join_all(tries).await {
            // Its payment is told of to who started it alone; the others ask for it.
            answers.push(Checkout { payment: None, ..answer.unwrap().unwrap() });
        }
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
        assert_eq!(bench.outside.stock(&mango), (7, 3, 0));
        assert_eq!(bench.outside.all_payments().len(), 1);
        bench.assert_sound().await;
    }

    async fn of_two_requests_at_once_for_a_cart_one_checks_it_out(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let one = request_for(&bench.cart_of(&[(&mango, 3)]).await);
        let two = StartCheckoutRequest { idempotency_key: "khoa-so-2".to_owned(), ..one.clone() };
        let (first, second) = tokio::join!(bench.start(&one), bench.start(&two));
        let (made, refused) = if first.is_ok() { (first, second) } else { (second, first) };
        assert_eq!(made.unwrap().status(), CheckoutStatus::AwaitingPayment);
        assert_eq!(codes(refused), [RefusalCode::CartAlreadyCheckedOut]);
        assert_eq!(bench.outside.stock(&mango), (7, 3, 0));
        assert_eq!(bench.outside.all_payments().len(), 1);
        bench.assert_sound().await;
    }

    async fn a_cart_of_two_shops_is_two_orders_and_one_payment(database) {
        let bench = Bench::on(database);
        let (one, two) = (ids::new::<ShopId>(), ids::new::<ShopId>());
        let mango = bench.outside.offer(one, "Xoài", 85_000, 10);
        let plum = bench.outside.offer(two, "Mận", 30_000, 10);
        let durian = bench.outside.offer(one, "Sầu riêng", 120_000, 10);
        let checkout = bench.awaiting(&[(&mango, 2), (&plum, 5), (&durian, 1)]).await;
        let sold: BTreeMap<String, (i64, usize)> = checkout
            .orders
            .iter()
            .map(|order| (order.shop_id.clone(), (minor(order.total.as_ref()), order.lines.len())))
            .collect();
        let wanted = [(one.to_string(), (290_000, 2)), (two.to_string(), (150_000, 1))];
        assert_eq!(sold, BTreeMap::from(wanted));
        assert_eq!(minor(checkout.total.as_ref()), 440_000);
        assert_ne!(checkout.orders[0].number, checkout.orders[1].number);
        assert_eq!(bench.outside.all_payments()[0].allocations.len(), 2);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        assert_eq!(bench.status(&checkout.id).await.1, [OrderStatus::OrderPaid; 2]);
        bench.assert_sound().await;
    }

    async fn goods_and_seats_of_one_shop_are_two_orders_and_payments_hear_what_each_sells(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(20);
        let mango = bench.outside.offer(trip.shop.parse().unwrap(), "Xoài", 85_000, 10);
        let checkout = bench.awaiting(&[(&*mango, 2), (&*trip.adult, 1), (&*trip.lunch, 1)]).await;
        assert_eq!(checkout.orders.len(), 2);
        assert!(checkout.orders.iter().all(|order| order.shop_id == trip.shop));
        let told = bench.outside.all_payments().remove(0).allocations;
        for order in &checkout.orders {
            let seats = order.lines.iter().filter(|line| line.ticket.is_some()).count();
            let part = told.iter().find(|part| part.order_id == order.id).unwrap();
            assert_eq!(minor(part.amount.as_ref()), minor(order.total.as_ref()));
            match part.sold() {
                Sold::Goods => assert_eq!((seats, order.lines.len(), minor(order.total.as_ref())), (0, 1, 170_000)),
                Sold::Tour => assert_eq!((seats, order.lines.len()), (2, 2)),
                Sold::Unspecified => panic!("{part:?}"),
            }
        }
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        assert_eq!(bench.status(&checkout.id).await.1, [OrderStatus::OrderPaid; 2]);
        bench.assert_sound().await;
    }

    async fn what_is_short_is_refused_and_nothing_is_held(database) {
        let bench = Bench::on(database);
        let (mango, plum) = (bench.offer(85_000, 10), bench.offer(30_000, 10));
        let cart = bench.cart_of(&[(&mango, 2), (&plum, 5)]).await;
        bench.outside.change(&plum, |offer| offer.available = 4);
        let request = request_for(&cart);
        assert_eq!(codes(bench.start(&request).await), [RefusalCode::InsufficientStock]);
        let [refused] = &bench.checkouts_of(&cart).await[..] else { panic!("not one checkout") };
        assert_eq!((refused.status(), refused.orders.len()), (CheckoutStatus::Refused, 0));
        assert_eq!((bench.outside.stock(&mango), bench.outside.stock(&plum)), ((10, 0, 0), (4, 0, 0)));
        assert_eq!(bench.outside.calls().last(), Some(&Call::HoldStock));
        // The key has its answer; another key may try again, with the cart as it was or changed.
        assert_eq!(bench.start(&request).await.unwrap().status(), CheckoutStatus::Refused);
        assert_eq!(bench.show(&cart).await.unwrap().status(), CartStatus::Open);
        bench.outside.change(&plum, |offer| offer.available = 5);
        let again = StartCheckoutRequest { idempotency_key: "khoa-so-2".to_owned(), ..request };
        assert_eq!(bench.start(&again).await.unwrap().status(), CheckoutStatus::AwaitingPayment);
        bench.assert_sound().await;
    }

    async fn what_payments_refuses_is_held_no_longer(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        let mut request = request_for(&cart);
        request.set_pay_with(PayWith::Card);
        assert_eq!(codes(bench.start(&request).await), [RefusalCode::PaymentMethodUnavailable]);
        let [refused] = &bench.checkouts_of(&cart).await[..] else { panic!("not one checkout") };
        assert_eq!(refused.status(), CheckoutStatus::Refused);
        assert_eq!(bench.announced().await, [(refused.id.clone(), CheckoutStatus::Refused)]);
        bench.relay().await;
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
        bench.assert_sound().await;
    }

    async fn the_price_is_that_of_the_moment_when_the_goods_are_held(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        bench.outside.change(&mango, |offer| offer.price.as_mut().unwrap().minor = 90_000);
        assert_eq!(minor(bench.show(&cart).await.unwrap().total.as_ref()), 180_000);
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(minor(checkout.total.as_ref()), 180_000);
        bench.outside.change(&mango, |offer| offer.price.as_mut().unwrap().minor = 99_000);
        assert_eq!(minor(bench.look(&checkout.id).await.orders[0].lines[0].unit_price.as_ref()), 90_000);
        bench.assert_sound().await;
    }

    async fn a_request_that_is_wrong_leaves_nothing(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        let mut nobody = request_for(&cart);
        nobody.contact = Some(Contact::default());
        nobody.delivery.as_mut().unwrap().ward_code = String::new();
        let wrong = codes(bench.start(&nobody).await);
        let wanted =
            [RefusalCode::Required, RefusalCode::PhoneOrEmailRequired, RefusalCode::DeliveryWardRequired];
        assert_eq!(wrong, wanted);
        let short = StartCheckoutRequest { idempotency_key: "ngan".to_owned(), ..request_for(&cart) };
        assert_eq!(codes(bench.start(&short).await), [RefusalCode::OutOfRange]);
        let empty = request_for(&bench.new_cart().await);
        assert_eq!(codes(bench.start(&empty).await), [RefusalCode::CartEmpty]);
        assert!(bench.checkouts_of(&cart).await.is_empty());
        assert!(!bench.outside.calls().contains(&Call::HoldStock));
    }

    async fn a_checkout_is_seen_by_whom_it_concerns_and_by_nobody_else(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let (buyer, other) = (ids::new::<UserId>().to_string(), ids::new::<UserId>().to_string());
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        let request = StartCheckoutRequest { buyer_id: buyer.clone(), ..request_for(&cart) };
        let checkout = bench.start(&request).await.unwrap();
        let sees = async |token: &str, buyer: &str| {
            let request = GetCheckoutRequest {
                checkout_id: checkout.id.clone(),
                token: token.to_owned(),
                buyer_id: buyer.to_owned(),
                operator: false,
                without_orders: false,
            };
            bench.client.clone().get_checkout(request).await.is_ok()
        };
        assert!(sees("", &buyer).await && sees(&checkout.token, "").await && sees(&cart.token, "").await);
        assert!(!sees("", "").await && !sees("", &other).await && !sees("x", &other).await);
        let of_buyer = async |buyer: &str| {
            let request = ListBuyerOrdersRequest { buyer_id: buyer.to_owned(), page: None };
            bench.client.clone().list_buyer_orders(request).await.unwrap().into_inner().orders.len()
        };
        assert_eq!((of_buyer(&buyer).await, of_buyer(&other).await), (1, 0));
        let shop = checkout.orders[0].shop_id.clone();
        let of_shop = async |shop: &str, status: OrderStatus| {
            let status = status.into();
            let request = ListShopOrdersRequest { shop_id: shop.to_owned(), status, page: None };
            bench.client.clone().list_shop_orders(request).await.unwrap().into_inner().orders.len()
        };
        // A shop has nothing to do with what is not paid, unless it asks for it.
        assert_eq!(of_shop(&shop, OrderStatus::Unspecified).await, 0);
        assert_eq!(of_shop(&shop, OrderStatus::OrderPending).await, 1);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        assert_eq!(of_shop(&shop, OrderStatus::Unspecified).await, 1);
        let another = ids::new::<ShopId>().to_string();
        assert_eq!(of_shop(&another, OrderStatus::Unspecified).await, 0);
        let named = async |buyer_id: &str, shop: &str| {
            let request = GetOrdersRequest {
                numbers: vec![checkout.orders[0].number.clone()],
                buyer_id: buyer_id.to_owned(),
                shop_ids: vec![shop.to_owned()],
                ..GetOrdersRequest::default()
            };
            bench.client.clone().get_orders(request).await.unwrap().into_inner().orders.len()
        };
        assert_eq!((named(&buyer, &another).await, named(&other, &shop).await), (1, 1));
        assert_eq!(named(&other, &another).await, 0);
    }

    async fn who_asks_only_where_a_checkout_stands_costs_one_statement(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 2)]).await;
        let ask = async |without_orders| {
            let request = GetCheckoutRequest {
                checkout_id: checkout.id.clone(), operator: true, without_orders,
                ..GetCheckoutRequest::default()
            };
            let before = bench.database.statements();
            let found = bench.client.clone().get_checkout(request).await.unwrap().into_inner();
            (found, bench.database.statements() - before)
        };
        let (whole, _) = ask(false).await;
        let (itself, statements) = ask(true).await;
        assert_eq!((whole.orders.len(), statements), (1, 1));
        assert_eq!(itself, Checkout { orders: Vec::new(), ..whole });
    }

    async fn orders_are_listed_newest_first_in_pages_with_as_many_statements(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 100);
        let buyer = ids::new::<UserId>().to_string();
        let mut made = Vec::new();
        for _ in 0..5 {
            let cart = bench.cart_of(&[(&mango, 1)]).await;
            let request = StartCheckoutRequest { buyer_id: buyer.clone(), ..request_for(&cart) };
            made.push(bench.start(&request).await.unwrap().orders[0].id.clone());
        }
        let list = async |first: u32, after: String| {
            let page = Some(proto::common::PageRequest { first, after });
            let request = ListBuyerOrdersRequest { buyer_id: buyer.clone(), page };
            let before = bench.database.statements();
            let page = bench.client.clone().list_buyer_orders(request).await.unwrap().into_inner();
            (page, bench.database.statements() - before)
        };
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let (page, _) = list(2, after).await;
            seen.extend(page.orders.into_iter().map(|order| order.id));
            let info = page.page.unwrap();
            after = info.cursors.last().unwrap().clone();
            if !info.has_next {
                break;
            }
        }
        // Ids begin with the moment.
        made.sort_by(|one, two| two.cmp(one));
        assert_eq!(seen, made);
        let (_, of_one) = list(1, String::new()).await;
        let (_, of_all) = list(5, String::new()).await;
        assert_eq!(of_one, of_all);
    }
}
