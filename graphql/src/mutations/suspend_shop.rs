//! `suspendShop`

use async_graphql::{Context, Error, Object};

use super::payload::payload;
use super::shop_decision::{ShopDecisionInput, decided};
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedShop;

payload! {
    /// What came of suspending a shop.
    SuspendShopPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct SuspendShop;

#[Object]
impl SuspendShop {
    /// Stops a shop from selling, with a reason.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn suspend_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and why.")] input: ShopDecisionInput,
    ) -> Result<SuspendShopPayload, Error> {
        let scope = Scope::of(ctx);
        let request = input.request(scope).await?;
        let answer = scope.accounts.clone().suspend_shop(request).await;
        Ok(SuspendShopPayload::of(decided(scope, answer)?))
    }
}
