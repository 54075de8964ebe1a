//! `forgetPayer`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::ForgetPayerRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A payer to be forgotten.
#[derive(Clone, Debug, InputObject)]
pub struct ForgetPayerInput {
    /// A credit that they sent.
    credit_id: ID,
}

payload! {
    /// What came of forgetting a payer.
    ForgetPayerPayload {
        /// How many facts about them were forgotten.
        forgotten: i64
    }
}

#[derive(Default)]
pub struct ForgetPayer;

#[Object]
impl ForgetPayer {
    /// Forgets what decisions taught of who sent a bank credit: nothing is suggested by it any more.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn forget_payer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: ForgetPayerInput,
    ) -> Result<ForgetPayerPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ForgetPayerRequest { credit_id: input.credit_id.0 };
        let outcome = scope.outcome(scope.payments.clone().forget_payer(request).await)?;
        Ok(ForgetPayerPayload::of(outcome.map(|payer| payer.forgotten)))
    }
}
