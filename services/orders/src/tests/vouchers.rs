//! Vouchers from the shop that makes them to the order that is paid: what they take off, when they are
//! refused, when they are given back.

use kernel::UserId;
use platform::on_each_database;
use proto::bookings::CancelTicketsRequest;
use proto::common::Refusal;
use proto::orders::{ApplyVoucherRequest, Order, RemoveVoucherRequest, SetCartLineRequest};
use proto::vouchers::{
    CreateVoucherRequest, EndVoucherRequest, ListVouchersRequest, Voucher, VoucherStatus,
};

use super::events::payment_closed;
use super::fakes::{ADULT, Call, LUNCH};
use super::*;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn vnd(minor: i64) -> proto::common::Money {
    kernel::Money::vnd(minor).into()
}

pub(super) fn minor(money: Option<&proto::common::Money>) -> i64 {
    money.unwrap().minor
}

/// What a shop takes off: 20,000 đồng with the code TET.
pub(super) fn tet(shop: &str) -> CreateVoucherRequest {
    CreateVoucherRequest {
        shop_id: shop.to_owned(),
        code: "Tết".to_owned(),
        amount: Some(vnd(20_000)),
        created_by: ids::new::<UserId>().to_string(),
        ..CreateVoucherRequest::default()
    }
}

/// A key of its own: the cart's next checkout.
pub(super) fn again(request: &StartCheckoutRequest, key: &str) -> StartCheckoutRequest {
    StartCheckoutRequest { idempotency_key: key.to_owned(), ..request.clone() }
}

impl Bench {
    /// An offer of a shop.
    pub(super) fn offer_of(&self, shop: &str, price: i64, available: i64) -> String {
        self.outside.offer(shop.parse().unwrap(), "Xoài cát Hòa Lộc", price, available)
    }

    pub(super) async fn voucher(&self, wanted: CreateVoucherRequest) -> Result<Voucher, Status> {
        Ok(self.client.clone().create_voucher(wanted).await?.into_inner())
    }

    pub(super) async fn apply(&self, cart: &CartKey, code: &str) -> Result<Cart, Status> {
        self.apply_as(cart, code, "").await
    }

    async fn apply_as(&self, cart: &CartKey, code: &str, buyer: &str) -> Result<Cart, Status> {
        let request = ApplyVoucherRequest {
            cart: Some(cart.clone()),
            code: code.to_owned(),
            buyer_id: buyer.to_owned(),
        };
        Ok(self.client.clone().apply_voucher(request).await?.into_inner())
    }

    async fn take_voucher_out(&self, cart: &CartKey, code: &str) -> Result<Cart, Status> {
        let request = RemoveVoucherRequest { cart: Some(cart.clone()), code: code.to_owned() };
        Ok(self.client.clone().remove_voucher(request).await?.into_inner())
    }

    async fn end_voucher(&self, voucher: &Voucher) -> Result<Voucher, Status> {
        let request = EndVoucherRequest {
            shop_id: voucher.shop_id.clone(),
            voucher_id: voucher.id.clone(),
            ended_by: ids::new::<UserId>().to_string(),
        };
        Ok(self.client.clone().end_voucher(request).await?.into_inner())
    }

    /// A shop's vouchers, the newest first.
    pub(super) async fn vouchers_of(&self, shop: &str) -> Vec<Voucher> {
        let request =
            ListVouchersRequest { shop_id: shop.to_owned(), ..ListVouchersRequest::default() };
        self.client.clone().list_vouchers(request).await.unwrap().into_inner().vouchers
    }

    /// How often a shop's only voucher is used.
    pub(super) async fn uses(&self, shop: &str) -> i64 {
        self.vouchers_of(shop).await[0].uses
    }

    /// A cart with lines and vouchers.
    async fn cart_with(&self, lines: &[(&str, i64)], codes: &[&str]) -> CartKey {
        let cart = self.cart_of(lines).await;
        for code in codes {
            self.apply(&cart, code).await.unwrap();
        }
        cart
    }
}

/// The only refusal, with its facts.
pub(super) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> Refusal {
    let refusals = refusals_of(&answer.unwrap_err()).unwrap();
    let [refusal] = &refusals[..] else { panic!("{refusals:?}") };
    refusal.clone()
}

/// Price times quantity, less the discount, is what each line costs; the lines sum to the order.
pub(super) fn assert_foots(order: &Order) {
    for line in &order.lines {
        let gross = minor(line.unit_price.as_ref()) * line.quantity;
        assert_eq!(gross - minor(line.discount.as_ref()), minor(line.total.as_ref()), "{line:?}");
    }
    let sum = |of: fn(&proto::orders::OrderLine) -> i64| order.lines.iter().map(of).sum::<i64>();
    assert_eq!(sum(|line| minor(line.total.as_ref())), minor(order.total.as_ref()));
    assert_eq!(sum(|line| minor(line.discount.as_ref())), minor(order.discount.as_ref()));
}

