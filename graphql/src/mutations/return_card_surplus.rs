//! `returnCardSurplus`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::payments::ReturnCardSurplusRequest;
use tonic::Code;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{CardReturn, UserError};

/// Card money that could not go back.
#[derive(Clone, Debug, InputObject)]
pub struct ReturnCardSurplusInput {
    /// The return that failed.
    card_return_id: ID,
}

payload! {
    /// What came of sending card money back again.
    ReturnCardSurplusPayload {
        /// The new return. Asked again for the same failed one, it is the one that was made.
        card_return: CardReturn
    }
}

#[derive(Default)]
pub struct ReturnCardSurplus;

#[Object]
impl ReturnCardSurplus {
    /// Sends card money that came second to its card again, after it could not go back.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn return_card_surplus(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which return.")] input: ReturnCardSurplusInput,
    ) -> Result<ReturnCardSurplusPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ReturnCardSurplusRequest {
            card_return_id: input.card_return_id.0,
            asked_by: scope.actor().await?.user.id.clone(),
        };
        let answer = scope.payments.clone().return_card_surplus(request).await;
        if answer.as_ref().is_err_and(|status| status.code() == Code::NotFound) {
            let refused = UserError::plain(RefusalCode::NotFound, &["cardReturnId"], scope.locale);
            return Ok(ReturnCardSurplusPayload::of(Err(vec![refused])));
        }
        let outcome = scope.outcome(answer)?;
        Ok(ReturnCardSurplusPayload::of(outcome.map(|one| CardReturn::of(one, scope.locale))))
    }
}
