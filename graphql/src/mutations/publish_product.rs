//! `publishProduct`

use async_graphql::{Context, Error, Object};
use proto::catalog::ProductOfShop;

use super::payload::payload;
use super::product_of_shop::{ProductOfShopInput, changed};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

payload! {
    /// What came of offering a product.
    PublishProductPayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct PublishProduct;

#[Object]
impl PublishProduct {
    /// Offers a product.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn publish_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product.")] input: ProductOfShopInput,
    ) -> Result<PublishProductPayload, Error> {
        let scope = Scope::of(ctx);
        let answer = scope.catalog.clone().publish_product(ProductOfShop::from(input)).await;
        Ok(PublishProductPayload::of(changed(scope, answer)?))
    }
}
