//! Vouchers where many want one at once, where a process dies, and where somebody tries twice.

use kernel::UserId;
use platform::on_each_database;
use proto::vouchers::CreateVoucherRequest;

use super::events::payment_closed;
use super::fakes::Fault;
use super::vouchers::{again, minor, refusal, tet};
use super::*;

/// A guest's request by telephone number and e-mail address.
fn request_of(cart: &CartKey, phone: &str, email: &str) -> StartCheckoutRequest {
    let mut request = request_for(cart);
    let contact = request.contact.as_mut().unwrap();
    (contact.phone, contact.email) = (phone.to_owned(), email.to_owned());
    request
}

on_each_database! { migrations::orders::Migrator,
    async fn a_voucher_with_ten_uses_is_used_ten_times_by_two_hundred_shoppers(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 1_000);
        bench.voucher(CreateVoucherRequest { uses_at_most: 10, ..tet(&shop) }).await.unwrap();
        let mut carts = Vec::new();
        for _ in 0..200 {
            let cart = bench.cart_of(&[(&mango, 1)]).await;
            bench.apply(&cart, "tet").await.unwrap();
            carts.push(cart);
        }
        let tasks: Vec<_> = carts
            .into_iter()
            .map(|cart| {
                let bench = bench.clone();
                tokio::spawn(async move { bench.start(&request_for(&cart)).await })
            })
            .collect();
        let (mut begun, mut refused) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(checkout) => {
                    assert_eq!(minor(checkout.total.as_ref()), 65_000);
                    begun += 1;
                }
                answer => {
                    assert_eq!(refusal(answer).code(), RefusalCode::VoucherUsedUp);
                    refused += 1;
                }
            }
        }
        assert_eq!((begun, refused, bench.uses(&shop).await), (10, 190, 10));
        bench.assert_sound().await;
    }

    async fn one_buyer_is_known_by_number_address_or_account_however_they_are_written(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 100);
        bench.voucher(CreateVoucherRequest { uses_per_buyer: 1, ..tet(&shop) }).await.unwrap();
        let with_voucher = async || {
            let cart = bench.cart_of(&[(&mango, 1)]).await;
            bench.apply(&cart, "tet").await.unwrap();
            cart
        };
        let buyer = ids::new::<UserId>().to_string();
        let mut first = request_of(&with_voucher().await, "0912 345 678", "sau@example.com");
        first.buyer_id.clone_from(&buyer);
        let first = bench.start(&first).await.unwrap();
        for (phone, email) in [("+84 912.345.678", ""), ("", "SAU@example.com")] {
            let refused = refusal(bench.start(&request_of(&with_voucher().await, phone, email)).await);
            assert_eq!((refused.code(), refused.facts["maximum"].as_str()), (RefusalCode::VoucherUsedByBuyer, "1"));
        }
        let mut same = request_of(&with_voucher().await, "0900 000 001", "");
        same.buyer_id.clone_from(&buyer);
        assert_eq!(refusal(bench.start(&same).await).code(), RefusalCode::VoucherUsedByBuyer);
        bench.start(&request_of(&with_voucher().await, "0900 000 002", "tu@example.com")).await.unwrap();
        // At the same moment, too.
        let (one, two) = (with_voucher().await, with_voucher().await);
        let (one, two) = (request_of(&one, "0900 000 003", ""), request_of(&two, "0900 000 003", ""));
        let (one, two) = tokio::join!(bench.start(&one), bench.start(&two));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
        // Who takes the checkout back has the use again.
        bench.cancel(&first).await.unwrap();
        bench.start(&again(&same, "khoa-so-2")).await.unwrap();
        assert_eq!(bench.uses(&shop).await, 3);
        bench.assert_sound().await;
    }

    async fn wherever_a_checkout_is_interrupted_its_voucher_is_counted_once(database) {
        let faults = [Fault::Unreached, Fault::Unanswered, Fault::DiesAsking, Fault::DiesUnanswered];
        // The hold, and the payment.
        for (fault, call) in faults.into_iter().flat_map(|fault| [(fault, 0), (fault, 1)]) {
            let bench = Bench::on(database.clone());
            let shop = ids::new::<ShopId>().to_string();
            let mango = bench.offer_of(&shop, 85_000, 10);
            bench.voucher(CreateVoucherRequest { uses_at_most: 1, ..tet(&shop) }).await.unwrap();
            let cart = bench.cart_of(&[(&mango, 2)]).await;
            bench.apply(&cart, "tet").await.unwrap();
            let request = request_for(&cart);
            bench.outside.plan(call, fault);
            bench.outside.until_death(bench.start(&request)).await;
            bench.outside.heal();
            assert_eq!(bench.uses(&shop).await, 1, "{fault:?} {call}");
            bench.clock.advance(INTERRUPTED);
            bench.sweep().await;
            let checkout = bench.start(&request).await.unwrap();
            assert_eq!((checkout.status(), minor(checkout.total.as_ref())), (CheckoutStatus::AwaitingPayment, 150_000), "{fault:?} {call}");
            assert_eq!(checkout.orders[0].voucher_code, "TET");
            assert_eq!(bench.uses(&shop).await, 1, "{fault:?} {call}");
            bench.assert_sound().await;
        }
    }

    async fn news_of_every_kind_in_one_batch_end_each_checkout_as_told_and_give_vouchers_back(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 100);
        bench.voucher(tet(&shop)).await.unwrap();
        let mut checkouts = Vec::new();
        for _ in 0..5 {
            let cart = bench.cart_of(&[(&mango, 1)]).await;
            bench.apply(&cart, "tet").await.unwrap();
            checkouts.push(bench.start(&request_for(&cart)).await.unwrap());
        }
        let [paid, expired, cancelled, reopened, later] = &checkouts[..] else { unreachable!() };
        let earlier = bench.outside.pay(&reopened.id);
        bench.hear(&[earlier]).await;
        assert_eq!(bench.uses(&shop).await, 5);
        let news = [
            bench.outside.expire(&expired.id),
            bench.outside.pay(&paid.id),
            payment_closed(cancelled, false),
            bench.outside.reopen(&reopened.id),
            bench.outside.expire(&later.id),
        ];
        bench.hear(&news).await;
        use CheckoutStatus as S;
        for (checkout, told) in [
            (paid, vec![S::Paid]),
            (expired, vec![S::Expired]),
            (cancelled, vec![S::Cancelled]),
            (reopened, vec![S::Paid, S::AwaitingPayment]),
            (later, vec![S::Expired]),
        ] {
            assert_eq!(Some(&bench.look(&checkout.id).await.status()), told.last());
            assert_eq!(bench.told_of(&checkout.id).await, told);
        }
        // Of what is paid, and of what may be paid again.
        assert_eq!(bench.uses(&shop).await, 2);
    }

    async fn who_has_no_voucher_pays_nothing_for_it_in_statements(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>().to_string();
        let mango = bench.offer_of(&shop, 85_000, 100);
        let added = async |cart: &CartKey| {
            let before = bench.database.statements();
            bench.add(cart, &mango, 1).await.unwrap();
            bench.database.statements() - before
        };
        let started = async |cart: &CartKey| {
            let before = bench.database.statements();
            bench.start(&request_for(cart)).await.unwrap();
            bench.database.statements() - before
        };
        let plain = bench.cart_of(&[(&mango, 1)]).await;
        let (adding, starting) = (added(&plain).await, started(&plain).await);
        assert_eq!((adding, starting), (ADDING, STARTING));
        // That others have vouchers changes nothing of it; who has one pays for it.
        bench.voucher(tet(&shop)).await.unwrap();
        let cart = bench.cart_of(&[(&mango, 1)]).await;
        bench.apply(&cart, "tet").await.unwrap();
        assert!(added(&cart).await > ADDING && started(&cart).await > STARTING);
        let other = bench.cart_of(&[(&mango, 1)]).await;
        assert_eq!((added(&other).await, started(&other).await), (ADDING, STARTING));
    }

    async fn the_doctor_finds_a_voucher_that_is_counted_wrongly_and_a_discount_from_nowhere(database) {
        for (harm, said) in [
            ("UPDATE vouchers SET uses = uses + 1", "a voucher does not count its uses: TET"),
            ("UPDATE voucher_uses SET given_back_at = 1", "a checkout that ended unpaid still uses a voucher"),
            ("UPDATE orders SET voucher_code = NULL", "a line has a discount and its order no voucher"),
            ("UPDATE order_lines SET discount_minor = discount_minor - 1", "the lines of an order do not sum to its total"),
        ] {
            let bench = Bench::on(database.clone());
            bench.write("DELETE FROM voucher_uses").await;
            bench.write("UPDATE vouchers SET uses = 0").await;
            bench.write("DELETE FROM order_lines").await;
            bench.write("DELETE FROM orders").await;
            let shop = ids::new::<ShopId>().to_string();
            let mango = bench.offer_of(&shop, 85_000, 10);
            bench.voucher(tet(&shop)).await.unwrap();
            let cart = bench.cart_of(&[(&mango, 1)]).await;
            bench.apply(&cart, "tet").await.unwrap();
            bench.start(&request_for(&cart)).await.unwrap();
            bench.write(harm).await;
            let found = crate::doctor(&bench.database, bench.clock.now()).await.unwrap();
            assert!(found.iter().any(|one| one.starts_with(said)), "{harm}: {found:?}");
        }
    }
}

/// What putting one more piece into a cart costs, and checking it out, as before there were vouchers.
const ADDING: u64 = 4;
const STARTING: u64 = 9;
