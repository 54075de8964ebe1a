//! A shop puts a photo of a product on the market.

use kernel::{LocalizedText, ProductId, ShopScope};
use platform::{ids, outbox};
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::darkroom::DevelopError;
use crate::domain::product::Product;
use crate::domain::product_image::{AltRefused, ImagesRefused, MAX_IMAGES, ProductImage, alt_of};
use crate::store;

/// Why a photo was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AddImageError {
    /// The shop has no such product.
    #[error("the shop has no such product")]
    Unknown,
    /// The words for it are wrong.
    #[error(transparent)]
    Alt(#[from] AltRefused),
    /// The product has too many.
    #[error(transparent)]
    Images(#[from] ImagesRefused),
    /// No picture was made of the file.
    #[error(transparent)]
    Develop(#[from] DevelopError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Makes a picture of a file and puts it behind those that the product has. The same picture again
/// changes nothing.
pub async fn add_product_image(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    sent: Vec<u8>,
    alt: LocalizedText,
) -> Result<Product, AddImageError> {
    let service = &catalog.0;
    let alt = alt_of(&alt)?;
    // What will be refused is not decoded first.
    let known = store::product::by_ids(service.database.reader(), [id]).await?.pop();
    let known = known.filter(|product| product.shop == scope.shop());
    let full = known.ok_or(AddImageError::Unknown)?.images.len() >= MAX_IMAGES;
    if full {
        return Err(ImagesRefused::TooMany.into());
    }
    let made = service.darkroom.develop(sent).await?;
    let image = ProductImage {
        id: ids::new(),
        digest: made.digest,
        width: made.width,
        height: made.height,
        alt,
    };
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let mut product = store::product::lock(&tx, scope, id).await?.ok_or(AddImageError::Unknown)?;
    let image_id = image.id;
    if !product.add_image(image)? {
        return Ok(product);
    }
    product.updated_at = now;
    store::image::insert_files(&tx, id, image_id, made).await?;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}
