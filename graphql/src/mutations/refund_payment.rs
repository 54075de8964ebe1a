//! `refundPayment`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::payments::{PayeeAccount, RefundPaymentRequest};

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{MoneyInput, Refund, UserError};

/// What is given back.
#[derive(Clone, Debug, InputObject)]
pub struct RefundPaymentInput {
    /// The payment.
    payment_id: ID,
    /// The order of which something is given back.
    order_id: ID,
    /// How much.
    amount: MoneyInput,
    /// Why; the shopper may read it.
    reason: String,
    /// Where the money goes: the shopper's account.
    bank_account: BankAccountInput,
    /// Names the request: the same again changes nothing.
    idempotency_key: String,
}

payload! {
    /// What came of giving money back.
    RefundPaymentPayload {
        /// The refund. Above a limit it waits for a second person.
        refund: Refund
    }
}

#[derive(Default)]
pub struct RefundPayment;

#[Object]
impl RefundPayment {
    /// Gives money of a paid order back: a member of the shop whose order it is, or an operator.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn refund_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is given back.")] input: RefundPaymentInput,
    ) -> Result<RefundPaymentPayload, Error> {
        let scope = Scope::of(ctx);
        let actor = scope.actor().await?;
        let not_found = || UserError::plain(RefusalCode::NotFound, &["orderId"], scope.locale);
        let shop_id = if actor.is_operator() {
            String::new()
        } else {
            let order = scope.loaders.orders.get(&input.order_id.0).await;
            let order = order.map_err(|status| scope.failed(&status))?;
            match order.filter(|order| actor.is_member_of(&order.shop_id)) {
                Some(order) => order.shop_id.clone(),
                None => return Ok(RefundPaymentPayload::of(Err(vec![not_found()]))),
            }
        };
        let amount = match input.amount.read(&["amount"], scope.locale) {
            Ok(amount) => amount,
            Err(errors) => return Ok(RefundPaymentPayload::of(Err(errors))),
        };
        let request = RefundPaymentRequest {
            payment_id: input.payment_id.0,
            order_id: input.order_id.0,
            amount: Some(amount),
            reason: input.reason,
            account: Some(PayeeAccount::from(input.bank_account)),
            requested_by: actor.user.id.clone(),
            shop_id,
            idempotency_key: input.idempotency_key,
        };
        let outcome = scope.outcome(scope.payments.clone().refund_payment(request).await)?;
        Ok(RefundPaymentPayload::of(outcome.map(|one| Refund::of(one, scope.locale))))
    }
}
