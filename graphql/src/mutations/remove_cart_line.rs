//! `removeCartLine`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{CartKey, RemoveCartLineRequest};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

/// Which line of which cart.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveCartLineInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// The line.
    line_id: ID,
}

payload! {
    /// What came of taking something out of a cart.
    RemoveCartLinePayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct RemoveCartLine;

#[Object]
impl RemoveCartLine {
    /// Takes something out of a cart.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn remove_cart_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: RemoveCartLineInput,
    ) -> Result<RemoveCartLinePayload, Error> {
        let scope = Scope::of(ctx);
        let key = CartKey { cart_id: input.cart_id.0, token: input.cart_token.unwrap_or_default() };
        let request = RemoveCartLineRequest { cart: Some(key), line_id: input.line_id.0 };
        let outcome = scope.outcome(scope.orders.clone().remove_cart_line(request).await)?;
        Ok(RemoveCartLinePayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
