//! Reviews: in whose name they are written and removed, and what everybody reads.

use proto::Refused;
use proto::catalog::{
    GetOwnReviewRequest, ListReviewsRequest, OwnReview, RemoveReviewRequest, Review, ReviewPage,
    ReviewProductRequest, SearchRequest, SearchResults,
};
use proto::common::RefusalCode;
use serde_json::json;
use tonic::Status;

use crate::support::{Market, SHOP_A, post, products, shop, user_of};

fn review(rating: u32) -> Review {
    Review {
        id: "rev_1".to_owned(),
        rating,
        text: "<script>alert(1)</script>".to_owned(),
        author: "Ba".to_owned(),
        ..Review::default()
    }
}

#[tokio::test]
async fn a_review_is_written_in_the_name_of_who_is_signed_in() {
    let market = Market::new();
    let buyer = user_of("buyer").unwrap().user.unwrap();
    let expected = buyer.clone();
    market.catalog.on("review_product", move |request: ReviewProductRequest| {
        assert_eq!(
            (request.buyer_id, request.buyer_name),
            (expected.id.clone(), expected.name.clone())
        );
        match request.rating {
            5 => Ok(review(5)),
            _ => Err(Refused::new(RefusalCode::NotBought).at(&["productId"]).into()),
        }
    });
    market.catalog.on("get_own_review", move |request: GetOwnReviewRequest| {
        assert_eq!(request.buyer_id, buyer.id);
        Ok(OwnReview { may_review: true, review: Some(review(5)) })
    });
    let routes = market.routes();
    let query = "mutation($input: ReviewProductInput!) { reviewProduct(input: $input) {
      review { rating text author } userErrors { code path message } } }";
    let id = products().next().unwrap().id;
    let input = |rating| json!({ "input": { "productId": id, "rating": rating } });
    let answer = post(&routes, "buyer", query, input(5)).await;
    assert_eq!(
        answer["data"]["reviewProduct"],
        json!({ "review": { "rating": 5, "text": "<script>alert(1)</script>", "author": "Ba" }, "userErrors": [] }),
        "{answer}"
    );
    let answer = post(&routes, "buyer", query, input(1)).await;
    assert_eq!(
        answer["data"]["reviewProduct"],
        json!({ "review": null, "userErrors": [{ "code": "NOT_BOUGHT", "path": ["productId"],
                "message": "Only who bought this and got it may review it." }] }),
        "{answer}"
    );
    let own = "query($id: ID!) { ownReview(productId: $id) { mayReview review { rating } } }";
    let answer = post(&routes, "buyer", own, json!({ "id": id })).await;
    assert_eq!(
        answer["data"]["ownReview"],
        json!({ "mayReview": true, "review": { "rating": 5 } }),
        "{answer}"
    );
}

#[tokio::test]
async fn catalog_hears_which_shops_a_reviewer_acts_for_and_why_is_told_in_words() {
    let market = Market::new();
    let own = vec![shop(SHOP_A).id];
    let expected = own.clone();
    market.catalog.on("review_product", move |request: ReviewProductRequest| {
        assert_eq!(request.own_shop_ids, expected);
        Err::<Review, Status>(Refused::new(RefusalCode::OwnProduct).at(&["productId"]).into())
    });
    market.catalog.on("get_own_review", move |request: GetOwnReviewRequest| {
        assert_eq!(request.own_shop_ids, own);
        Ok(OwnReview { may_review: false, review: None })
    });
    let routes = market.routes();
    let id = products().next().unwrap().id;
    let query = "mutation($input: ReviewProductInput!) { reviewProduct(input: $input) {
      userErrors { code message } } }";
    let input = json!({ "input": { "productId": id, "rating": 5 } });
    let own = "query($id: ID!) { ownReview(productId: $id) { mayReview } }";
    for who in ["a", "a-staff"] {
        let answer = post(&routes, who, query, input.clone()).await;
        assert_eq!(
            answer["data"]["reviewProduct"]["userErrors"],
            json!([{ "code": "OWN_PRODUCT",
                "message": "Who acts for the shop does not review its own products." }]),
            "{answer}"
        );
        let answer = post(&routes, who, own, json!({ "id": id })).await;
        assert_eq!(answer["data"]["ownReview"]["mayReview"], false, "{answer}");
    }
}

#[tokio::test]
async fn a_review_is_removed_in_the_name_of_the_operator() {
    let market = Market::new();
    let operator = user_of("operator").unwrap().user.unwrap().id;
    market.catalog.on("remove_review", move |request: RemoveReviewRequest| {
        assert_eq!((request.operator_id, request.reason.as_str()), (operator.clone(), "xúc phạm"));
        Ok(Review { removed_at: 1, removed_because: request.reason, ..review(1) })
    });
    let query = "mutation { removeReview(input: {reviewId: \"rev_1\", reason: \"xúc phạm\"}) {
      review { removedBecause } userErrors { code } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    assert_eq!(answer["data"]["removeReview"]["review"]["removedBecause"], "xúc phạm", "{answer}");
}

#[tokio::test]
async fn everybody_reads_reviews_and_searches_by_them() {
    let market = Market::new();
    market.catalog.on("list_reviews", |request: ListReviewsRequest| {
        assert_eq!(request.page.unwrap().first, 3);
        Ok(ReviewPage { reviews: vec![review(4)], page: None })
    });
    market.catalog.on("search", |request: SearchRequest| {
        assert_eq!(request.filter.unwrap().rating_min, 450);
        Ok(SearchResults::default())
    });
    let routes = market.routes();
    let id = products().next().unwrap().id;
    let query = "query($id: ID!) { reviews(productId: $id, first: 3) { nodes { rating author } }
      product(id: $id) { rating { average count } }
      search(query: \"\", filter: {ratingMin: 4.5}, sort: RATING) { totalCount } }";
    let answer = post(&routes, "", query, json!({ "id": id })).await;
    let data = &answer["data"];
    assert_eq!(data["reviews"]["nodes"], json!([{ "rating": 4, "author": "Ba" }]), "{answer}");
    assert_eq!(data["product"]["rating"], json!({ "average": null, "count": 0 }), "{answer}");
    let query = "{ search(query: \"\", filter: {ratingMin: 0.5}) { totalCount } }";
    let answer = post(&routes, "", query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    let unknown = json!({ "id": "prod_x" });
    let query = "query($id: ID!) { reviews(productId: $id) { nodes { rating } } }";
    assert_eq!(post(&routes, "", query, unknown).await["data"]["reviews"], json!(null));
}
