//! `cancelCheckout`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::CancelCheckoutRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Checkout;

/// A checkout to be cancelled.
#[derive(Clone, Debug, InputObject)]
pub struct CancelCheckoutInput {
    /// The checkout.
    checkout_id: ID,
    /// Its secret, or its cart's; not needed for one's own.
    #[graphql(secret)]
    token: Option<String>,
}

payload! {
    /// What came of cancelling a checkout.
    CancelCheckoutPayload {
        /// The checkout as it is now.
        checkout: Checkout
    }
}

#[derive(Default)]
pub struct CancelCheckout;

#[Object]
impl CancelCheckout {
    /// Cancels a checkout that is not paid; its goods are free again.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn cancel_checkout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checkout.")] input: CancelCheckoutInput,
    ) -> Result<CancelCheckoutPayload, Error> {
        let scope = Scope::of(ctx);
        let buyer = scope.viewer().await?;
        let request = CancelCheckoutRequest {
            checkout_id: input.checkout_id.0,
            token: input.token.unwrap_or_default(),
            buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
        };
        let outcome = scope.outcome(scope.orders.clone().cancel_checkout(request).await)?;
        Ok(CancelCheckoutPayload::of(outcome.map(|one| Checkout::of(one, scope.locale))))
    }
}
