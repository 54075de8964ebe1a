//! Counts vouchers when checkouts begin: under lock, so that one with ten uses is used ten times
//! however many want it. What is counted belongs to the checkout until that ends without money
//! (`close_checkouts`).

use std::collections::HashMap;

use kernel::{CartId, CheckoutId, Timestamp, UserId, VoucherId};
use platform::database::Transaction;
use sea_orm::DbErr;

use crate::domain::contact::Contact;
use crate::domain::voucher::{Buyer, CodeRefused, Voucher};
use crate::store;
use crate::store::voucher_use::Use;
use crate::tokens::Tokens;

/// The vouchers of carts that are checked out together.
#[derive(Debug, Default)]
pub struct Taking {
    of_cart: HashMap<CartId, Vec<VoucherId>>,
    /// Locked, each with the uses that this transaction has counted so far.
    vouchers: HashMap<VoucherId, Voucher>,
    used: Vec<(VoucherId, Buyer)>,
    taken: Vec<Use>,
}

impl Taking {
    /// Locks the vouchers of carts, and finds what their buyers used before. Without such a cart
    /// nothing is asked.
    pub async fn lock(tx: &Transaction, carts: &[(CartId, Buyer)]) -> Result<Self, DbErr> {
        if carts.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<CartId> = carts.iter().map(|(cart, _)| *cart).collect();
        let found = store::voucher::of_carts(tx, &ids).await?;
        let of_cart: HashMap<CartId, Vec<VoucherId>> = found
            .into_iter()
            .map(|(cart, vouchers)| (cart, vouchers.iter().map(|voucher| voucher.id).collect()))
            .collect();
        let vouchers = store::voucher::lock(tx, of_cart.values().flatten().copied()).await?;
        let limited: Vec<VoucherId> = vouchers
            .values()
            .filter(|voucher| voucher.uses_per_buyer.is_some())
            .map(|voucher| voucher.id)
            .collect();
        let buyers: Vec<Buyer> = carts.iter().map(|(_, buyer)| buyer.clone()).collect();
        let used = if limited.is_empty() {
            Vec::new()
        } else {
            store::voucher_use::by_buyers(tx, limited, &buyers).await?
        };
        Ok(Self { of_cart, vouchers, used, taken: Vec::new() })
    }

    /// Takes all vouchers of a cart for its checkout, or none: then it says which one does not count.
    pub fn take(
        &mut self,
        cart: CartId,
        checkout: CheckoutId,
        buyer: &Buyer,
        now: Timestamp,
    ) -> Result<Vec<Voucher>, CodeRefused> {
        let ids = self.of_cart.get(&cart).cloned().unwrap_or_default();
        let mut taken = Vec::with_capacity(ids.len());
        for voucher in ids.iter().filter_map(|id| self.vouchers.get(id)) {
            let used = self.used.iter().filter(|(id, by)| *id == voucher.id && by.is(buyer));
            let used = used.count() as i64;
            voucher
                .check(now)
                .and_then(|()| voucher.check_buyer(used))
                .map_err(|refused| CodeRefused { code: voucher.code.clone(), refused })?;
            taken.push(voucher.clone());
        }
        for voucher in &taken {
            if let Some(locked) = self.vouchers.get_mut(&voucher.id) {
                locked.uses += 1;
            }
            self.used.push((voucher.id, buyer.clone()));
            self.taken.push(Use { checkout, voucher: voucher.id, buyer: buyer.clone() });
        }
        Ok(taken)
    }

    /// Writes what was taken; the checkouts are written already.
    pub async fn write(self, tx: &Transaction, now: Timestamp) -> Result<(), DbErr> {
        if self.taken.is_empty() {
            return Ok(());
        }
        store::voucher_use::insert(tx, &self.taken, now).await?;
        let mut changes: HashMap<VoucherId, i64> = HashMap::new();
        for one in &self.taken {
            *changes.entry(one.voucher).or_default() += 1;
        }
        store::voucher::add_uses(tx, &changes).await
    }
}

/// Who buys, as vouchers know them again. The contact is in its normal form.
pub fn buyer_of(tokens: &Tokens, user: Option<UserId>, contact: &Contact) -> Buyer {
    let given = |text: &str| (!text.is_empty()).then(|| tokens.digest_of_buyer(text));
    Buyer { user, phone: given(&contact.phone), email: given(&contact.email) }
}
