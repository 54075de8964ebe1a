//! `createCart`

use async_graphql::{Context, Error, Object};
use proto::common::Empty;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

payload! {
    /// What came of making a cart.
    CreateCartPayload {
        /// The new cart, with its secret.
        cart: Cart
    }
}

#[derive(Default)]
pub struct CreateCart;

#[Object]
impl CreateCart {
    /// Makes a cart. Nothing is stored before its first line.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn create_cart(&self, ctx: &Context<'_>) -> Result<CreateCartPayload, Error> {
        let scope = Scope::of(ctx);
        let outcome = scope.outcome(scope.orders.clone().create_cart(Empty {}).await)?;
        Ok(CreateCartPayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
