//! `approveReturn`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::returns::ApproveReturnRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Order;

/// What a shop decides on a return.
#[derive(Clone, Debug, InputObject)]
pub struct ApproveReturnInput {
    /// The shop.
    shop_id: ID,
    /// The return.
    return_id: ID,
    /// Whether the pieces can be sold again.
    #[graphql(default)]
    restock: bool,
    /// What the buyer is told.
    #[graphql(default)]
    answer: String,
}

payload! {
    /// What came of taking something back.
    ApproveReturnPayload {
        /// The order as it is now.
        order: Order
    }
}

#[derive(Default)]
pub struct ApproveReturn;

#[Object]
impl ApproveReturn {
    /// Takes the pieces back: their money comes back line by line, and on request the stock can be bought
    /// again. Approving again changes nothing.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn approve_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which return.")] input: ApproveReturnInput,
    ) -> Result<ApproveReturnPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ApproveReturnRequest {
            shop_id: input.shop_id.0,
            return_id: input.return_id.0,
            restock: input.restock,
            answer: input.answer,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.orders.clone().approve_return(request).await)?;
        Ok(ApproveReturnPayload::of(outcome.map(|one| Order::of(one.into(), scope.locale))))
    }
}
