//! `setReturnPolicy`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::returns::ReturnPolicy;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// For how long buyers may send things back.
#[derive(Clone, Debug, InputObject)]
pub struct SetReturnPolicyInput {
    /// The shop.
    shop_id: ID,
    /// Days after it was handed over, 0 to 365; 0: never.
    days: u32,
}

payload! {
    /// What came of setting the days.
    SetReturnPolicyPayload {
        /// The days from now on. What was handed over before keeps its own.
        days: u32
    }
}

#[derive(Default)]
pub struct SetReturnPolicy;

#[Object]
impl SetReturnPolicy {
    /// Says for how many days buyers may send things back.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn set_return_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many days.")] input: SetReturnPolicyInput,
    ) -> Result<SetReturnPolicyPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ReturnPolicy { shop_id: input.shop_id.0, days: input.days };
        let outcome = scope.outcome(scope.orders.clone().set_return_policy(request).await)?;
        Ok(SetReturnPolicyPayload::of(outcome.map(|policy| policy.days)))
    }
}
