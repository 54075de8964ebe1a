//! Puts something into a cart.

use kernel::{CartId, VariantId};

use super::get_cart::{CartError, PricedCart, on_offer, price};
use crate::Orders;
use crate::domain::cart::CartLine;
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
    let quantity = priced.cart.quantity_after_adding(variant, quantity, offer)?;
    let tx = service.database.begin().await?;
    let id =
        store::cart::put_line(&tx, &priced.cart, variant, quantity, service.clock.now()).await?;
    tx.commit().await?;
    match priced.cart.lines.iter_mut().find(|line| line.variant == variant) {
        Some(line) => line.quantity = quantity,
        None => priced.cart.lines.push(CartLine { id, variant, quantity }),
    }
    Ok(priced)
}
