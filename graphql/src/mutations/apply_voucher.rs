//! `applyVoucher`

use std::time::Duration;

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{ApplyVoucherRequest, CartKey};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Cart;

/// A code that a shopper typed.
#[derive(Clone, Debug, InputObject)]
pub struct ApplyVoucherInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// The code, in any case, with or without spaces and accents.
    code: String,
}

/// How many codes one address may try at once.
const GUESSES: u32 = 60;
/// In which time they are forgotten.
const PER: Duration = Duration::from_secs(10 * 60);

payload! {
    /// What came of applying a voucher.
    ApplyVoucherPayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct ApplyVoucher;

#[Object]
impl ApplyVoucher {
    /// Puts a voucher into a cart: of each of its shops that has the code, in the place of that shop's
    /// other one. It is counted when the cart is checked out.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn apply_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cart and the code.")] input: ApplyVoucherInput,
    ) -> Result<ApplyVoucherPayload, Error> {
        let scope = Scope::of(ctx);
        // Whoever guesses codes finds them: not quickly.
        if let Err(errors) = scope.throttle("voucher", GUESSES, PER).await {
            return Ok(ApplyVoucherPayload::of(Err(errors)));
        }
        let buyer = scope.viewer().await?;
        let request = ApplyVoucherRequest {
            cart: Some(CartKey {
                cart_id: input.cart_id.0,
                token: input.cart_token.unwrap_or_default(),
            }),
            code: input.code,
            buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
        };
        let outcome = scope.outcome(scope.orders.clone().apply_voucher(request).await)?;
        Ok(ApplyVoucherPayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}
