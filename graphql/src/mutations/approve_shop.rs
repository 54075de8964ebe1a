//! `approveShop`

use async_graphql::{Context, Error, Object};

use super::payload::payload;
use super::shop_decision::{ShopDecisionInput, decided};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedShop;

payload! {
    /// What came of approving a shop.
    ApproveShopPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct ApproveShop;

#[Object]
impl ApproveShop {
    /// Lets a shop sell.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn approve_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and why.")] input: ShopDecisionInput,
    ) -> Result<ApproveShopPayload, Error> {
        let scope = Scope::of(ctx);
        let request = input.request(scope).await?;
        let answer = scope.accounts.clone().approve_shop(request).await;
        Ok(ApproveShopPayload::of(decided(scope, answer)?))
    }
}
