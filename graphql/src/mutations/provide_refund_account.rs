//! `provideRefundAccount`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::orders::GetCheckoutRequest;
use proto::payments::{GetRefundRequest, PayeeAccount, ProvideRefundAccountRequest};

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{PaymentRefund, UserError};

/// Where a refund goes.
#[derive(Clone, Debug, InputObject)]
pub struct ProvideRefundAccountInput {
    /// The refund.
    refund_id: ID,
    /// The checkout's secret, or its cart's; not needed for one's own, nor for an operator.
    #[graphql(secret)]
    token: Option<String>,
    /// The account that receives the money.
    account: BankAccountInput,
}

payload! {
    /// What came of saying where a refund goes.
    ProvideRefundAccountPayload {
        /// The refund as it is now.
        refund: PaymentRefund
    }
}

#[derive(Default)]
pub struct ProvideRefundAccount;

#[Object]
impl ProvideRefundAccount {
    /// Says to which bank account a refund goes of which nobody knew: the buyer, or an operator.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn provide_refund_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund, and where to.")] input: ProvideRefundAccountInput,
    ) -> Result<ProvideRefundAccountPayload, Error> {
        let scope = Scope::of(ctx);
        let viewer = scope.viewer().await?;
        let operator = viewer.as_ref().is_some_and(|actor| actor.is_operator());
        let person = viewer.map(|actor| actor.user.id.clone()).unwrap_or_default();
        let token = input.token.unwrap_or_default();
        if !operator && !is_buyers(scope, &input.refund_id.0, token, &person).await? {
            let refused = UserError::plain(RefusalCode::NotFound, &["refundId"], scope.locale);
            return Ok(ProvideRefundAccountPayload::of(Err(vec![refused])));
        }
        let request = ProvideRefundAccountRequest {
            refund_id: input.refund_id.0,
            account: Some(PayeeAccount::from(input.account)),
            provided_by: person,
            operator,
        };
        let outcome =
            scope.outcome(scope.payments.clone().provide_refund_account(request).await)?;
        Ok(ProvideRefundAccountPayload::of(
            outcome.map(|refund| PaymentRefund::of(refund, scope.locale)),
        ))
    }
}

/// Whether a refund is of an order whose checkout the token opens, or is the signed-in buyer's.
async fn is_buyers(
    scope: &Scope,
    refund: &str,
    token: String,
    buyer_id: &str,
) -> Result<bool, Error> {
    let request = GetRefundRequest { refund_id: refund.to_owned() };
    let Some(refund) = scope.found(scope.payments.clone().get_refund(request).await)? else {
        return Ok(false);
    };
    // A bank credit that goes back is no buyer's.
    if refund.payment_id.is_empty() {
        return Ok(false);
    }
    let payment = scope.loaders.payments.get(&refund.payment_id).await;
    let Some(payment) = payment.map_err(|status| scope.failed(&status))? else { return Ok(false) };
    let request = GetCheckoutRequest {
        checkout_id: payment.checkout_id.clone(),
        token,
        buyer_id: buyer_id.to_owned(),
        operator: false,
        without_orders: false,
    };
    let checkout = scope.found(scope.orders.clone().get_checkout(request).await)?;
    Ok(checkout.is_some_and(|one| one.orders.iter().any(|order| order.id == refund.order_id)))
}
