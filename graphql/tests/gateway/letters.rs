//! Letters of a shop's orders: each of its people says for themselves whether they want them.

use proto::accounts::{GetShopLettersRequest, SetShopLettersRequest, ShopLetters};
use serde_json::json;

use crate::support::{Market, SHOP_A, post, shop, user_of};

const SET: &str = "mutation($input: SetShopLettersInput!) { setShopLetters(input: $input) {
  wanted userErrors { code } } }";

#[tokio::test]
async fn a_member_says_it_for_themselves_and_nobody_else_does() {
    let market = Market::new();
    let id = |token: &str| user_of(token).unwrap().user.unwrap().id;
    market.accounts.on("set_shop_letters", move |request: SetShopLettersRequest| {
        assert_eq!((request.actor_id, request.shop_id), (id("a-staff"), shop(SHOP_A).id));
        Ok(ShopLetters { wanted: request.wanted })
    });
    market.accounts.on("get_shop_letters", |request: GetShopLettersRequest| {
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        Ok(ShopLetters { wanted: request.actor_id == user_of("a").unwrap().user.unwrap().id })
    });
    let routes = market.routes();
    let input = json!({ "input": { "shopId": shop(SHOP_A).id, "wanted": false } });
    let answer = post(&routes, "a-staff", SET, input.clone()).await;
    assert_eq!(answer["data"]["setShopLetters"], json!({ "wanted": false, "userErrors": [] }));
    let read = "{ me { shop { lettersWanted } } }";
    for (who, wanted) in [("a", true), ("a-staff", false)] {
        let answer = post(&routes, who, read, json!({})).await;
        assert_eq!(answer["data"]["me"]["shop"]["lettersWanted"], wanted, "{answer}");
    }
    for who in ["", "buyer", "b", "operator"] {
        let answer = post(&routes, who, SET, input.clone()).await;
        assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{who}: {answer}");
    }
}
