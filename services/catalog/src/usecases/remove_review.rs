//! An operator removes a review, and says why. It counts no more, and stays where operators can read it.

use kernel::{ReviewId, UserId};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::review::{MAX_REASON, Removal, Review};
use crate::store;

/// Why a review was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveReviewError {
    /// There is no such review.
    #[error("there is no such review")]
    Unknown,
    /// The reason is missing or too long.
    #[error("the reason is missing or too long")]
    Reason,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Removes a review. Removing it again changes nothing: who was first, and why, stands.
pub async fn remove_review(
    catalog: &Catalog,
    operator: UserId,
    id: ReviewId,
    reason: &str,
) -> Result<Review, RemoveReviewError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains('\0') {
        return Err(RemoveReviewError::Reason);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let known = store::review::by_id(&tx, id).await?.ok_or(RemoveReviewError::Unknown)?;
    // Product before review, as where reviews are written; then it is read as it is now.
    let product = store::product::lock_of_any_shop(&tx, known.product).await?;
    let product = product.ok_or(RemoveReviewError::Unknown)?;
    let review = store::review::by_id(&tx, id).await?.ok_or(RemoveReviewError::Unknown)?;
    if review.removal.is_some() {
        return Ok(review);
    }
    let removal = Removal { at: now, by: operator, because: reason.to_owned() };
    let review = Review { removal: Some(removal), ..review };
    store::review::update(&tx, &review).await?;
    store::product::rate(&tx, product.id, product.rating.without(review.rating)).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    tracing::info!(review = %review.id, product = %product.id, %operator, reason, "a review was removed");
    Ok(review)
}
