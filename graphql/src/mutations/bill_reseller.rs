//! `billReseller`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::BillResellerRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ResellerBill;

/// Whom to bill.
#[derive(Clone, Debug, InputObject)]
pub struct BillResellerInput {
    /// The reseller.
    reseller_id: ID,
    /// The last day, in Vietnam, whose bookings and cancellations count: `2026-10-31`.
    until: String,
    /// Names the request within the reseller: the same again gives the same bill.
    idempotency_key: String,
}

payload! {
    /// What came of billing a reseller.
    BillResellerPayload {
        /// The bill.
        bill: ResellerBill
    }
}

#[derive(Default)]
pub struct BillReseller;

#[Object]
impl BillReseller {
    /// Asks a reseller for all that it was invoiced up to a day and that no other bill asks for, less what was
    /// given back. What nets to nothing is refused and carried into the next bill.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn bill_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to bill.")] input: BillResellerInput,
    ) -> Result<BillResellerPayload, Error> {
        let scope = Scope::of(ctx);
        let request = BillResellerRequest {
            reseller_id: input.reseller_id.0,
            until: input.until,
            asked_by: scope.actor().await?.user.id.clone(),
            idempotency_key: input.idempotency_key,
        };
        let outcome = scope.outcome(scope.payments.clone().bill_reseller(request).await)?;
        Ok(BillResellerPayload::of(outcome.map(|one| ResellerBill::of(one, scope.locale))))
    }
}
