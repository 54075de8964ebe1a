//! Vouchers in the cart: typed in, taken out.

use std::collections::HashMap;

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cart;
use crate::forms::{FormState, go};
use crate::{AppState, PageResult, Visitor};

const APPLY: &str = "mutation($input: ApplyVoucherInput!) { applyVoucher(input: $input) {
  cart { id } userErrors { code message path } } }";
const REMOVE: &str = "mutation($input: RemoveVoucherInput!) { removeVoucher(input: $input) {
  cart { id } userErrors { code message path } } }";

/// What the forms send.
#[derive(Debug, Deserialize)]
pub struct Code {
    code: String,
}

/// `POST /cart/vouchers`
pub async fn apply(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(Code { code }): Form<Code>,
) -> PageResult<Response> {
    change(&state, &visitor, APPLY, code, "voucher.applied").await
}

/// `POST /cart/vouchers/remove`
pub async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(Code { code }): Form<Code>,
) -> PageResult<Response> {
    change(&state, &visitor, REMOVE, code, "voucher.removed").await
}

async fn change(
    state: &AppState,
    visitor: &Visitor,
    mutation: &str,
    code: String,
    notice: &str,
) -> PageResult<Response> {
    let Some(key) = &visitor.cart else { return Ok(go("/cart", None, state.secure)) };
    let input = json!({ "cartId": key.id, "cartToken": key.token, "code": code });
    match state.graphql.change::<Value>(visitor, mutation, json!({ "input": input })).await? {
        Ok(_) => Ok(go("/cart", Some(notice), state.secure)),
        Err(errors) => {
            let typed = HashMap::from([("code".to_owned(), code)]);
            cart::show_with(state, visitor, FormState::refused(typed, errors)).await
        }
    }
}
