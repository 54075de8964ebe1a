//! What a page of a shop's own people asks for: something of `me { shop }`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{AppState, PageError, PageResult, Visitor};

#[derive(Deserialize)]
struct OfMe<S> {
    me: Option<Me<S>>,
}

/// Who is signed in, as far as one of their shops is asked for.
#[derive(Debug, Deserialize)]
pub struct Me<S> {
    shop: Option<S>,
}

/// Runs a query of `me { shop }` alone.
///
/// # Errors
/// As of [`own_shop`], or the gateway cannot be asked.
pub async fn query_own_shop<S: DeserializeOwned>(
    state: &AppState,
    visitor: &Visitor,
    query: &str,
    variables: Value,
) -> PageResult<S> {
    let answer: OfMe<S> = state.graphql.query(visitor, query, variables).await?;
    own_shop(answer.me)
}

/// The shop that was asked for.
///
/// # Errors
/// Nobody is signed in, or it is no shop of theirs.
pub fn own_shop<S>(me: Option<Me<S>>) -> PageResult<S> {
    me.ok_or(PageError::SignInFirst)?.shop.ok_or(PageError::NotFound)
}
