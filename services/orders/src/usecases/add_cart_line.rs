//! Puts something into a cart.

use kernel::{CartId, VariantId};
use platform::database::violated_constraint;

use super::get_cart::{CartError, PricedCart, on_offer, price};
use crate::Orders;
use crate::domain::cart::{CartRefused, check_offer};
use crate::store;

/// Adds pieces of a variant to a cart.
pub async fn add_cart_line(
    orders: &Orders,
    cart: CartId,
    variant: VariantId,
    quantity: i64,
) -> Result<PricedCart, CartError> {
    let service = &orders.0;
    let cart = store::cart::load(service.database.reader(), cart).await?;
    let mut priced = price(orders, cart, Some(variant.to_string())).await?;
    let offer = on_offer(&priced.offers, &variant.to_string());
    priced.cart.quantity_after_adding(variant, quantity, offer)?;
    let tx = service.database.begin().await?;
    let added =
        store::cart::add_to_line(&tx, &priced.cart, variant, quantity, service.clock.now()).await;
    let line = match added {
        // Others put in so much at the same moment that the database refuses the sum.
        Err(error) if violated_constraint(&error).is_some() => {
            return Err(CartRefused::Quantity.into());
        }
        other => other?,
    };
    check_offer(variant, line.quantity, offer)?;
    tx.commit().await?;
    match priced.cart.lines.iter_mut().find(|held| held.variant == variant) {
        Some(held) => *held = line,
        None => priced.cart.lines.push(line),
    }
    Ok(priced)
}
