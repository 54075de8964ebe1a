//! `writeOff`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::WriteOffRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::WrittenOff;

/// Money that is given up: a credit or a debit.
#[derive(Clone, Debug, InputObject)]
pub struct WriteOffInput {
    /// A credit that nobody claims.
    credit_id: Option<ID>,
    /// A debit that nobody explains.
    debit_id: Option<ID>,
    /// Why.
    reason: String,
}

payload! {
    /// What came of giving money up.
    WriteOffPayload {
        /// The write-off. Above a limit it waits for a second person.
        write_off: WrittenOff
    }
}

#[derive(Default)]
pub struct WriteOff;

#[Object]
impl WriteOff {
    /// Gives up money that came and that nobody claims, or that went and that nobody explains. Above
    /// the limit of refunds another operator who asks for the same agrees.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn write_off(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and why.")] input: WriteOffInput,
    ) -> Result<WriteOffPayload, Error> {
        let scope = Scope::of(ctx);
        let id = |id: Option<ID>| id.map(|id| id.0).unwrap_or_default();
        let request = WriteOffRequest {
            credit_id: id(input.credit_id),
            debit_id: id(input.debit_id),
            reason: input.reason,
            asked_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().write_off(request).await)?;
        Ok(WriteOffPayload::of(outcome.map(|one| WrittenOff::of(one, scope.locale))))
    }
}
