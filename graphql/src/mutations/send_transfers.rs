//! `sendTransfers`

use async_graphql::{Context, Error, Object};
use proto::common::Empty;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::SentTransfers;

payload! {
    /// What came of sending transfers.
    SendTransfersPayload {
        /// What is in the file.
        transfers: SentTransfers
    }
}

#[derive(Default)]
pub struct SendTransfers;

#[Object]
impl SendTransfers {
    /// Puts every approved payout and refund into one file for the bank.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn send_transfers(&self, ctx: &Context<'_>) -> Result<SendTransfersPayload, Error> {
        let scope = Scope::of(ctx);
        let outcome = scope.outcome(scope.payments.clone().send_transfers(Empty {}).await)?;
        Ok(SendTransfersPayload::of(outcome.map(|sent| SentTransfers::of(sent, scope.locale))))
    }
}
