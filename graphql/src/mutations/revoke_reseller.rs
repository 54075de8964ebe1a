//! `revokeReseller`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::bookings::RevokeResellerRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Reseller;

/// A reseller that shall not sell any more.
#[derive(Clone, Debug, InputObject)]
pub struct RevokeResellerInput {
    /// The shop.
    shop_id: ID,
    /// The reseller.
    reseller_id: ID,
}

payload! {
    /// What came of revoking a reseller's key.
    RevokeResellerPayload {
        /// The reseller as it is now.
        reseller: Reseller
    }
}

#[derive(Default)]
pub struct RevokeReseller;

#[Object]
impl RevokeReseller {
    /// Makes a reseller's key useless. What it has booked stands.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn revoke_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reseller.")] input: RevokeResellerInput,
    ) -> Result<RevokeResellerPayload, Error> {
        let scope = Scope::of(ctx);
        let (shop_id, reseller_id) = (input.shop_id.0, input.reseller_id.0);
        let request = RevokeResellerRequest { shop_id, reseller_id };
        let outcome = scope.outcome(scope.orders.clone().revoke_reseller(request).await)?;
        Ok(RevokeResellerPayload::of(outcome.map(|one| Reseller::of(one, scope.locale))))
    }
}
