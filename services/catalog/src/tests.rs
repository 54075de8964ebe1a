//! Catalog as a whole, on both databases: stock and its holds, products, imports.

mod counting;
mod editing;
mod extending;
mod importing;
mod locking;
mod pictures;
mod reviewing;
mod rush;
mod searching;
mod tours;

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, LocalizedText, ManualClock, Money, ShopId, ShopScope, Timestamp, VariantId};
use platform::consumer::{Consumer, deliver};
use platform::database::Database;
use platform::{ids, on_each_database};
use proto::accounts::{Shop, ShopStatus};
use proto::events::event::Body;
use proto::events::{CheckoutChanged, Event, ShopChanged};
use proto::orders::CheckoutStatus;

use crate::consumers::{CheckoutsHeard, ShopsHeard};
use crate::domain::hold::{HoldLine, HoldStatus};
use crate::domain::import::{ImportFormat, export};
use crate::domain::product::{Product, ProductDraft, VariantDraft};
use crate::search::EmbeddedSearch;
use crate::store::import::{Import, RowStatus};
use crate::store::listing::{After, Filter, Sort};
use crate::usecases::adjust_stock::{AdjustStockError, StockChange, adjust_stock};
use crate::usecases::create_product::{CreateProductError, create_product};
use crate::usecases::expire_holds::expire_holds;
use crate::usecases::hold_stock::{HoldStockError, LineProblem, hold_stock};
use crate::usecases::import_products::{import_products, run_imports};
use crate::usecases::publish_product::publish_product;
use crate::usecases::return_stock::{ReturnError, return_stock};
use crate::usecases::set_price::set_price;
use crate::usecases::settle_holds::settle_checkouts;
use crate::{Catalog, CatalogParts, doctor, store};

struct Bench {
    catalog: Catalog,
    clock: ManualClock,
    database: Database,
    scope: ShopScope,
}

impl Bench {
    /// A catalog that knows one approved shop.
    async fn on(database: Database) -> Self {
        let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let catalog = Catalog::new(CatalogParts {
            database: database.clone(),
            clock: Arc::new(clock.clone()),
            search: Arc::new(EmbeddedSearch::open(None).unwrap()),
        });
        let bench =
            Self { catalog, clock, database, scope: ShopScope::granted(ids::new::<ShopId>()) };
        bench.shop_is(ShopStatus::Approved).await;
        bench
    }

    async fn hear(&self, consumer: &dyn Consumer, body: Body) {
        let event = Event {
            id: ids::new::<kernel::EventId>().to_string(),
            occurred_at: 0,
            aggregate_id: "x".to_owned(),
            body: Some(body),
        };
        deliver(consumer, self.clock.now(), &[event]).await.unwrap();
    }

    async fn shop_is(&self, status: ShopStatus) {
        let shop = Shop {
            id: self.scope.shop().to_string(),
            name: "Vựa trái cây".to_owned(),
            status: status.into(),
            ..Shop::default()
        };
        let body = Body::ShopChanged(ShopChanged { shop: Some(shop) });
        self.hear(&ShopsHeard(self.catalog.clone()), body).await;
    }

    async fn checkout_is(&self, reference: &str, status: CheckoutStatus) {
        let body = Body::CheckoutChanged(CheckoutChanged {
            checkout_id: reference.to_owned(),
            status: status.into(),
        });
        self.hear(&CheckoutsHeard(self.catalog.clone()), body).await;
    }

    async fn sell(&self, title: &str, price: i64, stock: i64) -> Product {
        let variant = VariantDraft {
            price: Some(Money::vnd(price)),
            stock: Some(stock),
            ..VariantDraft::default()
        };
        let draft = ProductDraft {
            title: LocalizedText::new(title, ""),
            publish: true,
            variants: vec![variant],
            ..ProductDraft::default()
        };
        create_product(&self.catalog, self.scope, draft).await.unwrap()
    }

