//! `resolveBankCredit`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::{CreditPart, PayeeAccount, ResolveBankCreditRequest};

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{BankCredit, CreditAction, MoneyInput};

/// A payment that a credit pays.
#[derive(Clone, Debug, InputObject)]
pub struct CreditPartInput {
    /// The payment.
    payment_id: ID,
    /// What of the credit is for it: all that it asks for.
    amount: MoneyInput,
}

/// What to do with a bank credit.
#[derive(Clone, Debug, InputObject)]
pub struct ResolveBankCreditInput {
    /// The credit.
    credit_id: ID,
    /// What to do.
    action: CreditAction,
    /// The payments that it pays; together exactly the credit.
    #[graphql(default)]
    parts: Vec<CreditPartInput>,
    /// Where the money goes, if it goes back. Without it: where it came from, if the bank told; else the
    /// refund waits until `provideRefundAccount` names an account.
    bank_account: Option<BankAccountInput>,
    /// Why.
    reason: String,
}

payload! {
    /// What came of deciding on a bank credit.
    ResolveBankCreditPayload {
        /// The credit as it is now.
        credit: BankCredit
    }
}

#[derive(Default)]
pub struct ResolveBankCredit;

#[Object]
impl ResolveBankCredit {
    /// Decides on a credit that waits: it pays payments, goes back, or waits on.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn resolve_bank_credit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which credit, and what to do.")] input: ResolveBankCreditInput,
    ) -> Result<ResolveBankCreditPayload, Error> {
        let scope = Scope::of(ctx);
        let mut parts = Vec::with_capacity(input.parts.len());
        for part in input.parts {
            match part.amount.read(&["parts", "amount"], scope.locale) {
                Ok(amount) => {
                    parts.push(CreditPart { payment_id: part.payment_id.0, amount: Some(amount) });
                }
                Err(errors) => return Ok(ResolveBankCreditPayload::of(Err(errors))),
            }
        }
        let request = ResolveBankCreditRequest {
            credit_id: input.credit_id.0,
            action: input.action.number(),
            parts,
            account: input.bank_account.map(PayeeAccount::from),
            reason: input.reason,
            decided_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().resolve_bank_credit(request).await)?;
        Ok(ResolveBankCreditPayload::of(outcome.map(|one| BankCredit::of(one, scope.locale))))
    }
}
