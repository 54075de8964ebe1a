//! Reviews: who may write one, what they come to, what becomes of removed ones.

use kernel::{OrderId, PageRequest, ProductId, ReviewId, UserId};
use proto::catalog as contract;
use proto::catalog::catalog_server::Catalog as Service;
use proto::events::OrderFulfilled;
use tonic::Request;

use super::*;
use crate::consumers::{FulfilmentsHeard, PeopleForgotten};
use crate::domain::review::{Rating, ReviewProblem};
use crate::grpc::Grpc;
use crate::usecases::remove_review::{RemoveReviewError, remove_review};
use crate::usecases::review_product::{ReviewProductError, Reviewer, review_product};

impl Bench {
    /// A buyer got an order with a product.
    async fn got(&self, buyer: UserId, product: ProductId) {
        self.handed_over(&buyer.to_string(), product).await;
    }

    async fn handed_over(&self, buyer_id: &str, product: ProductId) {
        let body = Body::OrderFulfilled(OrderFulfilled {
            order_id: ids::new::<OrderId>().to_string(),
            buyer_id: buyer_id.to_owned(),
            product_ids: vec![product.to_string()],
            ..OrderFulfilled::default()
        });
        self.hear(&FulfilmentsHeard(self.catalog.clone()), body).await;
    }

    async fn says(
        &self,
        buyer: UserId,
        product: ProductId,
        rating: u32,
        text: &str,
    ) -> Result<ReviewId, ReviewProductError> {
        let reviewer = Reviewer { id: buyer, name: "Nguyễn Thị Bé Ba", shops: &[] };
        let said = review_product(&self.catalog, reviewer, product, rating, text).await;
        Ok(said?.id)
    }

    async fn rating(&self, product: ProductId) -> Rating {
        let found = store::product::by_ids(self.database.reader(), [product]).await.unwrap();
        found[0].rating
    }

    async fn standing(&self, product: ProductId) -> Vec<(u32, String, String)> {
        let request = PageRequest::new(100, None);
        let found = store::review::standing(self.database.reader(), product, &request).await;
        let told = found.unwrap().into_iter();
        told.map(|review| (review.rating, review.author, review.text)).collect()
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn only_who_got_a_product_says_what_it_is_like_and_once(database) {
        let bench = Bench::on(database).await;
        let (mango, plum) = (bench.sell("Xoài", 85_000, 5).await.id, bench.sell("Mận", 20_000, 5).await.id);
        let (buyer, stranger) = (ids::new::<UserId>(), ids::new::<UserId>());
        bench.handed_over("", mango).await;
        assert!(matches!(bench.says(buyer, mango, 5, "Ngọt").await, Err(ReviewProductError::NotBought)));
        for _ in 0..2 {
            bench.got(buyer, mango).await;
        }
        assert!(matches!(bench.says(stranger, mango, 1, "").await, Err(ReviewProductError::NotBought)));
        assert!(matches!(bench.says(buyer, plum, 1, "").await, Err(ReviewProductError::NotBought)));
        assert!(matches!(bench.says(buyer, ids::new(), 1, "").await, Err(ReviewProductError::Unknown)));
        let wrong = bench.says(buyer, mango, 6, "").await;
        assert!(matches!(wrong, Err(ReviewProductError::Problem(ReviewProblem::Rating))));
        assert_eq!((bench.rating(mango).await, bench.standing(mango).await.len()), (Rating::default(), 0));
        let first = bench.says(buyer, mango, 4, "<b>Ngọt</b> lắm\n").await.unwrap();
        assert_eq!(bench.says(buyer, mango, 4, "<b>Ngọt</b> lắm").await.unwrap(), first);
        let said = (4, "Ba".to_owned(), "<b>Ngọt</b> lắm".to_owned());
        assert_eq!((bench.rating(mango).await, bench.standing(mango).await), (Rating { sum: 4, count: 1 }, vec![said]));
        // Saying it again changes it.
        assert_eq!(bench.says(buyer, mango, 2, "").await.unwrap(), first);
        assert_eq!(bench.rating(mango).await, Rating { sum: 2, count: 1 });
        bench.assert_sound().await;
    }

    async fn the_doctor_finds_products_whose_ratings_are_not_those_of_their_reviews(database) {
        let bench = Bench::on(database).await;
        let (mango, plum) = (bench.sell("Xoài", 85_000, 5).await, bench.sell("Mận", 20_000, 5).await);
        let buyers = [ids::new::<UserId>(), ids::new::<UserId>(), ids::new::<UserId>()];
        for (buyer, rating) in buyers.into_iter().zip([5, 4, 4]) {
            bench.got(buyer, mango.id).await;
            bench.says(buyer, mango.id, rating, "").await.unwrap();
        }
        let first = bench.says(buyers[0], mango.id, 5, "").await.unwrap();
        remove_review(&bench.catalog, ids::new(), first, "quảng cáo").await.unwrap();
        bench.assert_sound().await;
        let product = |slug: &str, what: &str| format!("UPDATE products SET {what} WHERE slug = '{slug}'");
        let sums = |slug: &str| format!("the ratings of a product are not what its reviews say: {slug}");
        let average = |slug: &str| format!("the average of a product is not what its ratings come to: {slug}");
        for (tampered, mended, said) in [
            (product(&mango.slug, "rating_sum = 9, rating = 450"), "rating_sum = 8, rating = 400", vec![sums(&mango.slug)]),
            (product(&mango.slug, "rating_count = 3, rating = 267"), "rating_count = 2, rating = 400", vec![sums(&mango.slug)]),
            (product(&mango.slug, "rating = 401"), "rating = 400", vec![average(&mango.slug)]),
            (product(&plum.slug, "rating_sum = 1"), "rating_sum = 0", vec![sums(&plum.slug)]),
        ] {
            bench.tamper(&tampered).await;
            assert_eq!(bench.findings().await, said, "{tampered}");
            let slug = if tampered.contains(&mango.slug) { &mango.slug } else { &plum.slug };
            bench.tamper(&product(slug, mended)).await;
            bench.assert_sound().await;
        }
        bench.tamper("UPDATE reviews SET removed_at = NULL, removed_by = NULL").await;
        assert_eq!(bench.findings().await, [sums(&mango.slug)]);
    }

    async fn who_acts_for_a_shop_says_nothing_of_what_it_sells(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 5).await.id;
        let buyer = ids::new::<UserId>();
        bench.got(buyer, mango).await;
        let (own, other) = (bench.scope.shop(), ids::new::<ShopId>());
        let says = async |shops: &[ShopId]| {
            let reviewer = Reviewer { id: buyer, name: "Ba", shops };
            review_product(&bench.catalog, reviewer, mango, 5, "Ngon nhất chợ").await
        };
        let may = async |shop: ShopId| {
            let own_shop_ids = vec![shop.to_string()];
            let (buyer_id, product_id) = (buyer.to_string(), mango.to_string());
            let asked = contract::GetOwnReviewRequest { buyer_id, product_id, own_shop_ids };
            let answer = Grpc(bench.catalog.clone()).get_own_review(Request::new(asked)).await;
            answer.unwrap().into_inner().may_review
        };
        assert!(matches!(says(&[other, own]).await, Err(ReviewProductError::OwnProduct)));
        assert_eq!((bench.rating(mango).await, bench.standing(mango).await.len()), (Rating::default(), 0));
        assert_eq!((may(own).await, may(other).await), (false, true));
        says(&[other]).await.unwrap();
        assert_eq!(bench.rating(mango).await, Rating { sum: 5, count: 1 });
    }