    async fn hold(
        &self,
        reference: &str,
        lines: &[(VariantId, i64)],
    ) -> Result<HoldStatus, HoldStockError> {
        let lines = lines
            .iter()
            .map(|(variant, quantity)| HoldLine { variant: *variant, quantity: *quantity });
        let expires_at = self.clock.now().after(Duration::from_secs(60));
        Ok(hold_stock(&self.catalog, reference, lines.collect(), expires_at, None).await?.status)
    }

    /// What is there and what is held.
    async fn stock(&self, variant: VariantId) -> (i64, i64) {
        let found = store::variant::by_ids(self.database.reader(), [variant]).await.unwrap();
        (found[0].variant.on_hand, found[0].variant.held)
    }

    async fn import(&self, file: &str, dry_run: bool) -> Import {
        let bytes = file.as_bytes().to_vec();
        let begun = import_products(&self.catalog, self.scope, None, bytes, dry_run).await.unwrap();
        Box::pin(run_imports(&self.catalog)).await.unwrap();
        store::import::of_shop(self.database.reader(), self.scope, begun.id).await.unwrap().unwrap()
    }

    async fn titles(&self, filter: &Filter, sort: Sort) -> Vec<String> {
        let mut titles = Vec::new();
        let mut after = None;
        loop {
            let request = kernel::PageRequest::new(2, after);
            let rows = store::listing::visible(self.database.reader(), filter, sort, &request)
                .await
                .unwrap();
            let page = kernel::Page::from_rows(&request, rows);
            after = page.items.last().map(|last| After::of(filter, sort, last));
            titles.extend(page.items.into_iter().map(|product| product.title.vi));
            if !page.has_next {
                return titles;
            }
        }
    }

    async fn all(&self) -> Vec<Product> {
        let request = kernel::PageRequest::new(100, None);
        store::listing::of_shop(self.database.reader(), self.scope, &request).await.unwrap()
    }

    async fn assert_sound(&self) {
        assert_eq!(doctor(&self.database, self.clock.now()).await.unwrap(), Vec::<String>::new());
    }
}

const FILE: &str = "handle,title_vi,price,stock,option1_name,option1_value,sku\n\
    banh-pia,Bánh pía,65.000,10,Cỡ,4 bánh,A\n\
    banh-pia,,120.000,5,,8 bánh,B\n\
    xoai,Xoài cát,85000,40,,,C\n";

