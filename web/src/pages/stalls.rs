//! A product and a shop, as shoppers see them.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::photos::PHOTO_FIELDS;
use super::reviews::{REVIEW_FIELDS, ReviewView};
use super::tours::{Chosen, tour_with};
use super::views::{Named, Nodes, PRODUCT_FIELDS, ProductView, url_encode};
use crate::forms::FormState;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    chrome: Chrome,
    product: ProductView,
    reviews: Vec<ReviewView>,
    form: FormState,
}

#[derive(Deserialize)]
struct ProductData {
    product: Option<ProductView>,
    reviews: Option<Nodes<ReviewView>>,
}

#[derive(Deserialize)]
struct KindData {
    product: Option<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// `GET /p/{slug}`
pub async fn product(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(chosen): Query<Chosen>,
) -> PageResult<Response> {
    let query = "query($slug: String!) { product(slug: $slug) { kind } }";
    let kind: KindData = state.graphql.query(&visitor, query, json!({ "slug": slug })).await?;
    let kind = kind.product.ok_or(PageError::NotFound)?.kind;
    if kind == "TOUR" {
        tour_with(&state, &visitor, &slug, chosen, FormState::default()).await
    } else {
        product_with(&state, &visitor, &slug, FormState::default()).await
    }
}

/// The page of a product, with what was wrong with the form on it.
pub async fn product_with(
    state: &AppState,
    visitor: &Visitor,
    slug: &str,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($slug: String!) {{ product(slug: $slug) {{ {PRODUCT_FIELDS} {PHOTO_FIELDS} }}
          reviews(slug: $slug, first: 3) {{ nodes {{ {REVIEW_FIELDS} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<ProductData>(visitor, &query, json!({ "slug": slug })),
        Chrome::of(state, visitor)
    )?;
    let product = data.product.ok_or(PageError::NotFound)?;
    let reviews = data.reviews.map(|reviews| reviews.nodes).unwrap_or_default();
    Ok(render(&ProductPage { chrome, product, reviews, form }))
}

#[derive(Template)]
#[template(path = "shop.html")]
struct ShopPage {
    chrome: Chrome,
    shop: ShopView,
    products: Vec<ProductView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct ShopView {
    name: String,
    about: Option<String>,
    ward: Option<Named>,
    products: Nodes<ProductView>,
}

#[derive(Deserialize)]
struct ShopData {
    shop: Option<ShopView>,
}

/// From where a list goes on.
#[derive(Debug, Deserialize)]
pub struct After {
    /// The cursor.
    pub after: Option<String>,
}

/// `GET /s/{slug}`
pub async fn shop(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let query = format!(
        "query($slug: String!, $after: String) {{ shop(slug: $slug) {{ name about ward {{ name }}
          products(first: 24, after: $after) {{ nodes {{ {PRODUCT_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<ShopData>(&visitor, &query, json!({ "slug": slug, "after": after })),
        Chrome::of(&state, &visitor)
    )?;
    let mut shop = data.shop.ok_or(PageError::NotFound)?;
    let next = shop.products.page_info.next_at(&format!("/s/{}", url_encode(&slug)));
    let products = std::mem::take(&mut shop.products.nodes);
    Ok(render(&ShopPage { chrome, shop, products, next }))
}
