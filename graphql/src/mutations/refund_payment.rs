//! `refundPayment`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::orders::Order;
use proto::payments::{PayeeAccount, RefundPaymentRequest, RefundedLine};

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{MoneyInput, Refund, UserError};

/// Pieces of a line of an order.
#[derive(Clone, Debug, InputObject)]
pub struct RefundLineInput {
    /// The line.
    order_line_id: ID,
    /// How many pieces are given back.
    quantity: i64,
}

/// What is given back.
#[derive(Clone, Debug, InputObject)]
pub struct RefundPaymentInput {
    /// The payment.
    payment_id: ID,
    /// The order of which something is given back.
    order_id: ID,
    /// How much; or `lines`.
    amount: Option<MoneyInput>,
    /// Pieces of the order's lines that are given back; what they cost is reckoned.
    #[graphql(default)]
    lines: Vec<RefundLineInput>,
    /// Why; the shopper may read it.
    reason: String,
    /// Where the money goes. Without it: the account that paid, if the bank told it; else the refund
    /// waits until `provideRefundAccount` names one.
    bank_account: Option<BankAccountInput>,
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
        let refused = |code, path: &[&str]| {
            let refused = UserError::plain(code, path, scope.locale);
            Ok(RefundPaymentPayload::of(Err(vec![refused])))
        };
        let operator = actor.is_operator();
        let order = scope.loaders.orders.get(&input.order_id.0).await;
        let order = order.map_err(|status| scope.failed(&status))?;
        // A sale at a counter is no order: its payment says whose it is.
        let seller = match &order {
            Some(order) => Some(order.shop_id.clone()),
            None => seller_of(scope, &input.payment_id.0, &input.order_id.0).await?,
        };
        let seller = seller.filter(|shop| operator || actor.is_member_of(shop));
        let Some(seller) = seller else { return refused(RefusalCode::NotFound, &["orderId"]) };
        let shop_id = if operator { String::new() } else { seller };
        let amount = match (&input.amount, input.lines.as_slice()) {
            (Some(amount), []) => match amount.read(&["amount"], scope.locale) {
                Ok(amount) => Some(amount),
                Err(errors) => return Ok(RefundPaymentPayload::of(Err(errors))),
            },
            (None, [_, ..]) => None,
            (None, []) => return refused(RefusalCode::Required, &["amount"]),
            // Which of them would count?
            (Some(_), [_, ..]) => return refused(RefusalCode::Invalid, &["amount"]),
        };
        let Some(lines) = lines_of(order.as_deref(), &input.lines) else {
            return refused(RefusalCode::NotFound, &["lines", "orderLineId"]);
        };
        let request = RefundPaymentRequest {
            payment_id: input.payment_id.0,
            order_id: input.order_id.0,
            amount,
            reason: input.reason,
            account: input.bank_account.map(PayeeAccount::from),
            requested_by: actor.user.id.clone(),
            shop_id,
            idempotency_key: input.idempotency_key,
            lines,
            rest: false,
        };
        let outcome = scope.outcome(scope.payments.clone().refund_payment(request).await)?;
        Ok(RefundPaymentPayload::of(outcome.map(|one| Refund::of(one, scope.locale))))
    }
}

/// Whose an order is, as its payment says.
async fn seller_of(scope: &Scope, payment: &str, order: &str) -> Result<Option<String>, Error> {
    let payment = scope.loaders.payments.get(payment).await;
    let payment = payment.map_err(|status| scope.failed(&status))?;
    let parts = payment.iter().flat_map(|payment| &payment.allocations);
    let part = parts.into_iter().find(|part| part.order_id == order);
    Ok(part.map(|part| part.shop_id.clone()))
}

/// The lines with what orders tells of them; none if one is not the order's.
fn lines_of(order: Option<&Order>, asked: &[RefundLineInput]) -> Option<Vec<RefundedLine>> {
    asked
        .iter()
        .map(|one| {
            let line = order?.lines.iter().find(|line| line.id == one.order_line_id.0)?;
            Some(RefundedLine {
                order_line_id: line.id.clone(),
                quantity: one.quantity,
                ordered: line.quantity,
                total: line.total.clone(),
                amount: None,
            })
        })
        .collect()
}
