//! Where a shop's money lands was changed: its owner is written to, whoever did it.

use platform::on_each_database;
use proto::events::{PaymentDestinationChanged, PayoutAccountChanged};

use super::*;

const EMAIL: &str = "ba@cho.vn";

impl Bench {
    /// What payments tells of changes that were made at one moment.
    fn changed(&self, shop: ShopId, changes: &[&str]) -> Vec<Event> {
        let effective_at = self.clock.now().after(Duration::from_secs(86_400)).micros();
        let body = |what: &&str| {
            let (shop_id, what) = (shop.to_string(), (*what).to_owned());
            let said = PaymentDestinationChanged { shop_id, what, effective_at };
            self.news(Body::PaymentDestinationChanged(said))
        };
        changes.iter().map(body).collect()
    }

    /// Payments tells of it.
    async fn payments_tell(&self, events: &[Event]) {
        let consumer = PaymentsHeard(self.orders.clone());
        deliver(&consumer, self.clock.now(), events).await.unwrap();
        assert!(self.rows("SELECT error FROM dead_letters".to_owned()).await.is_empty());
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn an_owner_reads_in_one_letter_what_was_changed_and_where_to_take_it_back(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, EMAIL, "vi");
        let told = bench.changed(shop, &["account", "key", "shop_account"]);
        // Told twice, and swept twice.
        bench.payments_tell(&told).await;
        bench.payments_tell(&told).await;
        bench.send().await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(letter.address, EMAIL);
        assert!(letter.subject.contains("Vườn trái cây Ba"), "{}", letter.subject);
        let link = format!("{PAGES}/my-shops/{shop}/direct");
        for part in ["Xin chào Nguyễn Thị Ba", "tài khoản khác", "khóa mới", "sẽ vào tài khoản của gian hàng", &link] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        // Of the person nothing is kept.
        let kept = bench.rows("SELECT facts FROM mails WHERE facts <> ''".to_owned()).await;
        assert_eq!((kept.len(), bench.mails().await), (0, (0, 1, 0)));
    }

    async fn an_owner_reads_that_payouts_go_to_another_account_and_where_to_name_the_one_of_before(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, EMAIL, "vi");
        let effective_at = bench.clock.now().after(Duration::from_secs(86_400)).micros();
        let said = PayoutAccountChanged { shop_id: shop.to_string(), effective_at };
        let told = [bench.news(Body::PayoutAccountChanged(said))];
        // Told twice, and swept twice.
        bench.note_mails_of(&told).await;
        bench.note_mails_of(&told).await;
        bench.send().await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        let link = format!("{PAGES}/my-shops/{shop}/payout-account");
        for part in ["vào tài khoản vừa khai", "khai lại tài khoản cũ", &link] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
    }

    async fn what_was_changed_at_another_moment_or_of_another_shop_is_another_letter(database) {
        let bench = Bench::on(database);
        let (one, other) = (ids::new::<ShopId>(), ids::new::<ShopId>());
        bench.owners.own(one, EMAIL, "en");
        bench.owners.own(other, "tu@cho.vn", "en");
        let mut told = bench.changed(one, &["allowed"]);
        told.extend(bench.changed(other, &["marketplace"]));
        bench.clock.advance(Duration::from_secs(1));
        told.extend(bench.changed(one, &["forbidden"]));
        bench.payments_tell(&told).await;
        bench.send().await;
        let letters = bench.post.letters();
        assert_eq!(letters.len(), 3, "{letters:?}");
        let to_one: Vec<_> = letters.iter().filter(|letter| letter.address == EMAIL).collect();
        assert_eq!(to_one.len(), 2, "{letters:?}");
        assert!(to_one.iter().all(|letter| letter.text.contains("Hello")), "{letters:?}");
    }

    async fn an_owner_who_gave_no_address_is_not_written_to(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, "", "vi");
        let mut told = bench.changed(shop, &["account"]);
        told.extend(bench.changed(ids::new(), &["account"]));
        bench.payments_tell(&told).await;
        bench.send().await;
        assert_eq!((bench.post.letters().len(), bench.mails().await), (0, (0, 0, 2)));
    }
}
