//! A shop puts the photos of a product into another order.

use kernel::{ProductId, ProductImageId, ShopScope};
use platform::outbox;

use super::remove_product_image::ChangeImagesError;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::Product;
use crate::store;

/// Moves a picture to a place, 0 the first: the one that stands for the product in lists.
pub async fn move_product_image(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    image: ProductImageId,
    to: usize,
) -> Result<Product, ChangeImagesError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let mut product =
        store::product::lock(&tx, scope, id).await?.ok_or(ChangeImagesError::Unknown)?;
    if !product.move_image(image, to)? {
        return Ok(product);
    }
    product.updated_at = now;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}
