//! `withdrawWriteOff`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::WithdrawWriteOffRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::WrittenOff;

/// A write-off that is taken back.
#[derive(Clone, Debug, InputObject)]
pub struct WithdrawWriteOffInput {
    /// The write-off.
    write_off_id: ID,
}

payload! {
    /// What came of taking a write-off back.
    WithdrawWriteOffPayload {
        /// The write-off, which stays on record.
        write_off: WrittenOff
    }
}

#[derive(Default)]
pub struct WithdrawWriteOff;

#[Object]
impl WithdrawWriteOff {
    /// Takes back a write-off that waits for a second person. Only who asked for it may: for others there is
    /// none. The money waits as before, and may be asked for anew.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn withdraw_write_off(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WithdrawWriteOffInput,
    ) -> Result<WithdrawWriteOffPayload, Error> {
        let scope = Scope::of(ctx);
        let request = WithdrawWriteOffRequest {
            write_off_id: input.write_off_id.0,
            asked_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.payments.clone().withdraw_write_off(request).await)?;
        Ok(WithdrawWriteOffPayload::of(outcome.map(|one| WrittenOff::of(one, scope.locale))))
    }
}
