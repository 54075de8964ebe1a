//! `reverseBankCredit`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::ReverseBankCreditRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::BankCredit;

/// A credit, and the debit by which the bank took it back.
#[derive(Clone, Debug, InputObject)]
pub struct ReverseBankCreditInput {
    /// The credit.
    credit_id: ID,
    /// The debit.
    debit_id: ID,
    /// Why.
    reason: String,
}

payload! {
    /// What came of saying that the bank took a credit back.
    ReverseBankCreditPayload {
        /// The credit as it is now.
        credit: BankCredit
    }
}

#[derive(Default)]
pub struct ReverseBankCredit;

#[Object]
impl ReverseBankCredit {
    /// Says that the bank took a credit back by a debit of the same account and amount.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn reverse_bank_credit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] input: ReverseBankCreditInput,
    ) -> Result<ReverseBankCreditPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ReverseBankCreditRequest {
            credit_id: input.credit_id.0,
            debit_id: input.debit_id.0,
            reason: input.reason,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().reverse_bank_credit(request).await)?;
        Ok(ReverseBankCreditPayload::of(outcome.map(|one| BankCredit::of(one, scope.locale))))
    }
}
