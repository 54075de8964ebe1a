//! `GET /products/{id}`: one tour.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::asking::{Asking, PathId};
use crate::door::Inner;
use crate::failure::Failure;
use crate::objects::product::Product;

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(id): PathId,
) -> Response {
    asking.language.answer(get_product(&octo, &asking, &id).await)
}

async fn get_product(octo: &Inner, asking: &Asking, id: &str) -> Result<Product, Failure> {
    let listing = octo.listing(&asking.reseller.shop_id, id).await?;
    Product::of(&listing, asking.language, &octo.settings.public_url)
}
