//! Letters to a shop's people: of its orders, gathered, and of what operators decided on the shop.

use platform::on_each_database;
use proto::events::ShopDecided;

use super::returns::by_shop;
use super::*;
use crate::usecases::gather_shop_news::{forget_shop_news, gather_shop_news};

const EMAIL: &str = "ba@cho.vn";

impl Bench {
    /// A shop whose owner can be written to.
    fn shop_of_reader(&self, locale: &str) -> ShopId {
        let shop = ids::new::<ShopId>();
        self.owners.own(shop, EMAIL, locale);
        shop
    }

    /// Somebody pays for goods of these shops.
    async fn bought_of(&self, shops: &[ShopId]) -> Checkout {
        let offered = |shop: &ShopId| self.outside.offer(*shop, "Xoài cát Hòa Lộc", 85_000, 100);
        let offers: Vec<String> = shops.iter().map(offered).collect();
        let lines: Vec<(&str, i64)> = offers.iter().map(|offer| (offer.as_str(), 2)).collect();
        let checkout = self.awaiting(&lines).await;
        self.hear(&[self.outside.pay(&checkout.id)]).await;
        self.look(&checkout.id).await
    }

    /// What happened so far is noted, as if it had happened just now, and told twice.
    async fn note_now(&self) {
        self.note_mails().await;
        self.note_mails().await;
    }

