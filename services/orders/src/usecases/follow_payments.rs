//! Takes over what became of payments, in one transaction: their checkouts are reopened, paid or closed.

use kernel::{CheckoutId, Timestamp};
use platform::database::Transaction;
use sea_orm::DbErr;

use super::close_checkouts::close_checkouts;
use super::reopen_checkouts::reopen_checkouts;
use super::settle_checkouts::settle_checkouts;
use crate::Orders;
use crate::domain::checkout::CheckoutStatus;
use crate::store;

/// What became of payments. It is taken over in this order; where that is not how it was, it is told of in
/// several.
#[derive(Debug, Default)]
pub struct News {
    /// Checkouts whose payment was taken back.
    pub reopened: Vec<CheckoutId>,
    /// Checkouts that were paid, and when.
    pub paid: Vec<(CheckoutId, Timestamp)>,
    /// Checkouts whose payment ended without money, and what they become by that.
    pub closed: Vec<(CheckoutId, CheckoutStatus)>,
}

impl News {
    /// How many times it locks checkouts.
    fn rounds(&self) -> usize {
        [self.reopened.is_empty(), self.paid.is_empty(), self.closed.is_empty()]
            .into_iter()
            .filter(|empty| !empty)
            .count()
    }

    fn checkouts(&self) -> impl Iterator<Item = CheckoutId> {
        let paid = self.paid.iter().map(|(id, _)| *id);
        let closed = self.closed.iter().map(|(id, _)| *id);
        self.reopened.iter().copied().chain(paid).chain(closed)
    }
}

/// Takes news over, one after the other.
pub async fn follow_payments(
    orders: &Orders,
    tx: &Transaction,
    told: &[News],
) -> Result<(), DbErr> {
    lock_all(tx, told).await?;
    for news in told {
        reopen_checkouts(orders, tx, &news.reopened).await?;
        settle_checkouts(orders, tx, &news.paid).await?;
        close_checkouts(orders, tx, &news.closed).await?;
    }
    Ok(())
}

/// Each round locks its checkouts, and then its vouchers, in the order of their ids; two rounds together do
/// not, and two transactions could wait for each other. So what several rounds need is locked before them.
async fn lock_all(tx: &Transaction, told: &[News]) -> Result<(), DbErr> {
    if told.iter().map(News::rounds).sum::<usize>() < 2 {
        return Ok(());
    }
    let named: Vec<CheckoutId> = told.iter().flat_map(News::checkouts).collect();
    let locked = store::checkout::lock(tx, named).await?;
    if told.iter().filter(|news| !news.closed.is_empty()).count() < 2 {
        return Ok(());
    }
    let with_vouchers = locked.iter().filter(|checkout| checkout.vouchers > 0);
    let with_vouchers: Vec<CheckoutId> = with_vouchers.map(|checkout| checkout.id).collect();
    if with_vouchers.is_empty() {
        return Ok(());
    }
    store::voucher_use::lock_vouchers(tx, with_vouchers).await
}
