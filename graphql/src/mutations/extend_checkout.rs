//! `extendCheckout`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::ExtendCheckoutRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Checkout;

/// A checkout whose transfer is on its way.
#[derive(Clone, Debug, InputObject)]
pub struct ExtendCheckoutInput {
    /// The checkout.
    checkout_id: ID,
    /// Its secret, or its cart's; not needed for one's own.
    #[graphql(secret)]
    token: Option<String>,
}

payload! {
    /// What came of giving a checkout more time.
    ExtendCheckoutPayload {
        /// The checkout as it is now.
        checkout: Checkout
    }
}

#[derive(Default)]
pub struct ExtendCheckout;

#[Object]
impl ExtendCheckout {
    /// The shopper says that the transfer is on its way: the checkout waits ten minutes longer for the money, and
    /// its goods and seats are held as long. Once; asked again it gives the checkout as it is.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn extend_checkout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checkout.")] input: ExtendCheckoutInput,
    ) -> Result<ExtendCheckoutPayload, Error> {
        let scope = Scope::of(ctx);
        let buyer = scope.viewer().await?;
        let request = ExtendCheckoutRequest {
            checkout_id: input.checkout_id.0,
            token: input.token.unwrap_or_default(),
            buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
        };
        let outcome = scope.outcome(scope.orders.clone().extend_checkout(request).await)?;
        Ok(ExtendCheckoutPayload::of(outcome.map(|one| Checkout::of(one, scope.locale))))
    }
}
