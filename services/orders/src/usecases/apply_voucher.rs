//! Puts a voucher into a cart: of each of its shops that has the code.

use std::collections::BTreeSet;

use kernel::{CartId, Money, ShopId, UserId};
use platform::database::Transaction;
use sea_orm::DbErr;

use super::get_cart::{CartError, PricedCart, lines_by_shop, price};
use super::take_vouchers::buyer_of;
use crate::Orders;
use crate::domain::cart::{Cart, CartRefused};
use crate::domain::contact::Contact;
use crate::domain::voucher::{CodeRefused, Voucher, VoucherCode, discounts};
use crate::store;

/// Why no voucher was put in, or taken out.
#[derive(Debug, thiserror::Error)]
pub enum CartVoucherError {
    /// What was typed is no code of a shop of the cart, or not in the cart.
    #[error("nothing here has the code {0:?}")]
    Unknown(String),
    /// No shop that has the code takes anything off.
    #[error("no voucher counts")]
    Refused(Vec<CodeRefused>),
    /// The cart cannot be changed, or not be shown.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The amounts cannot be reckoned with.
    #[error(transparent)]
    Money(#[from] kernel::MoneyError),
}

impl From<DbErr> for CartVoucherError {
    fn from(error: DbErr) -> Self {
        Self::Cart(error.into())
    }
}

/// Puts the vouchers with a code into a cart, each in the place of its shop's other one. Where some
/// shops refuse and others do not, those others' count.
pub async fn apply_voucher(
    orders: &Orders,
    cart: CartId,
    typed: &str,
    user: Option<UserId>,
) -> Result<PricedCart, CartVoucherError> {
    let unknown = || CartVoucherError::Unknown(typed.trim().chars().take(40).collect());
    let db = orders.0.database.reader();
    let cart = store::cart::load(db, cart).await?;
    cart.must_be_open().map_err(CartError::from)?;
    let code = VoucherCode::parse(typed).ok_or_else(unknown)?;
    let mut priced = price(orders, cart).await?;
    let lines = lines_by_shop(&priced);
    let shops: BTreeSet<ShopId> = lines.iter().map(|(shop, _)| *shop).collect();
    let found = store::voucher::with_code(db, shops, &code).await?;
    if found.is_empty() {
        return Err(unknown());
    }
    let (accepted, refused) = judged(orders, &priced.cart, &lines, found, user).await?;
    if accepted.is_empty() {
        return Err(CartVoucherError::Refused(refused));
    }
    let id = priced.cart.id;
    let tx = lock_open(orders, id).await?;
    store::voucher::put_into_cart(&tx, id, &accepted).await?;
    tx.commit().await?;
    priced.cart.vouchers = together(&priced.cart, &accepted);
    Ok(priced)
}

/// Which of the vouchers found would count in the cart now, and why the others would not.
async fn judged(
    orders: &Orders,
    cart: &Cart,
    lines: &[(ShopId, Money)],
    found: Vec<Voucher>,
    user: Option<UserId>,
) -> Result<(Vec<Voucher>, Vec<CodeRefused>), CartVoucherError> {
    let now = orders.0.clock.now();
    let mut refused = Vec::new();
    let mut countable = Vec::with_capacity(found.len());
    // Who buys is asked for only in the checkout; who is signed in is known already.
    let buyer = buyer_of(&orders.0.tokens, user, &Contact::default());
    let used = match user {
        None => Vec::new(),
        Some(_) => {
            let ids = found.iter().map(|voucher| voucher.id);
            let db = orders.0.database.reader();
            store::voucher_use::by_buyers(db, ids, std::slice::from_ref(&buyer)).await?
        }
    };
    for voucher in found {
        let used = used.iter().filter(|(id, _)| *id == voucher.id).count() as i64;
        match voucher.check(now).and_then(|()| voucher.check_buyer(used)) {
            Ok(()) => countable.push(voucher),
            Err(why) => refused.push(CodeRefused { code: voucher.code, refused: why }),
        }
    }
    let all = together(cart, &countable);
    let mut accepted = Vec::with_capacity(countable.len());
    for (voucher, discount) in all.iter().zip(discounts(lines, &all)?) {
        if !countable.iter().any(|one| one.id == voucher.id) {
            continue;
        }
        match discount {
            Ok(_) => accepted.push(voucher.clone()),
            Err(why) => refused.push(CodeRefused { code: voucher.code.clone(), refused: why }),
        }
    }
    Ok((accepted, refused))
}

/// The cart's vouchers with some more, each in the place of its shop's other one.
fn together(cart: &Cart, more: &[Voucher]) -> Vec<Voucher> {
    let replaced = |voucher: &&Voucher| more.iter().any(|one| one.shop == voucher.shop);
    let kept = cart.vouchers.iter().filter(|voucher| !replaced(voucher));
    let mut all: Vec<Voucher> = kept.chain(more).cloned().collect();
    all.sort_by_key(|voucher| voucher.shop);
    all
}

/// Begins to change a cart's vouchers: none of its checkouts is open, and none begins meanwhile.
pub async fn lock_open(orders: &Orders, cart: CartId) -> Result<Transaction, CartVoucherError> {
    let tx = orders.0.database.begin().await?;
    store::cart::lock(&tx, &[cart]).await?;
    if store::checkout::with_open(&tx, &[cart]).await?.is_empty() {
        Ok(tx)
    } else {
        Err(CartError::from(CartRefused::CheckedOut).into())
    }
}
