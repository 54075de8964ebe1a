//! A shop takes a photo of a product away.

use kernel::{ProductId, ProductImageId, ShopScope};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::Product;
use crate::domain::product_image::ImagesRefused;
use crate::store;

/// Why the photos of a product stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum ChangeImagesError {
    /// The shop has no such product.
    #[error("the shop has no such product")]
    Unknown,
    /// The product has no such picture.
    #[error(transparent)]
    Images(#[from] ImagesRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Removes a picture with its files.
pub async fn remove_product_image(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    image: ProductImageId,
) -> Result<Product, ChangeImagesError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let mut product =
        store::product::lock(&tx, scope, id).await?.ok_or(ChangeImagesError::Unknown)?;
    product.remove_image(image)?;
    product.updated_at = now;
    store::image::remove_files(&tx, image).await?;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}
