//! What a person said of products.

use async_graphql::Error;
use proto::catalog::{ListBuyerReviewsRequest, Review};
use proto::common::PageRequest;
use serde_json::{Value, json};

use super::words::moment;
use crate::scope::Scope;

/// Reviews of one page, and the most pages. Nobody buys more products than these hold.
const AT_ONCE: u32 = 100;
const PAGES: usize = 50;

/// All reviews of a person, the newest first.
pub async fn all(scope: &Scope, person: &str) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    let mut after = String::new();
    for _ in 0..PAGES {
        let page = Some(PageRequest { first: AT_ONCE, after });
        let request = ListBuyerReviewsRequest { buyer_id: person.to_owned(), page };
        let found = scope.answer(scope.catalog.clone().list_buyer_reviews(request).await)?;
        all.extend(found.reviews.into_iter().map(review));
        let page = found.page.unwrap_or_default();
        match page.cursors.into_iter().next_back().filter(|_| page.has_next) {
            Some(cursor) => after = cursor,
            None => break,
        }
    }
    Ok(all)
}

fn review(review: Review) -> Value {
    json!({
        "id": review.id,
        "productId": review.product_id,
        "rating": review.rating,
        "text": review.text,
        "shownAs": review.author,
        "createdAt": moment(review.created_at),
        "updatedAt": moment(review.updated_at),
        "removedAt": moment(review.removed_at),
        "removedBecause": review.removed_because,
    })
}
