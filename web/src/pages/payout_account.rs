//! Where a shop is paid out to: the account that counts, the one that waits, and the form in which its owner
//! names another one.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order_detail::BankView;
use super::own_shop::{Me, own_shop};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "payout_account.html")]
struct PayoutAccountPage {
    chrome: Chrome,
    shop: PaidShop,
    banks: Vec<BankView>,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<PaidShop>>,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaidShop {
    id: String,
    name: String,
    bank_account: Option<AccountView>,
    next_bank_account: Option<NextView>,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
    holder: String,
    bank: Option<BankView>,
}

impl AccountView {
    /// The account in a line.
    fn told(&self) -> String {
        let bank = self.bank.as_ref().map_or("", |bank| bank.short_name.as_str());
        let parts = [bank, self.number.as_str(), self.holder.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NextView {
    account: AccountView,
    counts_from: String,
}

const ASK: &str = "query($id: ID!) { banks { bin shortName } me { shop(id: $id) { id name
  bankAccount { number holder bank { bin shortName } }
  nextBankAccount { countsFrom account { number holder bank { bin shortName } } } } } }";
const SET: &str = "mutation($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) {
  shop { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/payout-account`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    show(&state, &visitor, &id, FormState::default()).await
}

async fn show(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    form: FormState,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, ASK, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let shop = own_shop(data.me)?;
    Ok(render(&PayoutAccountPage { chrome, shop, banks: data.banks, form }))
}

/// `POST /my-shops/{id}/payout-account`
pub async fn set(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    // A password never stands in a page.
    let password = fields.remove("password").unwrap_or_default();
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let input = json!({
        "shopId": id, "password": password,
        "bankAccount": { "bin": given("bin"), "number": given("number"), "holder": given("holder") },
    });
    match state.graphql.change::<Value>(&visitor, SET, json!({ "input": input })).await? {
        Ok(_) => {
            let page = format!("/my-shops/{id}/payout-account");
            Ok(go(&page, Some("payout_account.set"), state.secure))
        }
        Err(errors) => show(&state, &visitor, &id, FormState::refused(fields, errors)).await,
    }
}
