//! `cancelOrder`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::PayeeAccount;
use proto::returns::CancelOrderRequest;

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::scope::Scope;
use crate::types::Order;

/// A paid order to be called off.
#[derive(Clone, Debug, InputObject)]
pub struct CancelOrderInput {
    /// The order.
    order_id: ID,
    /// The shop that calls it off; nothing where its buyer does.
    shop_id: Option<ID>,
    /// The secret of the order's checkout, or of its cart; nothing where its buyer is signed in.
    #[graphql(secret)]
    token: Option<String>,
    /// Why; the other side reads it.
    #[graphql(default)]
    reason: String,
    /// Where the money goes, if the payment does not tell.
    bank_account: Option<BankAccountInput>,
    /// Made up by the client, 8 to 128 characters: the same key cancels once.
    idempotency_key: String,
}

payload! {
    /// What came of calling an order off.
    CancelOrderPayload {
        /// The order as it is now.
        order: Order
    }
}

#[derive(Default)]
pub struct CancelOrder;

#[Object]
impl CancelOrder {
    /// Calls a paid order off before it is handed over: by its buyer, or by a member of its shop. All
    /// the money comes back, and the stock can be bought again. Final. Orders with tickets are called
    /// off by the shop only: who bought tickets gives them back (`cancelTickets`).
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order, and why.")] input: CancelOrderInput,
    ) -> Result<CancelOrderPayload, Error> {
        let scope = Scope::of(ctx);
        let actor = match &input.shop_id {
            None => scope.viewer().await?,
            Some(shop) => {
                let actor = scope.actor().await?;
                if !actor.is_member_of(&shop.0) {
                    return Err(scope.refuse(Failure::Forbidden));
                }
                Some(actor)
            }
        };
        let person = actor.map(|actor| actor.user.id.clone()).unwrap_or_default();
        let shop_id = input.shop_id.map(|id| id.0).unwrap_or_default();
        let account = input.bank_account.map(PayeeAccount::from).unwrap_or_default();
        let request = CancelOrderRequest {
            order_id: input.order_id.0,
            token: input.token.unwrap_or_default(),
            buyer_id: if shop_id.is_empty() { person.clone() } else { String::new() },
            shop_id,
            requested_by: person,
            reason: input.reason,
            idempotency_key: input.idempotency_key,
            bank_bin: account.bank_bin,
            account_number: account.number,
            account_holder: account.holder,
        };
        let outcome = scope.outcome(scope.orders.clone().cancel_order(request).await)?;
        Ok(CancelOrderPayload::of(outcome.map(|one| Order::of(one.into(), scope.locale))))
    }
}
