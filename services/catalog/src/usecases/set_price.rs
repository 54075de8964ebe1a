//! A shop changes a price. Orders and holds keep the price of their moment.

use kernel::{Currency, Money, ShopScope, VariantId};
use platform::outbox;

use super::update_product::ChangeProductError;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::{DraftProblem, MAX_PRICE, Product};
use crate::store;

/// Sets the price of a variant. Of a tour the tickets have prices: its variant shows what they cost at
/// least.
pub async fn set_price(
    catalog: &Catalog,
    scope: ShopScope,
    id: VariantId,
    price: Money,
) -> Result<Product, ChangeProductError> {
    if price.currency != Currency::Vnd {
        return Err(ChangeProductError::Problems(vec![DraftProblem::Currency(0)]));
    }
    if !(1..=MAX_PRICE).contains(&price.minor) {
        return Err(ChangeProductError::Problems(vec![DraftProblem::Price(0)]));
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The product before its variant, as where imports write both.
    let product =
        store::variant::product_of(&tx, scope, id).await?.ok_or(ChangeProductError::Unknown)?;
    store::product::lock(&tx, scope, product).await?.ok_or(ChangeProductError::Unknown)?;
    if store::tour::is_written(&tx, product).await? {
        return Err(ChangeProductError::PricedByTour);
    }
    store::variant::set_price(&tx, id, price).await?;
    let mut product =
        store::product::lock(&tx, scope, product).await?.ok_or(ChangeProductError::Unknown)?;
    product.updated_at = now;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}
