//! `GET /products`: all tours of the shop.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::asking::Asking;
use crate::door::Inner;
use crate::failure::Failure;
use crate::objects::product::Product;

/// Answers.
pub async fn handle(State(octo): State<Arc<Inner>>, asking: Asking) -> Response {
    asking.language.answer(list_products(&octo, &asking).await)
}

async fn list_products(octo: &Inner, asking: &Asking) -> Result<Vec<Product>, Failure> {
    let listings = octo.listings_of_shop(&asking.reseller.shop_id).await?;
    let url = &octo.settings.public_url;
    listings.iter().map(|listing| Product::of(listing, asking.language, url)).collect()
}
