//! `cart`

use async_graphql::{Context, Error, ID, Object};
use proto::orders::CartKey;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

#[derive(Default)]
pub struct CartQuery;

#[Object]
impl CartQuery {
    /// The cart that a token opens.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
        #[graphql(desc = "Its secret.")] token: String,
    ) -> Result<Option<Cart>, Error> {
        let scope = Scope::of(ctx);
        let request = CartKey { cart_id: id.0, token };
        let cart = scope.found(scope.orders.clone().get_cart(request).await)?;
        Ok(cart.map(|cart| Cart::of(cart, scope.locale)))
    }
}
