//! `cancelDeparture`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::tours::CancelDepartureRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedDeparture;

/// A departure that does not happen.
#[derive(Clone, Debug, InputObject)]
pub struct CancelDepartureInput {
    /// Whose it is.
    shop_id: ID,
    /// The departure.
    departure_id: ID,
    /// Why; guests read it.
    reason: String,
    /// Another departure of the same tour that its guests move to. Left out, and for whom there is no
    /// seat: all the money goes back.
    move_to: Option<ID>,
}

payload! {
    /// What came of cancelling a departure.
    CancelDeparturePayload {
        /// The departure as it is now. Its guests are moved or refunded in the next moments.
        departure: ManagedDeparture
    }
}

#[derive(Default)]
pub struct CancelDeparture;

#[Object]
impl CancelDeparture {
    /// Cancels a departure: no more is sold, and every guest is moved or refunded in full.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn cancel_departure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, why, and where its guests go.")] input: CancelDepartureInput,
    ) -> Result<CancelDeparturePayload, Error> {
        let scope = Scope::of(ctx);
        let request = CancelDepartureRequest {
            shop_id: input.shop_id.0,
            departure_id: input.departure_id.0,
            reason: input.reason,
            move_to: input.move_to.map(|id| id.0).unwrap_or_default(),
        };
        let outcome = scope.outcome(scope.catalog.clone().cancel_departure(request).await)?;
        let managed = outcome.map(|one| ManagedDeparture::of(one.into(), scope.locale));
        Ok(CancelDeparturePayload::of(managed))
    }
}
