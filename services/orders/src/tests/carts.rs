//! Carts: whose they are, how much they hold, what becomes of lines whose offer changes.

use platform::on_each_database;
use proto::orders::{CartStatus, RemoveCartLineRequest, SetCartLineRequest};

use super::fakes::Fault;
use super::*;

impl Bench {
    async fn set(&self, cart: &CartKey, line: &str, quantity: i64) -> Result<Cart, Status> {
        let (cart, line_id) = (Some(cart.clone()), line.to_owned());
        let request = SetCartLineRequest { cart, line_id, quantity };
        Ok(self.client.clone().set_cart_line(request).await?.into_inner())
    }

    async fn take_out(&self, cart: &CartKey, line: &str) -> Result<Cart, Status> {
        let request = RemoveCartLineRequest { cart: Some(cart.clone()), line_id: line.to_owned() };
        Ok(self.client.clone().remove_cart_line(request).await?.into_inner())
    }

    /// What a cart holds, in its order.
    async fn holds(&self, cart: &CartKey) -> Vec<(String, i64)> {
        let lines = self.show(cart).await.unwrap().lines;
        lines.into_iter().map(|line| (line.variant_id, line.quantity)).collect()
    }
}

impl Bench {
    /// What carts and checkouts keep of claims.
    async fn kept_claims(&self) -> Vec<String> {
        let question = "SELECT claim_token FROM carts WHERE claim_token <> ''
            UNION ALL SELECT claim_token FROM checkouts WHERE claim_token <> ''";
        let asked = Statement::from_string(self.database.backend(), question);
        let rows = self.database.reader().query_all_raw(asked).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn a_cart_is_opened_by_its_token_and_by_nothing_else(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        let line = bench.show(&cart).await.unwrap().lines[0].id.clone();
        let other = bench.cart_of(&[(&mango, 1)]).await;
        for token in ["", "x", &other.token] {
            let stranger = CartKey { token: token.to_owned(), ..cart.clone() };
            assert_eq!(codes(bench.show(&stranger).await), [RefusalCode::NotFound]);
            assert_eq!(codes(bench.add(&stranger, &mango, 1).await), [RefusalCode::NotFound]);
            assert_eq!(codes(bench.set(&stranger, &line, 1).await), [RefusalCode::NotFound]);
            assert_eq!(codes(bench.take_out(&stranger, &line).await), [RefusalCode::NotFound]);
            assert_eq!(codes(bench.start(&request_for(&stranger)).await), [RefusalCode::NotFound]);
        }
        // The line of a cart cannot be reached through another cart.
        assert_eq!(codes(bench.set(&other, &line, 1).await), [RefusalCode::NotFound]);
        assert_eq!(codes(bench.take_out(&other, &line).await), [RefusalCode::NotFound]);
        assert_eq!(bench.holds(&cart).await, [(mango.clone(), 2)]);
        assert_eq!(bench.holds(&other).await, [(mango, 1)]);
        assert!(bench.checkouts_of(&cart).await.is_empty());
    }

    async fn a_cart_adds_up_what_is_put_in_at_the_prices_of_now(database) {
        let bench = Bench::on(database);
        let (mango, plum) = (bench.offer(85_000, 10), bench.offer(30_000, 10));
        let cart = bench.cart_of(&[(&mango, 2), (&plum, 1), (&mango, 3)]).await;
        assert_eq!(bench.holds(&cart).await, [(mango.clone(), 5), (plum, 1)]);
        let shown = bench.show(&cart).await.unwrap();
        assert_eq!(shown.total.unwrap().minor, 455_000);
        bench.outside.change(&mango, |offer| offer.price.as_mut().unwrap().minor = 80_000);
        let shown = bench.set(&cart, &shown.lines[0].id, 1).await.unwrap();
        assert_eq!(shown.total.as_ref().unwrap().minor, 110_000);
        assert_eq!(bench.show(&cart).await.unwrap(), shown);
    }

    async fn quantities_outside_of_the_limits_are_refused_and_nothing_changes(database) {
        let bench = Bench::on(database);
        let (mango, rice) = (bench.offer(85_000, 10), bench.offer(20_000, 5_000));
        let cart = bench.cart_of(&[(&mango, 8), (&rice, 900)]).await;
        let line = bench.show(&cart).await.unwrap().lines[0].id.clone();
        for quantity in [i64::MIN, -1, 0, 1_000, i64::MAX] {
            assert_eq!(codes(bench.add(&cart, &rice, quantity).await), [RefusalCode::OutOfRange]);
        }
        assert_eq!(codes(bench.add(&cart, &rice, 100).await), [RefusalCode::OutOfRange]);
        for quantity in [-1, 1_000] {
            assert_eq!(codes(bench.set(&cart, &line, quantity).await), [RefusalCode::OutOfRange]);
        }
        let short = bench.add(&cart, &mango, 3).await.unwrap_err();
        let refusals = refusals_of(&short).unwrap();
        assert_eq!(refusals[0].code(), RefusalCode::InsufficientStock);
        assert_eq!((&refusals[0].facts["available"][..], &refusals[0].facts["variantId"]), ("10", &mango));
        assert_eq!(codes(bench.set(&cart, &line, 11).await), [RefusalCode::InsufficientStock]);
        assert_eq!(bench.holds(&cart).await, [(mango.clone(), 8), (rice.clone(), 900)]);
        bench.add(&cart, &rice, 99).await.unwrap();
        bench.add(&cart, &mango, 2).await.unwrap();
        assert_eq!(bench.holds(&cart).await, [(mango, 10), (rice, 999)]);
    }

    async fn a_cart_has_a_hundred_lines_at_most(database) {
        let bench = Bench::on(database);
        let cart = bench.new_cart().await;
        let mut last = String::new();
        for _ in 0..100 {
            last = bench.offer(1_000, 5);
            bench.add(&cart, &last, 1).await.unwrap();
        }
        let one_more = bench.offer(1_000, 5);
        assert_eq!(codes(bench.add(&cart, &one_more, 1).await), [RefusalCode::CartTooLarge]);
        bench.add(&cart, &last, 1).await.unwrap();
        let held = bench.holds(&cart).await;
        assert_eq!((held.len(), held.last()), (100, Some(&(last, 2))));
    }

    async fn what_is_put_in_at_the_same_time_is_all_there_up_to_the_limits(database) {
        let bench = Bench::on(database);
        for (available, before, after, refused) in [
            (5_000, 0, 10, None),
            (6, 0, 6, Some(RefusalCode::InsufficientStock)),
            (5_000, 995, 999, Some(RefusalCode::OutOfRange)),
        ] {
            let mango = bench.offer(85_000, available);
            let cart = bench.new_cart().await;
            if before > 0 {
                bench.add(&cart, &mango, before).await.unwrap();
            }
            let tries = (0..10).map(|_| {
                let (bench, cart, mango) = (bench.clone(), cart.clone(), mango.clone());
                tokio::spawn(async move { bench.add(&cart, &mango, 1).await })
            });
            let (mut lines, mut refusals) = (Vec::new(), Vec::new());
            for answer in futures_util::future::join_all(tries).await {
                match answer.unwrap() {
                    Ok(mut cart) => lines.push(cart.lines.remove(0).id),
                    refusal => refusals.extend(codes(refusal)),
                }
            }
            assert_eq!(bench.holds(&cart).await, [(mango, after)]);
            assert_eq!((lines.len() as i64, refusals.len()), (after - before, 10 - lines.len()));
            assert!(refusals.iter().all(|refusal| Some(*refusal) == refused), "{refusals:?}");
            // Everybody was told the id of the line that there is.
            let line = bench.show(&cart).await.unwrap().lines.remove(0).id;
            assert!(lines.iter().all(|told| *told == line));
        }
    }

    async fn an_offer_that_is_gone_is_shown_without_a_price_and_can_only_be_taken_out(database) {
        let bench = Bench::on(database);
        let (mango, plum) = (bench.offer(85_000, 10), bench.offer(30_000, 10));
        for hidden_only in [false, true] {
            let cart = bench.cart_of(&[(&mango, 2), (&plum, 1)]).await;
            if hidden_only {
                bench.outside.change(&plum, |offer| offer.for_sale = false);
            } else {
                let gone = bench.offer(50_000, 10);
                bench.add(&cart, &gone, 1).await.unwrap();
                bench.outside.remove(&gone);
            }
            let shown = bench.show(&cart).await.unwrap();
            let line = shown.lines.last().unwrap();
            assert!(!line.for_sale);
            if !hidden_only {
                assert_eq!((line.available, line.unit_price.as_ref().unwrap().minor), (0, 0));
                assert_eq!(shown.total.as_ref().unwrap().minor, 200_000);
            }
            assert_eq!(codes(bench.add(&cart, &line.variant_id, 1).await), [RefusalCode::NotForSale]);
            assert_eq!(codes(bench.set(&cart, &line.id, 2).await), [RefusalCode::NotForSale]);
            assert_eq!(codes(bench.start(&request_for(&cart)).await), [RefusalCode::NotForSale]);
            let left = bench.take_out(&cart, &line.id).await.unwrap();
            assert_eq!(left.lines, shown.lines[..shown.lines.len() - 1]);
            let again = StartCheckoutRequest {
                idempotency_key: "khoa-so-2".to_owned(),
                ..request_for(&cart)
            };
            assert_eq!(bench.start(&again).await.unwrap().status(), CheckoutStatus::AwaitingPayment);
        }
        bench.assert_sound().await;
    }

    async fn a_cart_that_nobody_buys_is_forgotten_with_what_is_in_it(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let left = bench.cart_of(&[(&mango, 1)]).await;
        let bought = bench.awaiting(&[(&mango, 1)]).await;
        // Ids have the moment of their making, by the clock on the wall.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = Timestamp::from_micros(now.as_micros() as i64);
        let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3_600));
        let remove = async |since: Timestamp, before: Timestamp| {
            let tx = bench.database.begin().await.unwrap();
            let removed = crate::store::cart::remove_unbought(&tx, since, before, 100).await.unwrap();
            tx.commit().await.unwrap();
            removed
        };
        // Too young, or looked for before.
        assert_eq!(remove(now.before(day), now.before(minute)).await, 0);
        assert_eq!(remove(now.after(minute), now.after(day)).await, 0);
        assert_eq!(remove(now.before(day), now.after(minute)).await, 1);
        assert_eq!(bench.holds(&left).await, []);
        assert_eq!(bench.look(&bought.id).await.status(), CheckoutStatus::AwaitingPayment);
        bench.assert_sound().await;
    }

    async fn what_was_never_on_offer_does_not_get_into_a_cart(database) {
        let bench = Bench::on(database);
        let cart = bench.new_cart().await;
        let unknown = ids::new::<kernel::VariantId>().to_string();
        assert_eq!(codes(bench.add(&cart, &unknown, 1).await), [RefusalCode::NotForSale]);
        assert_eq!(codes(bench.add(&cart, "xoai", 1).await), [RefusalCode::NotFound]);
        let mango = bench.offer(85_000, 10);
        bench.outside.plan(0, Fault::Unreached);
        let unreached = bench.add(&cart, &mango, 1).await.unwrap_err();
        assert_eq!(unreached.code(), Code::Unavailable);
        assert_eq!(bench.holds(&cart).await, []);
        assert!(bench.rows("SELECT id FROM carts".to_owned()).await.is_empty());
    }

    async fn a_cart_that_is_checked_out_changes_only_after_its_checkout_ended(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        let line = bench.show(&cart).await.unwrap().lines[0].id.clone();
        let checkout = bench.start(&request_for(&cart)).await.unwrap();
        for answer in [
            bench.add(&cart, &mango, 1).await,
            bench.set(&cart, &line, 1).await,
            bench.take_out(&cart, &line).await,
        ] {
            assert_eq!(codes(answer), [RefusalCode::CartAlreadyCheckedOut]);
        }
        assert_eq!(bench.holds(&cart).await, [(mango.clone(), 2)]);
        bench.cancel(&checkout).await.unwrap();
        assert_eq!(bench.set(&cart, &line, 1).await.unwrap().status(), CartStatus::Open);
        bench.take_out(&cart, &line).await.unwrap();
        assert_eq!(bench.holds(&cart).await, []);
        let empty = StartCheckoutRequest { idempotency_key: "khoa-so-2".to_owned(), ..request_for(&cart) };
        assert_eq!(codes(bench.start(&empty).await), [RefusalCode::CartEmpty]);
    }

    async fn a_token_that_a_cart_of_before_keeps_still_claims(database) {
        let bench = Bench::on(database);
        let (seat, mango) = (bench.offer(450_000, 0), bench.offer(85_000, 10));
        bench.outside.keep_for("secret", &seat, 2);
        let cart = bench.new_cart().await;
        bench.add(&cart, &mango, 1).await.unwrap();
        let before = "UPDATE carts SET claim_token = 'secret'";
        bench.database.writer().execute_unprepared(before).await.unwrap();
        bench.add(&cart, &seat, 2).await.unwrap();
        bench.start(&request_for(&cart)).await.unwrap();
        assert_eq!(bench.outside.stock(&seat), (0, 2, 0));
    }

    async fn a_cart_claims_what_is_kept_for_who_waited_and_its_checkout_takes_it(database) {
        let bench = Bench::on(database);
        let (seat, mango) = (bench.offer(450_000, 0), bench.offer(85_000, 10));
        bench.outside.keep_for("secret", &seat, 2);
        let (waited, stranger) = (bench.new_cart().await, bench.new_cart().await);
        let forger = bench.new_cart().await;
        // At the same moment, each as its own token says.
        let (claimed, without, wrong) = tokio::join!(
            bench.claim(&waited, &seat, 2, "secret"),
            bench.add(&stranger, &seat, 1),
            bench.claim(&forger, &seat, 1, "wrong"),
        );
        claimed.unwrap();
        assert_eq!(codes(without), [RefusalCode::InsufficientStock]);
        assert_eq!(codes(wrong), [RefusalCode::InsufficientStock]);
        assert_eq!(codes(bench.claim(&waited, &seat, 1, "secret").await), [RefusalCode::InsufficientStock]);
        // What is put in later does not lose the claim, and the cart shows what it can have.
        bench.add(&waited, &mango, 1).await.unwrap();
        assert_eq!(bench.holds(&waited).await, [(seat.clone(), 2), (mango, 1)]);
        assert_eq!(codes(bench.claim(&waited, &seat, 1, &"x".repeat(200)).await), [RefusalCode::TooLong]);
        let checkout = bench.start(&request_for(&waited)).await.unwrap();
        // The cart and its checkout know the digest only.
        let kept = bench.kept_claims().await;
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert!(kept.iter().all(|kept| kept.starts_with("sha256:") && !kept.contains("secret")));
        assert_eq!(checkout.total.as_ref().unwrap().minor, 985_000);
        assert_eq!(bench.outside.stock(&seat), (0, 2, 0));
        let news = bench.outside.pay(&checkout.id);
        bench.hear(&[news]).await;
        bench.relay().await;
        assert_eq!(bench.outside.stock(&seat), (0, 0, 2));
        bench.assert_sound().await;
    }
}
