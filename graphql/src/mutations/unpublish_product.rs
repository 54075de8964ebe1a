//! `unpublishProduct`

use async_graphql::{Context, Error, Object};
use proto::catalog::ProductOfShop;

use super::payload::payload;
use super::product_of_shop::{ProductOfShopInput, changed};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

payload! {
    /// What came of hiding a product.
    UnpublishProductPayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct UnpublishProduct;

#[Object]
impl UnpublishProduct {
    /// Hides a product.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn unpublish_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product.")] input: ProductOfShopInput,
    ) -> Result<UnpublishProductPayload, Error> {
        let scope = Scope::of(ctx);
        let answer = scope.catalog.clone().unpublish_product(ProductOfShop::from(input)).await;
        Ok(UnpublishProductPayload::of(changed(scope, answer)?))
    }
}
