//! Refusals are data in the reader's language; faults are masked.

use axum::body::Body;
use axum::http::{Request, header};
use proto::Refused;
use proto::catalog::{CreateProductRequest, GetProductBySlugRequest, Product};
use proto::common::{Empty, RefusalCode};
use proto::orders::{AddCartLineRequest, Cart};
use serde_json::json;
use tonic::Status;

use crate::support::{Asked, Market, SHOP_A, post, shop};

const ADD: &str = "mutation { addCartLine(input: {cartId: \"cart_1\", cartToken: \"t\", variantId: \"var_1\", quantity: 5}) {
  cart { id } userErrors { __typename code message path ... on InsufficientStock { available variantId } } } }";

fn short_of_stock() -> Status {
    Refused::new(RefusalCode::InsufficientStock)
        .at(&["quantity"])
        .fact("available", 3)
        .fact("variantId", "var_1")
        .into()
}

#[tokio::test]
async fn a_refusal_carries_its_facts_in_the_readers_language() {
    let market = Market::new();
    market.orders.on("add_cart_line", |_: AddCartLineRequest| Err::<Cart, _>(short_of_stock()));
    let routes = market.routes();
    for (language, message) in [
        ("en-GB", "Not enough in stock, only 3 left."),
        ("vi", "Không đủ hàng, chỉ còn 3."),
        ("fr", "Không đủ hàng, chỉ còn 3."),
    ] {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::from(json!({ "query": ADD }).to_string()));
        let asked = Asked::of(&routes, request.unwrap()).await;
        assert_eq!(
            asked.json()["data"]["addCartLine"],
            json!({ "cart": null, "userErrors": [{
                "__typename": "InsufficientStock", "code": "INSUFFICIENT_STOCK", "message": message,
                "path": ["quantity"], "available": 3, "variantId": "var_1",
            }] })
        );
    }
}

#[tokio::test]
async fn several_wrong_fields_are_said_at_once() {
    let market = Market::new();
    market.catalog.on("create_product", |_: CreateProductRequest| {
        Err::<Product, _>(Refused::status([
            Refused::new(RefusalCode::Required).at(&["title", "vi"]),
            Refused::new(RefusalCode::OutOfRange)
                .at(&["variants", "0", "stock"])
                .fact("minimum", 0),
        ]))
    });
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { id } userErrors { code path message ... on OutOfRange { minimum maximum } } } }";
    let input = json!({ "shopId": shop(SHOP_A).id, "title": { "vi": "" },
      "variants": [{ "price": { "amount": "10000", "currency": "VND" }, "stock": -1 }] });
    let answer = post(&market.routes(), "a", query, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["createProduct"]["userErrors"],
        json!([
            { "code": "REQUIRED", "path": ["title", "vi"], "message": "Please fill this in." },
            { "code": "OUT_OF_RANGE", "path": ["variants", "0", "stock"], "message": "Out of range, from 0.",
              "minimum": "0", "maximum": null },
        ])
    );
}

#[tokio::test]
async fn what_is_no_amount_is_refused_where_it_stands_and_asks_nobody() {
    let market = Market::new();
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) { userErrors { code path } } }";
    for amount in ["", "ten", "12.5", "1e400", "99999999999999999999999"] {
        let input = json!({ "shopId": shop(SHOP_A).id, "title": { "vi": "Xoài" },
          "variants": [{ "price": { "amount": "1" } }, { "price": { "amount": amount } }] });
        let answer = post(&market.routes(), "a", query, json!({ "input": input })).await;
        let expected = json!([{ "code": "INVALID", "path": ["variants", "1", "price", "amount"] }]);
        assert_eq!(answer["data"]["createProduct"]["userErrors"], expected, "{amount}: {answer}");
    }
    assert!(market.catalog.take_calls().is_empty());
}

#[tokio::test]
async fn a_fault_is_masked_and_can_be_found_by_its_id() {
    let market = Market::new();
    market.orders.on("create_cart", |_: Empty| {
        Err::<Cart, _>(Status::internal("SELECT * FROM carts: connection refused at 10.0.0.7"))
    });
    let query = "mutation { createCart { cart { id } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "INTERNAL");
    assert_eq!(error["message"], "Something went wrong on our side.");
    assert!(error["extensions"]["requestId"].as_str().unwrap().len() > 30);
    assert!(!answer.to_string().contains("SELECT") && !answer.to_string().contains("10.0.0.7"));
}

#[tokio::test]
async fn a_service_that_is_away_is_said_to_be_away() {
    let market = Market::new();
    market.catalog.on("get_product_by_slug", |_: GetProductBySlugRequest| {
        Err::<Product, _>(Status::unavailable("connection refused"))
    });
    let answer =
        post(&market.routes(), "", "{ product(slug: \"a\") { id } wards { code } }", json!({}))
            .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    // The rest is answered.
    assert_eq!(answer["data"], json!({ "product": null, "wards": [{ "code": "31120" }] }));
}

#[tokio::test]
async fn what_is_not_there_is_nothing_and_no_error() {
    let market = Market::new();
    market.catalog.on("get_product_by_slug", |_: GetProductBySlugRequest| {
        Err::<Product, _>(Status::not_found("no such product"))
    });
    let query = "{ a: product(slug: \"a\") { id } b: product(id: \"nonsense\") { id } c: product { id }
      d: shop(id: \"shop_1\") { id } e: category(slug: \"none\") { id } f: node(id: \"ord_x\") { id }
      g: nodes(ids: [\"prod_00000000000000000000000001\", \"x\"]) { id __typename } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    assert_eq!(
        answer,
        json!({ "data": { "a": null, "b": null, "c": null, "d": null, "e": null, "f": null,
      "g": [{ "id": "prod_00000000000000000000000001", "__typename": "Product" }, null] } })
    );
}

#[tokio::test]
async fn a_page_is_one_to_a_hundred_items() {
    let market = Market::new();
    for first in [0, -1, 101] {
        let query = format!("{{ products(first: {first}) {{ nodes {{ id }} }} }}");
        let answer = post(&market.routes(), "", &query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(&format!("not {first}")));
    }
    assert!(market.catalog.take_calls().is_empty());
}
