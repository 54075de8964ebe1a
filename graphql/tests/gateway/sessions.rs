//! Sessions: asked for once, when needed, and nobody's when they have ended.

use std::collections::BTreeMap;

use kernel::ShopId;
use proto::Refused;
use proto::accounts::{
    ChangePasswordRequest, RequestPasswordResetRequest, ResetPasswordRequest, SignOutRequest,
    SignedIn,
};
use proto::common::{Empty, RefusalCode};
use proto::orders::{Cart, CartKey, CartStatus};
use serde_json::json;
use tonic::Status;
use uuid::Uuid;

use crate::support::{Market, SHOP_A, SHOP_B, post, shop, user_of};

#[tokio::test]
async fn a_session_is_asked_for_once_and_only_when_something_needs_it() {
    let market = Market::new();
    let routes = market.routes();
    post(&routes, "a", "{ products(first: 1) { nodes { id } } }", json!({})).await;
    assert_eq!(market.accounts.take_calls(), BTreeMap::new());
    let query =
        "{ me { name shops { nodes { name status } } } two: me { id } three: me { operator } }";
    let answer = post(&routes, "a", query, json!({})).await;
    assert_eq!(
        answer["data"]["me"]["shops"]["nodes"],
        json!([{ "name": "Shop 1", "status": "APPROVED" }])
    );
    assert_eq!(
        market.accounts.take_calls(),
        BTreeMap::from([("authenticate", 1), ("get_shops", 1)])
    );
}

