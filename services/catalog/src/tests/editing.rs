//! A shop corrects what is said of its goods.

use sea_orm::{ConnectionTrait, Statement};

use super::*;
use crate::domain::product::DraftProblem;
use crate::usecases::update_product::{ChangeProductError, ProductChange, update_product};

impl Bench {
    /// How many events catalog told of.
    async fn told(&self) -> usize {
        let all = Statement::from_string(self.database.backend(), "SELECT seq FROM outbox");
        self.database.reader().query_all_raw(all).await.unwrap().len()
    }

    /// The approved shop is called so.
    async fn shop_is_called(&self, name: &str) {
        let shop = Shop {
            id: self.scope.shop().to_string(),
            name: name.to_owned(),
            status: ShopStatus::Approved.into(),
            ..Shop::default()
        };
        let body = Body::ShopChanged(ShopChanged { shop: Some(shop) });
        self.hear(&ShopsHeard(self.catalog.clone()), body).await;
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn what_is_given_changes_and_the_rest_stays(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xòai", 85_000, 10).await;
        let facts = vec![("Vùng trồng".to_owned(), "Phong Điền".to_owned())];
        let change = ProductChange {
            title: Some(LocalizedText::new(" Xoài  cát ", "Mango")),
            attributes: Some(facts.clone()),
            ..ProductChange::default()
        };
        let changed = update_product(&bench.catalog, bench.scope, mango.id, change).await.unwrap();
        assert_eq!(changed.title, LocalizedText::new("Xoài cát", "Mango"));
        assert_eq!(changed.slug, mango.slug, "links to it still lead to it");
        let stars = ProductChange { ocop_stars: Some(4), ..ProductChange::default() };
        update_product(&bench.catalog, bench.scope, mango.id, stars).await.unwrap();
        let kept = bench.all().await.remove(0);
        assert_eq!((kept.ocop_stars, kept.attributes, kept.title), (4, facts, changed.title));
    }

    async fn goods_of_no_ward_of_their_own_come_from_where_their_shop_is(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let moved = Shop {
            id: bench.scope.shop().to_string(),
            status: ShopStatus::Approved.into(),
            ward_code: "31120".to_owned(),
            ..Shop::default()
        };
        let body = Body::ShopChanged(ShopChanged { shop: Some(moved) });
        bench.hear(&ShopsHeard(bench.catalog.clone()), body).await;
        for (said, kept) in [("31186", "31186"), ("", "31120")] {
            let change =
                ProductChange { ward_code: Some(said.to_owned()), ..ProductChange::default() };
            let changed = update_product(&bench.catalog, bench.scope, mango.id, change).await.unwrap();
            assert_eq!(changed.ward_code, kept);
        }
    }

    async fn goods_of_a_shop_that_has_another_name_are_told_of_for_search_to_find_them(database) {
        let bench = Bench::on(database).await;
        bench.sell("Xoài", 85_000, 10).await;
        let hidden = bench.sell("Ổi", 20_000, 10).await;
        publish_product(&bench.catalog, bench.scope, hidden.id, false).await.unwrap();
        let before = bench.told().await;
        bench.shop_is_called("Vựa Sen Hồng").await;
        assert_eq!(bench.told().await, before + 1, "of what everybody sees");
        bench.shop_is_called("Vựa Sen Hồng").await;
        assert_eq!(bench.told().await, before + 1);
    }

    async fn a_wrong_change_and_one_of_another_shop_change_nothing(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let hidden = ProductChange {
            attributes: Some(vec![("Vùng".to_owned(), "Phong\u{0}Điền".to_owned())]),
            ..ProductChange::default()
        };
        let refused = update_product(&bench.catalog, bench.scope, mango.id, hidden).await;
        assert!(matches!(
            refused,
            Err(ChangeProductError::Problems(problems))
                if problems == [DraftProblem::ControlCharacter("attributes")]
        ));
        let other = ShopScope::granted(ids::new::<ShopId>());
        let renamed = ProductChange {
            title: Some(LocalizedText::new("Của tôi", "")),
            ..ProductChange::default()
        };
        let refused = update_product(&bench.catalog, other, mango.id, renamed).await;
        assert!(matches!(refused, Err(ChangeProductError::Unknown)));
        let kept = bench.all().await.remove(0);
        assert_eq!((kept.title, kept.attributes), (mango.title, mango.attributes));
    }
}