    async fn what_is_removed_counts_no_more_and_is_not_said_again(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 5).await.id;
        let (one, other, operator) = (ids::new::<UserId>(), ids::new::<UserId>(), ids::new::<UserId>());
        for (buyer, rating) in [(one, 1), (other, 5)] {
            bench.got(buyer, mango).await;
            bench.says(buyer, mango, rating, "lời").await.unwrap();
        }
        let id = bench.says(one, mango, 1, "chửi").await.unwrap();
        assert!(matches!(remove_review(&bench.catalog, operator, id, " ").await, Err(RemoveReviewError::Reason)));
        let unknown = remove_review(&bench.catalog, operator, ids::new(), "x").await;
        assert!(matches!(unknown, Err(RemoveReviewError::Unknown)));
        assert_eq!(bench.rating(mango).await, Rating { sum: 6, count: 2 });
        let removed = remove_review(&bench.catalog, operator, id, "xúc phạm").await.unwrap();
        let again = remove_review(&bench.catalog, ids::new(), id, "lý do khác").await.unwrap();
        assert_eq!(again, removed);
        assert_eq!(removed.removal.unwrap().by, operator);
        assert_eq!(bench.rating(mango).await, Rating { sum: 5, count: 1 });
        assert_eq!(bench.standing(mango).await.len(), 1);
        assert!(matches!(bench.says(one, mango, 5, "khác").await, Err(ReviewProductError::Removed)));
        let own = contract::GetOwnReviewRequest {
            buyer_id: one.to_string(),
            product_id: mango.to_string(),
            own_shop_ids: Vec::new(),
        };
        let own = Grpc(bench.catalog.clone()).get_own_review(Request::new(own)).await.unwrap().into_inner();
        assert_eq!((own.may_review, own.review.unwrap().removed_because), (false, "xúc phạm".to_owned()));
        // Other changes of the product leave its rating.
        bench.import("Mã hàng,Tên hàng,Giá bán\nX,Xoài,1000\n", false).await;
        publish_product(&bench.catalog, bench.scope, mango, true).await.unwrap();
        assert_eq!(bench.rating(mango).await, Rating { sum: 5, count: 1 });
        bench.assert_sound().await;
    }

    async fn ratings_that_come_at_once_are_all_counted(database) {
        let bench = Arc::new(Bench::on(database).await);
        let mango = bench.sell("Xoài", 85_000, 5).await.id;
        let tries = (0..20_u32).map(|number| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move {
                let buyer = ids::new::<UserId>();
                bench.got(buyer, mango).await;
                bench.says(buyer, mango, 1 + number % 5, "").await.unwrap();
            })
        });
        for done in futures_util::future::join_all(tries).await {
            done.unwrap();
        }
        assert_eq!(bench.rating(mango).await, Rating { sum: 60, count: 20 });
    }

    async fn reviews_are_paged_by_keys_the_newest_first(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 5).await.id;
        for rating in 1..=5 {
            let buyer = ids::new::<UserId>();
            bench.got(buyer, mango).await;
            bench.says(buyer, mango, rating, "").await.unwrap();
        }
        let (mut ratings, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = Some(proto::common::PageRequest { first: 2, after });
            let request = contract::ListReviewsRequest { product_id: mango.to_string(), page };
            let found = Grpc(bench.catalog.clone()).list_reviews(Request::new(request)).await.unwrap().into_inner();
            pages += 1;
            ratings.extend(found.reviews.iter().map(|review| review.rating));
            let page = found.page.unwrap();
            match page.cursors.last().filter(|_| page.has_next) {
                Some(cursor) => after = cursor.clone(),
                None => break,
            }
        }
        assert_eq!((ratings, pages), (vec![5, 4, 3, 2, 1], 3));
    }

    async fn people_take_away_what_they_said_removed_or_not_and_nothing_of_others(database) {
        let bench = Bench::on(database).await;
        let (buyer, other) = (ids::new::<UserId>(), ids::new::<UserId>());
        let (mango, plum) = (bench.sell("Xoài", 85_000, 5).await.id, bench.sell("Mận", 20_000, 5).await.id);
        let mut said = Vec::new();
        for product in [mango, plum] {
            for who in [buyer, other] {
                bench.got(who, product).await;
                said.push((who, bench.says(who, product, 4, "Ngon").await.unwrap()));
            }
        }
        remove_review(&bench.catalog, ids::new(), said[0].1, "xúc phạm").await.unwrap();
        let own = |who: UserId| {
            let page = Some(proto::common::PageRequest { first: 100, after: String::new() });
            contract::ListBuyerReviewsRequest { buyer_id: who.to_string(), page }
        };
        let grpc = Grpc(bench.catalog.clone());
        let found = grpc.list_buyer_reviews(Request::new(own(buyer))).await.unwrap().into_inner();
        let told: Vec<_> = found.reviews.iter().map(|review| (review.id.clone(), review.removed_at != 0)).collect();
        assert_eq!(told, [(said[2].1.to_string(), false), (said[0].1.to_string(), true)]);
        let found = grpc.list_buyer_reviews(Request::new(own(ids::new()))).await.unwrap().into_inner();
        assert!(found.reviews.is_empty());
    }

    async fn who_deleted_their_account_is_named_by_no_review_and_ratings_stay(database) {
        let bench = Bench::on(database).await;
        let (buyer, other) = (ids::new::<UserId>(), ids::new::<UserId>());
        let mango = bench.sell("Xoài", 85_000, 5).await.id;
        for who in [buyer, other] {
            bench.got(who, mango).await;
            bench.says(who, mango, 4, "Ngon").await.unwrap();
        }
        let forgotten = || Body::UserForgotten(proto::events::UserForgotten { user_id: buyer.to_string() });
        for _ in 0..2 {
            bench.hear(&PeopleForgotten(bench.catalog.clone()), forgotten()).await;
        }
        let authors: Vec<_> = bench.standing(mango).await.into_iter().map(|(_, author, _)| author).collect();
        assert_eq!((authors[1].as_str(), authors[0] != "—"), ("—", true));
        assert_eq!(bench.rating(mango).await, Rating { sum: 8, count: 2 });
        assert!(!store::review::may_write(bench.database.reader(), buyer, mango).await.unwrap());
        assert!(store::review::may_write(bench.database.reader(), other, mango).await.unwrap());
    }

    async fn lists_are_narrowed_and_ordered_by_ratings(database) {
        let bench = Bench::on(database).await;
        for (title, ratings) in [("A", vec![5, 4]), ("B", vec![]), ("C", vec![5]), ("D", vec![3])] {
            let product = bench.sell(title, 1_000, 1).await.id;
            for rating in ratings {
                let buyer = ids::new::<UserId>();
                bench.got(buyer, product).await;
                bench.says(buyer, product, rating, "").await.unwrap();
            }
        }
        let all = Filter::default();
        assert_eq!(bench.titles(&all, Sort::Rating).await, ["C", "A", "D", "B"]);
        let good = Filter { rating_min: 450, ..Filter::default() };
        assert_eq!(bench.titles(&good, Sort::Rating).await, ["C", "A"]);
        assert_eq!(bench.titles(&good, Sort::Newest).await, ["C", "A"]);
    }
}
