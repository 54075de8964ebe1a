//! What somebody bought.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::stalls::After;
use super::views::{Nodes, ORDER_FIELDS, OrderView};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    chrome: Chrome,
    orders: Vec<OrderView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me>,
}

#[derive(Deserialize)]
struct Me {
    orders: Nodes<OrderView>,
}

/// `GET /orders`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let query = format!(
        "query($after: String) {{ me {{ orders(first: 20, after: $after) {{ nodes {{ {ORDER_FIELDS} }}
          pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, &query, json!({ "after": after })),
        Chrome::of(&state, &visitor)
    )?;
    let orders = data.me.ok_or(PageError::SignInFirst)?.orders;
    let next = orders.page_info.next_at("/orders");
    Ok(render(&OrdersPage { chrome, orders: orders.nodes, next }))
}
