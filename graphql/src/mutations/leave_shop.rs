//! `leaveShop`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::accounts::LeaveShopRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::UserError;

/// Which shop is left.
#[derive(Clone, Debug, InputObject)]
pub struct LeaveShopInput {
    /// The shop.
    shop_id: ID,
}

/// What came of leaving a shop.
#[derive(SimpleObject)]
pub struct LeaveShopPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct LeaveShop;

#[Object]
impl LeaveShop {
    /// Stops working for a shop. Its owner hands it over first.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn leave_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop.")] input: LeaveShopInput,
    ) -> Result<LeaveShopPayload, Error> {
        let scope = Scope::of(ctx);
        let actor_id = scope.actor().await?.user.id.clone();
        let request = LeaveShopRequest { actor_id, shop_id: input.shop_id.0 };
        let outcome = scope.outcome(scope.accounts.clone().leave_shop(request).await)?;
        Ok(LeaveShopPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}
