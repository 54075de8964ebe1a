//! A shop puts a photo of a product on the market.

use kernel::{LocalizedText, ProductId, ShopScope};
use platform::{ids, outbox};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use super::write_product::changed;
use crate::Catalog;
use crate::darkroom::DevelopError;
use crate::domain::product::Product;
use crate::domain::product_image::{
    AltRefused, ImagesRefused, MAX_IMAGES, MAX_SHOP_IMAGES, ProductImage, alt_of,
};
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
/// changes nothing, and the same file is not even decoded. Of a shop that sends several at once, as many
/// may be more than it may have.
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
    let known = known.ok_or(AddImageError::Unknown)?;
    let digest_of_sent: [u8; 32] = Sha256::digest(&sent).into();
    if known.images.iter().any(|image| image.sent == Some(digest_of_sent)) {
        return Ok(known);
    }
    if known.images.len() >= MAX_IMAGES {
        return Err(ImagesRefused::TooMany.into());
    }
    let of_shop = store::image::count_of_shop(service.database.reader(), scope.shop()).await?;
    if of_shop >= MAX_SHOP_IMAGES {
        return Err(ImagesRefused::ShopFull.into());
    }
    let made = service.darkroom.develop(scope.shop(), sent).await?;
    let image = ProductImage {
        id: ids::new(),
        digest: made.digest,
        sent: Some(digest_of_sent),
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
