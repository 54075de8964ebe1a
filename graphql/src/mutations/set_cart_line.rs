//! `setCartLine`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{CartKey, SetCartLineRequest};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

/// Which line of which cart, and how many.
#[derive(Clone, Debug, InputObject)]
pub struct SetCartLineInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// The line.
    line_id: ID,
    /// How many it shall be; 0 takes it out.
    quantity: i64,
}

payload! {
    /// What came of changing a line of a cart.
    SetCartLinePayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct SetCartLine;

#[Object]
impl SetCartLine {
    /// Changes how many of something are in a cart.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn set_cart_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: SetCartLineInput,
    ) -> Result<SetCartLinePayload, Error> {
        let scope = Scope::of(ctx);
        let key = CartKey { cart_id: input.cart_id.0, token: input.cart_token.unwrap_or_default() };
        let request = SetCartLineRequest {
            cart: Some(key),
            line_id: input.line_id.0,
            quantity: input.quantity,
        };
        let outcome = scope.outcome(scope.orders.clone().set_cart_line(request).await)?;
        Ok(SetCartLinePayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
