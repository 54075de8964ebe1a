//! `removeVoucher`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{CartKey, RemoveVoucherRequest};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

/// A code that is in a cart.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveVoucherInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// The code.
    code: String,
}

payload! {
    /// What came of taking a voucher out of a cart.
    RemoveVoucherPayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct RemoveVoucher;

#[Object]
impl RemoveVoucher {
    /// Takes a voucher out of a cart; of every shop that has the code.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn remove_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cart and the code.")] input: RemoveVoucherInput,
    ) -> Result<RemoveVoucherPayload, Error> {
        let scope = Scope::of(ctx);
        let key = CartKey { cart_id: input.cart_id.0, token: input.cart_token.unwrap_or_default() };
        let request = RemoveVoucherRequest { cart: Some(key), code: input.code };
        let outcome = scope.outcome(scope.orders.clone().remove_voucher(request).await)?;
        Ok(RemoveVoucherPayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