on_each_database! { migrations::orders::Migrator,
    async fn a_voucher_takes_off_its_shops_lines_in_cart_checkout_orders_and_payment(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let (mango, plum) = (bench.offer_of(&shop, 85_000, 10), bench.offer_of(&shop, 33_000, 10));
        let elsewhere = bench.offer(50_000, 10);
        let made = bench.voucher(CreateVoucherRequest { minimum: Some(vnd(100_000)), ..tet(&shop) }).await.unwrap();
        assert_eq!((made.code.as_str(), made.status(), made.uses), ("TET", VoucherStatus::VoucherValid, 0));
        let cart = bench.cart_of(&[(&mango, 1), (&plum, 1), (&elsewhere, 1)]).await;
        let shown = bench.apply(&cart, " tết ").await.unwrap();
        assert_eq!((minor(shown.subtotal.as_ref()), minor(shown.discount.as_ref()), minor(shown.total.as_ref())), (168_000, 20_000, 148_000));
        assert_eq!((shown.vouchers[0].shop_id.as_str(), shown.vouchers[0].code.as_str()), (shop.as_str(), "TET"));
        assert_eq!(bench.show(&cart).await.unwrap(), shown);
        // In the cart it is not counted yet.
        assert_eq!(bench.uses(&shop).await, 0);
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!((checkout.status(), minor(checkout.total.as_ref())), (CheckoutStatus::AwaitingPayment, 148_000));
        assert_eq!(bench.uses(&shop).await, 1);
        for order in &bench.look(&checkout.id).await.orders {
            assert_foots(order);
            let (code, discount) = if order.shop_id == shop { ("TET", 20_000) } else { ("", 0) };
            assert_eq!((order.voucher_code.as_str(), minor(order.discount.as_ref())), (code, discount));
        }
        // `assert_sound` compares the payment's parts with the orders' totals.
        bench.assert_sound().await;
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        assert_eq!(bench.uses(&shop).await, 1);
        bench.assert_sound().await;
    }

    async fn what_does_not_count_is_refused_with_its_facts_and_the_cart_stays_as_it_was(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        let later = bench.clock.now().after(DAY).micros();
        for (code, wanted) in [
            ("SOM", CreateVoucherRequest { valid_from: later, ..tet(&shop) }),
            ("NHIEU", CreateVoucherRequest { minimum: Some(vnd(100_000)), ..tet(&shop) }),
            ("HET", CreateVoucherRequest { amount: Some(vnd(84_500)), ..tet(&shop) }),
            ("XONG", tet(&shop)),
        ] {
            let made = bench.voucher(CreateVoucherRequest { code: code.to_owned(), ..wanted }).await.unwrap();
            if code == "XONG" {
                let ended = bench.end_voucher(&made).await.unwrap();
                assert_eq!(ended.status(), VoucherStatus::VoucherOver);
                bench.clock.advance(Duration::from_secs(1));
                assert_eq!(bench.end_voucher(&made).await.unwrap(), ended, "the first end stays");
            }
        }
        let cart = bench.cart_of(&[(&mango, 1)]).await;
        let before = bench.show(&cart).await.unwrap();
        for (typed, code, facts) in [
            ("KHONG CO", RefusalCode::VoucherUnknown, vec![("code", "KHONG CO".to_owned())]),
            ("!", RefusalCode::VoucherUnknown, vec![("code", "!".to_owned())]),
            ("som", RefusalCode::VoucherNotYet, vec![("code", "SOM".to_owned()), ("from", later.to_string())]),
            ("nhieu", RefusalCode::VoucherBelowMinimum, vec![("missing", "15000".to_owned()), ("minimum", "100000".to_owned())]),
            ("het", RefusalCode::VoucherLeavesTooLittle, vec![("minimum", "1000".to_owned())]),
            ("xong", RefusalCode::VoucherEnded, vec![("code", "XONG".to_owned())]),
        ] {
            let refused = refusal(bench.apply(&cart, typed).await);
            assert_eq!((refused.code(), refused.path), (code, vec!["code".to_owned()]), "{typed}");
            for (name, value) in facts {
                assert_eq!(refused.facts[name], value, "{typed}");
            }
        }
        assert_eq!(bench.show(&cart).await.unwrap(), before);
        let stranger = CartKey { token: "doan".to_owned(), ..cart };
        assert_eq!(codes(bench.apply(&stranger, "nhieu").await), [RefusalCode::NotFound]);
    }

    async fn a_shop_has_each_code_once_and_only_its_own_vouchers(database) {
        let bench = Bench::on(database);
        let (shop, other) = (ids::new::<ShopId>().to_string(), ids::new::<ShopId>().to_string());
        let made = bench.voucher(tet(&shop)).await.unwrap();
        assert_eq!(codes(bench.voucher(tet(&shop)).await), [RefusalCode::AlreadyTaken]);
        bench.voucher(tet(&other)).await.unwrap();
        let foreign = Voucher { shop_id: other.clone(), ..made.clone() };
        assert_eq!(codes(bench.end_voucher(&foreign).await), [RefusalCode::NotFound]);
        assert_eq!(bench.vouchers_of(&shop).await, [made]);
        let wrong = CreateVoucherRequest { code: "x".to_owned(), amount: None, ..tet(&shop) };
        assert_eq!(codes(bench.voucher(wrong).await), [RefusalCode::VoucherCodeInvalid, RefusalCode::Required]);
        assert_eq!(bench.vouchers_of(&shop).await.len(), 1);
    }

    async fn the_same_code_counts_at_each_shop_that_has_it_and_a_shop_has_one_voucher_in_a_cart(database) {
        let bench = Bench::on(database);
        let shops = [ids::new::<ShopId>().to_string(), ids::new::<ShopId>().to_string()];
        let goods = [bench.offer_of(&shops[0], 85_000, 10), bench.offer_of(&shops[1], 40_000, 10)];
        for shop in &shops {
            bench.voucher(tet(shop)).await.unwrap();
        }
        let half = CreateVoucherRequest {
            code: "NUA".to_owned(),
            amount: None,
            basis_points: 5_000,
            cap: Some(vnd(30_000)),
            ..tet(&shops[0])
        };
        bench.voucher(half).await.unwrap();
        let cart = bench.cart_of(&[(&goods[0], 1), (&goods[1], 1)]).await;
        let both = bench.apply(&cart, "tet").await.unwrap();
        assert_eq!((both.vouchers.len(), minor(both.discount.as_ref())), (2, 40_000));
        let replaced = bench.apply(&cart, "nua").await.unwrap();
        assert_eq!((replaced.vouchers.len(), minor(replaced.discount.as_ref())), (2, 50_000));
        let left = bench.take_voucher_out(&cart, "NUA").await.unwrap();
        assert_eq!((left.vouchers.len(), minor(left.discount.as_ref())), (1, 20_000));
        assert_eq!(codes(bench.take_voucher_out(&cart, "NUA").await), [RefusalCode::VoucherUnknown]);
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(minor(checkout.total.as_ref()), 105_000);
        for answer in [bench.apply(&cart, "nua").await, bench.take_voucher_out(&cart, "tet").await] {
            assert_eq!(codes(answer), [RefusalCode::CartAlreadyCheckedOut]);
        }
        bench.assert_sound().await;
    }

    async fn a_voucher_that_ended_between_cart_and_checkout_is_named_and_nothing_is_held(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        let made = bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        bench.end_voucher(&made).await.unwrap();
        let refused = refusal(bench.start(&request_for(&cart)).await);
        assert_eq!((refused.code(), refused.facts["code"].as_str()), (RefusalCode::VoucherEnded, "TET"));
        let calls = bench.outside.calls();
        assert!(!calls.contains(&Call::HoldStock) && !calls.contains(&Call::StartPayment), "{calls:?}");
        assert!(bench.checkouts_of(&cart).await.is_empty());
        // The cart says so, too, and is to be had at its full price without it.
        let shown = bench.show(&cart).await.unwrap();
        assert_eq!(shown.vouchers[0].refusal.as_ref().unwrap().code(), RefusalCode::VoucherEnded);
        assert_eq!((minor(shown.discount.as_ref()), minor(shown.total.as_ref())), (0, 85_000));
        bench.take_voucher_out(&cart, "tet").await.unwrap();
        assert_eq!(minor(bench.start(&request_for(&cart)).await.unwrap().total.as_ref()), 85_000);
        bench.assert_sound().await;
    }

    async fn a_checkout_that_ends_without_money_gives_the_use_back_once(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        bench.voucher(CreateVoucherRequest { uses_at_most: 1, ..tet(&shop) }).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        let other = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        let request = request_for(&cart);
        let cancelled = bench.start(&request).await.unwrap();
        assert_eq!(refusal(bench.start(&request_for(&other)).await).code(), RefusalCode::VoucherUsedUp);
        for _ in 0..2 {
            bench.cancel(&cancelled).await.unwrap();
            assert_eq!(bench.uses(&shop).await, 0);
        }
        let expired = bench.start(&again(&request, "khoa-so-2")).await.unwrap();
        assert_eq!(bench.uses(&shop).await, 1);
        let news = bench.outside.expire(&expired.id);
        bench.hear(&[news.clone(), news]).await;
        assert_eq!(bench.uses(&shop).await, 0);
        // Catalog has not got it any more: the same.
        bench.outside.change(&mango, |offer| offer.available = 0);
        assert_eq!(codes(bench.start(&again(&request, "khoa-so-3")).await), [RefusalCode::InsufficientStock]);
        assert_eq!(bench.uses(&shop).await, 0);
        bench.assert_sound().await;
    }

    async fn money_that_comes_too_late_goes_back_at_the_paid_price_and_the_use_stays_given_back(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        let news = bench.outside.pay(&checkout.id);
        bench.hear(&[payment_closed(&checkout, true)]).await;
        bench.hear(&[news]).await;
        bench.sweep_all().await;
        assert_eq!(bench.outside.given_back(), [65_000]);
        assert_eq!(bench.uses(&shop).await, 0);
        assert_eq!(crate::doctor(&bench.database, bench.clock.now()).await.unwrap(), Vec::<String>::new());
    }

    async fn what_had_paid_is_taken_back_and_paid_again_at_the_same_price(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        let made = bench.voucher(CreateVoucherRequest { uses_at_most: 1, ..tet(&shop) }).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.hear(&[bench.outside.reopen(&checkout.id)]).await;
        bench.end_voucher(&made).await.unwrap();
        assert_eq!(bench.uses(&shop).await, 1);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        let paid = bench.look(&checkout.id).await;
        assert_eq!((paid.status(), minor(paid.total.as_ref()), bench.uses(&shop).await), (CheckoutStatus::Paid, 65_000, 1));
        bench.assert_sound().await;
    }

    async fn prices_that_fell_below_the_minimum_refuse_the_checkout_and_all_is_released(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 10);
        bench.voucher(CreateVoucherRequest { minimum: Some(vnd(85_000)), ..tet(&shop) }).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1)], &["tet"]).await;
        bench.outside.change(&mango, |offer| offer.price = Some(vnd(80_000)));
        let refused = refusal(bench.start(&request_for(&cart)).await);
        assert_eq!((refused.code(), refused.facts["missing"].as_str()), (RefusalCode::VoucherBelowMinimum, "5000"));
        assert_eq!(bench.uses(&shop).await, 0);
        bench.relay().await;
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
        assert!(bench.outside.all_payments().is_empty());
        bench.assert_sound().await;
    }

    async fn a_shops_voucher_goes_with_the_last_of_its_lines(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let (mango, elsewhere) = (bench.offer_of(&shop, 85_000, 10), bench.offer(50_000, 10));
        bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_with(&[(&mango, 1), (&elsewhere, 1)], &["tet"]).await;
        let line = bench.show(&cart).await.unwrap().lines[0].id.clone();
        let request = SetCartLineRequest { cart: Some(cart.clone()), line_id: line, quantity: 0 };
        let left = bench.client.clone().set_cart_line(request).await.unwrap().into_inner();
        assert_eq!((left.vouchers.len(), minor(left.total.as_ref())), (0, 50_000));
        assert_eq!(bench.show(&cart).await.unwrap(), left);
        bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(bench.uses(&shop).await, 0);
        bench.assert_sound().await;
    }

    async fn tickets_and_what_comes_with_them_give_back_what_was_paid(database) {
        let bench = Bench::on(database);
        let start = bench.clock.now().after(Duration::from_secs(72 * 3_600));
        let trip = bench.outside.departure(ids::new::<ShopId>(), start, 20);
        bench.voucher(CreateVoucherRequest { amount: Some(vnd(100_001)), ..tet(&trip.shop) }).await.unwrap();
        let cart = bench.cart_with(&[(&trip.adult, 3), (&trip.lunch, 2)], &["tet"]).await;
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        let paid = 3 * ADULT + 2 * LUNCH - 100_001;
        assert_eq!(minor(checkout.total.as_ref()), paid);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.relay().await;
        let tickets = bench.tickets(&checkout).await;
        let prices: Vec<i64> = tickets.iter().map(|ticket| minor(ticket.price.as_ref())).collect();
        let order = bench.look(&checkout.id).await.orders.remove(0);
        assert_foots(&order);
        let adults = order.lines.iter().find(|line| line.variant_id == trip.adult).unwrap();
        assert_eq!(prices.iter().sum::<i64>(), minor(adults.total.as_ref()));
        // All of them, one after the other: the lunch goes with the last. All that was paid comes back.
        for (place, ticket) in tickets.iter().enumerate() {
            let request = CancelTicketsRequest {
                checkout_id: checkout.id.clone(),
                token: checkout.token.clone(),
                ticket_ids: vec![ticket.id.clone()],
                idempotency_key: format!("huy-ve-{place}"),
                ..CancelTicketsRequest::default()
            };
            bench.client.clone().cancel_tickets(request).await.unwrap();
        }
        let refunds = bench.outside.refunds();
        assert_eq!(refunds.iter().map(|one| minor(one.amount.as_ref())).sum::<i64>(), paid);
        bench.assert_sound().await;
    }
}
