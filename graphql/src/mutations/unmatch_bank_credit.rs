//! `unmatchBankCredit`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::UnmatchBankCreditRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::BankCredit;

/// A match to be taken back.
#[derive(Clone, Debug, InputObject)]
pub struct UnmatchBankCreditInput {
    /// The credit.
    credit_id: ID,
    /// Why.
    reason: String,
}

payload! {
    /// What came of taking a match back.
    UnmatchBankCreditPayload {
        /// The credit as it is now: it waits.
        credit: BankCredit
    }
}

#[derive(Default)]
pub struct UnmatchBankCredit;

#[Object]
impl UnmatchBankCredit {
    /// Takes back what a credit paid: "not this one". Its payments are open again and no rule matches
    /// the two again. What was paid out of them to shops is the shops' debt.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn unmatch_bank_credit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which credit, and why.")] input: UnmatchBankCreditInput,
    ) -> Result<UnmatchBankCreditPayload, Error> {
        let scope = Scope::of(ctx);
        let request = UnmatchBankCreditRequest {
            credit_id: input.credit_id.0,
            reason: input.reason,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().unmatch_bank_credit(request).await)?;
        Ok(UnmatchBankCreditPayload::of(outcome.map(|one| BankCredit::of(one, scope.locale))))
    }
}
