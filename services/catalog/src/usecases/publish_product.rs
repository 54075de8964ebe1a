//! A shop begins or stops selling a product.

use kernel::{ProductId, ShopScope};
use platform::outbox;

use super::update_product::ChangeProductError;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::Product;
use crate::store;

/// Publishes or hides a product. Doing it again changes nothing.
pub async fn publish_product(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    publish: bool,
) -> Result<Product, ChangeProductError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The shop first, as where a shop's suspension hides its products.
    let approved = store::shop::lock(&tx, scope.shop()).await?.approved;
    let mut product =
        store::product::lock(&tx, scope, id).await?.ok_or(ChangeProductError::Unknown)?;
    if product.published == publish {
        return Ok(product);
    }
    (product.published, product.visible, product.updated_at) = (publish, publish && approved, now);
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}
