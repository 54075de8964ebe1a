//! `addProductImage`

use std::time::Duration;

use async_graphql::{Context, Error, ID, InputObject, Object, Upload};
use proto::catalog::AddProductImageRequest;

use super::payload::payload;
use super::product_of_shop::changed;
use super::sent_file::sent_file;
use crate::access::{Requires, auth};
use crate::limits::MAX_UPLOAD_BYTES;
use crate::scope::Scope;
use crate::types::{LocalizedTextInput, Product};

/// Photos of one shop at once, and in which time as many may come again: one every 10 seconds. Decoding one keeps a
/// processor busy, and aliases and batches name the same upload many times: each counts.
const PHOTOS: u32 = 20;
const PER: Duration = Duration::from_secs(200);

/// A photo of a product.
#[derive(Clone, Debug, InputObject)]
pub struct AddProductImageInput {
    /// The shop.
    shop_id: ID,
    /// The product.
    product_id: ID,
    /// The photo: JPEG, PNG or WebP, at most 8 MiB and 40 million pixels. It is written anew: where it was
    /// taken and what else stands in the file is not kept.
    file: Upload,
    /// What it shows, for who cannot see it; at most 200 characters.
    alt: Option<LocalizedTextInput>,
}

payload! {
    /// What came of adding a photo.
    AddProductImagePayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct AddProductImage;

#[Object]
impl AddProductImage {
    /// Puts a photo behind those that a product has, at most 8. The same photo again changes nothing. A
    /// shop may send 20 at once, then one every 10 seconds.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn add_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The photo.")] input: AddProductImageInput,
    ) -> Result<AddProductImagePayload, Error> {
        let scope = Scope::of(ctx);
        if let Err(errors) = scope.throttle_shop("product-image", &input.shop_id, PHOTOS, PER).await
        {
            return Ok(AddProductImagePayload::of(Err(errors)));
        }
        let file = sent_file(ctx, &input.file, MAX_UPLOAD_BYTES)?.content.to_vec();
        let request = AddProductImageRequest {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            file,
            alt: input.alt.map(Into::into),
        };
        let answer = scope.catalog.clone().add_product_image(request).await;
        Ok(AddProductImagePayload::of(changed(scope, answer)?))
    }
}
