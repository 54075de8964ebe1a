//! Takes a voucher out of a cart.

use kernel::CartId;

use super::apply_voucher::{CartVoucherError, lock_open};
use super::get_cart::{CartError, PricedCart, price};
use crate::Orders;
use crate::domain::voucher::{Voucher, VoucherCode};
use crate::store;

/// Takes the vouchers with a code out of a cart.
pub async fn remove_voucher(
    orders: &Orders,
    cart: CartId,
    typed: &str,
) -> Result<PricedCart, CartVoucherError> {
    let cart = store::cart::load(orders.0.database.reader(), cart).await?;
    cart.must_be_open().map_err(CartError::from)?;
    let code = VoucherCode::parse(typed);
    let with_code = |voucher: &Voucher| Some(&voucher.code) == code.as_ref();
    let gone: Vec<_> =
        cart.vouchers.iter().filter(|one| with_code(one)).map(|one| one.id).collect();
    if gone.is_empty() {
        return Err(CartVoucherError::Unknown(typed.trim().chars().take(40).collect()));
    }
    let mut priced = price(orders, cart).await?;
    let id = priced.cart.id;
    let tx = lock_open(orders, id).await?;
    store::voucher::take_out_of_cart(&tx, id, gone).await?;
    tx.commit().await?;
    priced.cart.vouchers.retain(|voucher| !with_code(voucher));
    Ok(priced)
}
