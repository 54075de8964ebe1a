//! `allowDirectPayments`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::AllowDirectPaymentsRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::DirectPayments;

/// Whether a shop's money may land in its own account.
#[derive(Clone, Debug, InputObject)]
pub struct AllowDirectPaymentsInput {
    /// The shop.
    shop_id: ID,
    /// Whether it may.
    allowed: bool,
}

payload! {
    /// What came of allowing a shop to be paid directly.
    AllowDirectPaymentsPayload {
        /// Where its money lands now.
        direct_payments: DirectPayments
    }
}

#[derive(Default)]
pub struct AllowDirectPayments;

#[Object]
impl AllowDirectPayments {
    /// Allows a shop to have its money in its own account, or forbids it: then it lands in the market's at once.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn allow_direct_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and whether.")] input: AllowDirectPaymentsInput,
    ) -> Result<AllowDirectPaymentsPayload, Error> {
        let scope = Scope::of(ctx);
        let request = AllowDirectPaymentsRequest {
            shop_id: input.shop_id.0,
            allowed: input.allowed,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().allow_direct_payments(request).await)?;
        let outcome = outcome.map(|destination| DirectPayments::of(destination, scope.locale));
        Ok(AllowDirectPaymentsPayload::of(outcome))
    }
}
