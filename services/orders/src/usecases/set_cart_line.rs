//! Changes how many of something a cart holds, or takes it out.

use kernel::{CartId, CartLineId, ShopId, VoucherId};

use super::get_cart::{CartError, PricedCart, lines_by_shop, on_offer, price};
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
        // The cart before its vouchers, as who puts them in or takes them out.
        store::cart::lock(&tx, &[priced.cart.id]).await?;
        store::cart::remove_line(&tx, priced.cart.id, line).await?;
        priced.cart.lines.retain(|held| held.id != line);
        let shops: Vec<ShopId> = lines_by_shop(&priced).into_iter().map(|(shop, _)| shop).collect();
        let gone = priced.cart.vouchers.iter().filter(|voucher| !shops.contains(&voucher.shop));
        let gone: Vec<VoucherId> = gone.map(|voucher| voucher.id).collect();
        if !gone.is_empty() {
            // Nothing of their shops is left: they would keep the others from being checked out.
            store::voucher::take_out_of_cart(&tx, priced.cart.id, gone.iter().copied()).await?;
            priced.cart.vouchers.retain(|voucher| !gone.contains(&voucher.id));
        }
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
