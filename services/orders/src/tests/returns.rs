//! What comes back of orders: called off, sent back, refused, interrupted, asked for twice.

use platform::on_each_database;
use proto::orders::{Order, OrderOfShop};
use proto::returns::{
    ApproveReturnRequest, CancelOrderRequest, DeclineReturnRequest, RequestReturnRequest,
    ReturnKind, ReturnPolicy, ReturnPolicyOfShop, ReturnStatus, ReturnedPieces,
};

use super::fakes::{Call, Fault};
use super::vouchers::tet;
use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Bench {
    async fn paid(&self, lines: &[(&str, i64)]) -> Checkout {
        let checkout = self.awaiting(lines).await;
        let news = self.outside.pay(&checkout.id);
        self.hear(&[news]).await;
        self.relay().await;
        self.look(&checkout.id).await
    }

    pub(super) async fn fulfil(&self, order: &Order) -> Result<Order, Status> {
        let request = OrderOfShop { shop_id: order.shop_id.clone(), order_id: order.id.clone() };
        Ok(self.client.clone().fulfil_order(request).await?.into_inner())
    }

    async fn handed_over(&self, lines: &[(&str, i64)]) -> (Checkout, Order) {
        let checkout = self.paid(lines).await;
        let order = self.fulfil(&checkout.orders[0]).await.unwrap();
        (checkout, order)
    }

    pub(super) async fn cancel_paid(&self, request: CancelOrderRequest) -> Result<Order, Status> {
        Ok(self.client.clone().cancel_order(request).await?.into_inner())
    }

    async fn ask_back(&self, request: RequestReturnRequest) -> Result<Order, Status> {
        Ok(self.client.clone().request_return(request).await?.into_inner())
    }

    async fn approve(&self, order: &Order, restock: bool) -> Result<Order, Status> {
        let request = ApproveReturnRequest {
            shop_id: order.shop_id.clone(),
            return_id: order.returns.last().unwrap().id.clone(),
            restock,
            answer: String::new(),
            decided_by: ids::new::<kernel::UserId>().to_string(),
        };
        Ok(self.client.clone().approve_return(request).await?.into_inner())
    }

    /// What orders told of orders and returns.
    async fn told_of_returns(&self) -> Vec<String> {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq".to_owned()).await;
        let told = rows.into_iter().filter_map(|row| {
            let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
            match Event::decode(payload.as_slice()).unwrap().body.unwrap() {
                Body::OrderCancelled(_) => Some("cancelled".to_owned()),
                Body::ReturnChanged(said) => Some(said.status().as_str_name().to_owned()),
                _ => None,
            }
        });
        told.collect()
    }
}

/// The shop's request to call an order off.
pub(super) fn by_shop(order: &Order) -> CancelOrderRequest {
    CancelOrderRequest {
        order_id: order.id.clone(),
        shop_id: order.shop_id.clone(),
        requested_by: ids::new::<kernel::UserId>().to_string(),
        reason: "Hết hàng".to_owned(),
        idempotency_key: "khoa-huy-1".to_owned(),
        ..CancelOrderRequest::default()
    }
}

fn by_guest(order: &Order, checkout: &Checkout, token: &str) -> CancelOrderRequest {
    assert_eq!(order.checkout_id, checkout.id);
    CancelOrderRequest {
        order_id: order.id.clone(),
        token: token.to_owned(),
        idempotency_key: "khoa-huy-1".to_owned(),
        ..CancelOrderRequest::default()
    }
}

