//! The cart.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

use super::stalls::product_with;
use super::views::{CART_FIELDS, CartView};
use crate::cookies::{self, Kept};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::visitor::CartKey;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "cart.html")]
struct CartPage {
    chrome: Chrome,
    cart: Option<CartView>,
    form: FormState,
}

#[derive(Deserialize)]
struct CartData {
    cart: Option<CartView>,
}

#[derive(Deserialize)]
struct Created {
    cart: CreatedCart,
}

#[derive(Deserialize)]
struct CreatedCart {
    id: String,
    token: String,
}

/// What the form on a product's page sends.
#[derive(Debug, Deserialize)]
pub struct Addition {
    slug: String,
    variant: String,
    quantity: i64,
}

const CREATE: &str =
    "mutation { createCart { cart { id token } userErrors { code message path } } }";
const ADD: &str = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
  cart { id } userErrors { code message path } } }";
const SET: &str = "mutation($input: SetCartLineInput!) { setCartLine(input: $input) {
  cart { id } userErrors { code message path } } }";

/// The visitor's cart, if it holds anything.
pub async fn cart_of(state: &AppState, visitor: &Visitor) -> PageResult<Option<CartView>> {
    let Some(key) = &visitor.cart else { return Ok(None) };
    let query = format!(
        "query($id: ID!, $token: String!) {{ cart(id: $id, token: $token) {{ {CART_FIELDS} }} }}"
    );
    let variables = json!({ "id": key.id, "token": key.token });
    let data: CartData = state.graphql.query(visitor, &query, variables).await?;
    Ok(data.cart.filter(|cart| !cart.lines.is_empty()))
}

/// `GET /cart`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    show_with(&state, &visitor, FormState::default()).await
}

/// The cart with what was wrong with a form of it.
pub async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    form: FormState,
) -> PageResult<Response> {
    let (cart, chrome) = tokio::try_join!(cart_of(state, visitor), Chrome::of(state, visitor))?;
    Ok(render(&CartPage { chrome, cart, form }))
}

/// `POST /cart/lines`
pub async fn add(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(addition): Form<Addition>,
) -> PageResult<Response> {
    let key = cart_key(&state, &visitor).await?;
    let mut outcome = add_to(&state, &visitor, &key, &addition).await?;
    let mut key = key;
    if let Err(errors) = &outcome
        && errors
            .iter()
            .any(|error| matches!(error.code.as_str(), "CART_ALREADY_CHECKED_OUT" | "NOT_FOUND"))
    {
        // The old cart has become an order: what is added now begins a new one.
        key = create_cart(&state, &visitor).await?;
        outcome = add_to(&state, &visitor, &key, &addition).await?;
    }
    match outcome {
        Ok(_) => {
            let kept =
                cookies::write(Kept::Cart, format!("{}.{}", key.id, key.token), state.secure);
            let notice = cookies::write(Kept::Notice, "cart.added".to_owned(), state.secure);
            Ok((CookieJar::new().add(kept).add(notice), Redirect::to("/cart")).into_response())
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            product_with(&state, &visitor, &addition.slug, form).await
        }
    }
}

/// The visitor's cart, or a new one.
pub async fn cart_key(state: &AppState, visitor: &Visitor) -> PageResult<CartKey> {
    match &visitor.cart {
        Some(key) => Ok(key.clone()),
        None => create_cart(state, visitor).await,
    }
}

/// A new cart.
pub async fn create_cart(state: &AppState, visitor: &Visitor) -> PageResult<CartKey> {
    match state.graphql.change::<Created>(visitor, CREATE, json!({})).await? {
        Ok(Created { cart }) => Ok(CartKey { id: cart.id, token: cart.token }),
        Err(_) => Err(PageError::fault_text("a cart was refused")),
    }
}

async fn add_to(
    state: &AppState,
    visitor: &Visitor,
    key: &CartKey,
    addition: &Addition,
) -> PageResult<Result<Value, Vec<crate::graphql_client::UserError>>> {
    let input = json!({
        "cartId": key.id, "cartToken": key.token, "variantId": addition.variant,
        "quantity": addition.quantity,
    });
    state.graphql.change(visitor, ADD, json!({ "input": input })).await
}

/// What the forms of a line send: how many it shall be, 0 to take it out.
#[derive(Debug, Deserialize)]
pub struct Change {
    quantity: i64,
}

/// `POST /cart/lines/{id}`
pub async fn change(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(line): Path<String>,
    Form(change): Form<Change>,
) -> PageResult<Response> {
    let Some(key) = &visitor.cart else { return Ok(go("/cart", None, state.secure)) };
    let input = json!({
        "cartId": key.id, "cartToken": key.token, "lineId": line, "quantity": change.quantity,
    });
    match state.graphql.change::<Value>(&visitor, SET, json!({ "input": input })).await? {
        Ok(_) => Ok(go("/cart", None, state.secure)),
        Err(errors) => {
            show_with(&state, &visitor, FormState::refused(HashMap::new(), errors)).await
        }
    }
}
