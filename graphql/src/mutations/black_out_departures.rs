//! `blackOutDepartures`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::tours::BlackOutRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedDeparture;

/// Days on which no more is sold.
#[derive(Clone, Debug, InputObject)]
pub struct BlackOutDeparturesInput {
    /// Whose tour it is.
    shop_id: ID,
    /// The tour's product.
    product_id: ID,
    /// The first day of Vietnam's calendar: `2026-12-01`.
    from_day: String,
    /// The last day.
    to_day: String,
}

payload! {
    /// What came of blacking departures out.
    BlackOutDeparturesPayload {
        /// The departures that are closed now.
        departures: Vec<ManagedDeparture>
    }
}

#[derive(Default)]
pub struct BlackOutDepartures;

#[Object]
impl BlackOutDepartures {
    /// Ends the sale of all departures of some days; what is sold stands.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn black_out_departures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which days.")] input: BlackOutDeparturesInput,
    ) -> Result<BlackOutDeparturesPayload, Error> {
        let scope = Scope::of(ctx);
        let request = BlackOutRequest {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            from_day: input.from_day,
            to_day: input.to_day,
        };
        let outcome = scope.outcome(scope.catalog.clone().black_out_departures(request).await)?;
        let managed = |one: proto::tours::Departure| ManagedDeparture::of(one.into(), scope.locale);
        let closed = outcome.map(|found| found.departures.into_iter().map(managed).collect());
        Ok(BlackOutDeparturesPayload::of(closed))
    }
}
