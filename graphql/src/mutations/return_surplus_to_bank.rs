//! `returnSurplusToBank`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::ReturnSurplusToBankRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Refund;

/// Card money that its card does not take.
#[derive(Clone, Debug, InputObject)]
pub struct ReturnSurplusToBankInput {
    /// The return that failed.
    card_return_id: ID,
    /// Why, for who paid.
    reason: String,
}

payload! {
    /// What came of giving card money back to a bank account.
    ReturnSurplusToBankPayload {
        /// The refund, which waits for its account. Asked again for the same return, it is the one that was
        /// made.
        refund: Refund
    }
}

#[derive(Default)]
pub struct ReturnSurplusToBank;

#[Object]
impl ReturnSurplusToBank {
    /// Gives card money that came second, and that could not go back to its card, back to a bank account. Who
    /// paid, or an operator, names it by `provideRefundAccount`.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn return_surplus_to_bank(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which return, and why.")] input: ReturnSurplusToBankInput,
    ) -> Result<ReturnSurplusToBankPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ReturnSurplusToBankRequest {
            card_return_id: input.card_return_id.0,
            reason: input.reason,
            asked_by: scope.actor().await?.user.id.clone(),
        };
        let outcome =
            scope.outcome(scope.payments.clone().return_surplus_to_bank(request).await)?;
        Ok(ReturnSurplusToBankPayload::of(outcome.map(|one| Refund::of(one, scope.locale))))
    }
}
