//! `adjustStock`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::AdjustStockRequest;

use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

/// More or less of something.
#[derive(Clone, Debug, InputObject)]
pub struct AdjustStockInput {
    /// Whose it is.
    shop_id: ID,
    /// Of what.
    variant_id: ID,
    /// How many more; below zero how many less.
    change: i64,
    /// Why.
    reason: Option<String>,
    /// Made up by the client: the same key changes the stock once.
    idempotency_key: String,
}

payload! {
    /// What came of changing a stock.
    AdjustStockPayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct AdjustStock;

#[Object]
impl AdjustStock {
    /// Changes how many there are of something.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many more or less.")] input: AdjustStockInput,
    ) -> Result<AdjustStockPayload, Error> {
        let scope = Scope::of(ctx);
        let request = AdjustStockRequest {
            shop_id: input.shop_id.0,
            variant_id: input.variant_id.0,
            change: input.change,
            reason: input.reason.unwrap_or_default(),
            idempotency_key: input.idempotency_key,
        };
        let answer = scope.catalog.clone().adjust_stock(request).await;
        Ok(AdjustStockPayload::of(changed(scope, answer)?))
    }
}
