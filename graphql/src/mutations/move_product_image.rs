//! `moveProductImage`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::MoveProductImageRequest;

use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

/// Another place of a photo.
#[derive(Clone, Debug, InputObject)]
pub struct MoveProductImageInput {
    /// The shop.
    shop_id: ID,
    /// The product.
    product_id: ID,
    /// The photo.
    image_id: ID,
    /// Its place among the photos, 0 the first; behind the last it is the last.
    position: u32,
}

payload! {
    /// What came of moving a photo.
    MoveProductImagePayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct MoveProductImage;

#[Object]
impl MoveProductImage {
    /// Puts the photos of a product into another order. The first stands for it in lists.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn move_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which photo, and where to.")] input: MoveProductImageInput,
    ) -> Result<MoveProductImagePayload, Error> {
        let scope = Scope::of(ctx);
        let request = MoveProductImageRequest {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            image_id: input.image_id.0,
            position: input.position,
        };
        let answer = scope.catalog.clone().move_product_image(request).await;
        Ok(MoveProductImagePayload::of(changed(scope, answer)?))
    }
}
