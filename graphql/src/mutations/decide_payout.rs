//! `approvePayout`, `discardPayout`, `settlePayout`

use async_graphql::{Context, Enum, Error, ID, InputObject, Object};
use proto::payments::{DecidePayoutRequest, PayoutDecision};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Payout;

/// A payout.
#[derive(Clone, Debug, InputObject)]
pub struct PayoutInput {
    /// The payout.
    payout_id: ID,
}

/// What the bank did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PayoutOutcome {
    /// It made the transfer.
    Paid,
    /// It refused the transfer, or gave the money back.
    Returned,
}

/// What the bank did with a payout.
#[derive(Clone, Debug, InputObject)]
pub struct SettlePayoutInput {
    /// The payout.
    payout_id: ID,
    /// What the bank did.
    outcome: PayoutOutcome,
    /// The credit by which the money came back, if it had gone.
    bank_credit_id: Option<ID>,
}

payload! {
    /// What came of deciding on a payout.
    DecidePayoutPayload {
        /// The payout as it is now.
        payout: Payout
    }
}

#[derive(Default)]
pub struct DecidePayout;

#[Object]
impl DecidePayout {
    /// Agrees to a payout as the second person: it may be sent.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn approve_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout.")] input: PayoutInput,
    ) -> Result<DecidePayoutPayload, Error> {
        decide(Scope::of(ctx), input.payout_id, PayoutDecision::ApprovePayout, None).await
    }

    /// Throws a payout away before it was sent: what it would have paid is due again.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn discard_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout.")] input: PayoutInput,
    ) -> Result<DecidePayoutPayload, Error> {
        decide(Scope::of(ctx), input.payout_id, PayoutDecision::DiscardPayout, None).await
    }

    /// Says what the bank did with a payout, where no statement says it.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn settle_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout, and what happened.")] input: SettlePayoutInput,
    ) -> Result<DecidePayoutPayload, Error> {
        let decision = match input.outcome {
            PayoutOutcome::Paid => PayoutDecision::PayoutWasPaid,
            PayoutOutcome::Returned => PayoutDecision::PayoutWasReturned,
        };
        decide(Scope::of(ctx), input.payout_id, decision, input.bank_credit_id).await
    }
}

async fn decide(
    scope: &Scope,
    payout: ID,
    decision: PayoutDecision,
    credit: Option<ID>,
) -> Result<DecidePayoutPayload, Error> {
    let request = DecidePayoutRequest {
        payout_id: payout.0,
        decision: decision.into(),
        decided_by: scope.actor().await?.user.id.clone(),
        credit_id: credit.map(|id| id.0).unwrap_or_default(),
    };
    let outcome = scope.outcome(scope.payments.clone().decide_payout(request).await)?;
    Ok(DecidePayoutPayload::of(outcome.map(|one| Payout::of(one, scope.locale))))
}