on_each_database! { migrations::catalog::Migrator,
    async fn of_two_hundred_at_once_exactly_those_that_fit_hold_a_piece(database) {
        let bench = Arc::new(Bench::on(database).await);
        let variant = bench.sell("Sầu riêng", 100_000, 50).await.variants[0].id;
        let tries = (0..200).map(|number| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.hold(&format!("chk_{number}"), &[(variant, 1)]).await })
        });
        let mut held = 0;
        for outcome in futures_util::future::join_all(tries).await {
            match outcome.unwrap() {
                Ok(_) => held += 1,
                Err(HoldStockError::Lines(problems)) => {
                    let gone = LineProblem::InsufficientStock { line: 0, variant, available: 0 };
                    assert_eq!(problems, [gone]);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((held, bench.stock(variant).await), (50, (50, 50)));
        bench.assert_sound().await;
    }

    async fn a_hold_is_all_or_nothing_and_once_a_reference(database) {
        let bench = Bench::on(database).await;
        let (one, two) = (bench.sell("Xoài", 1, 5).await.variants[0].id, bench.sell("Ổi", 1, 1).await.variants[0].id);
        let refused = bench.hold("chk_1", &[(one, 2), (two, 2)]).await;
        assert!(matches!(refused, Err(HoldStockError::Lines(problems)) if problems.len() == 1));
        assert_eq!(bench.stock(one).await, (5, 0));
        for _ in 0..3 {
            assert_eq!(bench.hold("chk_1", &[(one, 2), (two, 1)]).await.unwrap(), HoldStatus::Held);
        }
        assert_eq!((bench.stock(one).await, bench.stock(two).await), ((5, 2), (1, 1)));
        let malformed = bench.hold("chk_2", &[(one, 0)]).await;
        assert!(matches!(malformed, Err(HoldStockError::Malformed)));
        bench.assert_sound().await;
    }

    async fn a_hold_is_given_again_though_it_took_all_and_does_not_keep_others_from_theirs(database) {
        let bench = Arc::new(Bench::on(database).await);
        let (last, other) = (bench.sell("Xoài", 1, 2).await, bench.sell("Ổi", 1, 9).await);
        let (last, other) = (last.variants[0].id, other.variants[0].id);
        bench.hold("chk_last", &[(last, 2)]).await.unwrap();
        bench.hold("chk_other", &[(other, 1)]).await.unwrap();
        // In one batch: one that has what is gone, one that has what is there, one that is new, one too late.
        let asked = [("chk_last", last, 2), ("chk_other", other, 1), ("chk_new", other, 3), ("chk_late", last, 1)];
        let held = futures_util::future::join_all(asked.map(|(reference, variant, quantity)| {
            let bench = Arc::clone(&bench);
            async move { bench.hold(reference, &[(variant, quantity)]).await }
        }))
        .await;
        assert!(matches!(held.as_slice(), [Ok(_), Ok(_), Ok(_), Err(HoldStockError::Lines(_))]), "{held:?}");
        assert_eq!((bench.stock(last).await, bench.stock(other).await), ((2, 2), (9, 4)));
        bench.assert_sound().await;
    }

    async fn what_is_paid_is_sold_once_and_what_is_not_is_free_again(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        bench.hold("chk_1", &[(variant, 2)]).await.unwrap();
        bench.hold("chk_2", &[(variant, 3)]).await.unwrap();
        for _ in 0..2 {
            bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
            bench.checkout_is("chk_2", CheckoutStatus::Cancelled).await;
        }
        assert_eq!(bench.stock(variant).await, (3, 0));
        // A release that comes after the sale changes nothing.
        bench.checkout_is("chk_1", CheckoutStatus::Expired).await;
        assert_eq!(bench.stock(variant).await, (3, 0));
        bench.assert_sound().await;
    }

    async fn an_expired_hold_that_is_paid_is_sold_if_it_is_still_there(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 2).await.variants[0].id;
        bench.hold("chk_1", &[(variant, 2)]).await.unwrap();
        bench.hold("chk_2", &[(variant, 1)]).await.unwrap_err();
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        assert_eq!(bench.stock(variant).await, (2, 0));
        bench.hold("chk_3", &[(variant, 1)]).await.unwrap();
        bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        assert_eq!(bench.stock(variant).await, (2, 1));
        bench.checkout_is("chk_3", CheckoutStatus::Cancelled).await;
        bench.hold("chk_4", &[(variant, 2)]).await.unwrap();
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        bench.checkout_is("chk_4", CheckoutStatus::Paid).await;
        assert_eq!(bench.stock(variant).await, (0, 0));
        bench.assert_sound().await;
    }

    async fn goods_come_back_once_a_reference_and_never_more_than_their_hold_sold(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        bench.hold("chk_1", &[(variant, 3)]).await.unwrap();
        let back = |reference: &'static str, hold: &'static str, quantity: i64| {
            let catalog = bench.catalog.clone();
            async move { return_stock(&catalog, reference, hold, &[HoldLine { variant, quantity }]).await }
        };
        // What is only held was not sold.
        assert!(matches!(back("ret_1", "chk_1", 1).await, Err(ReturnError::NotSold { sold: 0, .. })));
        bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        for _ in 0..3 {
            back("ret_1", "chk_1", 2).await.unwrap();
        }
        assert_eq!(bench.stock(variant).await, (4, 0));
        assert!(matches!(back("ret_1", "chk_1", 1).await, Err(ReturnError::ReferenceReused)));
        assert!(matches!(back("ret_2", "chk_1", 2).await, Err(ReturnError::NotSold { sold: 1, .. })));
        assert!(matches!(back("ret_2", "chk_2", 1).await, Err(ReturnError::NotSold { sold: 0, .. })));
        assert!(matches!(back("ret_2", "chk_1", 0).await, Err(ReturnError::Malformed)));
        assert_eq!(bench.stock(variant).await, (4, 0));
        let tries = ["ret_3", "ret_4", "ret_5", "ret_6"].map(|reference| tokio::spawn(back(reference, "chk_1", 1)));
        let outcomes = futures_util::future::join_all(tries).await;
        assert_eq!(outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Ok(())))).count(), 1);
        assert_eq!(bench.stock(variant).await, (5, 0));
        bench.assert_sound().await;
    }

    async fn products_of_a_suspended_shop_are_hidden_and_cannot_be_held(database) {
        let bench = Bench::on(database).await;
        let product = bench.sell("Xoài", 1, 5).await;
        bench.shop_is(ShopStatus::Suspended).await;
        assert!(store::product::by_slug(bench.database.reader(), &product.slug).await.unwrap().is_none());
        let refused = bench.hold("chk_1", &[(product.variants[0].id, 1)]).await;
        let hidden = LineProblem::NotForSale { line: 0, variant: product.variants[0].id };
        assert!(matches!(refused, Err(HoldStockError::Lines(problems)) if problems == [hidden]));
        bench.shop_is(ShopStatus::Approved).await;
        assert!(store::product::by_slug(bench.database.reader(), &product.slug).await.unwrap().is_some());
        bench.assert_sound().await;
    }

    async fn another_shop_cannot_touch_a_product(database) {
        let bench = Bench::on(database).await;
        let product = bench.sell("Xoài", 1_000, 5).await;
        let other = ShopScope::granted(ids::new::<ShopId>());
        let variant = product.variants[0].id;
        assert!(publish_product(&bench.catalog, other, product.id, false).await.is_err());
        assert!(set_price(&bench.catalog, other, variant, Money::vnd(1)).await.is_err());
        let change = StockChange { variant, change: -5, reason: String::new(), idempotency_key: "khoa-so-1".to_owned() };
        assert!(matches!(adjust_stock(&bench.catalog, other, change).await, Err(AdjustStockError::Unknown)));
        let after = store::product::by_ids(bench.database.reader(), [product.id]).await.unwrap();
        assert_eq!(after, [product]);
    }

    async fn stock_is_adjusted_once_a_key_and_never_below_what_is_held(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        bench.hold("chk_1", &[(variant, 3)]).await.unwrap();
        let adjust = |change: i64, key: &str| {
            let change = StockChange { variant, change, reason: "hư".to_owned(), idempotency_key: key.to_owned() };
            adjust_stock(&bench.catalog, bench.scope, change)
        };
        for _ in 0..2 {
            adjust(-1, "khoa-so-1").await.unwrap();
        }
        assert_eq!(bench.stock(variant).await, (4, 3));
        assert!(matches!(adjust(-2, "khoa-so-1").await, Err(AdjustStockError::KeyReused)));
        assert!(matches!(adjust(-2, "khoa-so-2").await, Err(AdjustStockError::Insufficient { available: 1 })));
        assert_eq!(bench.stock(variant).await, (4, 3));
    }

    async fn lists_are_filtered_sorted_and_paged_by_keys(database) {
        let bench = Bench::on(database).await;
        for (title, price, stock) in [("Dừa", 20_000, 0), ("Xoài", 85_000, 5), ("Ổi", 15_000, 2), ("Mận", 20_000, 1)] {
            bench.sell(title, price, stock).await;
        }
        let all = Filter::default();
        assert_eq!(bench.titles(&all, Sort::Newest).await, ["Mận", "Ổi", "Xoài", "Dừa"]);
        assert_eq!(bench.titles(&all, Sort::PriceAscending).await, ["Ổi", "Dừa", "Mận", "Xoài"]);
        assert_eq!(bench.titles(&all, Sort::PriceDescending).await, ["Xoài", "Mận", "Dừa", "Ổi"]);
        let stocked = Filter { in_stock: true, price_max: Some(20_000), ..Filter::default() };
        assert_eq!(bench.titles(&stocked, Sort::Newest).await, ["Mận", "Ổi"]);
        let words = Filter { words: Filter::words_of("XOAI %"), ..Filter::default() };
        assert_eq!(bench.titles(&words, Sort::Newest).await, ["Xoài"]);
    }

    async fn a_list_of_many_products_costs_as_many_statements_as_a_list_of_one(database) {
        let bench = Bench::on(database).await;
        bench.sell("Một", 1_000, 1).await;
        let before = bench.database.statements();
        bench.titles(&Filter::default(), Sort::Newest).await;
        let of_one = bench.database.statements() - before;
        for number in 0..20 {
            bench.sell(&format!("Món {number}"), 1_000, 1).await;
        }
        let request = kernel::PageRequest::new(20, None);
        let before = bench.database.statements();
        let rows = store::listing::visible(bench.database.reader(), &Filter::default(), Sort::Newest, &request).await;
        assert_eq!((rows.unwrap().len(), bench.database.statements() - before), (21, of_one));
    }

    async fn a_file_is_tried_imported_and_found_unchanged(database) {
        let bench = Bench::on(database).await;
        let tried = bench.import(FILE, true).await;
        assert_eq!((tried.counts, bench.all().await.len()), ([2, 0, 0, 0], 0));
        assert_eq!(bench.import(FILE, false).await.counts, [2, 0, 0, 0]);
        assert_eq!(bench.import(FILE, false).await.counts, [0, 0, 2, 0]);
        let dearer = FILE.replace("85000", "90000");
        assert_eq!(bench.import(&dearer, true).await.counts, [0, 1, 1, 0]);
        assert_eq!(bench.import(&dearer, false).await.counts, [0, 1, 1, 0]);
        assert_eq!(bench.titles(&Filter::default(), Sort::PriceDescending).await, ["Xoài cát", "Bánh pía"]);
    }

    async fn what_is_exported_can_be_imported_and_changes_nothing(database) {
        let bench = Bench::on(database).await;
        bench.import(FILE, false).await;
        let products = bench.all().await;
        for format in ImportFormat::ALL {
            let file = export(format, &products, |_| Vec::new()).unwrap();
            let import = bench.import(&String::from_utf8(file).unwrap(), false).await;
            assert_eq!((import.format, import.counts), (format, [0, 0, 2, 0]));
        }
        assert_eq!(bench.all().await, products);
    }

    async fn one_bad_product_fails_alone_and_says_where(database) {
        let bench = Bench::on(database).await;
        bench.import("handle,title_vi,price,sku\nco-san,Có sẵn,5000,A\n", false).await;
        let file = "handle,title_vi,price,stock,sku,category_slug\n\
            tot,Tốt,5000,1,B,\nxau,Xấu,abc,1,C,\ntrung,Trùng,5000,1,A,\nla,Lạ,5000,1,D,khong-co\n";
        let import = bench.import(file, false).await;
        assert_eq!(import.counts, [1, 0, 0, 3]);
        let request = kernel::PageRequest::new(100, None);
        let failed = Some(RowStatus::Failed);
        let rows = store::import::rows(bench.database.reader(), import.id, failed, &request).await.unwrap();
        let said: Vec<(u32, &str)> =
            rows.iter().flat_map(|row| &row.problems).map(|problem| (problem.line, problem.code.name())).collect();
        assert_eq!(said, [(3, "not_a_price"), (4, "sku_taken"), (5, "unknown_category")]);
        assert_eq!(bench.all().await.len(), 2);
    }

    async fn a_draft_that_is_wrong_writes_nothing(database) {
        let bench = Bench::on(database).await;
        let refused = create_product(&bench.catalog, bench.scope, ProductDraft::default()).await;
        assert!(matches!(refused, Err(CreateProductError::Problems(problems)) if problems.len() == 2));
        bench.sell("Xoài", 1, 1).await;
        let variant = VariantDraft {
            sku: bench.all().await[0].variants[0].sku.clone(),
            price: Some(Money::vnd(5)),
            ..VariantDraft::default()
        };
        let taken = ProductDraft { title: LocalizedText::new("Ổi", ""), variants: vec![variant], ..ProductDraft::default() };
        let refused = create_product(&bench.catalog, bench.scope, taken).await;
        assert!(matches!(refused, Err(CreateProductError::SkuTaken(_))));
        assert_eq!(bench.all().await.len(), 1);
    }
}
