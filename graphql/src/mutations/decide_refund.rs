//! `approveRefund`, `cancelRefund`, `failRefund`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::{DecideRefundRequest, RefundDecision};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Refund;

/// A refund.
#[derive(Clone, Debug, InputObject)]
pub struct RefundInput {
    /// The refund.
    refund_id: ID,
}

payload! {
    /// What came of deciding on a refund.
    DecideRefundPayload {
        /// The refund as it is now.
        refund: Refund
    }
}

#[derive(Default)]
pub struct DecideRefund;

#[Object]
impl DecideRefund {
    /// Agrees to a refund as the second person: it may be sent.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn approve_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: RefundInput,
    ) -> Result<DecideRefundPayload, Error> {
        decide(Scope::of(ctx), input, RefundDecision::ApproveRefund).await
    }

    /// Takes a refund back before it was sent.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn cancel_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: RefundInput,
    ) -> Result<DecideRefundPayload, Error> {
        decide(Scope::of(ctx), input, RefundDecision::CancelRefund).await
    }

    /// Says that the bank did not make a refund's transfer.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn fail_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: RefundInput,
    ) -> Result<DecideRefundPayload, Error> {
        decide(Scope::of(ctx), input, RefundDecision::FailRefund).await
    }
}

async fn decide(
    scope: &Scope,
    input: RefundInput,
    decision: RefundDecision,
) -> Result<DecideRefundPayload, Error> {
    let request = DecideRefundRequest {
        refund_id: input.refund_id.0,
        decision: decision.into(),
        decided_by: scope.actor().await?.user.id.clone(),
        shop_id: String::new(),
    };
    let outcome = scope.outcome(scope.payments.clone().decide_refund(request).await)?;
    Ok(DecideRefundPayload::of(outcome.map(|one| Refund::of(one, scope.locale))))
}
