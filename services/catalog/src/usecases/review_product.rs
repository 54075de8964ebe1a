//! A buyer says what a product that they got is like: once, and may change it.

use kernel::{ProductId, ShopId, UserId};
use platform::{ids, outbox};
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::review::{Review, ReviewProblem, author, problem};
use crate::store;

/// Why nothing was said.
#[derive(Debug, thiserror::Error)]
pub enum ReviewProductError {
    /// There is no such product.
    #[error("there is no such product")]
    Unknown,
    /// What was said is wrong.
    #[error("what was said is wrong: {0:?}")]
    Problem(ReviewProblem),
    /// The buyer did not get the product.
    #[error("the buyer did not get the product")]
    NotBought,
    /// The buyer acts for the shop that sells the product.
    #[error("the buyer acts for the shop that sells the product")]
    OwnProduct,
    /// An operator removed what the buyer had said: it is not said again.
    #[error("the review was removed")]
    Removed,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Who says something.
#[derive(Clone, Copy, Debug)]
pub struct Reviewer<'a> {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: &'a str,
    /// The shops that they act for: of what these sell they say nothing.
    pub shops: &'a [ShopId],
}

/// Writes a review, or another over it. The same again changes nothing.
pub async fn review_product(
    catalog: &Catalog,
    reviewer: Reviewer<'_>,
    id: ProductId,
    rating: u32,
    text: &str,
) -> Result<Review, ReviewProductError> {
    let text = text.trim();
    if let Some(problem) = problem(rating, text) {
        return Err(ReviewProductError::Problem(problem));
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let product = store::product::lock_of_any_shop(&tx, id).await?;
    let product = product.ok_or(ReviewProductError::Unknown)?;
    if reviewer.shops.contains(&product.shop) {
        return Err(ReviewProductError::OwnProduct);
    }
    let buyer = reviewer.id;
    if !store::review::may_write(&tx, buyer, id).await? {
        return Err(ReviewProductError::NotBought);
    }
    let (review, rated) = match store::review::of_buyer(&tx, buyer, id).await? {
        Some(before) if before.removal.is_some() => return Err(ReviewProductError::Removed),
        Some(before) if before.rating == rating && before.text == text => return Ok(before),
        Some(before) => {
            let rated = product.rating.without(before.rating).with(rating);
            let review = Review { rating, text: text.to_owned(), updated_at: now, ..before };
            store::review::update(&tx, &review).await?;
            (review, rated)
        }
        None => {
            let review = Review {
                id: ids::new(),
                product: id,
                buyer,
                author: author(reviewer.name),
                rating,
                text: text.to_owned(),
                created_at: now,
                updated_at: now,
                removal: None,
            };
            store::review::insert(&tx, &review).await?;
            (review, product.rating.with(rating))
        }
    };
    store::product::rate(&tx, id, rated).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(review)
}
