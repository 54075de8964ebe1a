//! The first page: stalls, and what is new.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::views::{CategoryView, Nodes, PRODUCT_FIELDS, ProductView};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    chrome: Chrome,
    categories: Vec<CategoryView>,
    products: Vec<ProductView>,
}

#[derive(Deserialize)]
struct Data {
    categories: Vec<CategoryView>,
    products: Nodes<ProductView>,
}

/// `GET /`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    let query = format!(
        "{{ categories {{ slug name }} products(first: 24, sort: NEWEST) {{ nodes {{ {PRODUCT_FIELDS} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, &query, json!({})),
        Chrome::of(&state, &visitor)
    )?;
    Ok(render(&Home { chrome, categories: data.categories, products: data.products.nodes }))
}