fn back(order: &Order, token: &str, quantity: i64, key: &str) -> RequestReturnRequest {
    RequestReturnRequest {
        order_id: order.id.clone(),
        token: token.to_owned(),
        lines: vec![ReturnedPieces { order_line_id: order.lines[0].id.clone(), quantity }],
        reason: "Xoài bị dập".to_owned(),
        idempotency_key: key.to_owned(),
        ..RequestReturnRequest::default()
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn a_shop_calls_a_paid_order_off_and_all_comes_back_once(database) {
        let bench = Bench::on(database);
        let (mango, plum) = (bench.offer(85_000, 10), bench.offer(20_000, 10));
        let checkout = bench.paid(&[(&mango, 3), (&plum, 1)]).await;
        let order = checkout.orders.iter().find(|one| one.lines[0].variant_id == mango).unwrap();
        let request = by_shop(order);
        for _ in 0..3 {
            let cancelled = bench.cancel_paid(request.clone()).await.unwrap();
            assert_eq!(cancelled.status(), OrderStatus::OrderCancelled);
            assert_eq!((cancelled.cancelled_at, cancelled.paid_at), (bench.clock.now().micros(), order.paid_at));
            let one = &cancelled.returns[0];
            assert_eq!((one.kind(), one.status()), (ReturnKind::Cancellation, ReturnStatus::ReturnDone));
            assert_eq!(one.refund.as_ref().unwrap().minor, 255_000);
            assert_eq!(cancelled.lines[0].cancelled_quantity, 3);
        }
        let refunds = bench.outside.refunds();
        assert_eq!((refunds.len(), refunds[0].rest, refunds[0].reason.as_str()), (1, true, "Hết hàng"));
        assert_eq!((bench.outside.stock(&mango), bench.outside.stock(&plum)), ((10, 0, 0), (9, 0, 1)));
        assert_eq!(bench.told_of_returns().await, ["cancelled"]);
        // The other shop's order is as it was, and this one is handed over no more.
        assert_eq!(bench.look(&checkout.id).await.status(), CheckoutStatus::Paid);
        assert_eq!(codes(bench.fulfil(order).await), [RefusalCode::StatusConflict]);
        let other = CancelOrderRequest { reason: "Khác".to_owned(), ..request.clone() };
        assert_eq!(codes(bench.cancel_paid(other).await), [RefusalCode::IdempotencyKeyReused]);
        let again = CancelOrderRequest { idempotency_key: "khoa-huy-2".to_owned(), ..request };
        assert_eq!(codes(bench.cancel_paid(again).await), [RefusalCode::StatusConflict]);
        bench.assert_sound().await;
    }

    async fn only_who_bought_or_sells_calls_an_order_off_and_only_before_it_is_handed_over(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let token = |checkout: &Checkout| bench.orders.0.tokens.of_checkout(checkout.id.parse().unwrap());
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        let unpaid = by_guest(&checkout.orders[0], &checkout, &token(&checkout));
        assert_eq!(codes(bench.cancel_paid(unpaid).await), [RefusalCode::StatusConflict]);
        let (checkout, order) = bench.handed_over(&[(&mango, 2)]).await;
        let request = by_guest(&order, &checkout, &token(&checkout));
        assert_eq!(codes(bench.cancel_paid(request).await), [RefusalCode::StatusConflict]);
        assert_eq!(codes(bench.cancel_paid(by_shop(&order)).await), [RefusalCode::StatusConflict]);
        let checkout = bench.paid(&[(&mango, 3)]).await;
        let order = &checkout.orders[0];
        let stranger = by_guest(order, &checkout, "khong-phai-cua-toi");
        assert_eq!(codes(bench.cancel_paid(stranger).await), [RefusalCode::NotFound]);
        let other = CancelOrderRequest { shop_id: ids::new::<ShopId>().to_string(), ..by_shop(order) };
        assert_eq!(codes(bench.cancel_paid(other).await), [RefusalCode::NotFound]);
        assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (0, (4, 1, 5)));
        let own = by_guest(order, &checkout, &token(&checkout));
        assert_eq!(bench.cancel_paid(own).await.unwrap().status(), OrderStatus::OrderCancelled);
        assert_eq!(bench.outside.stock(&mango), (7, 1, 2));
        bench.assert_sound().await;
    }

    async fn an_order_is_called_off_wherever_it_is_interrupted(database) {
        for call in [Call::RefundPayment, Call::ReturnStock] {
            for fault in [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered] {
                let bench = Bench::on(database.clone());
                let mango = bench.offer(85_000, 10);
                let checkout = bench.paid(&[(&mango, 3)]).await;
                let order = &checkout.orders[0];
                bench.outside.plan(usize::from(call == Call::ReturnStock), fault);
                if let Some(answer) = bench.outside.until_death(bench.cancel_paid(by_shop(order))).await {
                    assert_eq!(answer.unwrap_err().code(), Code::Unavailable);
                }
                assert_eq!(codes(bench.fulfil(order).await), [RefusalCode::StatusConflict]);
                bench.outside.heal();
                bench.clock.advance(INTERRUPTED);
                bench.sweep_all().await;
                assert_eq!(bench.status(&checkout.id).await.1, [OrderStatus::OrderCancelled]);
                assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (1, (10, 0, 0)));
                assert_eq!(bench.told_of_returns().await.len(), bench.outside.refunds().len());
                bench.assert_sound().await;
                bench.write("DELETE FROM outbox").await;
            }
        }
    }

    async fn of_many_at_once_one_calls_the_order_off_or_it_is_handed_over(database) {
        let bench = Arc::new(Bench::on(database));
        let mango = bench.offer(85_000, 10);
        for round in 0..4 {
            let checkout = bench.paid(&[(&mango, 1)]).await;
            let order = checkout.orders[0].clone();
            let tries = (0..6).map(|number| {
                let (bench, order) = (Arc::clone(&bench), order.clone());
                tokio::spawn(async move {
                    if number % 3 == round % 3 {
                        return bench.fulfil(&order).await.map(|_| ());
                    }
                    let idempotency_key = format!("khoa-huy-{number}");
                    let request = CancelOrderRequest { idempotency_key, ..by_shop(&order) };
                    bench.cancel_paid(request).await.map(|_| ())
                })
            });
            futures_util::future::join_all(tries).await;
            bench.clock.advance(INTERRUPTED);
            bench.sweep_all().await;
            let of_order = bench.outside.refunds().into_iter().filter(|one| one.order_id == order.id).count();
            match bench.look(&checkout.id).await.orders[0].status() {
                OrderStatus::OrderFulfilled => assert_eq!(of_order, 0),
                OrderStatus::OrderCancelled => assert_eq!(of_order, 1),
                other => panic!("{other:?}"),
            }
            bench.assert_sound().await;
        }
    }

    async fn pieces_of_a_line_that_a_voucher_took_something_off_come_back_at_what_was_paid(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let (mango, elsewhere) = (bench.offer_of(&shop, 85_000, 10), bench.offer(20_000, 10));
        bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_of(&[(&mango, 3), (&elsewhere, 1)]).await;
        bench.apply(&cart, "tet").await.unwrap();
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.relay().await;
        let order = checkout.orders.iter().find(|order| order.shop_id == shop).unwrap();
        let order = bench.fulfil(order).await.unwrap();
        let asked = bench.ask_back(back(&order, &checkout.token, 1, "khoa-tra-1")).await.unwrap();
        bench.approve(&asked, true).await.unwrap();
        // Payments reckons what a piece is worth of what the line cost.
        let [refund] = &bench.outside.refunds()[..] else { panic!("not one refund") };
        let line = &refund.lines[0];
        let paid = line.total.as_ref().unwrap().minor;
        assert_eq!((paid, line.quantity, line.ordered), (3 * 85_000 - 20_000, 1, 3));
        bench.assert_sound().await;
    }

    async fn what_a_voucher_paid_whole_is_sent_back_without_money(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let (mango, elsewhere) = (bench.offer_of(&shop, 15_000, 10), bench.offer(20_000, 10));
        bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_of(&[(&mango, 1), (&elsewhere, 1)]).await;
        bench.apply(&cart, "tet").await.unwrap();
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(checkout.total.as_ref().unwrap().minor, 20_000);
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.relay().await;
        let order = checkout.orders.iter().find(|order| order.shop_id == shop).unwrap();
        let order = bench.fulfil(order).await.unwrap();
        let asked = bench.ask_back(back(&order, &checkout.token, 1, "khoa-tra-1")).await.unwrap();
        let done = bench.approve(&asked, true).await.unwrap();
        assert_eq!(done.returns[0].status(), ReturnStatus::ReturnDone);
        assert!(bench.outside.refunds().is_empty());
        assert_eq!(bench.outside.stock(&mango), (10, 0, 0));
    }

    async fn an_account_is_asked_for_where_money_goes_back_by_transfer_alone(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        for to_card in [false, true] {
            let checkout = bench.paid(&[(&mango, 3)]).await;
            let called_off = bench.cancel_paid(by_shop(&checkout.orders[0])).await.unwrap();
            assert_eq!(called_off.returns[0].account_needed, !to_card);
            bench.outside.refund_to_cards();
        }
    }

    async fn what_payments_refuses_leaves_the_order_as_it_was(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.paid(&[(&mango, 3)]).await;
        let order = &checkout.orders[0];
        bench.outside.accounts_unknown(true);
        assert_eq!(codes(bench.cancel_paid(by_shop(order)).await), [RefusalCode::PayeeAccountRequired]);
        assert_eq!(bench.look(&checkout.id).await, checkout);
        assert_eq!(bench.outside.stock(&mango), (7, 0, 3));
        // The key is free, and the shop may just as well hand it over.
        bench.outside.accounts_unknown(false);
        assert_eq!(bench.fulfil(order).await.unwrap().status(), OrderStatus::OrderFulfilled);
        bench.assert_sound().await;
    }

    async fn what_was_paid_and_could_not_be_sold_is_called_off_without_stock(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 3)]).await;
        let news = bench.outside.pay(&checkout.id);
        let gone = proto::events::HoldCommitRefused { reference: checkout.id.clone() };
        bench.hear(&[news, Body::HoldCommitRefused(gone)]).await;
        let cancelled = bench.cancel_paid(by_shop(&checkout.orders[0])).await.unwrap();
        assert_eq!(cancelled.status(), OrderStatus::OrderCancelled);
        assert!(!cancelled.returns[0].restock && !bench.outside.calls().contains(&Call::ReturnStock));
        let found = crate::doctor(&bench.database, bench.clock.now()).await.unwrap();
        assert_eq!(found, Vec::<String>::new());
    }

    async fn pieces_are_sent_back_approved_and_paid_line_by_line(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let (checkout, order) = bench.handed_over(&[(&mango, 3)]).await;
        let token = bench.orders.0.tokens.of_checkout(checkout.id.parse().unwrap());
        let asked = back(&order, &token, 2, "khoa-tra-1");
        for _ in 0..2 {
            let requested = bench.ask_back(asked.clone()).await.unwrap();
            assert_eq!((requested.returns.len(), requested.returns[0].status()), (1, ReturnStatus::ReturnRequested));
        }
        assert_eq!(bench.outside.refunds().len(), 0);
        // Only one piece is left to ask for.
        let more = bench.ask_back(back(&order, &token, 2, "khoa-tra-2")).await.unwrap_err();
        assert_eq!(refusals_of(&more).unwrap()[0].facts["maximum"], "1");
        let requested = bench.look(&checkout.id).await.orders.remove(0);
        for _ in 0..2 {
            let done = bench.approve(&requested, true).await.unwrap();
            let one = &done.returns[0];
            assert_eq!((one.status(), one.refund.as_ref().unwrap().minor), (ReturnStatus::ReturnDone, 170_000));
            assert_eq!((done.status(), done.lines[0].cancelled_quantity), (OrderStatus::OrderFulfilled, 2));
        }
        assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (1, (9, 0, 1)));
        let told = ["RETURN_REQUESTED", "RETURN_APPROVED", "RETURN_DONE"];
        assert_eq!(bench.told_of_returns().await, told);
        // The last piece, without stock.
        let last = bench.ask_back(back(&order, &token, 1, "khoa-tra-2")).await.unwrap();
        bench.approve(&last, false).await.unwrap();
        assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (2, (9, 0, 1)));
        bench.assert_sound().await;
    }

    async fn only_what_is_kept_of_an_order_is_told_as_got(database) {
        for (called_off, products) in [(2, 1), (3, 0)] {
            let bench = Bench::on(database.clone());
            let mango = bench.offer(85_000, 10);
            let checkout = bench.paid(&[(&mango, 3)]).await;
            bench.write(&format!("UPDATE order_lines SET cancelled_quantity = {called_off}")).await;
            bench.fulfil(&checkout.orders[0]).await.unwrap();
            let rows = bench.rows("SELECT payload FROM outbox ORDER BY seq DESC".to_owned()).await;
            let told = rows.into_iter().find_map(|row| {
                let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
                match Event::decode(payload.as_slice()).unwrap().body.unwrap() {
                    Body::OrderFulfilled(told) => Some(told.product_ids.len()),
                    _ => None,
                }
            });
            assert_eq!(told, Some(products), "{called_off}");
        }
    }

    async fn a_return_is_declined_with_a_reason_and_final(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let (checkout, order) = bench.handed_over(&[(&mango, 3)]).await;
        let token = bench.orders.0.tokens.of_checkout(checkout.id.parse().unwrap());
        let requested = bench.ask_back(back(&order, &token, 3, "khoa-tra-1")).await.unwrap();
        let decline = DeclineReturnRequest {
            shop_id: order.shop_id.clone(),
            return_id: requested.returns[0].id.clone(),
            answer: " ".to_owned(),
            decided_by: ids::new::<kernel::UserId>().to_string(),
        };
        let said = |answer: &str| DeclineReturnRequest { answer: answer.to_owned(), ..decline.clone() };
        let client = || bench.client.clone();
        assert_eq!(codes(client().decline_return(decline.clone()).await), [RefusalCode::Required]);
        let other = DeclineReturnRequest { shop_id: ids::new::<ShopId>().to_string(), ..said("Không") };
        assert_eq!(codes(client().decline_return(other).await), [RefusalCode::NotFound]);
        for _ in 0..2 {
            let declined = client().decline_return(said("Đã dùng hết")).await.unwrap().into_inner();
            assert_eq!((declined.returns[0].status(), declined.returns[0].answer.as_str()), (ReturnStatus::ReturnDeclined, "Đã dùng hết"));
        }
        assert_eq!(codes(bench.approve(&requested, true).await), [RefusalCode::StatusConflict]);
        assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (0, (7, 0, 3)));
        // What was declined may be asked for again.
        bench.ask_back(back(&order, &token, 3, "khoa-tra-2")).await.unwrap();
        bench.assert_sound().await;
    }

    async fn the_window_is_the_shops_on_the_day_of_the_delivery(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let (checkout, order) = bench.handed_over(&[(&mango, 3)]).await;
        let token = bench.orders.0.tokens.of_checkout(checkout.id.parse().unwrap());
        let policy = |days| ReturnPolicy { shop_id: order.shop_id.clone(), days };
        let client = || bench.client.clone();
        assert_eq!(codes(client().set_return_policy(policy(366)).await), [RefusalCode::OutOfRange]);
        for days in [1, 0] {
            client().set_return_policy(policy(days)).await.unwrap();
            let asked = ReturnPolicyOfShop { shop_id: order.shop_id.clone() };
            assert_eq!(client().get_return_policy(asked).await.unwrap().into_inner().days, days);
        }
        bench.clock.advance(7 * DAY);
        bench.ask_back(back(&order, &token, 1, "khoa-tra-1")).await.unwrap();
        bench.clock.advance(Duration::from_micros(1));
        let late = bench.ask_back(back(&order, &token, 1, "khoa-tra-2")).await;
        assert_eq!(codes(late), [RefusalCode::ReturnWindowClosed]);
        bench.assert_sound().await;
    }

    async fn a_return_that_payments_refuses_waits_for_the_shop_again(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let (checkout, order) = bench.handed_over(&[(&mango, 3)]).await;
        let token = bench.orders.0.tokens.of_checkout(checkout.id.parse().unwrap());
        let requested = bench.ask_back(back(&order, &token, 3, "khoa-tra-1")).await.unwrap();
        bench.outside.accounts_unknown(true);
        assert_eq!(codes(bench.approve(&requested, true).await), [RefusalCode::PayeeAccountRequired]);
        let waits = bench.look(&checkout.id).await.orders.remove(0);
        assert_eq!(waits.returns[0].status(), ReturnStatus::ReturnRequested);
        bench.outside.accounts_unknown(false);
        assert_eq!(bench.approve(&waits, true).await.unwrap().returns[0].status(), ReturnStatus::ReturnDone);
        assert_eq!((bench.outside.refunds().len(), bench.outside.stock(&mango)), (1, (10, 0, 0)));
        bench.assert_sound().await;
    }
}
