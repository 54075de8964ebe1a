//! `declineReturn`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::returns::DeclineReturnRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Order;

/// What a shop decides on a return.
#[derive(Clone, Debug, InputObject)]
pub struct DeclineReturnInput {
    /// The shop.
    shop_id: ID,
    /// The return.
    return_id: ID,
    /// Why; the buyer is told.
    answer: String,
}

payload! {
    /// What came of not taking something back.
    DeclineReturnPayload {
        /// The order as it is now.
        order: Order
    }
}

#[derive(Default)]
pub struct DeclineReturn;

#[Object]
impl DeclineReturn {
    /// Does not take the pieces back. Declining again changes nothing.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn decline_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which return.")] input: DeclineReturnInput,
    ) -> Result<DeclineReturnPayload, Error> {
        let scope = Scope::of(ctx);
        let request = DeclineReturnRequest {
            shop_id: input.shop_id.0,
            return_id: input.return_id.0,
            answer: input.answer,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.orders.clone().decline_return(request).await)?;
        Ok(DeclineReturnPayload::of(outcome.map(|one| Order::of(one.into(), scope.locale))))
    }
}