#[tokio::test]
async fn an_ended_session_is_nobodys() {
    let market = Market::new();
    let routes = market.routes();
    let answer = post(&routes, "ended", "{ me { name } }", json!({})).await;
    assert_eq!(answer, json!({ "data": { "me": null } }));
    let answer = post(&routes, "ended", "{ order(number: \"CN-1\") { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(answer["errors"][0]["message"], "Please sign in.");
}

#[tokio::test]
async fn a_page_for_nobody_costs_no_session() {
    let market = Market::new();
    market.orders.on("get_cart", |key: CartKey| {
        if key.token != "secret" {
            return Err(Status::not_found("no such cart"));
        }
        Ok(Cart { id: key.cart_id, status: CartStatus::Open.into(), ..Cart::default() })
    });
    let routes = market.routes();
    let query = "query($token: String!) { me { name } cart(id: \"cart_1\", token: $token) { id total { amount } } }";
    let answer = post(&routes, "", query, json!({ "token": "secret" })).await;
    assert_eq!(
        answer["data"],
        json!({ "me": null, "cart": { "id": "cart_1", "total": { "amount": "0" } } })
    );
    let answer = post(&routes, "", query, json!({ "token": "guessed" })).await;
    assert_eq!(answer["data"]["cart"], json!(null));
    assert_eq!(market.accounts.take_calls(), BTreeMap::new());
}

#[tokio::test]
async fn accounts_being_away_is_said_and_not_taken_for_nobody() {
    let market = Market::new();
    market.accounts.on("authenticate", |_: proto::accounts::AuthenticateRequest| {
        Err::<proto::accounts::Actor, _>(Status::unavailable("away"))
    });
    let answer = post(&market.routes(), "a", "{ me { name } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn signing_out_ends_the_session_that_was_sent() {
    let market = Market::new();
    market.accounts.on("sign_out", |request: SignOutRequest| {
        assert_eq!(request.token, "a");
        Ok(Empty {})
    });
    let answer =
        post(&market.routes(), "a", "mutation { signOut { userErrors { code } } }", json!({}))
            .await;
    assert_eq!(answer["data"]["signOut"]["userErrors"], json!([]));
}

#[tokio::test]
async fn a_changed_password_gives_the_session_that_is_left() {
    let market = Market::new();
    market.accounts.on("change_password", |request: ChangePasswordRequest| {
        if request.old_password != "cũ" {
            let refused = Refused::new(RefusalCode::WrongCredentials).at(&["oldPassword"]);
            return Err(refused.into());
        }
        let user = user_of("a").unwrap().user;
        assert_eq!(request.user_id, user.as_ref().unwrap().id, "the session says whose it is");
        Ok(SignedIn { token: "a".to_owned(), expires_at: 1_800_000_000_000_000, user })
    });
    let routes = market.routes();
    let change = "mutation($old: String!) {
      changePassword(input: { oldPassword: $old, newPassword: \"xuồng ba lá\" }) {
        session { token } user { name } userErrors { code path } } }";
    let answer = post(&routes, "a", change, json!({ "old": "cũ" })).await;
    assert_eq!(
        answer["data"]["changePassword"],
        json!({ "session": { "token": "a" }, "user": { "name": "a" }, "userErrors": [] })
    );
    let answer = post(&routes, "a", change, json!({ "old": "khác" })).await;
    assert_eq!(
        answer["data"]["changePassword"],
        json!({
            "session": null,
            "user": null,
            "userErrors": [{ "code": "WRONG_CREDENTIALS", "path": ["oldPassword"] }],
        })
    );
    market.accounts.take_calls();
    let answer = post(&routes, "", change, json!({ "old": "cũ" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(market.accounts.take_calls(), BTreeMap::new());
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_without_a_session() {
    let market = Market::new();
    market.accounts.on("request_password_reset", |request: RequestPasswordResetRequest| {
        assert_eq!(request.login, "bong@example.com");
        Ok(Empty {})
    });
    market.accounts.on("reset_password", |request: ResetPasswordRequest| {
        if request.token != "secret" {
            return Err(Refused::new(RefusalCode::ResetLinkInvalid).into());
        }
        Ok(Empty {})
    });
    let routes = market.routes();
    let ask = "mutation {
      requestPasswordReset(input: { login: \"bong@example.com\" }) { userErrors { code } } }";
    let answer = post(&routes, "", ask, json!({})).await;
    assert_eq!(answer, json!({ "data": { "requestPasswordReset": { "userErrors": [] } } }));
    let reset = "mutation($token: String!) {
      resetPassword(input: { token: $token, newPassword: \"xuồng ba lá\" }) {
        userErrors { code path } } }";
    let answer = post(&routes, "", reset, json!({ "token": "secret" })).await;
    assert_eq!(answer, json!({ "data": { "resetPassword": { "userErrors": [] } } }));
    let answer = post(&routes, "", reset, json!({ "token": "used" })).await;
    assert_eq!(
        answer["data"]["resetPassword"]["userErrors"],
        json!([{ "code": "RESET_LINK_INVALID", "path": null }])
    );
    let calls = BTreeMap::from([("request_password_reset", 1), ("reset_password", 2)]);
    assert_eq!(market.accounts.take_calls(), calls);
}

#[tokio::test]
async fn of_a_shop_that_is_somebody_elses_not_even_its_being_there_is_told() {
    let market = Market::new();
    let routes = market.routes();
    let query = "query($id: ID, $slug: String) { me { shop(id: $id, slug: $slug) { name } } }";
    let unknown = ShopId::from_uuid(Uuid::from_u128(99)).to_string();
    for (variables, expected) in [
        (json!({ "id": shop(SHOP_A).id }), json!({ "name": "Shop 1" })),
        (json!({ "slug": "shop-1" }), json!({ "name": "Shop 1" })),
        (json!({}), json!({ "name": "Shop 1" })),
        (json!({ "id": shop(SHOP_B).id }), json!(null)),
        (json!({ "slug": "shop-2" }), json!(null)),
        (json!({ "id": unknown }), json!(null)),
    ] {
        let answer = post(&routes, "a", query, variables.clone()).await;
        assert_eq!(answer["data"]["me"]["shop"], expected, "{variables}: {answer}");
    }
}
