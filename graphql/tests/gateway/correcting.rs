//! People correct what is kept of them, in their own name.

use proto::Refused;
use proto::accounts::{ConfirmEmailRequest, UpdateUserRequest, UpdatedUser, User};
use proto::common::RefusalCode;
use serde_json::json;

use crate::support::{Market, post, user_of};

const UPDATE: &str = "mutation($input: UpdateMeInput!) { updateMe(input: $input) {
  user { name } awaitedEmail userErrors { code path } } }";
const CONFIRM: &str = "mutation($input: ConfirmEmailInput!) { confirmEmail(input: $input) {
  email userErrors { code message } } }";

#[tokio::test]
async fn what_is_left_out_stays_and_what_is_empty_goes() {
    let market = Market::new();
    market.accounts.on("update_user", |request: UpdateUserRequest| {
        assert_eq!(request.user_id, user_of("buyer").unwrap().user.unwrap().id);
        let said = (request.name, request.phone, request.email, request.locale);
        let email = "moi@chonoi.example".to_owned();
        assert_eq!(said, (None, Some(String::new()), Some(email.clone()), Some("en".to_owned())));
        assert_eq!(request.password, "mat-khau");
        Ok(UpdatedUser { awaited_email: email, ..UpdatedUser::default() })
    });
    let input = json!({
        "phone": "", "email": "moi@chonoi.example", "locale": "EN", "password": "mat-khau",
    });
    let answer = post(&market.routes(), "buyer", UPDATE, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["updateMe"],
        json!({
            "user": { "name": "buyer" }, "awaitedEmail": "moi@chonoi.example", "userErrors": [],
        })
    );
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let market = Market::new();
    market.accounts.on("update_user", |_: UpdateUserRequest| -> Result<UpdatedUser, _> {
        Err(Refused::new(RefusalCode::Required).at(&["password"]).into())
    });
    let input = json!({ "input": { "phone": "0912345678" } });
    let answer = post(&market.routes(), "buyer", UPDATE, input).await;
    let payload = &answer["data"]["updateMe"];
    assert_eq!((&payload["user"], &payload["awaitedEmail"]), (&json!(null), &json!(null)));
    assert_eq!(payload["userErrors"][0]["code"], "REQUIRED");
    assert_eq!(
        payload["userErrors"][0]["path"].as_array().unwrap().last(),
        Some(&json!("password"))
    );
}

#[tokio::test]
async fn whoever_has_the_link_confirms_the_email_and_reads_from_when_on_it_counts() {
    let market = Market::new();
    market.accounts.on("confirm_email", |request: ConfirmEmailRequest| match &*request.token {
        "secret" => Ok(User { email: "moi@chonoi.example".to_owned(), ..User::default() }),
        _ => {
            let from = 1_800_000_000_000_000_i64;
            Err(Refused::new(RefusalCode::EmailLinkNotYet).fact("from", from).into())
        }
    });
    let routes = market.routes();
    let answer = post(&routes, "", CONFIRM, json!({ "input": { "token": "secret" } })).await;
    assert_eq!(
        answer["data"]["confirmEmail"],
        json!({ "email": "moi@chonoi.example", "userErrors": [] })
    );
    let answer = post(&routes, "", CONFIRM, json!({ "input": { "token": "soon" } })).await;
    let refused = &answer["data"]["confirmEmail"]["userErrors"][0];
    assert_eq!(refused["code"], "EMAIL_LINK_NOT_YET");
    assert_eq!(refused["message"], "It cannot be confirmed yet; it can from 15/01/2027 15:00.");
}
