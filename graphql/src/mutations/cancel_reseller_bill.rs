//! `cancelResellerBill`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::ResellerBillRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ResellerBill;

/// Which bill.
#[derive(Clone, Debug, InputObject)]
pub struct CancelResellerBillInput {
    /// The bill.
    bill_id: ID,
}

payload! {
    /// What came of taking a reseller's bill back.
    CancelResellerBillPayload {
        /// The bill as it is now.
        bill: ResellerBill
    }
}

#[derive(Default)]
pub struct CancelResellerBill;

#[Object]
impl CancelResellerBill {
    /// Takes a reseller's bill back: what it asked for stands in the next one. One that was paid is refused.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn cancel_reseller_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bill.")] input: CancelResellerBillInput,
    ) -> Result<CancelResellerBillPayload, Error> {
        let scope = Scope::of(ctx);
        let request = ResellerBillRequest { bill_id: input.bill_id.0 };
        let outcome = scope.outcome(scope.payments.clone().cancel_reseller_bill(request).await)?;
        Ok(CancelResellerBillPayload::of(outcome.map(|one| ResellerBill::of(one, scope.locale))))
    }
}
