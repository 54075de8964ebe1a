//! `requestReturn`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::PayeeAccount;
use proto::returns::{RequestReturnRequest, ReturnedPieces};

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Order;

/// Pieces of a line of an order.
#[derive(Clone, Debug, InputObject)]
pub struct ReturnLineInput {
    /// The line.
    order_line_id: ID,
    /// How many pieces.
    quantity: i64,
}

/// Pieces of an order to be sent back.
#[derive(Clone, Debug, InputObject)]
pub struct RequestReturnInput {
    /// The order.
    order_id: ID,
    /// The secret of the order's checkout, or of its cart; nothing where its buyer is signed in.
    #[graphql(secret)]
    token: Option<String>,
    /// The pieces.
    lines: Vec<ReturnLineInput>,
    /// Why; the shop reads it.
    reason: String,
    /// Where the money goes, if the payment does not tell.
    bank_account: Option<BankAccountInput>,
    /// Made up by the client, 8 to 128 characters: the same key asks once.
    idempotency_key: String,
}

payload! {
    /// What came of asking to send something back.
    RequestReturnPayload {
        /// The order as it is now.
        order: Order
    }
}

#[derive(Default)]
pub struct RequestReturn;

#[Object]
impl RequestReturn {
    /// Asks the shop to take pieces of an order back that was handed over, within `returnableUntil`.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn request_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pieces, and why.")] input: RequestReturnInput,
    ) -> Result<RequestReturnPayload, Error> {
        let scope = Scope::of(ctx);
        let buyer = scope.viewer().await?;
        let account = input.bank_account.map(PayeeAccount::from).unwrap_or_default();
        let lines = input.lines.into_iter().map(|line| ReturnedPieces {
            order_line_id: line.order_line_id.0,
            quantity: line.quantity,
        });
        let request = RequestReturnRequest {
            order_id: input.order_id.0,
            token: input.token.unwrap_or_default(),
            buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
            lines: lines.collect(),
            reason: input.reason,
            idempotency_key: input.idempotency_key,
            bank_bin: account.bank_bin,
            account_number: account.number,
            account_holder: account.holder,
        };
        let outcome = scope.outcome(scope.orders.clone().request_return(request).await)?;
        Ok(RequestReturnPayload::of(outcome.map(|one| Order::of(one.into(), scope.locale))))
    }
}
