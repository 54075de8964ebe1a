//! A shop says what a tour is: options, prices, what happens on the way.

use kernel::{ProductId, ShopScope};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::ProductKind;
use crate::domain::tour::{Tour, TourProblem};
use crate::store;

/// Why a tour was not written.
#[derive(Debug, thiserror::Error)]
pub enum PutTourError {
    /// The shop has no such product, or it is no tour.
    #[error("the shop has no such tour")]
    Unknown,
    /// It is wrong.
    #[error("the tour is wrong")]
    Problems(Vec<TourProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Writes a tour whole. Departures that are there keep their seats, cut-off and end; prices, options
/// and texts of everything that is not bought yet are the new ones.
///
/// Nothing is sold of the product's variants any more. They stay for lists: their price becomes what
/// the tour costs at least.
pub async fn put_tour(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    tour: Tour,
) -> Result<Tour, PutTourError> {
    let service = &catalog.0;
    let problems = tour.problems();
    if !problems.is_empty() {
        return Err(PutTourError::Problems(problems));
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let product = store::product::lock(&tx, scope, id).await?;
    let mut product =
        product.filter(|product| product.kind == ProductKind::Tour).ok_or(PutTourError::Unknown)?;
    store::variant::lock_of_products(&tx, [id.uuid()]).await?;
    store::tour::put(&tx, &tour, now).await?;
    let (lowest, highest) = tour.price_range();
    let last = product.variants.len().saturating_sub(1);
    for (place, variant) in product.variants.iter_mut().enumerate() {
        variant.price = if place == last && place > 0 { highest } else { lowest };
        store::variant::set_price(&tx, variant.id, variant.price).await?;
    }
    product.updated_at = now;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(tour)
}
