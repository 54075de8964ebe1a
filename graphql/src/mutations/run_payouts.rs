//! `runPayouts`

use async_graphql::{Context, Error, InputObject, Object};
use proto::payments::RunPayoutsRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::PayoutRun;

/// A run of payouts.
#[derive(Clone, Debug, InputObject)]
pub struct RunPayoutsInput {
    /// The run's day in Vietnam, as `2026-11-30`; not in the future. What is due at its end is planned, and what
    /// is held for longer waits. Now, if it is left out.
    date: Option<String>,
    /// Only say what would be paid.
    #[graphql(default)]
    dry_run: bool,
}

payload! {
    /// What came of a run of payouts.
    RunPayoutsPayload {
        /// The run.
        run: PayoutRun
    }
}

#[derive(Default)]
pub struct RunPayouts;

#[Object]
impl RunPayouts {
    /// Plans a payout for every shop to which something is due. Another operator approves them.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn run_payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How.")] input: RunPayoutsInput,
    ) -> Result<RunPayoutsPayload, Error> {
        let scope = Scope::of(ctx);
        let made_by = scope.actor().await?.user.id.clone();
        let date = input.date.unwrap_or_default();
        let request = RunPayoutsRequest { dry_run: input.dry_run, made_by, date };
        let outcome = scope.outcome(scope.payments.clone().run_payouts(request).await)?;
        Ok(RunPayoutsPayload::of(outcome.map(|run| PayoutRun::of(run, scope.locale))))
    }
}