    /// What has waited long enough leaves.
    async fn gather_and_send(&self) {
        for _ in 0..2 {
            gather_shop_news(&self.orders).await.unwrap();
            self.send().await;
        }
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn a_hundred_orders_within_minutes_are_one_letter_that_lists_them(database) {
        let bench = Bench::on(database);
        let shop = bench.shop_of_reader("vi");
        let mut numbers = Vec::new();
        for _ in 0..5 {
            let checkout = bench.bought_of(&[shop]).await;
            numbers.push(checkout.orders[0].number.clone());
            bench.note_now().await;
            bench.gather_and_send().await;
        }
        assert!(bench.post.letters().is_empty(), "they are gathered first");
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!((letter.address.as_str(), letter.subject.as_str()), (EMAIL, "Vườn trái cây Ba: Đơn mới: 5"));
        for number in &numbers {
            assert!(letter.text.contains(number), "{number}: {}", letter.text);
        }
        let home = format!("{PAGES}/my-shops/{shop}");
        for part in ["Xin chào Nguyễn Thị Ba", "170.000", &home] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        // Who bought is in no letter.
        assert!(!letter.text.contains("Sáu") && !letter.text.contains("0912"), "{}", letter.text);
        assert_eq!(bench.mails().await, (0, 1, 0));
        // What comes later is a letter of its own, and only that.
        let next = bench.bought_of(&[shop]).await.orders[0].number.clone();
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        let letters = bench.post.letters();
        assert_eq!(letters.len(), 2);
        assert!(letters[1].text.contains(&next) && !letters[1].text.contains(&numbers[0]), "{}", letters[1].text);
    }

    async fn each_shop_of_a_checkout_reads_of_its_own_order_only(database) {
        let bench = Bench::on(database);
        let (one, other) = (bench.shop_of_reader("vi"), ids::new::<ShopId>());
        bench.owners.own(other, "tu@cho.vn", "en");
        let checkout = bench.bought_of(&[one, other]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        let letters = bench.post.letters();
        assert_eq!(letters.len(), 2);
        for order in &checkout.orders {
            let of_shop = format!("/my-shops/{}/", order.shop_id);
            let told: Vec<_> = letters.iter().filter(|letter| letter.text.contains(&order.number)).collect();
            let [letter] = told.as_slice() else { panic!("{letters:?}") };
            assert!(letter.text.contains(&of_shop), "{}", letter.text);
        }
        assert!(letters.iter().any(|letter| letter.subject.contains("New orders: 1")), "{letters:?}");
    }

    async fn what_is_called_off_and_what_is_to_be_sent_back_is_told_and_a_dead_order_is_no_new_one(database) {
        let bench = Bench::on(database);
        let shop = bench.shop_of_reader("vi");
        let order = bench.bought_of(&[shop]).await.orders[0].clone();
        bench.note_now().await;
        bench.relay().await;
        bench.cancel_paid(by_shop(&order)).await.unwrap();
        let asked = proto::events::ReturnChanged {
            return_id: ids::new::<kernel::OrderReturnId>().to_string(),
            order_id: bench.bought_of(&[shop]).await.orders[0].id.clone(),
            shop_id: shop.to_string(),
            status: proto::returns::ReturnStatus::ReturnRequested.into(),
        };
        bench.note_mails_of(&[bench.news(Body::ReturnChanged(asked))]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(letter.subject, "Vườn trái cây Ba: Đơn mới: 1, Đơn bị hủy: 1, Yêu cầu trả hàng: 1");
        let (_, behind) = letter.text.split_once("Đơn bị hủy: 1\n").unwrap();
        assert!(behind.contains(&order.number), "{}", letter.text);
        assert_eq!(letter.text.matches(&order.number).count(), 1, "{}", letter.text);
    }

    async fn everybody_of_a_shop_who_wants_it_is_written_to_and_who_wants_none_is_not(database) {
        let bench = Bench::on(database);
        let shop = bench.shop_of_reader("vi");
        bench.owners.employ(shop, "user_1", "mot@cho.vn");
        bench.bought_of(&[shop]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        gather_shop_news(&bench.orders).await.unwrap();
        // Before the letters leave, the owner wants none any more.
        bench.owners.decline(shop);
        bench.gather_and_send().await;
        let addresses: Vec<String> = bench.post.letters().into_iter().map(|letter| letter.address).collect();
        assert_eq!(addresses, ["mot@cho.vn"]);
        assert_eq!(bench.mails().await, (0, 1, 1));
    }

    async fn what_nobody_reads_is_not_kept_and_what_was_told_is_forgotten(database) {
        let bench = Bench::on(database);
        bench.bought_of(&[ids::new()]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        let kept = || bench.rows("SELECT about FROM shop_news".to_owned());
        assert_eq!((kept().await.len(), bench.mails().await), (0, (0, 0, 0)));
        bench.bought_of(&[bench.shop_of_reader("vi")]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        bench.gather_and_send().await;
        forget_shop_news(&bench.orders).await.unwrap();
        assert!(!kept().await.is_empty());
        bench.clock.advance(Duration::from_hours(7 * 24 + 1));
        forget_shop_news(&bench.orders).await.unwrap();
        assert!(kept().await.is_empty());
    }

    async fn a_crash_while_letters_are_made_loses_none_and_makes_none_twice(database) {
        let bench = Bench::on(database);
        let shop = bench.shop_of_reader("vi");
        bench.bought_of(&[shop]).await;
        bench.note_now().await;
        bench.clock.advance(GATHERED);
        // Two processes at once.
        let (one, two) = tokio::join!(gather_shop_news(&bench.orders), gather_shop_news(&bench.orders));
        one.and(two).unwrap();
        assert_eq!(bench.mails().await, (1, 0, 0));
        bench.post.refuse(Some(|| platform::mail::MailError::Unreached("no connection")));
        bench.send().await;
        bench.post.refuse(None);
        bench.clock.advance(Duration::from_secs(181));
        bench.gather_and_send().await;
        assert_eq!((bench.post.letters().len(), bench.mails().await), (1, (0, 1, 0)));
    }

    async fn an_owner_reads_what_operators_decided_and_why_if_it_still_is_so(database) {
        let bench = Bench::on(database);
        let shop = bench.shop_of_reader("vi");
        let decided = |decision: &str| {
            let (shop_id, decision) = (shop.to_string(), decision.to_owned());
            bench.news(Body::ShopDecided(ShopDecided { shop_id, decision }))
        };
        let approved = decided("approved");
        // Told twice. Who wants no letters of orders gets this one.
        bench.owners.decline(shop);
        bench.note_mails_of(std::slice::from_ref(&approved)).await;
        bench.note_mails_of(&[approved]).await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert!(letter.subject.contains("đã được duyệt"), "{}", letter.subject);
        assert!(letter.text.contains(&format!("{PAGES}/my-shops/{shop}\n")), "{}", letter.text);
        // It is suspended, so an approval before is no news any more.
        bench.owners.stop(shop, "Thiếu giấy phép");
        bench.note_mails_of(&[decided("approved"), decided("suspended"), decided("sold")]).await;
        bench.send().await;
        let letters = bench.post.letters();
        assert_eq!((letters.len(), bench.mails().await), (2, (0, 2, 2)));
        assert!(letters[1].text.contains("Thiếu giấy phép"), "{}", letters[1].text);
    }
}
