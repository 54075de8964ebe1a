//! `removeProductImage`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::ProductImageOfShop;

use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

/// A photo of a product.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveProductImageInput {
    /// The shop.
    shop_id: ID,
    /// The product.
    product_id: ID,
    /// The photo.
    image_id: ID,
}

payload! {
    /// What came of removing a photo.
    RemoveProductImagePayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct RemoveProductImage;

#[Object]
impl RemoveProductImage {
    /// Takes a photo of a product away. Whoever kept it has it still.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn remove_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which photo.")] input: RemoveProductImageInput,
    ) -> Result<RemoveProductImagePayload, Error> {
        let scope = Scope::of(ctx);
        let request = ProductImageOfShop {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            image_id: input.image_id.0,
        };
        let answer = scope.catalog.clone().remove_product_image(request).await;
        Ok(RemoveProductImagePayload::of(changed(scope, answer)?))
    }
}
