//! Changes how many of something a cart holds, or takes it out.

use kernel::{CartId, CartLineId};

use super::get_cart::{CartError, PricedCart, on_offer, price};
use crate::Orders;
use crate::domain::cart::CartRefused;
use crate::store;

/// Sets the quantity of a line; 0 takes it out.
pub async fn set_cart_line(
    orders: &Orders,
    cart: CartId,
    line: CartLineId,
    quantity: i64,
) -> Result<PricedCart, CartError> {
    let service = &orders.0;
    let cart = store::cart::load(service.database.reader(), cart).await?;
    let mut priced = price(orders, cart).await?;
    let variant = priced.cart.line(line).ok_or(CartRefused::UnknownLine)?.variant;
    let offer = on_offer(&priced.offers, &variant.to_string());
    let quantity = priced.cart.quantity_after_setting(line, quantity, offer)?;
    let tx = service.database.begin().await?;
    if quantity == 0 {
        store::cart::remove_line(&tx, priced.cart.id, line).await?;
        priced.cart.lines.retain(|held| held.id != line);
    } else {
        if !store::cart::set_line(&tx, priced.cart.id, line, quantity).await? {
            return Err(CartRefused::UnknownLine.into());
        }
        for held in priced.cart.lines.iter_mut().filter(|held| held.id == line) {
            held.quantity = quantity;
        }
    }
    tx.commit().await?;
    Ok(priced)
}
