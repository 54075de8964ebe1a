//! `closeShop`

use async_graphql::{Context, Error, Object};

use super::payload::payload;
use super::shop_decision::{ShopDecisionInput, decided};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedShop;

payload! {
    /// What came of closing a shop.
    CloseShopPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct CloseShop;

#[Object]
impl CloseShop {
    /// Closes a shop; only its owner may.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn close_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and why.")] input: ShopDecisionInput,
    ) -> Result<CloseShopPayload, Error> {
        let scope = Scope::of(ctx);
        let request = input.request(scope).await?;
        let answer = scope.accounts.clone().close_shop(request).await;
        Ok(CloseShopPayload::of(decided(scope, answer)?))
    }
}
