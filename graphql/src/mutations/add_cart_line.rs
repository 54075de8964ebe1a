//! `addCartLine`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{AddCartLineRequest, CartKey};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

/// What to put into which cart.
#[derive(Clone, Debug, InputObject)]
pub struct AddCartLineInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// What to buy.
    variant_id: ID,
    /// How many, added to what is there.
    #[graphql(default = 1)]
    quantity: i64,
}

payload! {
    /// What came of putting something into a cart.
    AddCartLinePayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct AddCartLine;

#[Object]
impl AddCartLine {
    /// Puts something into a cart.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn add_cart_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: AddCartLineInput,
    ) -> Result<AddCartLinePayload, Error> {
        let scope = Scope::of(ctx);
        let key = CartKey { cart_id: input.cart_id.0, token: input.cart_token.unwrap_or_default() };
        let request = AddCartLineRequest {
            cart: Some(key),
            variant_id: input.variant_id.0,
            quantity: input.quantity,
        };
        let outcome = scope.outcome(scope.orders.clone().add_cart_line(request).await)?;
        Ok(AddCartLinePayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
