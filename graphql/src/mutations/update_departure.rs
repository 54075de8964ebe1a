//! `updateDeparture`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::tours::{DeparturePrices, UpdateDepartureRequest};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{DeparturePriceInput, ManagedDeparture};

/// Changes of a departure. What is left out stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateDepartureInput {
    /// Whose it is.
    shop_id: ID,
    /// The departure.
    departure_id: ID,
    /// Seats: not below what is held and sold.
    capacity: Option<u32>,
    /// Minutes before the start at which the sale ends.
    cutoff_minutes: Option<u32>,
    /// Whether more is sold of it; what is sold stands.
    open: Option<bool>,
    /// Its own prices, all of them; an empty list leaves those of the tour. What is held or sold keeps
    /// its price.
    prices: Option<Vec<DeparturePriceInput>>,
}

payload! {
    /// What came of changing a departure.
    UpdateDeparturePayload {
        /// The departure as it is now.
        departure: ManagedDeparture
    }
}

#[derive(Default)]
pub struct UpdateDeparture;

#[Object]
impl UpdateDeparture {
    /// Changes a departure.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn update_departure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateDepartureInput,
    ) -> Result<UpdateDeparturePayload, Error> {
        let scope = Scope::of(ctx);
        let prices = input.prices.map(|all| DeparturePriceInput::read_all(all, scope.locale));
        let prices = match prices.transpose() {
            Ok(prices) => prices.map(|prices| DeparturePrices { prices }),
            Err(refused) => return Ok(UpdateDeparturePayload::of(Err(refused))),
        };
        let request = UpdateDepartureRequest {
            shop_id: input.shop_id.0,
            departure_id: input.departure_id.0,
            capacity: input.capacity,
            cutoff_minutes: input.cutoff_minutes,
            open: input.open,
            prices,
        };
        let outcome = scope.outcome(scope.catalog.clone().update_departure(request).await)?;
        let managed = outcome.map(|one| ManagedDeparture::of(one.into(), scope.locale));
        Ok(UpdateDeparturePayload::of(managed))
    }
}
