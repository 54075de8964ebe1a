//! `submitShop`

use async_graphql::{Context, Error, Object};

use super::payload::payload;
use super::shop_decision::{ShopDecisionInput, decided};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedShop;

payload! {
    /// What came of asking for approval.
    SubmitShopPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct SubmitShop;

#[Object]
impl SubmitShop {
    /// Asks for a shop to be approved.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn submit_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and why.")] input: ShopDecisionInput,
    ) -> Result<SubmitShopPayload, Error> {
        let scope = Scope::of(ctx);
        let request = input.request(scope).await?;
        let answer = scope.accounts.clone().submit_shop(request).await;
        Ok(SubmitShopPayload::of(decided(scope, answer)?))
    }
}
