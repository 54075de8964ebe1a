//! Who acts for a shop was changed: the one it is about and the owner are written to.

use platform::on_each_database;
use proto::events::ShopMemberChanged;

use super::*;

const OWNER: &str = "ba@cho.vn";
const STAFF: &str = "lan@cho.vn";

impl Bench {
    /// Accounts tells that a shop's people changed, twice, and letters are swept twice. Gives address, subject and text.
    async fn told_of_member(
        &self,
        shop: ShopId,
        (what, person): (&str, &str),
    ) -> Vec<(String, String, String)> {
        let before = self.post.letters().len();
        let said = ShopMemberChanged {
            shop_id: shop.to_string(),
            user_id: person.to_owned(),
            what: what.to_owned(),
            owner_id: shop.to_string(),
            effective_at: self.clock.now().after(Duration::from_secs(86_400)).micros(),
        };
        let told = [self.news(Body::ShopMemberChanged(said))];
        self.note_mails_of(&told).await;
        self.note_mails_of(&told).await;
        self.send().await;
        self.send().await;
        let letters = self.post.letters().split_off(before);
        let mut said: Vec<_> = letters
            .into_iter()
            .map(|letter| (letter.address, letter.subject, letter.text))
            .collect();
        said.sort();
        said
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn who_came_or_went_is_told_and_the_owner_each_once(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, OWNER, "vi");
        bench.owners.work("user_lan", ("Lan", STAFF));
        let changes: [(&str, &[&str]); 5] = [
            ("joined", &[OWNER, STAFF]),
            ("removed", &[STAFF]),
            ("left", &[OWNER]),
            ("handed_over", &[OWNER, STAFF]),
            ("of a younger accounts", &[]),
        ];
        for (what, readers) in changes {
            let letters = bench.told_of_member(shop, (what, "user_lan")).await;
            let addresses: Vec<_> = letters.iter().map(|(address, ..)| address.as_str()).collect();
            assert_eq!(addresses, readers, "{what}");
            for (address, subject, text) in &letters {
                assert!(subject.contains("Vườn trái cây Ba"), "{what}: {subject}");
                // The owner reads Vietnamese, and of whom it is; who it is about, English.
                let (hello, other) = if address == OWNER { ("Xin chào", "Lan") } else { ("Hello Lan", "") };
                assert!(text.starts_with(hello) && text.contains(other), "{what}: {text}");
                assert!(!text.contains('{'), "{what}: {text}");
            }
        }
        // Of a person nothing is kept.
        assert!(bench.rows("SELECT facts FROM mails WHERE facts <> ''".to_owned()).await.is_empty());
    }

    async fn an_owner_reads_before_the_shop_can_be_taken_over_and_where_to_stop_it(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, OWNER, "en");
        let owner = shop.to_string();
        let letters = bench.told_of_member(shop, ("offered", &owner)).await;
        let [(address, _, text)] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(address, OWNER);
        for part in ["take the invitation back", &format!("{PAGES}/my-shops/{shop}/members")] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    async fn who_gave_no_address_is_not_written_to(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        bench.owners.own(shop, "", "vi");
        bench.owners.work("user_lan", ("https://x.vn", ""));
        assert!(bench.told_of_member(shop, ("joined", "user_lan")).await.is_empty());
        assert_eq!(bench.mails().await, (0, 0, 2));
    }
}
