//! `addReseller`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::bookings::AddResellerRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Reseller;

/// Who shall sell tours of a shop elsewhere.
#[derive(Clone, Debug, InputObject)]
pub struct AddResellerInput {
    /// The shop.
    shop_id: ID,
    /// The reseller's name.
    name: String,
    /// Where its people are reached.
    contact_email: String,
}

payload! {
    /// What came of adding a reseller.
    AddResellerPayload {
        /// The reseller, with its key: it is told only now.
        reseller: Reseller
    }
}

#[derive(Default)]
pub struct AddReseller;

#[Object]
impl AddReseller {
    /// Lets somebody sell tours of a shop elsewhere, over OCTO.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn add_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reseller.")] input: AddResellerInput,
    ) -> Result<AddResellerPayload, Error> {
        let scope = Scope::of(ctx);
        let AddResellerInput { shop_id, name, contact_email } = input;
        let request = AddResellerRequest { shop_id: shop_id.0, name, contact_email };
        let outcome = scope.outcome(scope.orders.clone().add_reseller(request).await)?;
        Ok(AddResellerPayload::of(outcome.map(|one| Reseller::of(one, scope.locale))))
    }
}
